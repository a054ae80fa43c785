from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.target import settings as settings_module
from conformance.target.errors import (
    ConflictingTargetsError,
    ContradictoryOptionsError,
    InvalidUrlError,
    MissingKeyError,
    UnstatedSystemError,
    UnusableKeyError,
    UnusableOptionError,
)
from conformance.target.options import Options
from conformance.target.settings import AppTarget, Keys, TargetSettings, merged, read_said, resolve_settings

if TYPE_CHECKING:
    from conformance.target.target_options import Money

URL = "https://api.example.com/v1"
KEY = "sk-0123456789"


def resolved(
    said: dict[str, Any] | None = None,
    stated: dict[str, Any] | None = None,
    environment: dict[str, str] | None = None,
) -> TargetSettings:
    options = merged(read_said({"base_url": URL} if said is None else said), stated or {})
    return resolve_settings(options, environment or {})


@pytest.fixture(autouse=True)
def _one_system_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_module, "known_systems", lambda: ("example",))
    monkeypatch.setattr(settings_module, "default_system", lambda: "example")


def test_without_any_word_the_target_is_the_embedded_one() -> None:
    found = resolved({}, None, {"CONFORMANCE_API_KEY": KEY})

    assert found == TargetSettings(system="example")
    assert found.keys == Keys(), "a key from the environment is meant for somebody else"


def test_the_file_names_the_target() -> None:
    stated = {"base_url": URL, "system": "other", "surfaces": ("music",), "control_url": "/_control"}

    found = resolved({}, stated)

    assert (found.base_url, found.system, found.surfaces) == (URL, "other", ("music",))
    assert found.control_url == "/_control"


def test_options_go_before_the_file() -> None:
    stated = {"base_url": URL, "system": "other", "control_url": "https://c.example"}

    found = resolved({"base_url": "http://127.0.0.1:1/v1/", "system": "mine", "control_url": "/c/"}, stated)

    assert (found.base_url, found.system, found.control_url) == ("http://127.0.0.1:1/v1", "mine", "/c")


def test_an_application_takes_its_base_path_from_the_file() -> None:
    found = resolved({"app": "a.b:make", "factory": True}, {"base_url": "https://api.example.com/api/v2"})

    assert found.base_url is None
    assert found.app == AppTarget("a.b:make", factory=True, base_path="/api/v2")


def test_an_application_and_a_url_at_once_are_refused() -> None:
    with pytest.raises(ConflictingTargetsError, match=r"both the application a:b and a URL"):
        resolved({"base_url": URL, "app": "a:b"})


def test_urls_among_the_options_are_checked() -> None:
    with pytest.raises(InvalidUrlError, match=r"^The base URL "):
        resolved({"base_url": "example.com"})
    with pytest.raises(InvalidUrlError, match=r"^--control-url "):
        resolved({"base_url": URL, "control_url": "example.com"})


def test_the_system_must_be_said_when_there_are_several_and_none_is_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings_module, "known_systems", lambda: ("one", "two"))
    monkeypatch.setattr(settings_module, "default_system", lambda: None)

    with pytest.raises(UnstatedSystemError, match=r"^Say with --system which system the target .*: one, two\.$"):
        resolved()


def test_without_a_url_the_only_system_with_an_embedded_implementation_is_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings_module, "known_systems", lambda: ("one", "two"))
    monkeypatch.setattr(settings_module, "default_system", lambda: None)
    monkeypatch.setattr(settings_module, "embedded_systems", lambda: ("two",))

    assert resolved({}).system == "two"


def test_without_a_url_one_of_several_embedded_implementations_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_module, "known_systems", lambda: ("one", "two", "three"))
    monkeypatch.setattr(settings_module, "default_system", lambda: None)
    monkeypatch.setattr(settings_module, "embedded_systems", lambda: ("one", "two"))

    with pytest.raises(UnstatedSystemError, match=r"^Say with --system whose embedded .*: one, two\.$"):
        resolved({})
    assert resolved({"system": "two"}).system == "two"


@pytest.mark.parametrize(
    "said, stated, offers, money",
    [
        ({}, None, (), "play"),
        ({"app": "a:b"}, None, (), "play"),
        ({"base_url": URL}, None, (), "real"),
        ({"base_url": "http://127.0.0.1:8000"}, None, (), "real"),
        ({"base_url": URL}, "play", (), "play"),
        ({"base_url": URL}, None, ("clock",), "real"),
        ({"base_url": URL}, None, ("wallet", "clock"), "play"),
        ({"base_url": URL}, "real", ("wallet",), "real"),
        ({"app": "a:b"}, "real", (), "real"),
        ({"base_url": URL, "stated_money": ["play"]}, None, (), "play"),
        ({"base_url": URL, "stated_money": ["play"]}, "real", (), "play"),
        ({"base_url": URL, "stated_money": ["real"]}, "play", ("wallet",), "real"),
        ({"stated_money": ["real"]}, None, (), "real"),
    ],
)
def test_money_is_real_unless_there_is_reason_to_think_otherwise(
    said: dict[str, Any], stated: Money | None, offers: tuple[str, ...], money: Money
) -> None:
    found = resolved(said, {} if stated is None else {"stated_money": stated})

    assert found.money_given(offers) == money
    assert found.money == found.money_given(())


