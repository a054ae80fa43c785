"""`--include` and `--exclude` name operations by what a document calls them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.contract.external.load import load_described
from conformance.plugin.errors import UnknownOperationError, UnknownSchemeError
from conformance.plugin.gating import check_schemes, chosen_requirements, left_out
from conformance.target.options import Options
from tests.contract.described import document, loaded

if TYPE_CHECKING:
    from conformance.contract.contract import Contract


@pytest.fixture(scope="module")
def press() -> Contract:
    return load_described(Path(__file__).parents[1] / "resources" / "press" / "openapi.yaml")


@pytest.mark.parametrize(
    "options, kept",
    [
        (Options(include=("readOrder",)), {"readOrder"}),
        (Options(include=("proofs",)), {"addProof", "readProof", "readResult"}),
        (Options(include=("/orders/*/cancel", "delete")), {"cancelOrder", "removeOrder"}),
        (Options(include=("orders",), exclude=("GET", "/orders/*/*", "POST /orders")), {"changeOrder", "removeOrder"}),
    ],
)
def test_operations_are_named_by_id_tag_method_and_path(options: Options, kept: set[str], press: Contract) -> None:
    asked = chosen_requirements(options, press)

    assert {press.registry[name].operation for name in asked} - {None} == kept
    assert "PRESS-NO-REPEATABLE-5XX" in asked
    assert set(press.document.operations) - left_out(options, press) == kept


def test_only_narrows_what_is_included(press: Contract) -> None:
    options = Options(include=("readOrder",), only=("PRESS-readOrder-STORED", "PRESS-readProof-STORED"))

    assert chosen_requirements(options, press) == ("PRESS-readOrder-STORED",)


def test_what_names_no_operation_is_said(press: Contract) -> None:
    with pytest.raises(UnknownOperationError, match=r"--exclude: no operation of openapi\.yaml .* '/nowhere'"):
        chosen_requirements(Options(exclude=("/nowhere",)), press)


def test_a_key_of_a_scheme_that_the_document_lacks_is_refused_with_those_that_it_has(tmp_path: Path) -> None:
    schemes = {"studio": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    contract = loaded(tmp_path, document(components={"securitySchemes": schemes}))

    check_schemes(("studio=STUDIO_KEY",), contract)
    with pytest.raises(UnknownSchemeError, match=r"^--key: .* has no security scheme 'stage' .*; it has studio\.$"):
        check_schemes(("stage=STAGE_KEY",), contract)
    with pytest.raises(UnknownSchemeError, match=r"; it has none\.$"):
        check_schemes(("stage=STAGE_KEY",), loaded(tmp_path, document()))
