from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from conformance.target.errors import InvalidUrlError, LiteralKeyError, TargetError, TargetFileError
from conformance.target.file import read_target_file
from conformance.target.statement import Limits, TargetFile

if TYPE_CHECKING:
    from pathlib import Path

FULL = """
[target]
base_url = "https://api.example.com/v1/"
system = "example"
surfaces = ["music", "tasks"]
money = "play"
exclusive_account = true
openapi_url = "https://docs.example.com/openapi.yaml?version=1"
reference_audio_url = "https://media.example.com/a.mp3"

[keys]
main_env = "EXAMPLE_KEY"
second_env = "EXAMPLE_KEY_2"

[control]
url = "/_control"

[prices]
"suno-5.5" = "80.0000"

[limits]
rate_per_second = 2.5
concurrency = 4
poll_timeout_seconds = 600

[failing_request]
prompt = "fail"

[failing_request.model_options.suno]
custom_mode = true
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "target.toml"


def problem_of(path: Path, text: str) -> tuple[type[Exception], str]:
    path.write_text(text, "utf-8")
    with pytest.raises(TargetError) as caught:
        read_target_file(path)
    return caught.type, str(caught.value).removeprefix(str(path))


def test_every_member_is_read(path: Path) -> None:
    path.write_text(FULL, "utf-8")

    stated = read_target_file(path)

    assert stated.target.base_url == "https://api.example.com/v1"
    assert stated.target.system == "example"
    assert stated.target.surfaces == ("music", "tasks")
    assert stated.target.money == "play"
    assert stated.target.exclusive_account is True
    assert stated.target.openapi_url == "https://docs.example.com/openapi.yaml?version=1"
    assert stated.target.reference_audio_url == "https://media.example.com/a.mp3"
    assert (stated.keys.main_env, stated.keys.second_env) == ("EXAMPLE_KEY", "EXAMPLE_KEY_2")
    assert stated.keys.forbidden_env is None
    assert stated.control.url == "/_control"
    assert stated.prices == {"suno-5.5": Decimal("80.0000")}
    assert stated.limits == Limits(2.5, 4, 600)
    assert stated.failing_request == {"prompt": "fail", "model_options": {"suno": {"custom_mode": True}}}


def test_an_empty_file_states_nothing(path: Path) -> None:
    path.write_bytes(b"")

    assert read_target_file(path) == TargetFile()


def test_a_byte_order_mark_is_no_obstacle(path: Path) -> None:
    path.write_text('[target]\nsystem = "example"\n', "utf-8-sig")

    assert read_target_file(path).target.system == "example"


@pytest.mark.parametrize(
    "text, problem",
    [
        (
            '[target]\n\n[limits]\nrate_per_second = "fast"',
            ', line 4: limits.rate_per_second must be a number greater than 0, not "fast".',
        ),
        (
            "[limits]\nconcurrency = 1.5",
            ", line 2: limits.concurrency must be a whole number from 1 to 1000, not 1.5.",
        ),
        ("[target]\nmoney = 'fun'", ', line 2: target.money must be "play" or "real", not "fun".'),
        (
            "[target]\nsurfaces = [\n'music',\n3]",
            ", line 2: target.surfaces[1] must be the name of a surface in quotes, not 3.",
        ),
        ("target = 3", ", line 1: target must be a table, not 3."),
        (
            "failing_request = {}",
            ", line 1: failing_request must be a table with the members of a request body, not an empty one.",
        ),
        (
            "[failing_request]\na = [{}, {when = 2024-01-01}]",
            (
                ", line 2: failing_request.a[1].when must be a value that JSON has too, "
                "not a date or time (put it in quotes)."
            ),
        ),
        (
            "[limits]\nrate_per_second = inf",
            ", line 2: limits.rate_per_second must be a value that JSON has too, not inf.",
        ),
        (
            "[target]\nbase_ulr = ''",
            ", line 2: target.base_ulr is not known; the nearest that is known is target.base_url.",
        ),
        ("base_url = ''", ", line 1: base_url is not known; base_url belongs in [target]."),
        ("[control]\nzzz = 1", ", line 2: control.zzz is not known; known are url."),
        ("[target]\nsystem = ", ", line 2: not valid TOML: invalid value at the end of the file."),
        (
            "[target]\nsystem = example",
            ", line 2, column 10: not valid TOML: invalid value.",
        ),
        ("x = " + "[" * 9000, " is nested too deeply."),
    ],
)
def test_what_is_wrong_is_told_with_line_and_key(text: str, problem: str, path: Path) -> None:
    assert problem_of(path, text) == (TargetFileError, problem)


def test_a_model_whose_dot_was_not_quoted_is_explained(path: Path) -> None:
    _, problem = problem_of(path, '[prices]\nsuno-5.5 = "80"')

    assert problem.startswith(", line 2: prices.suno-5 must be an amount in quotes")
    assert "a dot in it needs quotes" in problem


def test_of_several_problems_the_first_in_the_file_is_told(path: Path) -> None:
    _, problem = problem_of(path, "[target]\nsystem = 1\nnosuch = 1\n[limits]\nconcurrency = 0")

    assert problem.startswith(", line 2: target.system ")


@pytest.mark.parametrize(
    "text, line",
    [
        ('[keys]\nmain = "sk-0123456789"', 2),
        ('[keys]\n\nmain_env = "sk-0123456789"', 3),
        ('[keys]\nsecond_env = "0123456789ABCDEF0123456789ABCDEF"', 2),
        ('[keys]\nforbidden_env = "A0123456789ABCDEF0123456789ABCDEF"', 2),
        ('keys = "sk-0123456789"', 1),
    ],
)
def test_a_key_in_the_file_is_refused_and_not_repeated(text: str, line: int, path: Path) -> None:
    kind, problem = problem_of(path, text)

    assert kind is LiteralKeyError
    assert problem.startswith(f", line {line}: keys")
    assert "0123456789" not in problem


@pytest.mark.parametrize(
    "text",
    [
        '[target]\nbase_url = "https://user:sk-0123456789@example.com"',
        '[target]\nbase_url = "https://example.com/?key=sk-0123456789"',
        '[target]\nopenapi_url = "https://sk-0123456789@example.com/openapi.yaml"',
        '[target]\nreference_audio_url = "http://example.com/sk-0123456789@"',
        '[control]\nurl = "https://example.com/#sk-0123456789"',
    ],
)
def test_an_unusable_url_is_refused_with_line_and_key_and_without_secrets(text: str, path: Path) -> None:
    kind, problem = problem_of(path, text)

    assert kind is InvalidUrlError
    assert problem.startswith(", line 2: ")
    assert "0123456789" not in problem


def test_a_file_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(TargetFileError, match=r"target\.toml can't be read: No such file or directory\.$"):
        read_target_file(path)


def test_a_file_that_is_no_text_is_told(path: Path) -> None:
    path.write_bytes(b'[target]\nsystem = "\xff"')

    with pytest.raises(TargetFileError, match=r"is not UTF-8 text \(byte 19\)\.$"):
        read_target_file(path)
