"""Option namespaces: each model has its own, and what no model has is refused."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from conformance.money.budget import cancels, refuses
from conformance.suite.beatra.answers import is_refusal, refused, tried
from conformance.suite.beatra.bodies import SONG, SUNO
from conformance.suite.beatra.songs import cover_of, serving_artifact
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

# Enough for the tasks that should not come of this, each cancelled before the next one is paid.
ENOUGH: Final = Decimal(500)
EMPTY: Final[dict[str, Any]] = {"udio": {}}
UNKNOWN: Final[dict[str, Any]] = {"udio": {"seed": 1}}
KNOWN: Final[dict[str, Any]] = {"suno": {"custom_mode": False}}


@dataclass(frozen=True, slots=True)
class UnknownNamespace:
    """A request with a namespace under `model_options` that no document names: empty, alone, and beside a known one."""

    empty: Exchange
    alone: Exchange
    beside: Exchange


def unknown_namespaces(beatra: Gateway, body: Mapping[str, Any]) -> UnknownNamespace:
    empty, alone, beside = (
        tried(beatra, {**body, "model_options": options}) for options in (EMPTY, UNKNOWN, {**KNOWN, **UNKNOWN})
    )
    if is_refusal(alone):
        text = f"{alone.status} with the code {alone.get('/error/code')!r:.80}"
        beatra.observe("BEATRA-OBS-OPTION-REFUSAL", text, alone)
    return UnknownNamespace(empty, alone, beside)


@scenario(refuses(3, demanded_by="BEATRA-MUSIC-09", requests=3))
def unknown_namespace(gateway: OpenGateway) -> UnknownNamespace:
    """Songs with a namespace that no model has."""
    with gateway("unknown-namespace", balance=ENOUGH) as beatra:
        return unknown_namespaces(beatra, SONG)


@scenario(cancels(SUNO, SUNO, SUNO, SUNO, requests=7))
def unknown_cover_namespace(gateway: OpenGateway) -> UnknownNamespace:
    """Music from reference audio with a namespace that no model has."""
    with gateway("unknown-cover-namespace", balance=ENOUGH) as beatra:
        return unknown_namespaces(beatra, cover_of(serving_artifact(beatra)))


@requirement("BEATRA-MUSIC-09")
def test_an_unknown_option_namespace_is_refused(unknown_namespace: UnknownNamespace) -> None:
    refused(unknown_namespace.empty)
    refused(unknown_namespace.alone)
    refused(unknown_namespace.beside)


@requirement("BEATRA-MUSIC-10")
def test_an_unknown_option_namespace_is_refused_with_reference_audio(
    unknown_cover_namespace: UnknownNamespace,
) -> None:
    refused(unknown_cover_namespace.empty)
    refused(unknown_cover_namespace.alone)
    refused(unknown_cover_namespace.beside)
