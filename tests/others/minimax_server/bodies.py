"""Reading and validating what clients send."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.others.minimax_server.audio import Form
from tests.others.minimax_server.refusals import RefusedError, invalid

TEXT_MODELS = ("music-2.6", "music-2.6-free")
COVER_MODELS = ("music-cover", "music-cover-free")
SOURCES = ("audio_url", "audio_base64", "cover_feature_id")
_TYPES: dict[str, type] = {
    **dict.fromkeys(("model", "prompt", "lyrics", "output_format", *SOURCES, "mode", "title"), str),
    **dict.fromkeys(("stream", "lyrics_optimizer", "is_instrumental"), bool),
    "audio_setting": dict,
}


@dataclass(frozen=True)
class Order:
    """A request for music that has been found valid. `source` names the one reference of a cover."""

    model: str
    prompt: str
    lyrics: str
    stream: bool
    as_url: bool
    form: Form
    source: tuple[str, str] | None

    @property
    def is_paid(self) -> bool:
        return not self.model.endswith("-free")


def parse(raw: bytes) -> dict[str, Any]:
    """The members of a JSON object, without those that are null."""
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise invalid("the body is not JSON") from error
    if not isinstance(body, dict):
        raise invalid("the body is not a JSON object")
    body = {name: value for name, value in body.items() if value is not None}
    for name, kind in _TYPES.items():
        if name in body and type(body[name]) is not kind:
            raise invalid(f"{name} has a wrong type")
    return body


def _no_constant(name: str) -> None:
    raise ValueError(name)


def order_of(body: dict[str, Any]) -> Order:
    """
    What a body orders.

    Raises:
        RefusedError: 2013 with the reason

    """
    model = body.get("model")
    if model not in TEXT_MODELS + COVER_MODELS:
        raise invalid("model is required and must be one of the documented ones")
    output = body.get("output_format", "hex")
    if output not in {"url", "hex"}:
        raise invalid("output_format is url or hex")
    stream = body.get("stream", False)
    if stream and output == "url":
        raise invalid("a stream is hex only")
    prompt, lyrics = body.get("prompt", ""), body.get("lyrics", "")
    source = None
    if model in COVER_MODELS:
        source = _source(body, SOURCES)
        _hold("prompt", prompt, 10, 300)
        if lyrics or source[0] == "cover_feature_id":
            _hold("lyrics", lyrics, 10, 1000)
    else:
        _check_text(
            prompt, lyrics, instrumental=body.get("is_instrumental", False), written=body.get("lyrics_optimizer", False)
        )
    return Order(model, prompt, lyrics, stream, output == "url", _form(body.get("audio_setting", {})), source)


def _check_text(prompt: str, lyrics: str, *, instrumental: bool, written: bool) -> None:
    if instrumental or (written and not lyrics):
        _hold("prompt", prompt, 1, 2000)
        _hold("lyrics", lyrics, 0, 3500)
        return
    _hold("prompt", prompt, 0, 2000)
    if not lyrics:
        raise invalid("lyrics is required")
    _hold("lyrics", lyrics, 1, 3500)


def _hold(name: str, text: str, least: int, most: int) -> None:
    if len(text) < least:
        raise invalid(f"{name} is too short")
    if len(text) > most:
        raise invalid(f"{name} is too long")


def _source(body: dict[str, Any], names: tuple[str, ...]) -> tuple[str, str]:
    given = [name for name in names if body.get(name)]
    if len(given) != 1:
        raise invalid(f"exactly one of {', '.join(names)} must be provided")
    return given[0], body[given[0]]


def _form(setting: dict[str, Any]) -> Form:
    allowed: dict[str, tuple[object, ...]] = {
        "sample_rate": (16_000, 24_000, 32_000, 44_100),
        "bitrate": (32_000, 64_000, 128_000, 256_000),
        "format": ("mp3", "wav", "pcm"),
    }
    chosen = {name: value for name, value in setting.items() if name in allowed and value is not None}
    for name, value in chosen.items():
        if isinstance(value, bool | float) or value not in allowed[name]:
            raise invalid(f"audio_setting.{name} is not supported")
    return Form(**chosen)


def preprocess_source(body: dict[str, Any]) -> tuple[str, str]:
    if body.get("model") != "music-cover":
        raise invalid("model must be music-cover")
    return _source(body, SOURCES[:2])


def check_lyrics_request(body: dict[str, Any]) -> None:
    if body.get("mode") not in {"write_full_song", "edit"}:
        raise RefusedError(2013, "invalid params, mode is write_full_song or edit", status=400)
    for name, most in (("prompt", 2000), ("lyrics", 3500)):
        if len(body.get(name, "")) > most:
            raise RefusedError(2013, f"invalid params, {name} is too long", status=400)