def test_money_that_is_play_and_real_at_once_is_refused() -> None:
    with pytest.raises(ContradictoryOptionsError, match=r"^The money is play or real, not both; leave .* out\.$"):
        read_said({"stated_money": ["real", "play"]})


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
    stated = {"main_env": "IN_FILE", "second_env": "SECOND"}
    environment = {
        "CONFORMANCE_API_KEY": "key-usual",
        "IN_FILE": "key-file",
        "IN_OPTION": "key-option",
        "SECOND": "key-second",
    }

    by_file = resolved(None, stated, environment).keys
    by_option = resolved({"base_url": URL, "main_env": "IN_OPTION"}, stated, environment).keys

    assert by_file.main
    assert by_file.main.reveal() == "key-file"
    assert by_option.main
    assert by_option.main.reveal() == "key-option"
    assert by_option.second == by_file.second


def test_a_key_too_short_to_be_kept_out_of_reports_is_refused() -> None:
    with pytest.raises(UnusableKeyError, match="shorter than 8 characters"):
        resolved(None, None, {"CONFORMANCE_API_KEY": "seven77"})


def test_a_key_shows_as_the_usual_variable_whichever_held_it() -> None:
    keys = resolved({"base_url": URL, "main_env": "MINE"}, None, {"MINE": f" {KEY}\n"}).keys

    assert keys.main
    assert keys.main.reveal() == KEY
    assert str(keys.main) == "$CONFORMANCE_API_KEY"
    assert KEY not in repr(keys)


def test_a_usual_variable_may_be_unset() -> None:
    assert resolved().keys == Keys()


@pytest.mark.parametrize("environment", [{}, {"MY_KEY": ""}, {"MY_KEY": " \n"}])
def test_a_named_variable_must_hold_something(environment: dict[str, str]) -> None:
    with pytest.raises(MissingKeyError, match=r"variable MY_KEY that should hold a key is not set or is empty"):
        resolved({"base_url": URL, "main_env": "MY_KEY"}, None, environment)


@pytest.mark.parametrize("given", [KEY, "0123456789ABCDEF0123456789ABCDEF", "A" * 32])
def test_a_key_given_instead_of_a_name_is_not_repeated(given: str) -> None:
    with pytest.raises(MissingKeyError) as caught:
        resolved({"base_url": URL, "main_env": given})

    assert given not in str(caught.value)


@pytest.mark.parametrize("key", ["two words", "schlüssel", "a\nb", "a\x00b"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(UnusableKeyError, match="CONFORMANCE_API_KEY does not hold a key") as caught:
        resolved(environment={"CONFORMANCE_API_KEY": key})

    assert key not in str(caught.value)


def test_a_pace_on_the_command_line_goes_before_the_file() -> None:
    stated: dict[str, Any] = {"rate_per_second": 9, "concurrency": 9, "poll_timeout_seconds": 9}

    assert merged(read_said({"rate": "30/min"}), stated) == Options(**stated)
    assert merged(read_said({"rate_per_second": "30/min", "concurrency": "2"}), stated) == Options(
        rate_per_second=0.5, concurrency=2, poll_timeout_seconds=9
    )


@pytest.mark.parametrize(
    "said",
    [
        {"rate_per_second": "0/s"},
        {"concurrency": "0"},
        {"seed": "seven"},
        {"seed": "9" * 400},
        {"examples": "0"},
        {"examples": "1000001"},
        {"histories": "-1"},
        {"max_seconds": "9" * 400},
        {"max_wall_seconds": "0"},
        {"tier_name": "all"},
        {"heavy": "maybe"},
        {"max_credits": "-1"},
        {"max_credits": "1e3"},
        {"target_file": ""},
    ],
    ids=str,
)
def test_what_is_out_of_bounds_is_refused_in_one_sentence(said: dict[str, str]) -> None:
    with pytest.raises(UnusableOptionError, match=r"^--[a-z-]+ must be [^\n]{1,150}\.$"):
        read_said(said)


def test_a_proxy_is_used_only_when_it_is_asked_for() -> None:
    assert read_said({}) == {}
    assert read_said({"proxy": "env"}) == {"proxy": "env"}
    assert read_said({"proxy": "http://proxy.example:3128/"}) == {"proxy": "http://proxy.example:3128"}
