"""The command `conformance`."""

from __future__ import annotations

import os
import platform
import sys
from typing import Any, Final

import click

from conformance import __version__
from conformance.cli.compare import diff, matrix
from conformance.cli.console import annotate
from conformance.cli.explain import explain, faults, requirements
from conformance.cli.judge import judge
from conformance.cli.liberties import liberties
from conformance.cli.plan import plan
from conformance.cli.replay import replay
from conformance.cli.run import run
from conformance.cli.serve import serve
from conformance.cli.setup import demo, init
from conformance.cli.watch import proxy

_USAGE_ERROR: Final = 2
_SUITE_ERROR: Final = 3
_TRIED_ON: Final = "Linux"


class _OnThisMachine(click.Group):
    """Reports errors of the machine in one sentence: a console that is closed or full, a folder that is gone."""

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as click declares it
        """Carry the command out (exit status 2 without a working folder, 3 for other errors of the machine)."""
        _fill_closed_streams()
        try:
            os.getcwd()  # noqa: PTH109 - pathlib asks the same
        except OSError as error:
            click.echo(f"Error: The working folder is gone: {error.strerror}.", err=True)
            sys.exit(_USAGE_ERROR)
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            # Else Python would fail again at its end, when it writes the rest of the output.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            place = f": {error.filename}" if error.filename else ""
            click.echo(f"Error: This machine says: {error.strerror or error}{place}.", err=True)
            sys.exit(_SUITE_ERROR)


def _fill_closed_streams() -> None:
    """Replace closed standard streams by the null device: else the next file that is opened would take their place."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - as long as the process lives
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - the same


@click.group(cls=_OnThisMachine, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="music-api-conformance")
def main() -> None:
    """
    Certify implementations of AI music HTTP APIs against their documented requirements.

    Start with `conformance run`: it certifies the embedded implementation and writes a report. Then give it the
    URL of yours.
    """
    if platform.system() != _TRIED_ON:
        click.echo(f"This suite was never tried on {platform.system()}, only on {_TRIED_ON}.", err=True)


for command in (
    run,
    plan,
    serve,
    requirements,
    explain,
    faults,
    liberties,
    demo,
    init,
    diff,
    matrix,
    judge,
    annotate,
    proxy,
    replay,
):
    # Click keeps the lines of a paragraph that begins with a backspace; docstrings with a backslash are raw.
    command.help = (command.help or "").replace("\\b\n", "\b\n")
    main.add_command(command)
