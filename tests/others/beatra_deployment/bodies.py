"""Reading and validating what clients send."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.others.beatra_deployment.refusals import RefusedError, invalid, unsupported_option

SUNO = "suno-5.5"
MINIMAX = "minimax-music-2.6"
PRICES = {SUNO: Decimal(80), MINIMAX: Decimal(50)}
CLIPS = {SUNO: 2, MINIMAX: 1}
NAMESPACES = {"suno": SUNO, "minimax": MINIMAX}
LARGEST_BODY = 1_000_000

_LENGTHS = {"prompt": 2_000, "lyrics": 5_000, "title": 100}
_OPTIONS = {
    "suno": ("custom_mode", "negative_tags", "vocal_gender", "style_weight", "weirdness_constraint", "audio_weight"),
    "minimax": ("lyrics_optimizer",),
}
_SHARED = {"model", "prompt", "lyrics", "instrumental", "title", "metadata", "model_options"}


@dataclass(frozen=True)
class Order:
    """A request for music that has been found valid."""

    capability: str
    model: str
    resolved_model: str
    prompt: str
    body: dict[str, Any]
    warnings: list[dict[str, str]] = field(default_factory=list)

    @property
    def price(self) -> Decimal:
        return PRICES[self.resolved_model]


def parse(raw: bytes) -> dict[str, Any]:
    """The JSON object of a body."""
    if len(raw) > LARGEST_BODY:
        raise RefusedError(413, "payload_too_large", "A JSON body has at most one million bytes.")
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise invalid("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise invalid("The body is not a JSON object.", "")
    return body


def _no_constant(name: str) -> None:
    raise ValueError(name)


def order_of(body: dict[str, Any], capability: str) -> Order:
    """
    What a body orders.

    Raises:
        RefusedError: 400 or 422, as the documents have it

    """
    for name, longest in _LENGTHS.items():
        _check_text(body.get(name), f"/{name}", longest)
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise invalid("A prompt is required.", "/prompt")
    if not isinstance(body.get("instrumental") or False, bool):
        raise invalid("This must be a boolean.", "/instrumental")
    _check_metadata(body.get("metadata"))
    model = body.get("model")
    model = "auto" if model is None else model
    if not isinstance(model, str):
        raise invalid("The model must be a string.", "/model")
    options = body.get("model_options")
    options = {} if options is None else options
    if not isinstance(options, dict):
        raise invalid("Model options must be an object.", "/model_options")
    resolved = _resolve(model, options)
    known = _SHARED | ({"reference_audio"} if capability == "reference_audio_to_music" else set())
    warnings = [_warning(name) for name in body if name not in known]
    for namespace, values in options.items():
        warnings += _check_options(namespace, values)
    return Order(capability, model, resolved, prompt, body, warnings)


def _check_text(value: object, pointer: str, longest: int) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise invalid("This must be a string.", pointer)
    if len(value) > longest:
        raise invalid(f"This has at most {longest} characters.", pointer)


def _check_metadata(value: object) -> None:
    if value is None:
        return
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise invalid("Metadata is an object of strings.", "/metadata")


def _resolve(model: str, options: dict[str, Any]) -> str:
    if model != "auto" and model not in PRICES:
        raise RefusedError(400, "unsupported_model", "There is no such model for music.", param="/model")
    unknown = [name for name in options if name not in NAMESPACES]
    if unknown:
        raise unsupported_option("There is no such option namespace.", *unknown)
    if model == "auto":
        asked = [NAMESPACES[name] for name in options]
        if len(asked) > 1:
            raise unsupported_option("No model takes the options of both namespaces.", *options)
        return asked[0] if asked else MINIMAX
    foreign = [name for name in options if NAMESPACES[name] != model]
    if foreign:
        raise unsupported_option(f"{model} does not take these options.", *foreign)
    return model


def _check_options(namespace: str, values: object) -> list[dict[str, str]]:
    pointer = f"/model_options/{namespace}"
    if not isinstance(values, dict):
        raise invalid("Options are an object.", pointer)
    for name, value in values.items():
        _check_option(f"{pointer}/{name}", name, value)
    return [_warning(f"model_options.{namespace}.{name}") for name in values if name not in _OPTIONS[namespace]]


def _check_option(pointer: str, name: str, value: object) -> None:
    if value is None:
        return
    if name in {"custom_mode", "lyrics_optimizer"} and not isinstance(value, bool):
        raise invalid("This must be a boolean.", pointer)
    if name == "negative_tags":
        _check_text(value, pointer, 200)
    if name == "vocal_gender" and value not in ("m", "f"):
        raise invalid("This must be m or f.", pointer)
    if name in {"style_weight", "weirdness_constraint", "audio_weight"} and (
        isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1
    ):
        raise invalid("This must be a number from 0 to 1.", pointer)


def _warning(name: str) -> dict[str, str]:
    return {"code": "ignored_field", "message": "This field is not known and was ignored.", "field": name[:200]}
