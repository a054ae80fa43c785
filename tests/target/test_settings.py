from __future__ import annotations

import pytest

from conformance.target import settings as settings_module
from conformance.target.errors import (
    ConflictingTargetsError,
    InvalidLimitError,
    InvalidUrlError,
    MissingKeyError,
    UnstatedSystemError,
    UnusableKeyError,
)
from conformance.target.settings import AppTarget, Keys, TargetOptions, TargetSettings, resolve_settings
from conformance.target.statement import ControlPart, KeysPart, Limits, Money, TargetFile, TargetPart

URL = "https://api.example.com/v1"
KEY = "sk-0123456789"


def resolved(
    options: TargetOptions | None = None,
    stated: TargetFile | None = None,
    environment: dict[str, str] | None = None,
) -> TargetSettings:
    return resolve_settings(options or TargetOptions(base_url=URL), stated, environment or {})


@pytest.fixture(autouse=True)
def _one_system_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_module, "known_systems", lambda: ("example",))


def test_without_any_word_the_target_is_the_embedded_one() -> None:
    found = resolve_settings(TargetOptions(), None, {"CONFORMANCE_API_KEY": KEY})

    assert found == TargetSettings(system="example")
    assert found.keys == Keys(), "a key from the environment is meant for somebody else"


def test_the_file_names_the_target() -> None:
    limits = Limits(rate_per_second=1)
    stated = TargetFile(
        target=TargetPart(base_url=URL, system="other", surfaces=("music",)),
        control=ControlPart("/_control"),
        limits=limits,
    )

    found = resolve_settings(TargetOptions(), stated, {})

    assert (found.base_url, found.system, found.surfaces) == (URL, "other", ("music",))
    assert (found.control_url, found.limits) == ("/_control", limits)


def test_options_go_before_the_file() -> None:
    stated = TargetFile(TargetPart(base_url=URL, system="other"), control=ControlPart("https://c.example"))
    options = TargetOptions(base_url="http://127.0.0.1:1/v1/", system="mine", control_url="/c/")

    found = resolved(options, stated)

    assert (found.base_url, found.system, found.control_url) == ("http://127.0.0.1:1/v1", "mine", "/c")


def test_an_application_takes_its_base_path_from_the_file() -> None:
    stated = TargetFile(TargetPart(base_url="https://api.example.com/api/v2"))

    found = resolved(TargetOptions(app="a.b:make", factory=True), stated)

    assert found.base_url is None
    assert found.app == AppTarget("a.b:make", factory=True, base_path="/api/v2")


def test_an_application_and_a_url_at_once_are_refused() -> None:
    with pytest.raises(ConflictingTargetsError, match=r"both the application a:b and a URL"):
        resolved(TargetOptions(base_url=URL, app="a:b"))


def test_urls_among_the_options_are_checked() -> None:
    with pytest.raises(InvalidUrlError, match=r"^The base URL "):
        resolved(TargetOptions(base_url="example.com"))
    with pytest.raises(InvalidUrlError, match=r"^The control URL "):
        resolved(TargetOptions(base_url=URL, control_url="example.com"))


def test_the_system_must_be_said_when_there_are_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_module, "known_systems", lambda: ("one", "two"))

    with pytest.raises(UnstatedSystemError, match=r"^Say which system the target implements: one, two\.$"):
        resolved()


@pytest.mark.parametrize(
    "options, stated, offers, money",
    [
        (TargetOptions(), None, (), "play"),
        (TargetOptions(app="a:b"), None, (), "play"),
        (TargetOptions(base_url=URL), None, (), "real"),
        (TargetOptions(base_url="http://127.0.0.1:8000"), None, (), "real"),
        (TargetOptions(base_url=URL), "play", (), "play"),
        (TargetOptions(base_url=URL), None, ("clock",), "real"),
        (TargetOptions(base_url=URL), None, ("wallet", "clock"), "play"),
        (TargetOptions(base_url=URL), "real", ("wallet",), "real"),
        (TargetOptions(app="a:b"), "real", (), "real"),
        (TargetOptions(base_url=URL, money="play"), None, (), "play"),
        (TargetOptions(base_url=URL, money="play"), "real", (), "play"),
        (TargetOptions(base_url=URL, money="real"), "play", ("wallet",), "real"),
        (TargetOptions(money="real"), None, (), "real"),
    ],
)
def test_money_is_real_unless_there_is_reason_to_think_otherwise(
    options: TargetOptions, stated: Money | None, offers: tuple[str, ...], money: Money
) -> None:
    found = resolved(options, TargetFile(TargetPart(money=stated)))

    assert found.money_given(offers) == money
    assert found.money == found.money_given(())


