"""`conformance init`: a target.toml to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

_USUAL_FILE: Final = "target.toml"


@click.command()
@click.argument("file_and_url", nargs=-1, metavar="[FILE] [URL]")
@click.option("--system", metavar="NAME", help="Which system the target implements.")
@click.option("--with-schema", is_flag=True, help="Put the JSON Schema beside the file, for editors.")
@click.option("--force", is_flag=True, help="Replace what is already there.")
@click.pass_context
def init(
    context: click.Context, /, *, file_and_url: tuple[str, ...], system: str | None, with_schema: bool, force: bool
) -> None:
    r"""
    Write a target.toml in which every setting is explained, with what holds when it is left out.

    \b
    conformance init                                         target.toml
    conformance init staging.toml https://api.example.com/v1 the same with the URL filled in
    """
    from conformance.contract.errors import ContractError
    from conformance.target.draft import draft, schema_file
    from conformance.target.errors import TargetError

    file, url = _told_apart(file_and_url, context)
    try:
        stated = _stated(url, system)
    except (TargetError, ContractError) as error:
        raise click.UsageError(str(error), context) from error
    schema = schema_file()
    written = {file: draft(stated, schema_beside=with_schema)}
    if with_schema:
        written[file.parent / schema.name] = schema.read_text("utf-8")
    if not force:
        _keep_what_is_there(written, context)
    for path, text in written.items():
        _write(path, text, context)
    click.echo(f"{file} is written; take the # away from what you state, then: conformance run --target {file}")


def _told_apart(arguments: tuple[str, ...], context: click.Context) -> tuple[Path, str | None]:
    urls = [argument for argument in arguments if "://" in argument]
    files = [argument for argument in arguments if "://" not in argument]
    if len(urls) > 1 or len(files) > 1:
        raise click.UsageError("There is one file to write and at most one URL to fill in.", context)
    return Path(files[0] if files else _USUAL_FILE), urls[0] if urls else None


def _stated(url: str | None, system: str | None) -> dict[str, str]:
    from conformance.contract.files import system_folder
    from conformance.target.urls import check_base

    stated = {}
    if url is not None:
        stated["base_url"] = check_base("The URL", url)
    if system is not None:
        stated["system"] = system_folder(system).name
    return stated


def _keep_what_is_there(written: dict[Path, str], context: click.Context) -> None:
    from conformance.contract.files import is_there

    for path, text in written.items():
        if is_there(path) and not (path.is_file() and path.read_bytes() == text.encode()):
            raise click.UsageError(f"{path} is there already; --force replaces it.", context)


def _write(path: Path, text: str, context: click.Context) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise click.UsageError(f"{path} can't be written: {error.strerror}.", context) from error
