"""`python -m tests.others.published [NAME…]`: install, start and certify published servers, and write their pages."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tests.others.published.catalogue import published_servers
from tests.others.published.findings import complaints, findings_of, read_findings, write_findings
from tests.others.published.installing import InstallationError, installed
from tests.others.published.pages import as_page, page_of
from tests.others.published.running import BrokenRunError, NotStartedError, certified, running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.others.published.catalogue import Server, Way
    from tests.others.published.findings import WayFindings


@click.command()
@click.argument("names", nargs=-1)
@click.option("--runs", type=click.IntRange(min=1), default=1, help="Seeds to certify with.  [default: 1]")
@click.option("--pages", "only_pages", is_flag=True, help="Write the pages of what was found before, start nothing.")
def main(names: tuple[str, ...], runs: int, *, only_pages: bool) -> None:
    """
    Certify published servers, of these NAMES or all, and write verdicts and pages.

    The exit status is 1 when a server can't be installed or started, or when a complaint is left: the suite erred, a
    verdict varies, a fail has no decision, a decision has no fail.
    """
    known = {server.name: server for server in published_servers()}
    strange = [name for name in names if name not in known]
    if strange:
        raise click.UsageError(f"there is no {', '.join(strange)} among {', '.join(known)}")
    left = []
    for server in [known[name] for name in names or known]:
        try:
            if only_pages:
                found = read_findings(server)
            else:
                build = installed(server)
                found = tuple(_tried(server, build, way, runs) for way in server.ways)
                write_findings(server, found)
        except (InstallationError, NotStartedError, BrokenRunError) as error:
            left.append(f"{server.name}: {error}")
            continue
        page_of(server).write_text(as_page(server, found), "utf-8")
        for way in found:
            click.echo(f"{server.name}, {way.way}: {way.headline}")
        left += complaints(server, found)
    for complaint in left:
        click.echo(complaint, err=True)
    sys.exit(1 if left else 0)


def _tried(server: Server, build: Path, way: Way, runs: int) -> WayFindings:
    """What several runs find of a server that was started for them, so that no way meets what another one left."""
    with running(server, build) as target:
        return findings_of(way.name, [certified(target, way, seed) for seed in range(1, runs + 1)])


if __name__ == "__main__":
    main()
