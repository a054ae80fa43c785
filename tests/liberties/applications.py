"""How applications that take liberties are made of the reference, and what the suite says of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.mutants.laboratory import Trial, carry_out
from conformance.mutants.trials import trials_of
from conformance.reference.beatra.app import Front, create_app
from conformance.reference.beatra.settings import ReferenceSettings
from conformance.reference.beatra.wiring import Cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from starlette.types import ASGIApp

WITH_CONTROL = ("--control-url", "/_control")
_ARGUMENTS = ("--seed", "1", "--no-heavy", "--examples", "3", "--histories", "0")


def reference(
    cast: Mapping[str, type[Any]] | None = None,
    front: Mapping[str, type[Any]] | None = None,
    wrap: Callable[[ASGIApp], ASGIApp] | None = None,
) -> ASGIApp:
    """The reference with some of its parts replaced, as its environment sets it up."""
    app = create_app(ReferenceSettings.from_environment(), cast=Cast(**(cast or {})), front=Front(**(front or {})))
    return app if wrap is None else wrap(app)


def verdicts_on(
    application: str,
    folder: Path,
    *,
    selected: str = "",
    arguments: tuple[str, ...] = WITH_CONTROL,
    variables: Mapping[str, str] | None = None,
) -> Mapping[str, str]:
    """
    The verdicts of a run against an application; `selected` names tests as pytest's `-k` does.

    `variables` are those of the run's environment: it is no child of this process.
    """
    with trials_of("beatra") as trials:
        environment = {**trials.of_reference(folder).environment, **(variables or {})}
        trial = Trial(
            application=application,
            base_path="/v1",
            folder=folder,
            arguments=(*arguments, *_ARGUMENTS),
            selected=selected,
            environment=environment,
        )
        return carry_out(trial).verdicts


def having(verdicts: Mapping[str, str], *wanted: str) -> set[str]:
    """The requirements with one of some verdicts."""
    return {name for name, verdict in verdicts.items() if verdict in wanted}
