from __future__ import annotations

import pytest

from conformance.target.errors import InvalidUrlError
from conformance.target.urls import check_base, check_control, check_proxy, check_resource

ELSEWHERE = "put the URL with them into HTTPS_PROXY or HTTP_PROXY, and say env here"


@pytest.mark.parametrize(
    "given, normal",
    [
        ("http://127.0.0.1:8765/v1", "http://127.0.0.1:8765/v1"),
        ("https://api.example.com", "https://api.example.com"),
        ("HTTPS://API.example.com/V1/", "https://api.example.com/V1"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("https://münchen.example/v1", "https://xn--mnchen-3ya.example/v1"),
    ],
)
def test_a_base_url_gets_its_normal_form(given: str, normal: str) -> None:
    assert check_base("The base URL", given) == normal


@pytest.mark.parametrize(
    "given, problem",
    [
        ("localhost:8000", 'must start with http:// or https://, not "localhost:8000"'),
        ("ftp://example.com", 'must start with http:// or https://, not "ftp://example.com"'),
        ("", 'must start with http:// or https://, not ""'),
        ("http://", "must name a host"),
        ("http:///v1", "must name a host"),
        ("http://exa mple.com", "must name a host"),
        ("http://a..example", "is not a valid URL"),
        ("http://256.1.1.1", "is not a valid URL"),
        ("http://[::1", "is not a valid URL"),
        ("http://h:port", "is not a valid URL"),
        ("http://h\n.example", "is not a valid URL"),
        ("http://h:0", "must have a port from 1 to 65535, not 0"),
        ("http://h:70000", "must have a port from 1 to 65535, not 70000"),
        ("http://h/v1?", "must not have a query: paths are added to its end"),
        ("http://h/v1#", "must not have a fragment: no server ever sees it"),
        (
            "http://sk-1@h",
            "must not carry a user name or password: a key belongs in an environment variable",
        ),
        ("user:sk-1@h", "must start with http:// or https://"),
    ],
)
def test_what_cannot_be_a_base_url_is_refused_in_one_sentence(given: str, problem: str) -> None:
    with pytest.raises(InvalidUrlError) as caught:
        check_base("The base URL", given)

    assert str(caught.value) == f"The base URL {problem}."


def test_a_resource_may_have_a_query() -> None:
    assert check_resource("It", "https://h/a.mp3?sign=1") == "https://h/a.mp3?sign=1"


def test_a_resource_may_be_held_to_one_scheme() -> None:
    with pytest.raises(InvalidUrlError, match="must start with https://, not"):
        check_resource("It", "http://h/a.mp3", schemes=("https",))


@pytest.mark.parametrize(
    "given, normal",
    [("/_control/", "/_control"), ("/a/../b", "/b"), ("https://h/_control/", "https://h/_control")],
)
def test_the_control_interface_may_be_a_path_on_the_targets_own_host(given: str, normal: str) -> None:
    assert check_control("The control URL", given) == normal


@pytest.mark.parametrize("given", ["//elsewhere/_control", "/_control?x", "/_control#x", "_control"])
def test_what_is_neither_a_path_nor_a_url_is_no_control_interface(given: str) -> None:
    with pytest.raises(InvalidUrlError, match=r"^The control URL must "):
        check_control("The control URL", given)


@pytest.mark.parametrize(
    "given, normal",
    [("env", "env"), ("http://proxy.example:3128", "http://proxy.example:3128"), ("http://[::1]/", "http://[::1]")],
)
def test_a_proxy_is_a_url_or_what_the_environment_names(given: str, normal: str) -> None:
    assert check_proxy(given) == normal


@pytest.mark.parametrize(
    "given, problem",
    [
        ("proxy.example:3128", 'must start with http://, not "proxy.example:3128"'),
        ("socks5://proxy.example", 'must start with http://, not "socks5://proxy.example"'),
        (
            "http://me:word@proxy.example",
            f"must not carry a user name or password: {ELSEWHERE}",
        ),
        ("http://proxy.example/path", "must be a scheme, a host and a port, nothing more"),
        ("http://proxy.example/?", "must be a scheme, a host and a port, nothing more"),
    ],
)
def test_what_cannot_be_a_proxy_is_refused_without_its_password(given: str, problem: str) -> None:
    with pytest.raises(InvalidUrlError) as caught:
        check_proxy(given)

    assert str(caught.value) == f"The proxy {problem}."
