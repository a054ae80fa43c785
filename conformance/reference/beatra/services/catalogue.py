"""The models that an account has: those that make music with their prices, and those that write text."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.reference.beatra.errors import UnsupportedModelError
from conformance.reference.beatra.services.money import UNITS_PER_CREDIT

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Model:
    """One model: its flat price per task in ten-thousandths of a credit, and how many clips a task yields."""

    name: str
    price: int
    clips: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A model as the lists of models show it: what it can do, and what comes out of it."""

    model: str
    capabilities: tuple[str, ...]
    modality: str


MUSIC_CAPABILITIES = ("text_to_music", "reference_audio_to_music")


class Catalogue:
    """Finds the model that serves a request, and lists them all."""

    models: tuple[Model, ...] = (
        Model("suno-5.5", price=80 * UNITS_PER_CREDIT, clips=2),
        Model("minimax-music-2.6", price=50 * UNITS_PER_CREDIT, clips=1),
    )

    texts: tuple[str, ...] = ("sandbox-text-1", "sandbox-text-1-mini")

    def offers(self) -> list[Offer]:
        """Every model."""
        writing = [Offer(name, ("chat_completions",), "text") for name in self.texts]
        return [*writing, *(Offer(model.name, MUSIC_CAPABILITIES, "audio") for model in self.models)]

    def resolve(self, requested: str) -> Model:
        """The model of that name, or the one chosen for "auto"; raises UnsupportedModelError."""
        if requested == AUTO:
            return self.choose()
        for model in self.models:
            if model.name == requested:
                return model
        raise UnsupportedModelError("The model does not exist or does not make music.", param="/model")

    def writer_of(self, requested: str) -> str:
        """The text model of that name, or the one chosen for "auto"; raises UnsupportedModelError."""
        if requested != AUTO and requested not in self.texts:
            raise UnsupportedModelError("The model does not exist or does not write text.", param="/model")
        return self.texts[0] if requested == AUTO else requested

    def choose(self) -> Model:
        """The model that serves requests which leave the choice to the gateway."""
        return self.models[0]
