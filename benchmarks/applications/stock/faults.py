"""Twelve faults of the inventory."""

from __future__ import annotations

import itertools
from typing import Any

from applications.faults import ACCEPTS, ANSWER, CRASH, DELETION, HTTP, LISTS, STATES, STORED, Api, Faults

FAULTS = Faults()
_NUMBERS = itertools.cycle(range(10_000))


def _body(**members: object) -> dict[str, Any]:
    return {"name": "Hammer", "price": "12.50", "category": "tools", **members}


def _new(prefix: str = "HAM") -> str:
    return f"/products/{prefix}-{next(_NUMBERS):04}"


def _product(api: Api, **members: object) -> str:
    place = _new()
    api("PUT", place, _body(**members)).raise_for_status()
    return place


def _moved(api: Api, product: str, kind: str, quantity: int, **members: object) -> dict[str, Any]:
    return api.made(f"{product}/movements", {"kind": kind, "quantity": quantity, **members})


@FAULTS("cursor-crashes", CRASH, "GET /products", "GET /products/{sku}/movements")
def _(api: Api) -> bool:
    """A cursor that is none crashes the server."""
    return api("GET", "/products?cursor=abc").status_code == 500


@FAULTS("free-of-charge-crashes", CRASH, "PUT /products/{sku}")
def _(api: Api) -> bool:
    """A price of 0.00 crashes the server."""
    return api("PUT", _new(), _body(price="0.00")).status_code == 500


@FAULTS("quantity-negative", ACCEPTS, "POST /products/{sku}/movements")
def _(api: Api) -> bool:
    """A movement of nothing, or of less, is accepted."""
    return api("POST", f"{_product(api)}/movements", {"kind": "in", "quantity": 0}).status_code == 201


@FAULTS("balance-missing", ANSWER, "POST /products/{sku}/movements")
def _(api: Api) -> bool:
    """What was taken out is answered without the balance."""
    product = _product(api)
    _moved(api, product, "in", 5)
    return "balance" not in _moved(api, product, "out", 5)


@FAULTS("made-without-location", HTTP, "PUT /products/{sku}")
def _(api: Api) -> bool:
    """A new product comes without Location."""
    return "Location" not in api("PUT", _new(), _body()).headers


@FAULTS("note-escaped", STORED, "POST /products/{sku}/movements", "GET /products/{sku}/movements/{number}",
        "GET /products/{sku}/movements")  # fmt: skip
def _(api: Api) -> bool:
    """Notes are stored escaped for HTML."""
    return bool(_moved(api, _product(api), "in", 1, note="a & b")["note"] == "a &amp; b")


@FAULTS("level-zero-lost", STORED, "PUT /products/{sku}", "GET /products/{sku}")
def _(api: Api) -> bool:
    """A reorder level of zero is stored as the default."""
    return bool(api.read(_product(api, reorder_level=0))["reorder_level"] == 5)


@FAULTS("movements-survive", DELETION, "DELETE /products/{sku}", "GET /products/{sku}/movements", "PUT /products/{sku}")
def _(api: Api) -> bool:
    """A product that is made again after its deletion has the old movements."""
    product = _product(api)
    _moved(api, product, "in", 1)
    _moved(api, product, "out", 1)
    api("DELETE", product)
    api("PUT", product, _body())
    return bool(api.read(f"{product}/movements")["movements"])


@FAULTS("cursor-repeats", LISTS, "GET /products", "GET /products/{sku}/movements")
def _(api: Api) -> bool:
    """A page begins with the last item of the one before."""
    for _ in range(3):
        _product(api)
    first = api.read("/products?limit=2")
    return bool(api.read(f"/products?limit=2&cursor={first['next']}")["products"][0] == first["products"][1])


@FAULTS("low-boundary", LISTS, "GET /products")
def _(api: Api) -> bool:
    """A product just at its reorder level does not count as low."""
    _product(api, reorder_level=0)
    return bool(api.read("/products?low=true")["products"] == [])


@FAULTS("stock-below-zero", STATES, "POST /products/{sku}/movements")
def _(api: Api) -> bool:
    """More can be taken out than is there."""
    return api("POST", f"{_product(api)}/movements", {"kind": "out", "quantity": 1}).status_code == 201


@FAULTS("deleted-with-stock", STATES, "DELETE /products/{sku}")
def _(api: Api) -> bool:
    """A product of which some is on hand can be deleted."""
    product = _product(api)
    _moved(api, product, "in", 1)
    return api("DELETE", product).status_code == 204
