"""What each model takes within the shape that all bodies share: lengths, modes and options."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from conformance.reference.beatra.errors import UnsupportedOptionError
from conformance.reference.beatra.validation import NAMESPACES, Complaint, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator


class ModelRules(ABC):
    """The rules of one model for bodies of the shared shape; `namespace` is where `model_options` has its options."""

    namespace: str

    def check(self, body: dict[str, Any], *, from_audio: bool) -> None:
        """Refuse what the model does not take; raises InvalidRequestError and UnsupportedOptionError."""
        self.check_family(body.get("model_options") or {})
        complaints = list(self.cover_complaints(body) if from_audio else self.song_complaints(body))
        if complaints:
            raise refusal(complaints)

    def check_family(self, options: dict[str, Any]) -> None:
        """Refuse options of other models; raises UnsupportedOptionError."""
        foreign = [name for name in NAMESPACES if name != self.namespace and options.get(name)]
        if foreign:
            raise UnsupportedOptionError(
                "model_options has options of another model.",
                param=f"/model_options/{foreign[0]}",
                details={"unsupported_fields": [f"model_options.{name}" for name in foreign]},
            )

    @abstractmethod
    def song_complaints(self, body: dict[str, Any]) -> Iterator[Complaint]:
        """What the model does not take of a body that asks for a song."""

    def cover_complaints(self, body: dict[str, Any]) -> Iterator[Complaint]:
        """What it does not take of one with reference audio: the same, unless the model says otherwise."""
        return self.song_complaints(body)

    def options(self, body: dict[str, Any]) -> dict[str, Any]:
        """The options for this model."""
        return (body.get("model_options") or {}).get(self.namespace) or {}


class SunoRules(ModelRules):
    """Simple mode takes a short prompt and no lyrics, custom mode a longer one and lyrics."""

    namespace = "suno"
    simple_prompt = 500
    custom_prompt = 1000
    title = 80
    negative_tags = 200
    weights = ("style_weight", "weirdness_constraint", "audio_weight")
    voices = ("m", "f")

    def song_complaints(self, body: dict[str, Any]) -> Iterator[Complaint]:
        """Lengths by mode, lyrics in custom mode only, options within their bounds."""
        options = self.options(body)
        if options.get("custom_mode"):
            yield from longer_than(self.custom_prompt, body, "prompt")
        else:
            yield from longer_than(self.simple_prompt, body, "prompt")
            yield from self.lyrics_without_mode(body)
        yield from longer_than(self.title, body, "title")
        yield from self.option_complaints(options)

    def lyrics_without_mode(self, body: dict[str, Any]) -> Iterator[Complaint]:
        """Lyrics that nothing sings."""
        if body.get("lyrics"):
            yield Complaint("/lyrics", "are taken in custom mode only")

    def option_complaints(self, options: dict[str, Any]) -> Iterator[Complaint]:
        """Options out of their bounds."""
        at = f"/model_options/{self.namespace}/"
        for name in self.weights:
            weight = options.get(name)
            if weight is not None and not (isinstance(weight, int | float) and 0 <= weight <= 1):
                yield Complaint(at + name, "is not a number from 0 to 1")
        if options.get("vocal_gender") not in (None, *self.voices):
            yield Complaint(at + "vocal_gender", f"is not one of {', '.join(self.voices)}")
        tags = options.get("negative_tags")
        if tags is not None and not (isinstance(tags, str) and len(tags) <= self.negative_tags):
            yield Complaint(at + "negative_tags", "is not a text of the allowed length")


class MinimaxRules(ModelRules):
    """Sings lyrics of its own making only when asked to, and covers a reference by singing."""

    namespace = "minimax"
    lyrics = 3500
    cover_prompt = (10, 300)
    cover_lyrics = (10, 1000)

    def song_complaints(self, body: dict[str, Any]) -> Iterator[Complaint]:
        """Lyrics of bounded length, required where there is singing."""
        yield from longer_than(self.lyrics, body, "lyrics")
        if not (body.get("lyrics") or body.get("instrumental") or self.options(body).get("lyrics_optimizer")):
            yield Complaint("/lyrics", "are required for vocal music", is_missing=True)

    def cover_complaints(self, body: dict[str, Any]) -> Iterator[Complaint]:
        """Short texts, and a voice."""
        yield from outside_of(self.cover_prompt, body, "prompt")
        yield from outside_of(self.cover_lyrics, body, "lyrics")
        if body.get("instrumental"):
            yield Complaint("/instrumental", "is not possible with reference audio")
        if self.options(body).get("lyrics_optimizer"):
            yield Complaint("/model_options/minimax/lyrics_optimizer", "is not possible with reference audio")


def longer_than(most: int, body: dict[str, Any], name: str) -> Iterator[Complaint]:
    """A complaint when a text has more characters than the model takes."""
    if len(body.get(name) or "") > most:
        yield Complaint(f"/{name}", "is too long")


def outside_of(bounds: tuple[int, int], body: dict[str, Any], name: str) -> Iterator[Complaint]:
    """A complaint when a text that was given is shorter or longer than the model takes."""
    least, most = bounds
    if body.get(name) and not least <= len(body[name]) <= most:
        yield Complaint(f"/{name}", f"does not have {least} to {most} characters")