def test_keys_come_from_the_usual_variables() -> None:
    names = ("CONFORMANCE_API_KEY", "CONFORMANCE_SECOND_KEY", "CONFORMANCE_FORBIDDEN_KEY")
    keys = resolved(environment={name: f"value-of-{name}" for name in names}).keys

    assert keys.main
    assert keys.second
    assert keys.forbidden
    assert tuple(key.reveal() for key in (keys.main, keys.second, keys.forbidden)) == tuple(
        f"value-of-{name}" for name in names
    )


def test_other_variables_can_be_named_by_the_file_and_by_the_option() -> None:
    stated = TargetFile(keys=KeysPart(main_env="IN_FILE", second_env="SECOND"))
    environment = {
        "CONFORMANCE_API_KEY": "key-usual",
        "IN_FILE": "key-file",
        "IN_OPTION": "key-option",
        "SECOND": "key-second",
    }

    by_file = resolved(None, stated, environment).keys
    by_option = resolved(TargetOptions(base_url=URL, api_key_env="IN_OPTION"), stated, environment).keys

    assert by_file.main
    assert by_file.main.reveal() == "key-file"
    assert by_option.main
    assert by_option.main.reveal() == "key-option"
    assert by_option.second == by_file.second


def test_a_key_too_short_to_be_kept_out_of_reports_is_refused() -> None:
    with pytest.raises(UnusableKeyError, match="shorter than 8 characters"):
        resolved(TargetOptions(base_url=URL), None, {"CONFORMANCE_API_KEY": "seven77"})


def test_a_key_shows_as_the_usual_variable_whichever_held_it() -> None:
    keys = resolved(TargetOptions(base_url=URL, api_key_env="MINE"), None, {"MINE": f" {KEY}\n"}).keys

    assert keys.main
    assert keys.main.reveal() == KEY
    assert str(keys.main) == "$CONFORMANCE_API_KEY"
    assert KEY not in repr(keys)


def test_a_usual_variable_may_be_unset() -> None:
    assert resolved().keys == Keys()


@pytest.mark.parametrize("environment", [{}, {"MY_KEY": ""}, {"MY_KEY": " \n"}])
def test_a_named_variable_must_hold_something(environment: dict[str, str]) -> None:
    with pytest.raises(MissingKeyError, match=r"variable MY_KEY that should hold a key is not set or is empty"):
        resolved(TargetOptions(base_url=URL, api_key_env="MY_KEY"), None, environment)


@pytest.mark.parametrize("given", [KEY, "0123456789ABCDEF0123456789ABCDEF", "A" * 32])
def test_a_key_given_instead_of_a_name_is_not_repeated(given: str) -> None:
    with pytest.raises(MissingKeyError) as caught:
        resolved(TargetOptions(base_url=URL, api_key_env=given))

    assert given not in str(caught.value)


@pytest.mark.parametrize("key", ["two words", "schlüssel", "a\nb", "a\x00b"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(UnusableKeyError, match="CONFORMANCE_API_KEY does not hold a key") as caught:
        resolved(environment={"CONFORMANCE_API_KEY": key})

    assert key not in str(caught.value)


def test_a_pace_on_the_command_line_goes_before_the_file() -> None:
    stated = TargetFile(limits=Limits(rate_per_second=9, concurrency=9, poll_timeout_seconds=9))

    found = resolved(TargetOptions(base_url=URL, rate="30/min", concurrency=2), stated)

    assert found.limits == Limits(0.5, 2, 9)
    assert resolved(None, stated).limits == stated.limits


@pytest.mark.parametrize("option", [TargetOptions(rate="0/s"), TargetOptions(concurrency=0)])
def test_a_pace_without_meaning_is_refused(option: TargetOptions) -> None:
    with pytest.raises(InvalidLimitError):
        resolved(option)


def test_a_proxy_is_used_only_when_it_is_asked_for() -> None:
    environment = {"HTTPS_PROXY": "http://proxy.example:3128"}

    assert resolved(None, None, environment).proxy is None
    assert resolved(TargetOptions(base_url=URL, proxy="env"), None, environment).proxy == "env"
    assert (
        resolved(TargetOptions(base_url=URL, proxy="http://proxy.example:3128/")).proxy == "http://proxy.example:3128"
    )
