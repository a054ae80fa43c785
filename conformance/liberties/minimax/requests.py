"""Liberties in what is taken: where documents are silent, or contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.liberties.base import Taken
from conformance.reference.minimax.errors import InvalidParamsError, ModelNotInPlanError
from conformance.reference.minimax.handlers.lyrics import LyricsHandlers
from conformance.reference.minimax.handlers.music import MusicHandlers
from conformance.reference.minimax.services.catalogue import FREE_MODELS
from conformance.reference.minimax.services.plans import Plans
from conformance.reference.minimax.services.references import References
from conformance.reference.minimax.shapes import LYRICS, MUSIC, is_cover

if TYPE_CHECKING:
    from conformance.reference.parts.bodies import Json

_NEW_TAGS = ("[Yodel]", "[Scat]", "[Rap]")


class RejectsUnknownFields(MusicHandlers):
    """Refuses fields that no document has."""

    def check(self, body: Json) -> None:
        """Compare their names with the list."""
        super().check(body)
        unknown = sorted(set(body) - {*MUSIC["properties"], "aigc_watermark"})
        if unknown:
            raise InvalidParamsError(f"{unknown[0]} is unknown")


class RejectsWatermarks(MusicHandlers):
    """Refuses a field that only the documents for China have."""

    def check(self, body: Json) -> None:
        """Look for it."""
        super().check(body)
        if "aigc_watermark" in body:
            raise InvalidParamsError("aigc_watermark is unknown")


class RejectsEmptyLyrics(MusicHandlers):
    """Goes by the schema: lyrics have at least one character."""

    def check(self, body: Json) -> None:
        """Refuse empty ones, also where they are to be written."""
        super().check(body)
        if body.get("lyrics") == "":
            raise InvalidParamsError("lyrics is too short")


class RejectsUnknownTags(MusicHandlers):
    """Refuses tags that it can't follow."""

    def check(self, body: Json) -> None:
        """Look for some."""
        super().check(body)
        if any(tag in body.get("lyrics", "") for tag in _NEW_TAGS):
            raise InvalidParamsError("lyrics has an unknown tag")


class RejectsSwitchesOfSongs(MusicHandlers):
    """Refuses covers that ask for what songs can."""

    def check(self, body: Json) -> None:
        """Look for the switches."""
        super().check(body)
        if is_cover(body) and (body.get("is_instrumental") or body.get("lyrics_optimizer")):
            raise InvalidParamsError("only supported on music-2.6")


class RejectsReferencesOfSongs(MusicHandlers):
    """Refuses songs that come with reference audio."""

    def check(self, body: Json) -> None:
        """Look for a reference."""
        super().check(body)
        if not is_cover(body) and {"audio_url", "audio_base64", "cover_feature_id"} & set(body):
            raise InvalidParamsError("only used with music-cover")


class RejectsLyricsToPlay(MusicHandlers):
    """Refuses lyrics for music without singing."""

    def check(self, body: Json) -> None:
        """Look for lyrics."""
        super().check(body)
        if not is_cover(body) and body.get("is_instrumental") and body.get("lyrics"):
            raise InvalidParamsError("lyrics and is_instrumental exclude each other")


class RejectsLyricsToWrite(MusicHandlers):
    """Refuses to write lyrics that are there."""

    def check(self, body: Json) -> None:
        """Look for lyrics."""
        super().check(body)
        if not is_cover(body) and body.get("lyrics_optimizer") and body.get("lyrics"):
            raise InvalidParamsError("lyrics and lyrics_optimizer exclude each other")


class WritesWithoutPrompt(MusicHandlers):
    """Writes lyrics about anything where no prompt says about what."""

    def check(self, body: Json) -> None:
        """Think of something."""
        if isinstance(body, dict) and body.get("lyrics_optimizer") is True and "prompt" not in body:
            super().check({**body, "prompt": "anything"})
        else:
            super().check(body)


