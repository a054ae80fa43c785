"""The columns of the table of options: what is stated about each setting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

if TYPE_CHECKING:
    from conformance.target.kinds import Kind

T = TypeVar("T")
# The one option that another plugin brings.
BASE_URL: Final = "--base-url"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """
    The texts and properties of a setting.

    - `flag`: its name on the command line; `help`: what it is for; `doc`: the same for the reference, in more detail.
    - `member`: where it stands in target.toml; `meaning` and `left_out`: what that says, and what holds without it.
    - `examples`: a value as it is written on the command line, and one in target.toml.
    - `hidden`: given by commands of the suite or by an argument, not by an option of `conformance run`.
    - `judging`: may be stated when a recording is judged again; all others are as they were in the run.
    - `passing`: means something on this machine and at this time only, so it is not kept with a recording.
    """

    kind: Kind[Any]
    default: Any = None
    flag: str | None = None
    help: str = ""
    doc: str = ""
    member: tuple[str, ...] = ()
    meaning: str = ""
    left_out: str = ""
    examples: tuple[str, Any] = ("", None)
    hidden: bool = False
    judging: bool = False
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the table: the name of the field, and its texts and properties."""

    name: str
    about: About

    @property
    def kind(self) -> Kind[Any]:
        """What its values must be."""
        return self.about.kind

    @property
    def pytest_name(self) -> str:
        """The name of its option for pytest."""
        return BASE_URL if f"--{self.about.flag}" == BASE_URL else f"--conformance-{self.about.flag}"

    @property
    def dest(self) -> str:
        """The name under which pytest keeps the option's value."""
        return self.pytest_name.removeprefix("--").replace("-", "_")


@overload
def setting(kind: Kind[T], default: T, **about: Any) -> T: ...  # noqa: ANN401 - the columns


@overload
def setting(kind: Kind[T], **about: Any) -> T | None: ...  # noqa: ANN401 - the columns


def setting(kind: Kind[Any], default: Any = None, **about: Any) -> Any:
    """A field of the table; without a default it is None where nothing is stated."""
    metadata = {"about": About(kind=kind, default=default, **about)}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)
