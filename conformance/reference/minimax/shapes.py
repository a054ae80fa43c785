"""The shapes of request bodies, and refusals that name what is wrong."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind

from conformance.reference.minimax.errors import InvalidParamsError
from conformance.reference.minimax.services.catalogue import COVER_MODELS, MODELS, PREPROCESS_MODEL

Shape = jsonschema_rs.Draft202012Validator

LONGEST_PROMPT = 2000
LONGEST_LYRICS = 3500
SAMPLE_RATES = (16000, 24000, 32000, 44100)
BITRATES = (32000, 64000, 128000, 256000)
FORMATS = ("mp3", "wav", "pcm")
OUTPUT_FORMATS = ("url", "hex")
MODES = ("write_full_song", "edit")

_REFERENCE = {"audio_url": {"type": "string"}, "audio_base64": {"type": "string"}}
_TEXTS = {
    "prompt": {"type": "string", "maxLength": LONGEST_PROMPT},
    "lyrics": {"type": "string", "maxLength": LONGEST_LYRICS},
}

MUSIC: dict[str, Any] = {
    "type": "object",
    "required": ["model"],
    "properties": {
        "model": {"enum": list(MODELS)},
        **_TEXTS,
        "stream": {"type": "boolean"},
        "output_format": {"enum": list(OUTPUT_FORMATS)},
        "audio_setting": {
            "type": "object",
            "properties": {
                "sample_rate": {"enum": list(SAMPLE_RATES)},
                "bitrate": {"enum": list(BITRATES)},
                "format": {"enum": list(FORMATS)},
            },
        },
        "lyrics_optimizer": {"type": "boolean"},
        "is_instrumental": {"type": "boolean"},
        "cover_feature_id": {"type": "string"},
        **_REFERENCE,
    },
}
PREPROCESS: dict[str, Any] = {
    "type": "object",
    "required": ["model"],
    "properties": {"model": {"const": PREPROCESS_MODEL}, **_REFERENCE},
}
LYRICS: dict[str, Any] = {
    "type": "object",
    "required": ["mode"],
    "properties": {"mode": {"enum": list(MODES)}, **_TEXTS, "title": {"type": "string"}},
}
REFERENCES = ("audio_url", "audio_base64")

_COMPLAINTS = {
    "type": "has the wrong type",
    "maxLength": "is too long",
    "enum": "is not one of the allowed values",
    "const": "is not the allowed value",
}


def check(shape: Shape, body: object) -> None:
    """Refuse a body that breaks its shape; raises InvalidParamsError that names the first place."""
    for error in shape.iter_errors(body):
        raise InvalidParamsError(_complaint(error))


def is_cover(body: dict[str, Any]) -> bool:
    """Whether a body asks for a cover."""
    return body["model"] in COVER_MODELS


def _complaint(error: jsonschema_rs.ValidationError) -> str:
    if isinstance(error.kind, ValidationErrorKind.Required):
        return f"{_name([*error.instance_path, error.kind.property])} is required"
    return f"{_name(error.instance_path)} {_COMPLAINTS.get(str(error.schema_path[-1]), 'is not valid')}"


def _name(path: list[str | int]) -> str:
    return ".".join(map(str, path)) or "the body"
