"""The shapes of request bodies, and refusals that point at what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind

from conformance.reference.beatra.errors import InvalidRequestError, UnsupportedOptionError

NAMESPACES = ("suno", "minimax")

_COMPLAINTS = {
    "type": "has the wrong type",
    "minLength": "is too short",
    "maxLength": "is too long",
    "minimum": "is too small",
    "maximum": "is too large",
    "enum": "is not one of the allowed values",
    "pattern": "is not in the required form",
}
_OTHER_COMPLAINT = "is not valid"

_SHARED = {
    "model": {"type": ["string", "null"]},
    "prompt": {"type": "string", "minLength": 1, "maxLength": 2000},
    "lyrics": {"type": ["string", "null"], "maxLength": 5000},
    "instrumental": {"type": ["boolean", "null"]},
    "title": {"type": ["string", "null"], "maxLength": 100},
    "metadata": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
    "model_options": {
        "type": ["object", "null"],
        "properties": {
            "suno": {
                "type": ["object", "null"],
                "properties": {
                    "custom_mode": {"type": ["boolean", "null"]},
                    "style_weight": {"type": ["number", "null"]},
                },
            },
            "minimax": {"type": ["object", "null"]},
        },
    },
}
_REFERENCE = {
    "type": "object",
    "required": ["type"],
    "properties": {"type": {"enum": ["artifact", "url"]}},
    "if": {"properties": {"type": {"const": "artifact"}}},
    "then": {"required": ["artifact_id"], "properties": {"artifact_id": {"type": "string"}}},
    "else": {"required": ["url"], "properties": {"url": {"type": "string", "maxLength": 2048}}},
}

TEXT_TO_MUSIC = jsonschema_rs.Draft202012Validator({"type": "object", "required": ["prompt"], "properties": _SHARED})
REFERENCE_AUDIO_TO_MUSIC = jsonschema_rs.Draft202012Validator(
    {
        "type": "object",
        "required": ["prompt", "reference_audio"],
        "properties": {**_SHARED, "reference_audio": _REFERENCE},
    }
)
_AMOUNT = {"type": ["number", "null"]}
_COUNT = {"type": ["integer", "null"], "minimum": 1}
CHAT = jsonschema_rs.Draft202012Validator(
    {
        "type": "object",
        "required": ["model", "messages"],
        "properties": {
            "model": {"type": "string"},
            "messages": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["role", "content"],
                    "properties": {"role": {"enum": ["system", "user", "assistant"]}, "content": {"type": "string"}},
                },
            },
            "temperature": {**_AMOUNT, "minimum": 0, "maximum": 2},
            "top_p": {**_AMOUNT, "minimum": 0, "maximum": 1},
            "frequency_penalty": _AMOUNT,
            "presence_penalty": _AMOUNT,
            "max_tokens": _COUNT,
            "max_completion_tokens": _COUNT,
            "n": {**_COUNT, "maximum": 4},
            "seed": {"type": ["integer", "null"]},
            "stream": {"type": ["boolean", "null"]},
            "stream_options": {
                "type": ["object", "null"],
                "properties": {"include_usage": {"type": ["boolean", "null"]}},
            },
            "model_options": {"type": ["object", "null"]},
            "metadata": {"type": ["object", "null"]},
        },
    }
)
CANCEL = jsonschema_rs.Draft202012Validator(
    {"type": ["object", "null"], "properties": {"reason": {"type": ["string", "null"]}}}
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong at a JSON Pointer into the body; a field that is missing can't be pointed at."""

    path: str
    message: str
    is_missing: bool = False


def check(shape: jsonschema_rs.Draft202012Validator, body: object) -> None:
    """Refuse a body that breaks its shape; raises InvalidRequestError that lists every place."""
    complaints = [_complaint(error) for error in shape.iter_errors(body)]
    if complaints:
        raise refusal(complaints)


def check_namespaces(options: dict[str, Any] | None) -> None:
    """Refuse options of namespaces that no model has; raises UnsupportedOptionError."""
    unknown = [name for name in options or () if name not in NAMESPACES]
    if unknown:
        raise UnsupportedOptionError(
            "model_options has a namespace that no model supports.",
            param=_pointer(["model_options", unknown[0]]),
            details={"unsupported_fields": [f"model_options.{name}" for name in unknown]},
        )


def refusal(complaints: list[Complaint]) -> InvalidRequestError:
    """The refusal of a body; `param` is the first field that was sent and is wrong."""
    return InvalidRequestError(
        "; ".join(f"{complaint.path or 'The body'} {complaint.message}" for complaint in complaints[:3]) + ".",
        param=next((each.path for each in complaints if each.path and not each.is_missing), None),
        details={"errors": [{"path": each.path, "message": each.message} for each in complaints]},
    )


def _complaint(error: jsonschema_rs.ValidationError) -> Complaint:
    if isinstance(error.kind, ValidationErrorKind.Required):
        return Complaint(_pointer([*error.instance_path, error.kind.property]), "is required", is_missing=True)
    message = _COMPLAINTS.get(str(error.schema_path[-1]), _OTHER_COMPLAINT)
    return Complaint(_pointer(error.instance_path), message)


def _pointer(path: list[str | int]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
