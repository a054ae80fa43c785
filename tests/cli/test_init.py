"""`conformance init` writes a target.toml to fill in, and never over something that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.target.file import read_target_file
from conformance.target.options import Options
from tests.cli.runs import conformance

if TYPE_CHECKING:
    from pathlib import Path

OK, USAGE, INCONCLUSIVE = 0, 2, 5
NOBODY = "http://127.0.0.1:9/v1"


def test_it_writes_a_file_that_a_run_takes(tmp_path: Path) -> None:
    written = conformance("init", NOBODY, folder=tmp_path)
    run = conformance("run", "--target", "target.toml", folder=tmp_path)

    assert written.status == OK
    assert "conformance run --target target.toml" in written.output
    assert Options(**read_target_file(tmp_path / "target.toml")) == Options(base_url=NOBODY)
    assert run.status == INCONCLUSIVE
    assert "Nothing answers at 127.0.0.1:9" in run.output


def test_file_url_and_system_may_be_named(tmp_path: Path) -> None:
    written = conformance("init", NOBODY, "mine.toml", "--system", "beatra", folder=tmp_path)

    assert written.status == OK
    assert Options(**read_target_file(tmp_path / "mine.toml")) == Options(base_url=NOBODY, system="beatra")


def test_the_schema_may_be_put_beside_it(tmp_path: Path) -> None:
    conformance("init", "--with-schema", folder=tmp_path)

    assert (tmp_path / "target.toml").read_text("utf-8").startswith("#:schema ./target.schema.json\n")
    assert '"Statement of a target"' in (tmp_path / "target.schema.json").read_text("utf-8")


@pytest.mark.parametrize("there", ["target.toml", "target.schema.json"])
def test_nothing_that_is_there_is_replaced_unless_forced(there: str, tmp_path: Path) -> None:
    (tmp_path / there).write_text("mine", "utf-8")

    refused = conformance("init", "--with-schema", folder=tmp_path)

    assert refused.status == USAGE
    assert f"{there} is there already; --force replaces it." in refused.output
    assert [path.read_text("utf-8") for path in tmp_path.iterdir()] == ["mine"]

    assert conformance("init", "--with-schema", "--force", folder=tmp_path).status == OK
    assert Options(**read_target_file(tmp_path / "target.toml")) == Options()


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["ftp://h"], "The URL must start with http:// or https://"),
        (["http://me:secret@h"], "The URL must not carry a user name or password"),
        (["a.toml", "b.toml"], "There is one file to write and at most one URL to fill in."),
        (["--system", "nowhere"], "There is no system called 'nowhere' here"),
        (["no/such/folder.toml"], "no/such/folder.toml can't be written: No such file or directory."),
        (["."], ". is there already; --force replaces it."),
        ([".", "--force"], ". can't be written: Is a directory."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_said_in_one_sentence(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    refused = conformance("init", *arguments, folder=tmp_path)

    assert refused.status == USAGE
    assert sentence in refused.output
    assert "secret" not in refused.output
    assert "Traceback" not in refused.output
    assert list(tmp_path.iterdir()) == []
