"""The command `conformance`."""

from __future__ import annotations

import platform
from typing import Final

import click

from conformance import __version__
from conformance.cli.annotate import annotate
from conformance.cli.catalogue import explain, requirements
from conformance.cli.demo import demo
from conformance.cli.diff import diff
from conformance.cli.faults import faults
from conformance.cli.init import init
from conformance.cli.judge import judge
from conformance.cli.matrix import matrix
from conformance.cli.plan import plan
from conformance.cli.proxy import proxy
from conformance.cli.run import run
from conformance.cli.serve import serve

_TRIED_ON: Final = "Linux"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="music-api-conformance")
def main() -> None:
    """
    Certify implementations of AI music HTTP APIs against their documented requirements.

    Start with `conformance run`: it certifies the embedded implementation and writes a report. Then give it the
    URL of yours.
    """
    if platform.system() != _TRIED_ON:
        click.echo(f"This suite was never tried on {platform.system()}, only on {_TRIED_ON}.", err=True)


for command in (run, plan, serve, requirements, explain, faults, demo, init, diff, matrix, judge, annotate, proxy):
    # Click keeps the lines of a paragraph that begins with a backspace; docstrings with a backslash are raw.
    command.help = (command.help or "").replace("\\b\n", "\b\n")
    main.add_command(command)
