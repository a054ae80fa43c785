"""The models that make music, and what they cost."""

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


class Catalogue:
    """Finds the model that serves a request."""

    models: tuple[Model, ...] = (
        Model("suno-5.5", price=80 * UNITS_PER_CREDIT, clips=2),
        Model("minimax-music-2.6", price=50 * UNITS_PER_CREDIT, clips=1),
    )

    def resolve(self, requested: str) -> Model:
        """The model of that name, or the one chosen for "auto"; raises UnsupportedModelError."""
        if requested == AUTO:
            return self.choose()
        for model in self.models:
            if model.name == requested:
                return model
        raise UnsupportedModelError("The model does not exist or does not make music.", param="/model")

    def choose(self) -> Model:
        """The model that serves requests which leave the choice to the gateway."""
        return self.models[0]
