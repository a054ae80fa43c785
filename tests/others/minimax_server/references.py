"""Reference audio: fetched or decoded, measured, and remembered as features."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp

from tests.others.minimax_server.audio import AudioError, seconds_of
from tests.others.minimax_server.refusals import invalid

if TYPE_CHECKING:
    from tests.others.minimax_server.settings import Settings

LARGEST = 50 * 1024 * 1024
DAY = 24 * 3600.0
MOST_FEATURES = 10_000


@dataclass(frozen=True)
class Feature:
    feature_id: str
    seconds: float
    made_at: float

    @property
    def lyrics(self) -> str:
        heard = f"A voice that lasts {self.seconds:.0f} seconds\nSings what was sung before"
        return f"[Verse 1]\n{heard}\n\n[Chorus]\nOnce more"

    def described(self) -> dict[str, Any]:
        third = round(self.seconds / 3, 2)
        labels = (("intro", 0.0, third), ("verse", third, 2 * third), ("chorus", 2 * third, self.seconds))
        segments = [{"start": start, "end": end, "label": label} for label, start, end in labels]
        return {
            "cover_feature_id": self.feature_id,
            "formatted_lyrics": self.lyrics,
            "structure_result": json.dumps({"num_segments": len(segments), "segments": segments}),
            "audio_duration": round(self.seconds, 3),
        }


class References:
    """The features of all accounts, and how they are made."""

    def __init__(self, settings: Settings) -> None:
        self._hosts = settings.reference_hosts
        self._features: dict[tuple[str, str], Feature] = {}
        self._measuring = asyncio.Semaphore(2)

    async def listen(self, account: str, source: tuple[str, str]) -> Feature:
        """
        The feature of a reference.

        Raises:
            RefusedError: it is out of reach, unreadable, too short or too long, or the feature is unknown or too old

        """
        kind, value = source
        if kind == "cover_feature_id":
            return self._known(account, value)
        content = await self._fetch(value) if kind == "audio_url" else _decoded(value)
        if len(content) > LARGEST:
            raise invalid("the reference audio is too large")
        async with self._measuring:
            try:
                seconds = await asyncio.to_thread(seconds_of, content)
            except AudioError as error:
                raise invalid("the reference audio can not be read") from error
        if not 6 <= seconds <= 360:
            raise invalid("the reference audio must last from 6 seconds to 6 minutes")
        feature = Feature(hashlib.md5(content, usedforsecurity=False).hexdigest(), seconds, time.monotonic())
        while len(self._features) >= MOST_FEATURES:
            del self._features[next(iter(self._features))]
        self._features[account, feature.feature_id] = feature
        return feature

    def _known(self, account: str, feature_id: str) -> Feature:
        feature = self._features.get((account, feature_id))
        if feature is None or time.monotonic() - feature.made_at >= DAY:
            raise invalid("cover_feature_id is unknown or has expired")
        return feature

    async def _fetch(self, url: str) -> bytes:
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise invalid("audio_url is no address") from error
        if parts.scheme not in {"http", "https"} or (self._hosts and parts.hostname not in self._hosts):
            raise invalid("audio_url is out of reach")
        content = b""
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
                session.get(url, allow_redirects=False) as answer,
            ):
                if answer.status != 200:
                    raise invalid("audio_url is out of reach")
                while len(content) <= LARGEST and (part := await answer.content.read(1024 * 1024)):
                    content += part
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise invalid("audio_url is out of reach") from error
        return content


def _decoded(text: str) -> bytes:
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("audio_base64 is not base64") from error
