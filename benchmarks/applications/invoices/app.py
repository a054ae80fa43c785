"""Invoices."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from applications.model import Answer, Application, RefusedError, Request, numbered
from applications.rules import digits, list_of, one_of, record, text, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FRAMEWORK = "flask"
KEY_HEADER = "Authorization"
STATUSES = ("draft", "issued", "paid", "void")
CURRENCIES = ("EUR", "USD", "CHF")


class Invoices(Application):
    """Invoices by owner."""

    key_header = KEY_HEADER

    def __init__(self, fault: str = "", keys: Sequence[str] = ()) -> None:
        super().__init__(fault, keys)
        self._invoices: dict[int, dict[str, Any]] = {}
        self._owners: dict[int, int] = {}
        self._gone: dict[int, dict[str, Any]] = {}
        self._issued = 0
        line = record({"text": text(1, 100), "quantity": whole(1, 1000), "unit_cents": whole(0, 100_000_000)})
        currency = text(3, 3, "[A-Za-z]{3}") if fault == "any-currency" else one_of(*CURRENCIES)
        self._invoice = record({"customer": text(1, 80), "lines": list_of(line, 1, 20)}, {"currency": currency})

    @property
    def routes(self) -> Mapping[str, Mapping[str, Callable[[Request], Answer]]]:
        return {
            "/invoices": {"GET": self._list, "POST": self._create},
            "/invoices/{invoice_id}": {"GET": self._read, "PUT": self._replace, "DELETE": self._delete},
            "/invoices/{invoice_id}/issue": {"POST": self._issue},
            "/invoices/{invoice_id}/pay": {"POST": self._pay},
            "/invoices/{invoice_id}/void": {"POST": self._void},
        }

    def refusal(self, refused: RefusedError) -> Answer:
        body: dict[str, Any] = {"code": refused.code, "message": refused.message}
        if self.fault == "conflict-without-code" and refused.status == 409:
            del body["code"]
        return Answer(refused.status, body, refused.headers)

    def _found(self, request: Request) -> dict[str, Any]:
        user = self.user(request)
        number = numbered(request.path["invoice_id"])
        theirs = self._owners.get(number) == user or (self.fault == "others-deleted" and request.method == "DELETE")
        if number not in self._invoices or not theirs:
            raise RefusedError(404, "not_found", "There is no such invoice.")
        return self._invoices[number]

    def _need(self, invoice: dict[str, Any], *statuses: str) -> None:
        if invoice["status"] not in statuses:
            raise RefusedError(409, "wrong_status", f"The invoice is {invoice['status']}.")

    def _tag(self, invoice: dict[str, Any]) -> str:
        seen = {"id": invoice["id"]} if self.fault == "tag-stays" else invoice
        return f'"{hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:16]}"'

    def _told(self, invoice: dict[str, Any], status: int = 200, **headers: str) -> Answer:
        told = dict(invoice)
        if self.fault == "number-as-number" and told["number"] is not None:
            told["number"] = int(told["number"].removeprefix("R-"))
        return Answer(status, told, {"ETag": self._tag(invoice), **headers})

    def _list(self, request: Request) -> Answer:
        user = self.user(request)
        asked = self.query(
            request,
            status=(one_of(*STATUSES), None),
            customer=(text(1, 80), None),
            min_total=(digits(0, 10**12), 0),
            sort=(one_of("id", "total_cents", "-total_cents"), "id"),
            page=(digits(1, 10_000), 1),
            page_size=(digits(1, 100), 20),
        )
        found = [
            invoice
            for number, invoice in self._invoices.items()
            if self._owners[number] == user
            and asked["status"] in {None, invoice["status"]}
            and invoice["total_cents"] >= asked["min_total"]
        ]
        if asked["customer"] is not None:
            part = self.fault == "part-of-customer"
            wanted = asked["customer"]
            found = [one for one in found if one["customer"] == wanted or (part and wanted in one["customer"])]
        member = asked["sort"].removeprefix("-")
        descending = asked["sort"].startswith("-")
        if self.fault == "second-page-turned" and asked["page"] > 1:
            descending = not descending
        found.sort(key=lambda invoice: (invoice[member], invoice["id"]), reverse=descending)
        start = (asked["page"] - 1) * asked["page_size"]
        page = [self._told(invoice).body for invoice in found[start : start + asked["page_size"]]]
        return Answer(200, {"data": page, "meta": {"page": asked["page"], "total": len(found)}})

    def _kept(self, request: Request) -> dict[str, Any]:
        given: dict[str, Any] = {"currency": "EUR", **self.body(request, self._invoice)}
        if self.fault == "lines-sorted":
            given["lines"].sort(key=lambda line: line["text"])
        given["total_cents"] = sum(line["quantity"] * line["unit_cents"] for line in given["lines"])
        if self.fault == "large-total-crashes":
            given["total_cents"].to_bytes(4)
        return given

    def _create(self, request: Request) -> Answer:
        user = self.user(request)
        given = self._kept(request)
        invoice = {"id": self.next_number(), "status": "draft", "number": None, **given}
        self._invoices[invoice["id"]] = invoice
        self._owners[invoice["id"]] = user
        return self._told(invoice, 201, Location=f"/invoices/{invoice['id']}")

    def _read(self, request: Request) -> Answer:
        invoice = self._found(request)
        tags = [tag.strip().removeprefix("W/") for tag in (request.header("If-None-Match") or "").split(",")]
        if "*" in tags or self._tag(invoice) in tags:
            return Answer(304, headers={"ETag": self._tag(invoice)})
        return self._told(invoice)

    def _replace(self, request: Request) -> Answer:
        invoice = self._found(request)
        given = self._kept(request)
        self._need(invoice, "draft", *(["issued"] if self.fault == "issued-replaced" else []))
        invoice.update(given)
        return self._told(invoice)

    def _delete(self, request: Request) -> Answer:
        invoice = self._found(request)
        self._need(invoice, "draft")
        del self._invoices[invoice["id"]]
        self._gone[invoice["id"]] = invoice
        return Answer(204)

    def _issue(self, request: Request) -> Answer:
        if self.fault == "issued-after-deletion" and request.path["invoice_id"].isascii():
            number = numbered(request.path["invoice_id"])
            if number in self._gone and self._owners[number] == self.user(request):
                self._invoices[number] = self._gone.pop(number)
        invoice = self._found(request)
        self._need(invoice, "draft")
        self._issued += 1
        invoice.update(status="issued", number=f"R-{self._issued:06}")
        return self._told(invoice)

    def _pay(self, request: Request) -> Answer:
        invoice = self._found(request)
        self._need(invoice, "issued")
        invoice["status"] = "paid"
        return self._told(invoice)

    def _void(self, request: Request) -> Answer:
        invoice = self._found(request)
        self._need(invoice, "issued", *(["paid"] if self.fault == "paid-made-void" else []))
        invoice["status"] = "void"
        return self._told(invoice)


def create_app(fault: str = "", keys: Sequence[str] = ()) -> Application:
    """The application with one fault, or with none."""
    return Invoices(fault, keys)
