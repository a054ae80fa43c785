"""Headers and keys of security schemes as a user states them."""

from __future__ import annotations

import pytest

from conformance.target.errors import MissingKeyError, UnusableKeyError, UnusableOptionError
from conformance.target.headers import check_header, check_scheme_key, parts_of
from conformance.target.options import Options
from conformance.target.settings import resolve_settings

KEY = "tok-0123456789"


@pytest.mark.parametrize(
    "given, kept",
    [
        ("X-Tenant: acme", "X-Tenant: acme"),
        ("  X-Tenant :acme corp  ", "X-Tenant: acme corp"),
        ("X-Link: http://example.com:80/", "X-Link: http://example.com:80/"),
        ("Authorization: Bearer $TOKEN", "Authorization: Bearer $TOKEN"),
        ("X-Api-Key: ${MY_KEY}", "X-Api-Key: ${MY_KEY}"),
    ],
)
def test_a_header_is_a_name_and_a_value(given: str, kept: str) -> None:
    assert check_header("--header", given) == kept


@pytest.mark.parametrize(
    "given", ["", "X-Tenant", "X-Tenant:", ": acme", "X Tenant: acme", "X-A: b\r\nX-C: d", "X-A: é"]
)
def test_what_is_no_header_is_refused_without_repeating_it(given: str) -> None:
    with pytest.raises(UnusableOptionError, match=r"^--header must be a header such as 'Name: value', where a key is"):
        check_header("--header", given)


@pytest.mark.parametrize("name", ["Authorization", "Cookie", "X-API-Key", "X-Access-Token", "X-Secret", "X-Signature"])
def test_a_key_stands_in_the_environment_and_not_in_the_option(name: str) -> None:
    with pytest.raises(UnusableOptionError, match=rf"write '{name}: \$VARIABLE' in single quotes") as refused:
        check_header("--header", f"{name}: {KEY}")

    assert KEY not in str(refused.value)


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "Content-Type"])
def test_what_each_request_sets_for_itself_can_t_be_stated(name: str) -> None:
    with pytest.raises(UnusableOptionError, match=f"can't set {name}: each request has its own"):
        check_header("--header", f"{name}: x")


def test_a_value_is_split_at_its_variables() -> None:
    assert parts_of("a $ONE-${TWO}b") == (("a ", "ONE"), ("-", "TWO"), ("b", ""))
    assert parts_of("costs $5") == (("costs $5", ""),)


@pytest.mark.parametrize("given", ["apiKey", "=TOKEN", "apiKey=sk-0123456789", "apiKey=token"])
def test_the_key_of_a_scheme_is_named_by_its_variable(given: str) -> None:
    with pytest.raises(UnusableOptionError, match="must be SCHEME=VARIABLE"):
        check_scheme_key("--key", given)


@pytest.mark.parametrize(
    "options",
    [Options(system="beatra", headers=("X-Key: $TOKEN",)), Options(system="beatra", scheme_keys=("apiKey=TOKEN",))],
)
def test_a_variable_that_is_named_must_hold_a_key(options: Options) -> None:
    resolve_settings(options, {"TOKEN": KEY})
    with pytest.raises(MissingKeyError, match="variable TOKEN that should hold a key is not set"):
        resolve_settings(options, {})
    with pytest.raises(UnusableKeyError, match="The key in TOKEN is shorter than 8"):
        resolve_settings(options, {"TOKEN": "short"})


def test_without_authentication_no_key_is_read() -> None:
    options = Options(system="beatra", base_url="https://api.example.com/v1", no_auth=True)

    assert resolve_settings(options, {"CONFORMANCE_API_KEY": KEY}).keys.main is None
