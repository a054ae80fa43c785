"""What requests carry because the user states it: headers, keys of single security schemes, or no key at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.accounts.account import Account
from conformance.accounts.account_pool import AccountPool
from conformance.client.errors import NotApplicableError, NotOfferedError
from conformance.client.presented import Presented, StatedHeader
from conformance.client.request import PreparedRequest
from conformance.journal.redaction import Secret
from conformance.money.guard import PlayMoneyGuard
from tests.client.bench import BASE, KEY, Bench, headers_of, make_bench
from tests.contract.described import document, loaded, operation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.client.transports.base import Outgoing
    from conformance.contract.contract import Contract

OTHER = Secret("other-0123456789", "$OTHER")
THIRD = Secret("third-0123456789", "$THIRD")
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    "inQuery": {"type": "apiKey", "in": "query", "name": "key"},
    "inCookie": {"type": "apiKey", "in": "cookie", "name": "session"},
}
ASKING: dict[str, list[dict[str, list[str]]]] = {
    "/free": [],
    "/usual": [{"bearer": []}],
    "/other": [{"apiKey": []}],
    "/query": [{"inQuery": []}],
    "/cookie": [{"inCookie": []}],
    "/both": [{"bearer": [], "apiKey": []}],
    "/either": [{"inQuery": []}, {"apiKey": []}],
}


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    paths = {path: {"get": operation(operationId=path[1:], security=asked)} for path, asked in ASKING.items()}
    components = {"securitySchemes": SCHEMES}
    return loaded(tmp_path, document(paths=paths, components=components, security=[{"bearer": []}]))


@pytest.fixture
def made(contract: Contract, tmp_path: Path) -> Iterator[Bench]:
    bench = make_bench(tmp_path / "run", [], contract=contract)
    yield bench
    bench.client.close()
    bench.client.journal.close()


def present(made: Bench, *headers: StatedHeader, **keys: Secret) -> None:
    made.client.presented = Presented(headers, keys)
    for secret in made.client.presented.secrets():
        made.client.redactor.register(secret)


def account_of(made: Bench, *, key: bool = True, presents: bool = True) -> Account:
    keys = {"main": Secret(KEY), "second": Secret("second-key-0123")} if key else {}
    return Account(made.client, "alice", keys, None, None, presents=presents)


def sent(made: Bench, path: str, role: str | None = "main", *, key: bool = True, presents: bool = True) -> Outgoing:
    account_of(made, key=key, presents=presents).call(path, key=role)
    return made.sent[-1]


def test_a_stated_header_goes_with_every_request_to_the_target(made: Bench) -> None:
    present(made, StatedHeader("X-Tenant", ("acme",)))

    assert headers_of(sent(made, "usual"), "X-Tenant") == ["acme"]
    assert headers_of(sent(made, "usual", None), "X-Tenant") == ["acme"]
    assert headers_of(sent(made, "usual", "second"), "X-Tenant") == ["acme"]
    account_of(made).download("https://media.test/clip.wav")
    assert headers_of(made.sent[-1], "X-Tenant") == []


def test_a_stated_header_goes_before_one_that_was_drawn_unless_that_breaks_the_document_on_purpose(made: Bench) -> None:
    present(made, StatedHeader("X-Tenant", ("acme",)))
    for kind in ("valid", "invalid"):
        drawn = PreparedRequest("GET", f"{BASE}/usual", (("x-tenant", "drawn"),), generated=kind)
        account_of(made).send(drawn)

    assert [headers_of(request, "X-Tenant") for request in made.sent] == [["acme"], ["drawn"]]


def test_credentials_in_a_stated_header_stand_for_the_key(made: Bench) -> None:
    present(made, StatedHeader("Authorization", ("Bearer ", OTHER)))

    assert headers_of(sent(made, "usual", key=False), "Authorization") == [f"Bearer {OTHER.reveal()}"]
    assert headers_of(sent(made, "usual", None, key=False), "Authorization") == []
    assert headers_of(sent(made, "usual", "second"), "Authorization") == ["Bearer second-key-0123"]
    assert OTHER.reveal().encode() not in made.stored


def test_an_operation_gets_the_key_of_its_own_scheme(made: Bench) -> None:
    present(made, apiKey=OTHER, inQuery=THIRD, inCookie=THIRD)

    assert headers_of(sent(made, "usual"), "Authorization") == [f"Bearer {KEY}"]
    assert headers_of(sent(made, "other"), "X-Api-Key") == [OTHER.reveal()]
    assert headers_of(made.sent[-1], "Authorization") == []
    assert sent(made, "query").url == f"{BASE}/query?key={THIRD.reveal()}"
    assert headers_of(sent(made, "cookie"), "Cookie") == [f"session={THIRD.reveal()}"]
    assert not any(secret.reveal().encode() in made.stored for secret in (OTHER, THIRD))


def test_an_operation_that_asks_for_two_keys_gets_both(made: Bench) -> None:
    present(made, apiKey=OTHER)

    both = sent(made, "both")
    assert (headers_of(both, "Authorization"), headers_of(both, "X-Api-Key")) == ([f"Bearer {KEY}"], [OTHER.reveal()])


def test_of_several_alternatives_one_is_chosen_whose_keys_are_known(made: Bench) -> None:
    present(made, apiKey=OTHER)

    assert headers_of(sent(made, "either"), "X-Api-Key") == [OTHER.reveal()]


def test_keys_of_schemes_are_those_of_the_user_and_of_no_other_account(made: Bench) -> None:
    present(made, apiKey=OTHER)

    assert headers_of(sent(made, "other", "second"), "X-Api-Key") == []
    assert headers_of(sent(made, "other", presents=False), "X-Api-Key") == []
    assert headers_of(sent(made, "other", None), "X-Api-Key") == []


def shared(made: Bench, **given: Any) -> AccountPool:  # noqa: ANN401 - the members of the pool
    return AccountPool(
        made.client,
        guard=PlayMoneyGuard(),
        keys={},
        control_url=None,
        offer=None,
        polling=None,
        lock_file=made.folder / "target.lock",
        **given,
    )


def test_a_key_that_is_asked_for_and_not_there_is_missed_by_the_name_of_its_variable(made: Bench) -> None:
    sentence = r"^MY_KEY is not set, and .+ asks for a key \(--api-key-env names another variable, --no-auth sends no"

    with pytest.raises(NotOfferedError, match=sentence), shared(made, key_variable="MY_KEY").account("any"):
        pass


def test_no_key_is_missed_where_other_credentials_are_stated(made: Bench) -> None:
    present(made, apiKey=OTHER)

    with shared(made).account("any") as account:
        assert account.call("other").response is not None


def test_without_keys_on_purpose_nothing_is_learned_from_leaving_them_out(contract: Contract, tmp_path: Path) -> None:
    made = make_bench(tmp_path / "run", [], contract=contract.without_keys())
    with shared(made).account("any") as account:
        account.call("usual")
        account.call("free", key=None)
        with pytest.raises(NotApplicableError, match="--no-auth"):
            account.call("usual", key=None)
    made.client.journal.close()

    assert [headers_of(request, "Authorization") for request in made.sent] == [[], []]
