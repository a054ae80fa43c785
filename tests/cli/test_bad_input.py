"""Bad input ends within seconds, with one sentence, the right exit status and no traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.runs import conformance
from tests.cli.targets import silent

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Finished

USAGE, INCONCLUSIVE = 2, 5
NOBODY = "http://127.0.0.1:9"
LONG = 300 * "a"
# On an idle machine each of these takes about a second; the rest is for machines that are busy.
SECONDS = 60


def assert_plain(run: Finished) -> None:
    assert "Traceback" not in run.output
    assert "INTERNALERROR" not in run.output
    assert run.seconds < SECONDS


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["--nonsense"], "No such option '--nonsense'"),
        (["--", "--nonsense"], "unrecognized arguments: --nonsense"),
        (["--examples", "0"], "--examples must be a whole number from 1 to 1000000, not '0'."),
        (["--workers", "several", NOBODY], "-n must be a number of processes, auto or logical, not 'several'."),
        (["-n", "-1"], "-n must be a number of processes, auto or logical, not '-1'."),
        (["--max-time", "9" * 400], "--max-time must be a duration such as 45, 30s, 2m or 1h, at most 30 days"),
        (["--play-money", "--real-money"], "The money is play or real, not both"),
        (["--surfaces", "vidoe"], "has no surface 'vidoe'"),
        (["--system", "nowhere"], "There is no system called 'nowhere' here"),
        (["api.example.com/v1"], "api.example.com/v1 is no URL; write it with http:// or https://."),
        (["ftp://127.0.0.1:9"], "The base URL must start with http:// or https://"),
        (["http://me:secret@127.0.0.1:9/v1"], "The base URL must not carry a user name or password"),
        ([NOBODY, "--control-url", "http://me:secret@h/"], "--control-url must not carry a user name or password"),
        ([NOBODY, "--app", "some:app"], "can't be both the application some:app and a URL"),
        ([NOBODY, "--api-key-env", "NO_SUCH_KEY"], "The environment variable NO_SUCH_KEY that should hold a key"),
        (["--target", "missing.toml"], "missing.toml can't be read: No such file or directory."),
        (["--target", "."], ". can't be read: Is a directory."),
        (["--report-dir", "/dev/null/reports"], "The folder of this run can't be made"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_carried_out_is_refused(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    run = conformance("run", *arguments, folder=tmp_path)

    assert run.status == USAGE
    assert sentence in run.output
    assert "secret" not in run.output
    assert_plain(run)
    assert not run.reports.exists()


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (("run", "--report-dir", LONG), "The folder of this run can't be made"),
        (("run", "--failed", LONG), "is not the folder of a run: it holds no report.json."),
        (("run", "--probes", LONG), "can't be read"),
        (("run", "--expected-failures", LONG), "can't be read: File name too long."),
        (("judge", LONG), "run.json does not describe a run."),
        (("diff", LONG, LONG), "can't be read: File name too long."),
        (("matrix", LONG, "--output", "page.html"), "can't be read: File name too long."),
        (("annotate", LONG), "can't be read: File name too long."),
        (("init", LONG), "can't be written: File name too long."),
        (("demo", "--report-dir", LONG), "can't be made: File name too long."),
    ],
    ids=lambda value: " ".join(value[:2])[:20] if isinstance(value, tuple) else "",
)
def test_a_name_that_no_file_can_have_is_refused(arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    run = conformance(*arguments, folder=tmp_path)

    assert run.status == USAGE
    assert sentence in run.output
    assert_plain(run)


@pytest.mark.parametrize(
    "content, sentence",
    [
        ("[target]\nbase_url = \n", "target.toml, line 2, column 12: not valid TOML"),
        ("[target]\nmoneyy = 'play'\n", "target.toml: target.moneyy is not known"),
        ("[limits]\nrate_per_second = 'fast'\n", "target.toml: limits.rate_per_second"),
        ("[keys]\nmain_env = 'sk-0123456789abcdef0123456789abcdef'\n", "target.toml: keys.main_env"),
        ("[target]\nsurfaces = ['vidoe']\n", "has no surface 'vidoe'"),
    ],
    ids=["no TOML", "unknown key", "wrong type", "a key itself", "unknown surface"],
)
def test_a_wrong_statement_of_the_target_is_refused_by_its_key(content: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "target.toml").write_text(content, "utf-8")

    run = conformance("run", "--target", "target.toml", folder=tmp_path)

    assert run.status == USAGE
    assert sentence in run.output
    assert "0123456789abcdef" not in run.output
    assert_plain(run)


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ([NOBODY], "Nothing answers at 127.0.0.1:9: connection refused."),
        ([NOBODY, "-n", "2"], "Nothing answers at 127.0.0.1:9: connection refused."),
        (["http://no-such-host.invalid/v1"], "The host of no-such-host.invalid:80 is not known"),
        (["--app", "nosuch:app"], "nosuch:app can't be served: module nosuch can't be imported"),
        (["--app", "tests.cli.targets:nothing"], "module tests.cli.targets has no nothing"),
        (["https://127.0.0.1:9", "--ca-file", "missing.pem"], "missing.pem can't be used"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_target_that_is_not_there_is_inconclusive(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    run = conformance("run", *arguments, folder=tmp_path)

    assert run.status == INCONCLUSIVE
    assert sentence in run.output
    assert_plain(run)
    assert run.report["verdict"] == "inconclusive"
    assert {verdict for _, verdict in run.verdicts} == {"inconclusive"}
    assert all(sentence in entry["reason"] for entry in run.report["requirements"])


def test_a_target_that_accepts_connections_but_never_answers_is_inconclusive(tmp_path: Path) -> None:
    with silent() as url:
        run = conformance("run", url, folder=tmp_path)

    assert run.status == INCONCLUSIVE
    assert "gives no answer within 8 s" in run.output
    assert_plain(run)
    assert run.report["verdict"] == "inconclusive"


def test_a_selection_without_any_test_is_inconclusive(tmp_path: Path) -> None:
    run = conformance("run", "--", "-k", "no_test_has_this_name", folder=tmp_path)

    assert run.status == INCONCLUSIVE
    assert "no test was selected" in run.output
    assert_plain(run)
    assert run.report["verdict"] == "inconclusive"
