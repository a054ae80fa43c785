"""Models and the fields that all of them share: what is accepted, what the envelope says of it, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError
from conformance.money.budget import ANY, cancels, refuses
from conformance.suite.beatra.answers import code_of, is_refusal, refused, taken, tried
from conformance.suite.beatra.bodies import CHEAP_SONG, DOCUMENTED_EXAMPLE, MINIMAX, SONG, SUNO
from conformance.suite.beatra.gateway import CREATES, is_accepted
from conformance.suite.beatra.songs import cover_of, serving_artifact
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

# Each task is cancelled before the next one is paid.
ENOUGH: Final = Decimal(500)
METADATA: Final = {"project": "demo", "take": "1"}
# Without vocals and lyrics it suits whichever model the gateway chooses.
ANY_MODEL: Final[dict[str, Any]] = {"model": "auto", "prompt": SONG["prompt"], "instrumental": True}
UNKNOWN_MODEL: Final = "no-such-model-1.0"


@dataclass(frozen=True, slots=True)
class RequestIdentity:
    """A request for music and the task that came of it, None when it was refused."""

    created: Exchange
    task: Exchange | None

    @property
    def seen(self) -> Exchange:
        """The task as reading it showed it; blocked when there is none."""
        if self.task is None or not self.task.accepted:
            raise BlockedError(CREATES, "there is no task that could be read")
        return self.task


@dataclass(frozen=True, slots=True)
class Options:
    """A song of each model with options of its own namespace."""

    suno: Exchange
    minimax: Exchange


@dataclass(frozen=True, slots=True)
class SharedFields:
    """A song of each model with every field that they share."""

    suno: RequestIdentity
    minimax: RequestIdentity


def asked(beatra: Gateway, body: dict[str, Any]) -> RequestIdentity:
    created = beatra.create_music(body)
    if not is_accepted(created):
        return RequestIdentity(created, None)
    task_id = created.string("/task_id")
    task = beatra.get_task(task_id)
    beatra.end_task(task_id)
    return RequestIdentity(created, task)


@scenario(cancels(SUNO, MINIMAX, requests=4))
def own_options(gateway: OpenGateway) -> Options:
    """Options that the documents name; for minimax they name the namespace only."""
    with gateway("own-options", balance=ENOUGH) as beatra:
        return Options(
            suno=tried(beatra, {**SONG, "model_options": {"suno": {"custom_mode": False}}}),
            minimax=tried(beatra, {**CHEAP_SONG, "model_options": {"minimax": {}}}),
        )


@scenario(cancels(SUNO, MINIMAX, requests=6))
def shared_fields(gateway: OpenGateway) -> SharedFields:
    """Songs with all shared fields at the top level."""
    with gateway("shared-fields", balance=ENOUGH) as beatra:
        return SharedFields(
            suno=asked(beatra, {**DOCUMENTED_EXAMPLE, "title": "City Lights", "metadata": METADATA}),
            minimax=asked(beatra, {**CHEAP_SONG, "instrumental": False, "metadata": METADATA}),
        )


@scenario(cancels(SUNO, ANY, SUNO, ANY, requests=8))
def auto(gateway: OpenGateway) -> RequestIdentity:
    """A song whose model the gateway chooses; beside it, bodies of which no document says whether they are valid."""
    with gateway("auto", balance=ENOUGH) as beatra:
        observe_required(beatra)
        unknown = tried(beatra, {**SONG, "no_such_field": 1})
        if unknown.accepted or is_refusal(unknown):
            beatra.observe("BEATRA-OBS-UNKNOWN-FIELDS", f"a body with one gets {unknown.status}", unknown)
        return asked(beatra, ANY_MODEL)


@scenario(refuses(1, demanded_by="BEATRA-MUSIC-13", requests=1))
def unknown_model(gateway: OpenGateway) -> Exchange:
    """A song by a model that does not exist."""
    with gateway("unknown-model", balance=ENOUGH) as beatra:
        return tried(beatra, {**SONG, "model": UNKNOWN_MODEL})


@scenario(cancels(SUNO, ANY, requests=5))
def unknown_cover_model(gateway: OpenGateway) -> Exchange:
    """Music from reference audio by a model that does not exist."""
    with gateway("unknown-cover-model", balance=ENOUGH) as beatra:
        return tried(beatra, {**cover_of(serving_artifact(beatra)), "model": UNKNOWN_MODEL})


def observe_required(beatra: Gateway) -> None:
    for missing, body in (("prompt", {"model": SUNO}), ("model", {"prompt": SONG["prompt"]})):
        exchange = tried(beatra, body)
        if exchange.accepted or is_refusal(exchange):
            beatra.observe("BEATRA-OBS-REQUIRED-FIELDS", f"a body without {missing} gets {exchange.status}", exchange)


@requirement("BEATRA-MUSIC-11")
def test_each_model_takes_options_of_its_own_namespace(own_options: Options) -> None:
    taken(own_options.suno)
    taken(own_options.minimax)


@requirement("BEATRA-MUSIC-12")
def test_shared_fields_are_accepted_at_the_top_level(shared_fields: SharedFields) -> None:
    taken(shared_fields.suno.created)
    taken(shared_fields.minimax.created)


@requirement("BEATRA-MUSIC-13")
def test_an_unknown_model_is_refused(unknown_model: Exchange) -> None:
    refused(unknown_model)

    assert code_of(unknown_model) == "unsupported_model"


@requirement("BEATRA-MUSIC-13")
def test_an_unknown_model_is_refused_with_reference_audio(unknown_cover_model: Exchange) -> None:
    refused(unknown_cover_model)

    assert code_of(unknown_cover_model) == "unsupported_model"


@requirement("BEATRA-MUSIC-14")
def test_auto_is_accepted_as_a_model(auto: RequestIdentity) -> None:
    taken(auto.created)


@requirement("BEATRA-MUSIC-19")
def test_the_envelope_keeps_the_model_that_was_asked_for(auto: RequestIdentity) -> None:
    assert auto.seen.get("/model") == "auto"
    resolved = auto.seen.get("/resolved_model")
    assert isinstance(resolved, str)
    assert resolved not in ("", "auto")


@requirement("BEATRA-MUSIC-19")
def test_a_model_that_was_asked_for_makes_the_music(shared_fields: SharedFields) -> None:
    task = shared_fields.minimax.seen

    assert (task.get("/model"), task.get("/resolved_model")) == (MINIMAX, MINIMAX)


@requirement("BEATRA-MUSIC-20")
def test_the_envelope_returns_the_metadata(shared_fields: SharedFields) -> None:
    for song in (shared_fields.suno, shared_fields.minimax):
        shown = song.seen.get("/metadata")
        assert isinstance(shown, dict)
        # What the gateway adds of its own is its own matter.
        assert {name: shown.get(name) for name in METADATA} == METADATA
