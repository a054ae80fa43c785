"""Songs that many scenarios share: two that are bought for good, and covers made from reference audio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from conformance.suite.beatra.answers import tried
from conformance.suite.beatra.bodies import CHEAP_SONG, DOCUMENTED_EXAMPLE, SONG, SUNO
from conformance.suite.beatra.gateway import accepted, is_accepted

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.gateway import Gateway


SERVES: Final = "BEATRA-MUSIC-15"


def suno_song(beatra: Gateway) -> tuple[Exchange, Exchange]:
    """The answer to the documented example, and the creation of its song or, if it was refused, of a plain one."""
    answer = beatra.bought("documented example", DOCUMENTED_EXAMPLE)
    return answer, (answer if is_accepted(answer) else beatra.bought("plain song", SONG))


def minimax_song_of(beatra: Gateway) -> Exchange:
    """The creation of a song with the other model, whatever came back."""
    return beatra.bought("minimax song", CHEAP_SONG)


def artifact(artifact_id: str) -> dict[str, str]:
    """An uploaded file as reference audio."""
    return {"type": "artifact", "artifact_id": artifact_id}


def cover_of(artifact_id: str, prompt: str = "turn this into polished synth pop") -> dict[str, Any]:
    """The request that the guide shows."""
    return {"model": SUNO, "prompt": prompt, "reference_audio": artifact(artifact_id)}


def cover_from(url: str) -> dict[str, Any]:
    """The request of the guide with a URL in its place, in the form that media have elsewhere at the gateway."""
    return {**cover_of(""), "reference_audio": {"type": "url", "url": url}}


def nowhere_beside(url: str) -> str:
    """A URL that delivers nothing, on the host and in the folder of one that does."""
    parts = urlsplit(url)
    return parts._replace(path=f"{parts.path}.does-not-exist", query="").geturl()


def serving_artifact(beatra: Gateway) -> str:
    """
    The id of a file that was uploaded just now, where such files serve as references.

    Raises:
        BlockedError: they don't, so a refusal would say nothing about the rest of a request.
    """
    accepted(tried(beatra, cover_of(beatra.uploaded())), "/task_id", SERVES)
    return beatra.uploaded()
