"""An invalid request that is in conflict with what is there: sent under another name, unless money is real."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.external.load import load_described
from conformance.contract.outcomes import Outcome
from conformance.generation.cases import Case
from conformance.generation.walk_request import base_request_of
from conformance.suite.batch import Sent
from conformance.suite.generated import looked_at

if TYPE_CHECKING:
    from pathlib import Path

MEMBERS = {"name": {"type": "string", "minLength": 3}, "size": {"enum": ["small", "large"]}}
BODY = {"type": "object", "required": ["name", "size"], "properties": MEMBERS}
CREATE = {
    "operationId": "createSong",
    "requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}},
    "responses": {"201": {"description": "Created."}, "409": {"description": "The name is taken."}},
}
DOCUMENT = {"openapi": "3.1.0", "info": {"title": "Songs", "version": "1"}, "paths": {"/songs": {"post": CREATE}}}


@pytest.mark.parametrize("frugal, requests", [(False, 1), (True, 0)])
def test_what_a_conflict_hid_is_looked_at_once_more_unless_money_is_real(
    frugal: bool,  # noqa: FBT001 - a case
    requests: int,
    tmp_path: Path,
) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT), "utf-8")
    contract = load_described(tmp_path / "openapi.json")
    operation = contract.document.operations["createSong"]
    (plain,) = (found[0] for found in base_request_of(contract.document, operation).bodies.values())
    assert isinstance(plain, dict)
    broken = json.dumps({**plain, "size": "medium"}).encode()
    case = Case("createSong", "POST", "/songs", (("Content-Type", "application/json"),), broken, "invalid")
    bodies: list[Any] = []

    def send(prepared: Any) -> SimpleNamespace:  # noqa: ANN401 - whatever is sent
        bodies.append(json.loads(prepared.content))
        return SimpleNamespace(accepted=False, outcome=Outcome.REFUSED)

    account: Any = SimpleNamespace(
        frugal=frugal,
        client=SimpleNamespace(base_url="http://target.test", contract=contract),
        fresh_key=lambda: "0123456789abcdef",
        may_send=lambda _: True,
        discard=lambda _: None,
        send=send,
    )
    taken: Any = SimpleNamespace(accepted=False, outcome=Outcome.CONFLICT)

    (found,) = looked_at(contract, operation, account, [Sent(case, taken)])

    assert len(bodies) == requests
    assert all(body["size"] == "medium" and body["name"] != plain["name"] for body in bodies)
    assert found.exchange.outcome is (Outcome.CONFLICT if frugal else Outcome.REFUSED)
