"""Mutants that serve models in another way than they should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from conformance.mutants.base import Mutant
from conformance.mutants.minimax.variants import UNBOUNDED, planned, with_rules
from conformance.reference.minimax.errors import InsufficientBalanceError, InvalidParamsError
from conformance.reference.minimax.handlers.music import MusicHandlers
from conformance.reference.minimax.rules import Lengths, MusicRules
from conformance.reference.minimax.services.catalogue import MODELS
from conformance.reference.minimax.services.wallet import Wallet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from conformance.reference.minimax.services.songs import Song
    from conformance.reference.parts.bodies import Json


class Silent(MusicHandlers):
    """Answers requests for some models without any audio."""

    silent: tuple[str, ...]

    def answer(self, request: Request, body: dict[str, Any], song: Song) -> Response:
        """Leave the audio out."""
        if body["model"] in self.silent and body.get("output_format") != "url":
            return JSONResponse(self.content(request, self._services.songs.compose(song), {}))
        return super().answer(request, body, song)


class FreeIsSilent(Silent):
    """Has no engine for the free model."""

    silent: tuple[str, ...] = ("music-2.6-free",)


class PlannedIsSilent(Silent):
    """Has no engine for the model of a plan."""

    silent: tuple[str, ...] = ("music-2.6",)


class InstrumentalsAreSilent(MusicHandlers):
    """Has no engine for music that is not sung."""

    def answer(self, request: Request, body: dict[str, Any], song: Song) -> Response:
        """Leave the audio out."""
        if body.get("is_instrumental"):
            return JSONResponse(self.content(request, self._services.songs.compose(song), {}))
        return super().answer(request, body, song)


class SmallTagsOnly(MusicHandlers):
    """Knows tags as the list of them writes them."""

    def check(self, body: Json) -> None:
        """Refuse small letters."""
        super().check(body)
        if "[verse]" in body.get("lyrics", ""):
            raise InvalidParamsError("lyrics has an unknown tag")


class HasADefault(MusicHandlers):
    """Serves requests without a model with the one that all may use."""

    def check(self, body: Json) -> None:
        """Put it in."""
        if isinstance(body, dict):
            body.setdefault("model", "music-2.6-free")
        super().check(body)


class FallsBack(MusicHandlers):
    """Serves unknown models with the one that all may use."""

    def check(self, body: Json) -> None:
        """Put it in."""
        if isinstance(body, dict) and isinstance(body.get("model"), str) and body["model"] not in MODELS:
            body["model"] = "music-2.6-free"
        super().check(body)


class WantsSomeMoney(Wallet):
    """Serves accounts that have some money."""

    def debit(self, tenant_id: str, amount: int) -> None:
        """Refuse those without, also when nothing is to be paid."""
        if self.balance(tenant_id) == 0:
            raise InsufficientBalanceError
        super().debit(tenant_id, amount)


class SmallPrices(Wallet):
    """Takes a small price for everything that is made, as far as there is something to take."""

    def debit(self, tenant_id: str, amount: int) -> None:
        """Take a hundredth of a credit for what is free."""
        super().debit(tenant_id, amount or min(100, self.balance(tenant_id)))


class PlansAreStricter(MusicRules):
    """Has the prompt of the year before."""

    song_prompt = Lengths(10, 300)


class PlansAreLonger(MusicRules):
    """Lets paying accounts have more."""

    instrumental_prompt = Lengths(1, 3000)


class PlansSingShorter(MusicRules):
    """Has the lyrics of the year before."""

    song_lyrics = Lengths(1, 3000)


class PlansNeedNoLyrics(MusicRules):
    """Writes lyrics for paying accounts without being asked."""

    def vocal_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Take songs without lyrics."""
        return super().vocal_complaints({"lyrics": "la", **body})


class PlansCoverAll(MusicRules):
    """Takes short prompts for covers of paying accounts."""

    cover_prompt = Lengths(1, 300)


class PlansCoverShorter(MusicRules):
    """Has other lyrics for covers of paying accounts."""

    cover_lyrics = Lengths(10, 999)


class CoverIsSilent(Silent):
    """Has no engine for the free cover model."""

    silent: tuple[str, ...] = ("music-cover-free",)


class PlannedCoverIsSilent(Silent):
    """Has no engine for the cover model of a plan."""

    silent: tuple[str, ...] = ("music-cover",)


THIRD = "music-3.0-free"


def without(body: Json, field: str) -> Json:
    """The body as it is checked for the free model of generation 3.0, without a field; others as they are."""
    if not isinstance(body, dict) or body.get("model") != THIRD:
        return body
    return {name: value for name, value in body.items() if name != field}


class ThirdHasNoVoice(MusicHandlers):
    """Has no singer for the free model of generation 3.0."""

    def answer(self, request: Request, body: dict[str, Any], song: Song) -> Response:
        """Leave the audio out where lyrics were sent."""
        if body["model"] == THIRD and body.get("lyrics"):
            return JSONResponse(self.content(request, self._services.songs.compose(song), {}))
        return super().answer(request, body, song)


