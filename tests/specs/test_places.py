"""Every place that a requirement owns exists in the document, and belongs to that requirement alone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.specs.contents import contract, raw_operations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.requirements import Place

DOCUMENT = contract().document
OWNED = [(requirement.id, place) for requirement in contract().registry for place in requirement.owns]
# HTTP itself gives every body this header, so the document can't name it.
HEADERS_OF_HTTP = {"Content-Type"}


def responses(place: Place) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The documented responses that have this place, by their status key."""
    for operation_id, operation in raw_operations():
        for key, response in operation["responses"].items():
            if place.covers(operation_id, int(key.replace("X", "0"))):
                yield key, DOCUMENT.resolve(response)


def has(schema: Mapping[str, Any], steps: list[str]) -> bool:
    """Whether a schema describes the place that the steps lead to."""
    schema = DOCUMENT.resolve(schema)
    if not steps:
        return True
    alternatives = [*schema.get("allOf", ()), *schema.get("anyOf", ())]
    members = schema.get("properties", {})
    return any(has(part, steps) for part in alternatives) or (steps[0] in members and has(members[steps[0]], steps[1:]))


@pytest.mark.parametrize("place", [pytest.param(place, id=f"{name} {place}") for name, place in OWNED])
class TestAnOwnedPlace:
    """Tests for each place of the registry."""

    def test_is_in_a_known_operation(self, place: Place) -> None:
        assert place.operation is None or place.operation in DOCUMENT.operations

    def test_is_in_every_response_that_it_is_meant_for(self, place: Place) -> None:
        found = list(responses(place))

        assert found
        if place.header:
            named = {key: {*response["headers"], *HEADERS_OF_HTTP} for key, response in found}
            lacking = [key for key, names in named.items() if place.header not in names]
            assert lacking == []
        elif place.pointer is not None:
            steps = place.pointer.split("/")[1:]
            media = [media for _, response in found for media in response.get("content", {}).values()]
            assert any(has(one["schema"], steps) for one in media)
        else:
            assert [key for key, _ in found if key.isdigit() and key.startswith("2")]


def test_no_place_has_two_owners() -> None:
    counts = Counter(place for _, place in OWNED)

    assert [place for place, count in counts.items() if count > 1] == []


def test_the_error_envelope_is_owned_as_a_whole() -> None:
    pointers = {place.pointer for _, place in OWNED if place.statuses == ("4XX", "5XX")}

    assert {"", "/error/code", "/error/retryable", "/error/request_id", "/error/param"} == pointers
