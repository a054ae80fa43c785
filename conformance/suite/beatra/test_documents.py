"""What the gateway says about itself: its OpenAPI document in both forms, the map for agents, and its version."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.journal.records import Mismatch
from conformance.money.budget import reads
from conformance.suite.beatra.answers import decided
from conformance.suite.published_document import (
    UnreadablePublishedDocumentError,
    difference,
    fault_of,
    nameless,
    operations,
    places,
    read_json,
    read_yaml,
)
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway

NOT_FOUND: Final = 404
LISTS: Final = "BEATRA-LIST-02"
VALID: Final = "BEATRA-DOCUMENT-01"
# Steps of paths that only planned surfaces can have.
PLANNED: Final = frozenset({"video", "videos", "speech", "voice", "voices", "callbacks", "webhooks"})
# Below uploads these are of the planned ones that can be resumed; elsewhere they may be anything.
RESUMABLE: Final = frozenset({"resumable", "sessions", "parts"})
HTML = re.compile(r"\s*<(?:!doctype|html)\b", re.IGNORECASE)
LEADS_SOMEWHERE = re.compile(r"https?://\S|\]\([^)\s]|(?<!\S)/[\w.-]")


@dataclass(frozen=True, slots=True)
class Published:
    """The documents where they were sought; `stated` says whether the options name the place or it was guessed."""

    as_yaml: Exchange
    as_json: Exchange
    index: Exchange
    stated: bool

    @property
    def document(self) -> dict[str, Any]:
        """The document, from its YAML; blocked when it can't be read."""
        try:
            return read_yaml(self.text(self.as_yaml))
        except (UnreadablePublishedDocumentError, Mismatch) as error:
            raise BlockedError(VALID, str(error)) from error

    def text(self, exchange: Exchange) -> str:
        """
        What was published at one place; open when nothing was found at a guessed place.

        Raises:
            Mismatch: nothing is where the document was said to be.
        """
        if self.stated and exchange is self.as_yaml and exchange.response is not None and is_absent(exchange):
            raise Mismatch(f"expected the document at {exchange.request.url}, got {exchange.status}", exchange.id)
        if (
            exchange.response is None
            or not exchange.accepted
            or (not self.stated and HTML.match(exchange.answer.body.text))
        ):
            got = exchange.failure or f"{exchange.status} {exchange.header('Content-Type')}"
            sentence = (
                f"found no document at {exchange.request.url} ({got}); name the place of the OpenAPI document as YAML "
                "in target.toml ([target] openapi_url), with its JSON form beside it and llms.txt at the root"
            )
            raise NotOfferedError(sentence)
        if exchange.answer.body.truncated:
            sentence = f"{exchange.request.url} is larger than the suite keeps"
            raise NotOfferedError(sentence)
        return exchange.answer.body.text


def is_absent(exchange: Exchange) -> bool:
    """Whether the answer says that nothing is published there."""
    return exchange.status in (404, 410)


@scenario(reads(requests=3))
def published(gateway: OpenGateway, account_pool: AccountPool) -> Published:
    """The documents, fetched without a key."""
    with gateway("documents") as beatra:
        urls = places(account_pool.openapi_url, account_pool.client.base_url)
        as_yaml, as_json, index = (beatra.account.download(url) for url in urls)
        return Published(as_yaml, as_json, index, stated=account_pool.openapi_url is not None)


def readable(read: Callable[[str], dict[str, Any]], text: str, exchange: Exchange) -> dict[str, Any]:
    try:
        return read(text)
    except UnreadablePublishedDocumentError as error:
        raise Mismatch(f"expected a document at {exchange.request.url}, but {error}", exchange.id) from error