class CountsBytes(MusicHandlers):
    """Counts bytes where characters are spoken of."""

    def check(self, body: Json) -> None:
        """Measure texts as they are sent."""
        super().check(body)
        most = {"prompt": 300 if is_cover(body) else 2000, "lyrics": 1000 if is_cover(body) else 3500}
        for name, length in most.items():
            if len(body.get(name, "").encode()) > length:
                raise InvalidParamsError(f"{name} is too long")


class TakesOtherRates(MusicHandlers):
    """Takes sample rates and bit rates that no document lists, and makes the nearest that it knows."""

    def check(self, body: Json) -> None:
        """Replace them."""
        setting = body.get("audio_setting") if isinstance(body, dict) else None
        if isinstance(setting, dict):
            _nearest(setting, "sample_rate", MUSIC)
            _nearest(setting, "bitrate", MUSIC)
        super().check(body)


class StreamsHexAnyway(MusicHandlers):
    """Streams hex to those who ask for a stream and a URL."""

    def check(self, body: Json) -> None:
        """Pass over the URL."""
        if isinstance(body, dict) and body.get("stream") is True and body.get("output_format") == "url":
            body["output_format"] = "hex"
        super().check(body)


class TakesDataUrls(References):
    """Takes base64 with the prefix of a page as well."""

    def decode(self, text: str) -> bytes:
        """Cut the prefix off."""
        return super().decode(text.partition(",")[2] if text.startswith("data:") else text)


class HasNoPlan(Plans):
    """Knows the keys of the run as those of an account without a plan."""

    def check(self, tenant_id: str, model: str) -> None:
        """Serve the free models; preprocessing serves these."""
        super().check(tenant_id, model)
        if model not in FREE_MODELS:
            raise ModelNotInPlanError(model)


class NeedsLyricsToEdit(LyricsHandlers):
    """Refuses to edit nothing."""

    def check(self, body: Json) -> None:
        """Miss the lyrics."""
        super().check(body)
        if body["mode"] == "edit" and not body.get("lyrics"):
            raise InvalidParamsError("lyrics is required")


class RejectsModels(LyricsHandlers):
    """Refuses a model, which lyrics do not have."""

    def check(self, body: Json) -> None:
        """Compare the names of fields with the list."""
        super().check(body)
        if set(body) - set(LYRICS["properties"]):
            raise InvalidParamsError("model is unknown")


def _nearest(setting: dict[str, Any], name: str, shape: dict[str, Any]) -> None:
    known: list[int] = shape["properties"]["audio_setting"]["properties"][name]["enum"]
    asked = setting.get(name)
    if isinstance(asked, int) and not isinstance(asked, bool) and asked > 0:
        setting[name] = min(known, key=lambda each: abs(each - asked))


TAKEN = (
    Taken(id="unknown-fields-refused", front={"music": RejectsUnknownFields}),
    Taken(id="watermark-refused", front={"music": RejectsWatermarks}),
    Taken(id="empty-lyrics-refused", front={"music": RejectsEmptyLyrics}),
    Taken(id="unknown-tags-refused", front={"music": RejectsUnknownTags}),
    Taken(id="switches-refused-for-covers", front={"music": RejectsSwitchesOfSongs}),
    Taken(id="references-refused-for-songs", front={"music": RejectsReferencesOfSongs}),
    Taken(id="lyrics-refused-for-instrumentals", front={"music": RejectsLyricsToPlay}),
    Taken(id="lyrics-refused-where-written", front={"music": RejectsLyricsToWrite}),
    Taken(id="lyrics-written-without-prompt", front={"music": WritesWithoutPrompt}),
    Taken(id="lengths-in-bytes", front={"music": CountsBytes}),
    Taken(id="other-rates-taken", front={"music": TakesOtherRates}),
    Taken(id="stream-with-url-in-hex", front={"music": StreamsHexAnyway}),
    Taken(id="data-urls-taken", cast={"references": TakesDataUrls}),
    Taken(id="megabytes-by-thousands", settings={"audio_bytes": 50_000_000}),
    Taken(id="keys-without-a-plan", cast={"plans": HasNoPlan}),
    Taken(id="nothing-to-edit-refused", front={"lyrics": NeedsLyricsToEdit}),
    Taken(id="lyrics-refuse-models", front={"lyrics": RejectsModels}),
)
