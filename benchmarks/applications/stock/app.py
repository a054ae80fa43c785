"""The inventory."""

from __future__ import annotations

import base64
import html
import re
from typing import TYPE_CHECKING, Any

from applications.model import Answer, Application, RefusedError, Request
from applications.rules import digits, one_of, or_null, record, text, whole, yes_or_no

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FRAMEWORK = "falcon"
KEY_HEADER = "X-Api-Key"
SKU = "[A-Z]{3}-[0-9]{4}"
PRICE = "(0|[1-9][0-9]{0,5})[.][0-9]{2}"
CATEGORIES = ("tools", "food", "clothes")


class Stock(Application):
    """Products, and movements of them."""

    key_header = KEY_HEADER

    def __init__(self, fault: str = "", keys: Sequence[str] = ()) -> None:
        super().__init__(fault, keys)
        self._products: dict[str, dict[str, Any]] = {}
        self._movements: dict[str, list[dict[str, Any]]] = {}
        self._product = record(
            {"name": text(1, 80), "price": text(4, 9, PRICE), "category": one_of(*CATEGORIES)},
            {"reorder_level": whole(0, 10_000)},
        )
        self._movement = record(
            {"kind": one_of("in", "out"), "quantity": whole(-10_000 if fault == "quantity-negative" else 1, 10_000)},
            {"note": or_null(text(0, 200))},
        )

    @property
    def routes(self) -> Mapping[str, Mapping[str, Callable[[Request], Answer]]]:
        return {
            "/products": {"GET": self._list},
            "/products/{sku}": {"GET": self._read, "PUT": self._put, "DELETE": self._delete},
            "/products/{sku}/movements": {"GET": self._list_movements, "POST": self._move},
            "/products/{sku}/movements/{number}": {"GET": self._read_movement},
        }

    def refusal(self, refused: RefusedError) -> Answer:
        return Answer(refused.status, {"code": refused.code, "text": refused.message}, refused.headers)

    def _found(self, request: Request) -> dict[str, Any]:
        self.user(request)
        product = self._products.get(request.path["sku"])
        if product is None:
            raise RefusedError(404, "not_found", "There is no such product.")
        return product

    def _after(self, cursor: str | None, pattern: str) -> str:
        """What the page begins after (raises `RefusedError` with 422 for a cursor that was not given out)."""
        if cursor is None:
            return ""
        try:
            decoded = base64.urlsafe_b64decode(cursor.encode("ascii")).decode("ascii")
        except ValueError:
            if self.fault == "cursor-crashes":
                raise
            raise RefusedError(422, "invalid", "This is no cursor.") from None
        if re.fullmatch(f"after:({pattern})", decoded) is None or cursor != _cursor(decoded.removeprefix("after:")):
            raise RefusedError(422, "invalid", "This is no cursor.")
        return decoded.removeprefix("after:")

    def _paged(self, items: list[dict[str, Any]], member: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
        page = items[:limit]
        if len(items) <= limit:
            return page, None
        last = page[-1] if self.fault != "cursor-repeats" or len(page) < 2 else page[-2]
        return page, _cursor(last[member])

    def _list(self, request: Request) -> Answer:
        self.user(request)
        asked = self.query(
            request,
            category=(one_of(*CATEGORIES), None),
            low=(yes_or_no, None),
            limit=(digits(1, 100), 20),
            cursor=(text(0, 200), None),
        )
        after = self._after(asked["cursor"], SKU)
        found = []
        for sku in sorted(self._products):
            product = self._products[sku]
            is_low = product["on_hand"] <= product["reorder_level"]
            if self.fault == "low-boundary":
                is_low = product["on_hand"] < product["reorder_level"]
            if sku > after and asked["category"] in {None, product["category"]} and asked["low"] in {None, is_low}:
                found.append(product)
        page, cursor = self._paged(found, "sku", asked["limit"])
        return Answer(200, {"products": page, "next": cursor})

    def _read(self, request: Request) -> Answer:
        return Answer(200, self._found(request))

    def _put(self, request: Request) -> Answer:
        self.user(request)
        sku = request.path["sku"]
        if re.fullmatch(SKU, sku) is None:
            raise RefusedError(422, "invalid", "This is no article number.")
        given = self.body(request, self._product)
        if self.fault == "free-of-charge-crashes":
            100 / float(given["price"])
        level = given.get("reorder_level", 5)
        if self.fault == "level-zero-lost":
            level = given.get("reorder_level") or 5
        known = self._products.get(sku)
        product = {"sku": sku, "on_hand": known["on_hand"] if known else 0, **given, "reorder_level": level}
        self._products[sku] = product
        movements = self._movements.setdefault(sku, [])
        if known is not None:
            return Answer(200, product)
        if movements:
            product["on_hand"] = movements[-1]["balance"]
        headers = {} if self.fault == "made-without-location" else {"Location": f"/products/{sku}"}
        return Answer(201, product, headers)

    def _delete(self, request: Request) -> Answer:
        product = self._found(request)
        if product["on_hand"] and self.fault != "deleted-with-stock":
            raise RefusedError(409, "in_stock", "There is some left.")
        del self._products[product["sku"]]
        if self.fault != "movements-survive":
            del self._movements[product["sku"]]
        return Answer(204)

    def _list_movements(self, request: Request) -> Answer:
        product = self._found(request)
        asked = self.query(request, limit=(digits(1, 100), 20), cursor=(text(0, 200), None))
        after = self._after(asked["cursor"], "[1-9][0-9]{0,17}")
        least = int(after) if after.isdigit() else 0
        found = [movement for movement in self._movements[product["sku"]] if movement["number"] > least]
        page, cursor = self._paged(found, "number", asked["limit"])
        return Answer(200, {"movements": page, "next": cursor})

    def _move(self, request: Request) -> Answer:
        product = self._found(request)
        given = self.body(request, self._movement)
        change = given["quantity"] if given["kind"] == "in" else -given["quantity"]
        if product["on_hand"] + change < 0 and self.fault != "stock-below-zero":
            raise RefusedError(409, "not_enough", "There is not enough left.")
        product["on_hand"] += change
        if self.fault == "note-escaped" and given.get("note"):
            given["note"] = html.escape(given["note"])
        movements = self._movements[product["sku"]]
        movement = {"number": len(movements) + 1, "note": None, **given, "balance": product["on_hand"]}
        movements.append(movement)
        told = dict(movement)
        if self.fault == "balance-missing" and given["kind"] == "out":
            del told["balance"]
        place = f"/products/{product['sku']}/movements/{movement['number']}"
        return Answer(201, told, {"Location": place})

    def _read_movement(self, request: Request) -> Answer:
        movements = self._movements[self._found(request)["sku"]]
        for movement in movements:
            if str(movement["number"]) == request.path["number"]:
                return Answer(200, movement)
        raise RefusedError(404, "not_found", "There is no such movement.")


def _cursor(last: object) -> str:
    return base64.urlsafe_b64encode(f"after:{last}".encode()).decode("ascii")


def create_app(fault: str = "", keys: Sequence[str] = ()) -> Application:
    """The application with one fault, or with none."""
    return Stock(fault, keys)
