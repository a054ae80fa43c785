"""What rows of the table of options consist of: their columns, and the kinds of values, each with one parser."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, overload

from conformance.contract.pricing import amount
from conformance.target.errors import UnusableOptionError
from conformance.target.headers import HEADER, SCHEME_KEY, check_header, check_scheme_key
from conformance.target.urls import check_base, check_control, check_proxy, check_resource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


LONGEST_SECONDS: Final = 30 * 24 * 3600
EXPECTED_DURATION: Final = "a duration such as 45, 30s, 2m or 1h, at most 30 days"

_DURATION: Final = re.compile(r"(?P<number>[0-9]{1,9}(?:[.][0-9]{1,9})?)(?P<unit>ms|s|m|h)?")
_SECONDS: Final = {None: 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
T = TypeVar("T")
LONGEST_SHOWN: Final = 40
MOST_AT_ONCE: Final = 1000
SLOWEST, FASTEST = 0.001, 1_000_000
_LARGEST_SEED: Final = 2**63 - 1
_MOST: Final = 1_000_000
_RATE: Final = re.compile(r"(?P<number>[0-9]{1,9}(?:\.[0-9]{1,9})?)(?:/(?P<unit>s|min))?")
_PER_SECOND: Final = {None: 1, "s": 1, "min": 60}
_WHOLE: Final = re.compile(r"-?[0-9]{1,19}")
_ANSWERS: Final[Mapping[str, bool]] = {"yes": True, "no": False}
# The one option that another plugin brings.
BASE_URL_OPTION: Final = "--base-url"


def seconds_of(text: str) -> float | None:
    """The seconds of a duration; None where the text is none, or one of no time or of more than 30 days."""
    found = _DURATION.fullmatch(text.strip())
    seconds = float(found["number"]) * _SECONDS[found["unit"]] if found else 0.0
    return seconds if 0 < seconds <= LONGEST_SECONDS else None


class OptionForm(Enum):
    """How a value is written on a command line."""

    VALUE = auto()
    """`--name VALUE`"""
    FLAG = auto()
    """`--name`, which means yes"""
    SWITCH = auto()
    """`--name` or `--no-name`; to pytest `--conformance-name yes|no`"""
    EACH = auto()
    """`--VALUE-name`, one for each value"""
    LIST = auto()
    """`--name VALUE`, as often as there are values"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[T]):
    """
    What a value must be: `expected` ends the sentence "… must be …".

    `read` parses a text, with the `subject` of the sentence for its error; `keep` converts a value of target.toml that
    fits `schema`. `words` are all possible values, if there are few.
    """

    expected: str
    read: Callable[[str, str], T]
    metavar: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    keep: Callable[[str, Any], Any] = lambda _, value: value
    form: OptionForm = OptionForm.VALUE
    words: tuple[str, ...] = ()
    names_file: bool = False


def refused(subject: str, expected: str, text: str) -> UnusableOptionError:
    """The error of a text that is not what it must be."""
    return UnusableOptionError(f"{subject} must be {expected}, not {text[:LONGEST_SHOWN]!r}.")


def _by(parse: Callable[[str], T | None], expected: str) -> Callable[[str, str], T]:
    def read(subject: str, text: str) -> T:
        value = parse(text)
        if value is None:
            raise refused(subject, expected, text)
        return value

    return read


def whole(low: int, high: int, expected: str = "") -> Kind[int]:
    """A whole number between two others."""
    expected = expected or f"a whole number from {low} to {high}"

    def parse(text: str) -> int | None:
        number = int(text) if _WHOLE.fullmatch(text.strip()) else None
        return number if number is not None and low <= number <= high else None

    return Kind(
        expected=expected,
        read=_by(parse, expected),
        metavar="N",
        schema={"type": "integer", "minimum": low, "maximum": high},
        keep=lambda _, value: int(value),  # JSON Schema takes 4.0 for an integer, Python does not
    )


def _rate(text: str) -> float | None:
    written = _RATE.fullmatch(text.strip())
    rate = float(written["number"]) / _PER_SECOND[written["unit"]] if written else 0.0
    return rate if SLOWEST <= rate <= FASTEST else None


def _number(low: float, high: float, expected: str) -> Mapping[str, Any]:
    return {"type": "number", "minimum": low, "maximum": high, "x-expected": expected}


def one_of(*words: str, form: OptionForm = OptionForm.VALUE) -> Kind[str]:
    """One of a few words."""
    expected = " or ".join(f'"{word}"' for word in words)
    return Kind(
        expected=expected,
        read=_by(lambda text: text if text in words else None, expected),
        metavar="|".join(words),
        schema={"enum": list(words)},
        form=form,
        words=words,
    )


def text(metavar: str, expected: str = "a text", schema: Mapping[str, Any] | None = None) -> Kind[str]:
    """A text that is checked where it is used."""
    return Kind(
        expected=expected,
        read=lambda _, given: given,
        metavar=metavar,
        schema=schema or {"type": "string", "minLength": 1},
    )


def url(read: Callable[[str, str], str], expected: str = "a URL in quotes") -> Kind[str]:
    """A URL that can be used for its purpose."""
    return Kind(expected=expected, read=read, metavar="URL", schema={"type": "string", "minLength": 1}, keep=read)


