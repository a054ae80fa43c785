"""The lists of models and capabilities: their shape, which is OpenAI's, and what documents leave open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.contract.contract import load_contract
from conformance.journal.interpretation import json_of
from conformance.journal.records import Mismatch
from conformance.money.budget import reads, spends
from conformance.suite.beatra.answers import decided, reached
from conformance.suite.beatra.chats import ASKED, COMPLETION, ENOUGH, completed
from conformance.suite.beatra.gateway import solvent
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

IS_A_LIST: Final = "BEATRA-MODELS-01"
_MOST_SHOWN: Final = 12
_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Lists:
    """The list of models, the catalog of models, and the list of capabilities."""

    models: Exchange
    catalog: Exchange
    capabilities: Exchange


@scenario(reads(requests=3))
def model_lists(gateway: OpenGateway) -> Lists:
    """All lists, each read once."""
    with gateway("models") as beatra:
        lists = Lists(beatra.list_models(), beatra.list_catalog_models(), beatra.list_capabilities())
        _observe(beatra, lists)
        return lists


def _observe(beatra: Gateway, lists: Lists) -> None:
    models, catalog = entries_in(lists.models), entries_in(lists.catalog)
    if models:
        dated = sum(isinstance(model.get("created"), int) for model in models)
        beatra.observe("BEATRA-OBS-MODEL-CREATED", f"{dated} of {len(models)} models have `created`", lists.models)
        owners = _named(sorted({str(model.get("owned_by")) for model in models}))
        beatra.observe("BEATRA-OBS-MODEL-OWNER", f"owned by {owners}", lists.models)
    for exchange in (lists.models, lists.catalog):
        if exchange.accepted:
            shown = music_models() & {str(entry.get("id")) for entry in entries_in(exchange)}
            text = f"{exchange.operation} shows {_named(sorted(shown)) or 'no music model'}"
            beatra.observe("BEATRA-OBS-LISTED-MUSIC", text, exchange)
    if models and catalog:
        beatra.observe("BEATRA-OBS-CATALOG", compared(models, catalog), lists.models, lists.catalog)
    if lists.capabilities.accepted:
        beatra.observe("BEATRA-OBS-CAPABILITIES", described(lists.capabilities), lists.capabilities)


def entries_in(exchange: Exchange) -> list[dict[str, Any]]:
    """The entries of a list that are objects, whatever else the answer is; none where it is no list."""
    found = exchange.get("/data") if exchange.accepted else None
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def music_models() -> frozenset[str]:
    """The models that documents name as makers of music."""
    money = load_contract("beatra").conventions.money
    return frozenset(money.prices) if money else frozenset()


def compared(models: Iterable[dict[str, Any]], catalog: Iterable[dict[str, Any]]) -> str:
    """How the catalog differs from the list of models."""
    listed, described_ = {str(one.get("id")) for one in models}, {str(one.get("id")) for one in catalog}
    same = "the same models" if listed == described_ else "other models"
    more = {name for entry in catalog for name in entry} - {name for entry in models for name in entry}
    return f"the catalog has {same}, and tells {_named(sorted(more)) or 'nothing more'}"


def described(exchange: Exchange) -> str:
    """The form of a list that no document shows."""
    body = exchange.get("")
    names = sorted(body) if isinstance(body, dict) else type(body).__name__
    fields = sorted({name for entry in entries_in(exchange) for name in entry})
    return f"an answer with {_named(names)}, entries with {_named(fields) or 'nothing'}"


def _named(names: Iterable[str]) -> str:
    return ", ".join(name[:40] for name in list(names)[:_MOST_SHOWN])


def models_in(exchange: Exchange) -> list[dict[str, Any]]:
    """The models of a list; blocked where it is none."""
    reached(exchange)
    entries = exchange.get("/data")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BlockedError(IS_A_LIST, f"the list of models is {exchange.answer.body.text[:80]!r}")
    return entries


@requirement("BEATRA-MODELS-01")
def test_the_models_are_a_list(model_lists: Lists) -> None:
    exchange = reached(model_lists.models)
    models = exchange.array("/data")
    others = [model for model in models if not isinstance(model, dict)]
    nameless = [model for model in models if model not in others and not is_named(model)]

    assert exchange.string("/object") == "list"
    assert others == [], f"expected objects in the list of models, got {others!r:.120}"
    assert nameless == [], f"expected an id in every model, got {nameless!r:.120}"


def is_named(model: dict[str, Any]) -> bool:
    """Whether a model has an id."""
    found = model.get("id")
    return isinstance(found, str) and bool(found.strip())


@requirement("BEATRA-MODELS-02")
def test_a_model_is_called_a_model(model_lists: Lists) -> None:
    others = [model.get("object") for model in models_in(model_lists.models) if model.get("object") != "model"]

    assert others == [], f"expected the object `model` in every model, got {others!r:.120}"


@requirement("BEATRA-MODELS-03")
def test_a_model_says_who_owns_it(model_lists: Lists) -> None:
    unowned = [model for model in models_in(model_lists.models) if not isinstance(model.get("owned_by"), str)]

    assert unowned == [], f"expected a text in `owned_by` of every model, got {unowned!r:.120}"


@dataclass(frozen=True, slots=True)
class NamedModels:
    """The list of models, a chat whose model the gateway chose, and chats that name listed models."""

    models: Exchange
    chosen: Exchange
    named: tuple[Exchange, ...]


@scenario(spends(*[COMPLETION] * (1 + _MOST_NAMED), requests=2 + _MOST_NAMED))
def named_models(gateway: OpenGateway) -> NamedModels:
    """A chat for the model that answered before, where it is listed, else for the first that make no music."""
    with gateway("named-models", balance=ENOUGH) as beatra:
        models, chosen = beatra.list_models(), beatra.chat(ASKED)
        listed = [str(entry.get("id")) for entry in entries_in(models)]
        answered = chosen.get("/model") if chosen.accepted else None
        if chosen.accepted and models.accepted:
            shown = "listed" if answered in listed else "not listed"
            beatra.observe("BEATRA-OBS-CHAT-MODELS", f"the model that answered is {shown}", models, chosen)
        others = [name for name in listed if name not in music_models()][:_MOST_NAMED]
        asked = [str(answered)] if answered in listed else others
        return NamedModels(models, chosen, tuple(beatra.chat({**ASKED, "model": name}) for name in asked))


@requirement("BEATRA-MODELS-04")
def test_a_listed_model_can_be_asked(named_models: NamedModels) -> None:
    models_in(named_models.models)
    answered = completed(named_models.chosen).get("/model")
    if any(exchange.accepted for exchange in named_models.named):
        return
    if not named_models.named:
        raise NotOfferedError("the list shows no model but those that make music")
    for exchange in named_models.named:
        decided(exchange)
        solvent(exchange)
    first = named_models.named[0]
    if json_of(first.request.body).get("model") != answered:
        raise NotOfferedError("no listed model answers chats, and the one that the gateway chooses is not listed")
    sentence = (
        f"expected the listed model {answered!r:.40}, which has answered before, to be accepted, got {first.status}"
    )
    raise Mismatch(sentence, first.id)