class ThirdAlwaysSings(MusicHandlers):
    """Compares the model with the one of which the switch was new."""

    def check(self, body: Json) -> None:
        """Leave the switch out for another one."""
        super().check(without(body, "is_instrumental"))


class ThirdNeverWrites(MusicHandlers):
    """Compares the model with the one of which the optimizer was new."""

    def check(self, body: Json) -> None:
        """Leave the optimizer out for another one."""
        super().check(without(body, "lyrics_optimizer"))


MUTANTS = (
    Mutant(
        id="third-model-without-voice",
        breaks="MINIMAX-MODEL-10",
        story="The model of generation 3.0 has no singer yet, and the answer comes all the same.",
        front={"music": ThirdHasNoVoice},
    ),
    Mutant(
        id="third-model-always-sings",
        breaks="MINIMAX-MODEL-11",
        story="Instrumental music is known of music-2.6 only, which is compared by its name.",
        front={"music": ThirdAlwaysSings},
    ),
    Mutant(
        id="third-model-never-writes",
        breaks="MINIMAX-MODEL-12",
        story="Lyrics are written for music-2.6 only, which is compared by its name.",
        front={"music": ThirdNeverWrites},
    ),
    Mutant(
        id="free-model-silent",
        breaks="MINIMAX-MODEL-01",
        story="The free model has no engine behind it, and the answer comes all the same.",
        front={"music": FreeIsSilent},
    ),
    Mutant(
        id="planned-model-silent",
        breaks="MINIMAX-MODEL-02",
        story="The model of a plan has no engine behind it, and the answer comes all the same.",
        front={"music": PlannedIsSilent},
    ),
    Mutant(
        id="instrumental-silent",
        breaks="MINIMAX-MUSIC-01",
        story="The singer's track is answered, and there is none.",
        front={"music": InstrumentalsAreSilent},
    ),
    Mutant(
        id="small-tags-refused",
        breaks="MINIMAX-MODEL-03",
        story="Tags are compared with the list, letter by letter.",
        front={"music": SmallTagsOnly},
    ),
    Mutant(
        id="model-not-needed",
        breaks="MINIMAX-MODEL-04",
        story="A request without a model gets a default.",
        front={"music": HasADefault},
    ),
    Mutant(
        id="unknown-model-replaced",
        breaks="MINIMAX-MODEL-05",
        story="A model that does not exist is replaced by one that does.",
        front={"music": FallsBack},
    ),
    Mutant(
        id="free-model-needs-balance",
        breaks="MINIMAX-MODEL-06",
        story="An account without balance is refused before the price is looked up.",
        cast={"wallet": WantsSomeMoney},
    ),
    Mutant(
        id="free-model-charged",
        breaks="MINIMAX-MODEL-07",
        story="The free model has a price, because no entry in the table may be nothing.",
        cast={"wallet": SmallPrices},
    ),
    Mutant(
        id="planned-prompt-like-covers",
        breaks="MINIMAX-MODEL-08",
        story="The model of a plan has the prompts of covers.",
        front={"music": with_rules(PlansAreStricter(), planned)},
    ),
    Mutant(
        id="planned-prompt-longer",
        breaks="MINIMAX-MODEL-08",
        story="Accounts that pay may write more, which no document says.",
        front={"music": with_rules(PlansAreLonger(), planned, UNBOUNDED)},
    ),
    Mutant(
        id="planned-lyrics-shorter",
        breaks="MINIMAX-MODEL-08",
        story="The model of a plan has the lyrics of an older model.",
        front={"music": with_rules(PlansSingShorter(), planned)},
    ),
    Mutant(
        id="planned-lyrics-written-unasked",
        breaks="MINIMAX-MODEL-08",
        story="For accounts that pay, lyrics are written without being asked for.",
        front={"music": with_rules(PlansNeedNoLyrics(), planned)},
    ),
    Mutant(
        id="planned-cover-prompt-short",
        breaks="MINIMAX-MODEL-09",
        story="The cover model of a plan takes prompts like a song.",
        front={"music": with_rules(PlansCoverAll(), planned)},
    ),
    Mutant(
        id="planned-cover-lyrics-off-by-one",
        breaks="MINIMAX-MODEL-09",
        story="The length of lyrics is compared in the wrong way, in one of two branches.",
        front={"music": with_rules(PlansCoverShorter(), planned)},
    ),
    Mutant(
        id="free-cover-silent",
        breaks="MINIMAX-COVER-07",
        story="The free cover model has no engine behind it, and the answer comes all the same.",
        front={"music": CoverIsSilent},
    ),
    Mutant(
        id="planned-cover-silent",
        breaks="MINIMAX-COVER-08",
        story="The cover model of a plan has no engine behind it, and the answer comes all the same.",
        front={"music": PlannedCoverIsSilent},
    ),
)