def names(metavar: str, of: str) -> Kind[tuple[str, ...]]:
    """A list of different names, such as `music,tasks`."""
    return Kind(
        expected=f"a list of different names of {of}s",
        read=lambda _, given: tuple(dict.fromkeys(name.strip() for name in given.split(","))),
        metavar=metavar,
        schema={
            "type": "array",
            "items": {"type": "string", "minLength": 1, "x-expected": f"the name of a {of} in quotes"},
            "minItems": 1,
            "uniqueItems": True,
        },
        keep=lambda _, value: tuple(value),
    )


def listed(metavar: str, expected: str, read: Callable[[str, str], str], item: Mapping[str, Any]) -> Kind[Any]:
    """Several values that are each read for itself; in target.toml an array, whose items fit the schema `item`."""

    def keep(subject: str, values: list[str]) -> tuple[str, ...]:
        return tuple(read(subject, value) for value in values)

    return Kind(
        expected=f"a list, each of it {expected}",
        read=lambda subject, given: (read(subject, given),),
        metavar=metavar,
        schema={"type": "array", "items": {"type": "string", "x-expected": expected, **item}, "minItems": 1},
        keep=keep,
        form=OptionForm.LIST,
    )


def path(metavar: str, expected: str) -> Kind[str]:
    """The name of a file or folder on this machine, which a command line gives from where it was started."""
    return Kind(expected=expected, read=lambda _, given: given, metavar=metavar, names_file=True)


def table(expected: str, schema: Mapping[str, Any], keep: Callable[[str, Any], T]) -> Kind[T]:
    """A table of target.toml, which no command line can hold."""

    def read(subject: str, given: str) -> T:
        raise refused(subject, expected, given)

    return Kind(expected=expected, read=read, schema={"type": "object", **schema}, keep=keep)


def _amount(given: str) -> str | None:
    found = amount(given)
    return None if found is None or found < 0 else f"{found:f}"


COUNT: Final = whole(1, _MOST)
COUNT_OR_NONE: Final = whole(0, _MOST)
SEED: Final = whole(0, _LARGEST_SEED)
AT_ONCE: Final = whole(1, MOST_AT_ONCE)
FILE: Final[Kind[str]] = Kind(
    expected="the name of a file", read=lambda _, given: given, metavar="FILE", names_file=True
)
FILE_OR_URL: Final[Kind[str]] = Kind(
    expected="the name of a file, or a URL", read=lambda _, given: given, metavar="FILE|URL", names_file=True
)
FOLDER: Final[Kind[str]] = Kind(
    expected="the name of a folder", read=lambda _, given: given, metavar="FOLDER", names_file=True
)
RUN: Final[Kind[str]] = Kind(
    expected="the folder of a run", read=lambda _, given: given, metavar="RUN", names_file=True
)
FLAG: Final[Kind[bool]] = Kind(
    expected="true or false",
    read=_by(_ANSWERS.get, "yes or no"),
    schema={"type": "boolean"},
    form=OptionForm.FLAG,
)
SWITCH: Final[Kind[bool]] = Kind(
    expected="true or false",
    read=_by(_ANSWERS.get, "yes or no"),
    schema={"type": "boolean"},
    form=OptionForm.SWITCH,
    words=tuple(_ANSWERS),
)
DURATION: Final[Kind[float]] = Kind(
    expected=EXPECTED_DURATION, read=_by(seconds_of, EXPECTED_DURATION), metavar="DURATION"
)
RATE: Final[Kind[float]] = Kind(
    expected=f"a number from {SLOWEST} to {FASTEST}",
    read=_by(_rate, "more than 0 and written like 5/s or 30/min"),
    metavar="N/s",
    schema=_number(SLOWEST, FASTEST, f"a number from {SLOWEST} to {FASTEST}"),
)
SECONDS: Final[Kind[float]] = Kind(
    expected=f"a number of seconds, more than 0 and at most {LONGEST_SECONDS}",
    read=_by(seconds_of, EXPECTED_DURATION),
    metavar="DURATION",
    schema={"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST_SECONDS},
)
AMOUNT: Final[Kind[str]] = Kind(
    expected="an amount such as 500 or 130.50",
    read=_by(_amount, "an amount such as 500 or 130.50"),
    metavar="N",
)
VARIABLE: Final = text(
    "VARIABLE",
    "the name of an environment variable (capital letters, digits and _)",
    # A name of 20 characters without _ may be a key.
    {"type": "string", "pattern": "^[A-Z_][A-Z0-9_]{0,63}$", "not": {"pattern": "^[A-Z0-9]{20,}$"}},
)
HEADERS: Final[Kind[tuple[str, ...]]] = listed("'NAME: VALUE'", HEADER, check_header, {"minLength": 1})
SCHEME_KEYS: Final[Kind[tuple[str, ...]]] = listed("SCHEME=VARIABLE", SCHEME_KEY, check_scheme_key, {"minLength": 1})
BASE_URL: Final = url(check_base)
CONTROL_URL: Final = url(check_control, "a URL, or a path that starts with /, in quotes")
RESOURCE: Final = url(check_resource)
HTTPS_RESOURCE: Final = url(partial(check_resource, schemes=("https",)), "an https URL in quotes")
PROXY: Final[Kind[str]] = Kind(expected="a URL or env", read=lambda _, given: check_proxy(given), metavar="URL|env")


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
        return BASE_URL_OPTION if f"--{self.about.flag}" == BASE_URL_OPTION else f"--conformance-{self.about.flag}"

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
