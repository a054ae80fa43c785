"""Twelve faults of the invoices."""

from __future__ import annotations

from typing import Any

from applications.faults import (
    ACCEPTS,
    ANSWER,
    CRASH,
    DELETION,
    HTTP,
    LISTS,
    PERMISSIONS,
    STATES,
    STORED,
    Api,
    Faults,
)

FAULTS = Faults()


def _line(text: str = "Work", quantity: int = 1, unit_cents: int = 9900) -> dict[str, Any]:
    return {"text": text, "quantity": quantity, "unit_cents": unit_cents}


def _body(**members: object) -> dict[str, Any]:
    return {"customer": "ACME", "lines": [_line()], **members}


def _invoice(api: Api, **members: object) -> str:
    return f"/invoices/{api.made('/invoices', _body(**members))['id']}"


def _issued(api: Api) -> str:
    invoice = _invoice(api)
    api("POST", f"{invoice}/issue").raise_for_status()
    return invoice


@FAULTS("large-total-crashes", CRASH, "POST /invoices", "PUT /invoices/{invoice_id}")
def _(api: Api) -> bool:
    """A total of more than 32 bits crashes the server."""
    return api("POST", "/invoices", _body(lines=[_line(quantity=1000, unit_cents=100_000_000)])).status_code == 500


@FAULTS("any-currency", ACCEPTS, "POST /invoices", "PUT /invoices/{invoice_id}")
def _(api: Api) -> bool:
    """A currency that the document does not name is accepted."""
    return api("POST", "/invoices", _body(currency="eur")).status_code == 201


@FAULTS("number-as-number", ANSWER, "POST /invoices/{invoice_id}/issue", "POST /invoices/{invoice_id}/pay",
        "POST /invoices/{invoice_id}/void", "GET /invoices/{invoice_id}", "GET /invoices")  # fmt: skip
def _(api: Api) -> bool:
    """The number of an issued invoice is a number instead of a text."""
    return isinstance(api.read(_issued(api))["number"], int)


@FAULTS("conflict-without-code", ANSWER, "PUT /invoices/{invoice_id}", "DELETE /invoices/{invoice_id}",
        "POST /invoices/{invoice_id}/issue", "POST /invoices/{invoice_id}/pay",
        "POST /invoices/{invoice_id}/void")  # fmt: skip
def _(api: Api) -> bool:
    """A conflict is told without the code."""
    return "code" not in api("POST", f"{_invoice(api)}/pay").json()


@FAULTS("tag-stays", HTTP, "GET /invoices/{invoice_id}", "PUT /invoices/{invoice_id}",
        "POST /invoices/{invoice_id}/issue", "POST /invoices/{invoice_id}/pay",
        "POST /invoices/{invoice_id}/void")  # fmt: skip
def _(api: Api) -> bool:
    """The ETag stays the same when the invoice changes."""
    invoice = _invoice(api)
    before = api("GET", invoice).headers["ETag"]
    api("PUT", invoice, _body(customer="Other"))
    return api("GET", invoice).headers["ETag"] == before


@FAULTS("lines-sorted", STORED, "POST /invoices", "PUT /invoices/{invoice_id}", "GET /invoices/{invoice_id}")
def _(api: Api) -> bool:
    """The order of the lines is lost."""
    invoice = api.read(_invoice(api, lines=[_line("b"), _line("a")]))
    return [line["text"] for line in invoice["lines"]] == ["a", "b"]


@FAULTS("issued-after-deletion", DELETION, "DELETE /invoices/{invoice_id}", "POST /invoices/{invoice_id}/issue")
def _(api: Api) -> bool:
    """A deleted draft can still be issued."""
    invoice = _invoice(api)
    api("DELETE", invoice)
    return api("POST", f"{invoice}/issue").status_code == 200


@FAULTS("part-of-customer", LISTS, "GET /invoices")
def _(api: Api) -> bool:
    """The filter by customer also finds those whose names only contain the text."""
    _invoice(api, customer="ACME North")
    return bool(api.read("/invoices?customer=ACME")["data"])


@FAULTS("second-page-turned", LISTS, "GET /invoices")
def _(api: Api) -> bool:
    """Pages other than the first are sorted the other way round."""
    first = api.made("/invoices", _body())["id"]
    _invoice(api)
    return bool(api.read("/invoices?page=2&page_size=1")["data"][0]["id"] == first)


@FAULTS("issued-replaced", STATES, "PUT /invoices/{invoice_id}")
def _(api: Api) -> bool:
    """An issued invoice can be replaced."""
    return api("PUT", _issued(api), _body(customer="Other")).status_code == 200


@FAULTS("paid-made-void", STATES, "POST /invoices/{invoice_id}/void")
def _(api: Api) -> bool:
    """A paid invoice can be made void."""
    invoice = _issued(api)
    api("POST", f"{invoice}/pay")
    return api("POST", f"{invoice}/void").status_code == 200


@FAULTS("others-deleted", PERMISSIONS, "DELETE /invoices/{invoice_id}")
def _(api: Api) -> bool:
    """A user can delete another user's draft."""
    return api("DELETE", _invoice(api), user=1).status_code == 204
