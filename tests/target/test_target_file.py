from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.target.errors import InvalidUrlError, LiteralKeyError, TargetError, TargetFileError
from conformance.target.file import read_target_file

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

    assert stated == {
        "base_url": "https://api.example.com/v1",
        "system": "example",
        "surfaces": ("music", "tasks"),
        "stated_money": "play",
        "exclusive_account": True,
        "openapi_url": "https://docs.example.com/openapi.yaml?version=1",
        "reference_audio_url": "https://media.example.com/a.mp3",
        "main_env": "EXAMPLE_KEY",
        "second_env": "EXAMPLE_KEY_2",
        "control_url": "/_control",
        "prices": (("suno-5.5", "80.0000"),),
        "rate_per_second": 2.5,
        "concurrency": 4,
        "poll_timeout_seconds": 600,
        "failing_request": {"prompt": "fail", "model_options": {"suno": {"custom_mode": True}}},
    }


def test_an_empty_file_states_nothing(path: Path) -> None:
    path.write_bytes(b"")

    assert read_target_file(path) == {}


def test_a_byte_order_mark_is_no_obstacle(path: Path) -> None:
    path.write_text('[target]\nsystem = "example"\n', "utf-8-sig")

    assert read_target_file(path) == {"system": "example"}


@pytest.mark.parametrize(
    "text, problem",
    [
        (
            '[target]\n\n[limits]\nrate_per_second = "fast"',
            ': limits.rate_per_second must be a number from 0.001 to 1000000, not "fast".',
        ),
        (
            "[limits]\nconcurrency = 1.5",
            ": limits.concurrency must be a whole number from 1 to 1000, not 1.5.",
        ),
        ("[target]\nmoney = 'fun'", ': target.money must be "play" or "real", not "fun".'),
        (
            "[target]\nsurfaces = [\n'music',\n3]",
            ": target.surfaces[1] must be the name of a surface in quotes, not 3.",
        ),
        ("target = 3", ": target must be a table, not 3."),
        (
            "failing_request = {}",
            ": failing_request must be a table with the members of a request body, not an empty one.",
        ),
        (
            "[failing_request]\na = [{}, {when = 2024-01-01}]",
            (": failing_request.a[1].when must be a value that JSON has too, not a date or time (put it in quotes)."),
        ),
        (
            "[limits]\nrate_per_second = inf",
            ": limits.rate_per_second must be a value that JSON has too, not inf.",
        ),
        (
            "[target]\nbase_ulr = ''",
            ": target.base_ulr is not known; the nearest that is known is target.base_url.",
        ),
        ("base_url = ''", ": base_url is not known; base_url belongs in [target]."),
        ("[control]\nzzz = 1", ": control.zzz is not known; known are url."),
        ("[target]\nsystem = ", ", line 2: not valid TOML: invalid value at the end of the file."),
        (
            "[target]\nsystem = example",
            ", line 2, column 10: not valid TOML: invalid value.",
        ),
        ("x = " + "[" * 9000, " must be nested no deeper than 100 levels."),
    ],
)
def test_what_is_wrong_is_told_with_its_key(text: str, problem: str, path: Path) -> None:
    assert problem_of(path, text) == (TargetFileError, problem)


def test_a_model_whose_dot_was_not_quoted_is_explained(path: Path) -> None:
    _, problem = problem_of(path, '[prices]\nsuno-5.5 = "80"')

    assert problem.startswith(": prices.suno-5 must be an amount in quotes")
    assert "a dot in it needs quotes" in problem


def test_of_several_problems_the_first_in_the_file_is_told(path: Path) -> None:
    _, problem = problem_of(path, "[target]\nsystem = 1\nnosuch = 1\n[limits]\nconcurrency = 0")

    assert problem.startswith(": target.system ")


@pytest.mark.parametrize(
    "text",
    [
        '[keys]\nmain = "sk-0123456789"',
        '[keys]\n\nmain_env = "sk-0123456789"',
        '[keys]\nsecond_env = "0123456789ABCDEF0123456789ABCDEF"',
        '[keys]\nforbidden_env = "A0123456789ABCDEF0123456789ABCDEF"',
        'keys = "sk-0123456789"',
    ],
)
def test_a_key_in_the_file_is_refused_and_not_repeated(text: str, path: Path) -> None:
    kind, problem = problem_of(path, text)

    assert kind is LiteralKeyError
    assert problem.startswith(": keys")
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
def test_an_unusable_url_is_refused_with_its_key_and_without_secrets(text: str, path: Path) -> None:
    kind, problem = problem_of(path, text)

    assert kind is InvalidUrlError
    assert problem.startswith(": ")
    assert "0123456789" not in problem


def test_a_file_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(TargetFileError, match=r"target\.toml can't be read: No such file or directory\.$"):
        read_target_file(path)


def test_a_file_that_is_no_text_is_told(path: Path) -> None:
    path.write_bytes(b'[target]\nsystem = "\xff"')

    with pytest.raises(TargetFileError, match=r"is not UTF-8 text \(byte 19\)\.$"):
        read_target_file(path)


def test_a_file_that_is_too_large_or_too_deep_is_told(path: Path) -> None:
    assert problem_of(path, "# " + "x" * 1_000_000)[1] == " can't be read: it has more than 1,000,000 bytes."
    deep = f"failing_request = {200 * '{ a = '}1{200 * ' }'}"
    assert problem_of(path, deep)[1] == ": failing_request must be nested no deeper than 100 levels."


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_what_is_no_file_is_told(device: str) -> None:
    with pytest.raises(TargetFileError, match=f"^{device} can't be read: it is no regular file\\.$"):
        read_target_file(Path(device))


@pytest.mark.parametrize("member", ["rate_per_second = 1e-300", "poll_timeout_seconds = 1e300", "concurrency = 9e99"])
def test_a_limit_out_of_bounds_is_told(member: str, path: Path) -> None:
    assert f"limits.{member.split(maxsplit=1)[0]} must be " in problem_of(path, f"[limits]\n{member}")[1]


@given(st.lists(st.sampled_from([*"[]{}=.'\"#\n\\ a1-", "target", "keys", "url = ", "nan", "🎵", "\r", "\x00"])))
def test_no_text_breaks_the_reader(pieces: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "target.toml"
        path.write_bytes("".join(pieces).encode())
        with suppress(TargetError):
            read_target_file(path)
        assert path.exists()
