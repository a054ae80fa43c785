"""Mutants that refuse music bodies which the documents show, or take those which they exclude."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.reference.beatra.errors import InvalidRequestError
from conformance.reference.beatra.handlers.music import FROM_REFERENCE_AUDIO, MusicHandlers
from conformance.reference.beatra.rules import MinimaxRules, SunoRules
from conformance.reference.beatra.validation import NAMESPACES, Complaint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.reference.beatra.handlers.music import Capability
    from conformance.reference.beatra.rules import ModelRules
    from conformance.reference.parts.bodies import Json


def with_rules(*changed: ModelRules) -> type[MusicHandlers]:
    """The operations with other rules for one of the models."""
    by_namespace = {rules.namespace: rules for rules in changed}
    altered = {model: by_namespace.get(rules.namespace, rules) for model, rules in MusicHandlers.rules.items()}
    return type("Altered", (MusicHandlers,), {"rules": MappingProxyType(altered)})


class IgnoresNamespaces(MusicHandlers):
    """Takes any namespace of a song, and passes it over."""

    def check(self, capability: Capability, body: Json) -> None:
        """Forget the unknown ones."""
        super().check(capability, body if capability is FROM_REFERENCE_AUDIO else with_known_options(body))


class LooksForOneNamespace(MusicHandlers):
    """Is content with one namespace that it knows."""

    def check_options(self, body: dict[str, Any]) -> None:
        """Stop at the first one that is known."""
        options = body.get("model_options") or {}
        if not any(name in NAMESPACES for name in options) or "reference_audio" in body:
            super().check_options(body)


class IgnoresCoverNamespaces(MusicHandlers):
    """Takes any namespace of a cover."""

    def check(self, capability: Capability, body: Json) -> None:
        """Forget the unknown ones."""
        super().check(capability, with_known_options(body) if capability is FROM_REFERENCE_AUDIO else body)


class LooksForOneCoverNamespace(MusicHandlers):
    """Is content with one namespace of a cover that it knows."""

    def check_options(self, body: dict[str, Any]) -> None:
        """Stop at the first one that is known."""
        options = body.get("model_options") or {}
        if not any(name in NAMESPACES for name in options) or "reference_audio" not in body:
            super().check_options(body)


class WantsTitles(SunoRules):
    """Takes custom songs with a title only."""

    def song_complaints(self, body: dict[str, Any]) -> Iterator[Complaint]:
        """Miss the title."""
        yield from super().song_complaints(body)
        if self.options(body).get("custom_mode") and not body.get("title"):
            yield Complaint("/title", "is required in custom mode", is_missing=True)


class WantsCustomMode(SunoRules):
    """Takes its namespace for the switch to custom mode."""

    def song_complaints(self, body: dict[str, Any]) -> Iterator[Complaint]:
        """Object to a switch that is off."""
        yield from super().song_complaints(body)
        if self.options(body).get("custom_mode") is False:
            yield Complaint("/model_options/suno/custom_mode", "can't be false")


class WantsOptions(MusicHandlers):
    """Refuses a namespace without any option in it."""

    def check_options(self, body: dict[str, Any]) -> None:
        """Object to an empty object."""
        super().check_options(body)
        if (body.get("model_options") or {}).get("minimax") == {}:
            raise InvalidRequestError("model_options.minimax is empty.", param="/model_options/minimax")


class KnowsNoInstrumental(MinimaxRules):
    """Refuses `instrumental` where there are lyrics, whatever it says."""

    def song_complaints(self, body: dict[str, Any]) -> Iterator[Complaint]:
        """Object to the presence of the field."""
        yield from super().song_complaints(body)
        if body.get("lyrics") and body.get("instrumental") is not None:
            yield Complaint("/instrumental", "can't stand beside lyrics")


def with_known_options(body: Json) -> Json:
    """A body without the options of models that do not exist."""
    if not isinstance(body, dict) or not isinstance(body.get("model_options"), dict):
        return body
    options = {name: value for name, value in body["model_options"].items() if name in NAMESPACES}
    return {**body, "model_options": options}


MUTANTS = (
    Mutant(
        id="namespaces-ignored",
        breaks="BEATRA-MUSIC-09",
        story="The model of the body ignores what it does not know.",
        front={"music": IgnoresNamespaces},
    ),
    Mutant(
        id="one-namespace-suffices",
        breaks="BEATRA-MUSIC-09",
        story="The check asks whether a namespace is known, not whether all are.",
        front={"music": LooksForOneNamespace},
    ),
    Mutant(
        id="cover-namespaces-ignored",
        breaks="BEATRA-MUSIC-10",
        story="The younger of the two operations never got the check of the namespaces.",
        front={"music": IgnoresCoverNamespaces},
    ),
    Mutant(
        id="one-cover-namespace-suffices",
        breaks="BEATRA-MUSIC-10",
        story="For covers the check asks whether a namespace is known, not whether all are.",
        front={"music": LooksForOneCoverNamespace},
    ),
    Mutant(
        id="titles-required",
        breaks="BEATRA-MUSIC-03",
        story="A rule of another route, that custom songs have a title, was taken over.",
        front={"music": with_rules(WantsTitles())},
    ),
    Mutant(
        id="custom-mode-only",
        breaks="BEATRA-MUSIC-11",
        story="The switch to custom mode is validated as a constant.",
        front={"music": with_rules(WantsCustomMode())},
    ),
    Mutant(
        id="empty-options-refused",
        breaks="BEATRA-MUSIC-11",
        story="An empty object counts as a mistake of the client.",
        front={"music": WantsOptions},
    ),
    Mutant(
        id="instrumental-refused",
        breaks="BEATRA-MUSIC-12",
        story="A song with lyrics is not instrumental, so the field is refused beside them even when it is false.",
        front={"music": with_rules(KnowsNoInstrumental())},
    ),
)