@requirement("BEATRA-DOCUMENT-01")
def test_the_document_is_valid(published: Published) -> None:
    text = published.text(published.as_yaml)
    content = readable(read_yaml, text, published.as_yaml)
    try:
        fault = fault_of(content)
    except UnreadablePublishedDocumentError as error:
        sentence = f"the document can't be judged alone: {error}"
        raise NotOfferedError(sentence) from error

    assert fault is None, f"expected a valid OpenAPI 3 document, but {fault}"


@requirement("BEATRA-DOCUMENT-02")
def test_both_forms_of_the_document_say_the_same(published: Published) -> None:
    text = published.text(published.as_json)
    content = readable(read_json, text, published.as_json)
    place = difference(published.document, content)

    assert place is None, f"expected the same content in YAML and JSON, but they differ at {place or 'their top'}"


@scenario(reads(requests=2))
def optional_surfaces(gateway: OpenGateway, account_pool: AccountPool) -> frozenset[str]:
    """The surfaces that a target need not have and that are seen to be there by what can be read."""
    contract = account_pool.client.contract
    optional = contract.conventions.optional_surfaces
    readable = [one for one in contract.document.operations.values() if one.reads_only and "{" not in one.path]
    first = {one.surface: one for one in reversed(readable) if one.surface in optional}
    with gateway("optional-surfaces") as beatra:
        return frozenset(name for name, one in first.items() if beatra.account.call(one.id).accepted)


@requirement("BEATRA-DOCUMENT-03")
def test_the_document_lists_what_is_callable(
    published: Published, contract: Contract, surfaces: frozenset[str], optional_surfaces: frozenset[str]
) -> None:
    listed = operations(published.document)
    unlisted = [
        operation
        for operation in contract.document.operations.values()
        if operation.surface in surfaces
        and not any(method == operation.method and is_path(path, nameless(operation.path)) for method, path in listed)
    ]
    whole = Counter(operation.surface for operation in contract.document.operations.values())
    # What a target need not have is not missed where the document leaves out all of it and none of it was seen.
    excused = {
        surface
        for surface, count in Counter(operation.surface for operation in unlisted).items()
        if surface in contract.conventions.optional_surfaces
        and surface not in optional_surfaces
        and count == whole[surface]
    }
    missing = [operation.location for operation in unlisted if operation.surface not in excused]

    assert not missing, f"expected these operations in the document too: {', '.join(missing)}"


def is_path(listed: str, wanted: str) -> bool:
    """Whether a path of the published document is the wanted one, with or without the version before it."""
    return listed == wanted or listed.endswith(f"/v1{wanted}")


def is_planned(path: str) -> bool:
    steps = set(path.split("/"))
    return bool(PLANNED & steps) or ("uploads" in steps and bool(RESUMABLE & steps))


@requirement("BEATRA-DOCUMENT-04")
def test_the_document_leaves_out_what_is_planned(published: Published) -> None:
    planned = sorted({path for _, path in operations(published.document) if is_planned(path)})

    assert not planned, f"expected no path of a planned surface in the document, got {', '.join(planned)[:200]}"


@requirement("BEATRA-DOCUMENT-05")
def test_the_map_for_agents_leads_somewhere(published: Published) -> None:
    text = published.text(published.index)

    assert not HTML.match(text), "expected llms.txt to be text, got HTML"
    assert LEADS_SOMEWHERE.search(text), f"expected llms.txt to lead to documents, got {text[:120]!r}"


@requirement("BEATRA-VERSION-01")
def test_the_operations_stand_below_their_version(versioned: Exchange) -> None:
    path = urlsplit(versioned.request.url).path
    if decided(versioned) == NOT_FOUND:
        raise BlockedError(LISTS, f"there is no operation at {versioned.request.url}")

    assert path.endswith("/v1/tasks"), f"expected operations below /v1, got an answer at {versioned.request.url}"


@scenario(reads(requests=1))
def versioned(gateway: OpenGateway) -> Exchange:
    """The list of tasks where it is served."""
    with gateway("versioned") as beatra:
        return beatra.list_tasks(limit=1)
