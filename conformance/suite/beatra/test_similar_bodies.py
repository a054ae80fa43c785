"""A key that comes back with nearly the same body, with an equal one in another spelling, or is nearly another key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import NotOfferedError
from conformance.client.request import PreparedRequest
from conformance.journal.records import Mismatch
from conformance.money.budget import cancels
from conformance.suite.batch import decided
from conformance.suite.beatra.bodies import DOCUMENTED_EXAMPLE, SONG, SUNO
from conformance.suite.beatra.keys import kept, marked
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

Body = dict[str, Any]
FORM: Final = frozenset({400, 422})


def changed(name: str, change: Callable[[Any], Any]) -> Callable[[Body], Body]:
    """A body with one member changed."""
    return lambda body: {**body, name: change(body[name])}


def with_option(name: str, value: object) -> Callable[[Body], Body]:
    """A body with one option of its model changed."""
    return lambda body: {**body, "model_options": {"suno": {**body["model_options"]["suno"], name: value}}}


DIFFERENT: Final[dict[str, Callable[[Body], Body]]] = {
    "one letter more": changed("lyrics", lambda text: f"{text}s"),
    "one capital letter": changed("prompt", lambda text: text[0].upper() + text[1:]),
    "one blank more inside of a text": changed("prompt", lambda text: text.replace(" ", "  ", 1)),
    "one number inside of an option": with_option("style_weight", 0.61),
    "one value of the metadata": changed("metadata", lambda values: {**values, "take": "2"}),
    "one key of the metadata more": changed("metadata", lambda values: {**values, "project": "demo"}),
    "a member left out": lambda body: {name: value for name, value in body.items() if name != "lyrics"},
}
SPELLINGS: Final[dict[str, Callable[[Body], str]]] = {
    "its members in another order": lambda body: json.dumps(dict(reversed(body.items()))),
    "members inside of members in another order": lambda body: json.dumps(
        {**body, "metadata": dict(reversed(body["metadata"].items()))}
    ),
    "blanks and line feeds between its members": lambda body: json.dumps(body, indent=2),
    "no blanks between its members": lambda body: json.dumps(body, separators=(",", ":")),
    "a number with one digit more": lambda body: json.dumps(body).replace("0.6}", "0.60}"),
    "a letter as an escape": lambda body: json.dumps(body).replace("dream", "\\u0064ream"),
    "a member that is null": lambda body: json.dumps({**body, "title": None}),
}
NEAR_KEYS: Final[dict[str, Callable[[str], str]]] = {
    "without its last character": lambda key: key[:-1],
    "with one more character": lambda key: f"{key}7",
    "with another first character": lambda key: ("7" if key[0] != "7" else "8") + key[1:],
    "with another character in the middle": lambda key: (
        # In the second group of a UUID.
        key[:11] + ("7" if key[11] != "7" else "8") + key[12:]
    ),
}


@dataclass(frozen=True, slots=True)
class Variants:
    """A request that made a task, and what each of its variants was answered."""

    first: Exchange
    answers: Mapping[str, Exchange]

    def another_task(self, answer: Exchange) -> bool:
        """Whether an answer names another task than the first one."""
        return answer.accepted and answer.get("/task_id") != self.first.get("/task_id")


def original(beatra: Gateway) -> Body:
    """The example of the guide, with metadata of its own."""
    song = marked(beatra, DOCUMENTED_EXAMPLE)
    return {**song, "metadata": {**song["metadata"], "take": "1"}}


def tried(beatra: Gateway, first: Exchange, calls: Mapping[str, Callable[[], Exchange]]) -> Variants:
    """What the variants are answered, one after the other; what they make is not left under way."""
    found = Variants(first, {})
    answers: dict[str, Exchange] = {}
    for name, call in calls.items():
        answers[name] = call()
        if found.another_task(answers[name]):
            beatra.discard(answers[name])
    beatra.discard(first)
    return Variants(first, answers)


def spelled(beatra: Gateway, text: str, key: str) -> Exchange:
    """A creation with a body as it is spelled here."""
    headers = (("Content-Type", "application/json"),)
    url = f"{beatra.account.client.base_url}/music/text-to-music"
    prepared = PreparedRequest("POST", url, headers, text.encode(), "createTextToMusic")
    return beatra.account.send(prepared, idempotency_key=key)


def as_sent(first: Exchange) -> Body:
    """The body that made a task, with what was added to it on its way."""
    body: Body = first.request.body.json
    return body


@scenario(cancels(*(SUNO,) * 9, open_at_once=2, requests=18))
def nearly_equal(gateway: OpenGateway) -> Variants:
    """A key that comes back with bodies that differ in one place each."""
    with gateway("nearly-equal", balance=Decimal(1000)) as beatra:
        key = beatra.fresh_key()
        first = kept(beatra.create_music, original(beatra), key)
        body = as_sent(first)
        calls = {
            name: lambda change=change: beatra.create_music(change(body), key) for name, change in DIFFERENT.items()
        }
        return tried(beatra, first, calls)


@scenario(cancels(*(SUNO,) * 9, open_at_once=2, requests=18))
def equally_spelled(gateway: OpenGateway) -> Variants:
    """A key that comes back with the same body in other spellings."""
    with gateway("equally-spelled", balance=Decimal(1000)) as beatra:
        key = beatra.fresh_key()
        song = {name: value for name, value in original(beatra).items() if name != "title"}
        first = kept(beatra.create_music, song, key)
        body = as_sent(first)
        calls = {name: lambda spell=spell: spelled(beatra, spell(body), key) for name, spell in SPELLINGS.items()}
        found = tried(beatra, first, calls)
        for name, answer in found.answers.items():
            known = answer.accepted and not found.another_task(answer)
            said = "a retry" if known else f"answered {answer.failure or answer.status}"
            beatra.observe("BEATRA-OBS-EQUAL-BODY", f"A body with {name} is {said}.", answer)
        return found


# The retry that shows that a key is kept needs room beside the first request, until it is answered.
@scenario(cancels(*(SUNO,) * 6, open_at_once=2, requests=12))
def near_keys(gateway: OpenGateway) -> Variants:
    """The same body with keys that are nearly the first one."""
    with gateway("near-keys", balance=Decimal(1000)) as beatra:
        key = beatra.fresh_key()
        song = marked(beatra, SONG)
        first = kept(beatra.create_music, song, key)
        # What is cancelled keeps its key, and can't be done, and so paid for, before the others are tried.
        beatra.discard(first)
        found = Variants(first, {})
        for name, alter in NEAR_KEYS.items():
            answer = beatra.create_music(song, alter(key))
            found = Variants(first, {**found.answers, name: answer})
            if found.another_task(answer):
                beatra.discard(answer)
            elif answer.accepted:
                # What this request cost is not known, and the other keys would show nothing more.
                break
        return found


@requirement("BEATRA-IDEMPOTENCY-17")
def test_a_key_with_a_slightly_different_body_is_a_conflict(nearly_equal: Variants) -> None:
    for name, answer in nearly_equal.answers.items():
        if decided(answer).status != 409:
            raise Mismatch(
                f"expected 409 for a body with {name}, got {answer.status}", nearly_equal.first.id, answer.id
            )


@requirement("BEATRA-IDEMPOTENCY-18")
def test_an_equal_body_makes_no_second_task(equally_spelled: Variants) -> None:
    for name, answer in equally_spelled.answers.items():
        if equally_spelled.another_task(decided(answer)):
            raise Mismatch(
                f"expected no other task of a body with {name}, got {answer.get('/task_id')!r:.60}",
                equally_spelled.first.id,
                answer.id,
            )


@requirement("BEATRA-IDEMPOTENCY-19")
def test_a_key_that_is_nearly_another_one_is_another_key(near_keys: Variants) -> None:
    made = [(name, answer) for name, answer in near_keys.answers.items() if decided(answer).accepted]
    for name, answer in made:
        if not near_keys.another_task(answer):
            raise Mismatch(
                f"expected another task for the key {name}, got the first one", near_keys.first.id, answer.id
            )
    refused = [answer for answer in near_keys.answers.values() if not answer.accepted]
    if refused and not all(answer.status in FORM for answer in refused):
        worst = next(answer for answer in refused if answer.status not in FORM)
        raise Mismatch(f"expected another task for another key, got {worst.status}", near_keys.first.id, worst.id)
    if not made:
        raise NotOfferedError("keys of another form are refused here")
