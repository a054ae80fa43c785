"""Mutants that take a retry for something new, something new for a retry, or do harm on the way."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.mutants.beatra.answers import BASE_PATH
from conformance.reference.beatra.errors import IdempotencyConflictError, InvalidRequestError
from conformance.reference.beatra.handlers.music import MusicHandlers
from conformance.reference.beatra.services.creation import Creation, Creator
from conformance.reference.beatra.services.idempotency import Idempotency

if TYPE_CHECKING:
    from conformance.reference.beatra.services.creation import Order
    from conformance.reference.beatra.services.idempotency import Attempt

FROM_TEXT = "text_to_music"
_TEXT_PATH = f"{BASE_PATH}/music/text-to-music"


class KeysForReferencesOnly(Creator):
    """Looks a key up for songs from reference audio only."""

    def recall(self, order: Order, now: int) -> str | None:
        """Take every song from a prompt for a new one."""
        return None if order.capability == FROM_TEXT else super().recall(order, now)


class FingerprintOfTheAttempt(MusicHandlers):
    """Mixes something into the fingerprint of a song from a prompt that differs from attempt to attempt."""

    def fingerprint(self, body: dict[str, Any]) -> str:
        """Never the same twice without reference audio."""
        return super().fingerprint(body) if "reference_audio" in body else secrets.token_hex(8)


class KeysForPromptsOnly(Creator):
    """Looks a key up for songs from a prompt only."""

    def recall(self, order: Order, now: int) -> str | None:
        """Take every song from reference audio for a new one."""
        return super().recall(order, now) if order.capability == FROM_TEXT else None


class FingerprintOfTheCopy(MusicHandlers):
    """Takes the fingerprint after the reference audio was copied to a place of its own."""

    def fingerprint(self, body: dict[str, Any]) -> str:
        """Never the same twice with reference audio."""
        return secrets.token_hex(8) if "reference_audio" in body else super().fingerprint(body)


class FingerprintWithoutReference(MusicHandlers):
    """Takes the fingerprint of the fields that both operations share."""

    def fingerprint(self, body: dict[str, Any]) -> str:
        """Leave the reference audio out."""
        return super().fingerprint({name: value for name, value in body.items() if name != "reference_audio"})


class FingerprintOfTheReference(MusicHandlers):
    """Takes the fingerprint of the reference audio, where there is one, for that of the body."""

    def fingerprint(self, body: dict[str, Any]) -> str:
        """Leave the prompt out."""
        return super().fingerprint(body.get("reference_audio", body))


class HiddenTask(Creator):
    """Makes the task before it looks the key up, and only the debit is spared."""

    def create(self, order: Order) -> Creation:
        """Leave another task behind when the key is known."""
        creation = super().create(order)
        if not creation.is_new:
            with self.database.transaction():
                self.wallet.refund(order.tenant_id, creation.task.charged)
                self.make(replace(order, attempt=None), self.clock.now(order.tenant_id))
        return creation


class CanceledTask(Creator):
    """Takes back what was made for nothing, money included, and leaves it in the list."""

    def create(self, order: Order) -> Creation:
        """Make another task when the key is known, and cancel it; an empty wallet is no hindrance."""
        creation = super().create(order)
        if not creation.is_new:
            with self.database.transaction():
                now = self.clock.now(order.tenant_id)
                self.wallet.refund(order.tenant_id, creation.task.charged)
                made = self.tasks.find(order.tenant_id, self.make(replace(order, attempt=None), now))
                if made is not None:
                    self.lifecycle.cancel(made, now)
                self.wallet.debit(order.tenant_id, creation.task.charged)
        return creation


class DebitsFirst(Creator):
    """Debits before it looks the key up."""

    def create(self, order: Order) -> Creation:
        """Let a replay pay like a first request."""
        creation = super().create(order)
        if not creation.is_new:
            self.wallet.debit(order.tenant_id, creation.task.charged)
        return creation


class RefundsDuplicates(Creator):
    """Gives back the price of a duplicate, which was never debited."""

    def create(self, order: Order) -> Creation:
        """Pay for every replay."""
        creation = super().create(order)
        if not creation.is_new:
            self.wallet.refund(order.tenant_id, creation.task.charged)
        return creation


class KeyDecides(Idempotency):
    """Compares no bodies on text-to-music."""

    def is_same(self, fingerprint: str, attempt: Attempt) -> bool:
        """Take the key's word for it."""
        return attempt.operation == _TEXT_PATH or super().is_same(fingerprint, attempt)


class ConflictIsInvalid(Idempotency):
    """Calls a conflict on text-to-music an invalid request."""

    def recall(self, attempt: Attempt, now: int) -> str | None:
        """Refuse with 422."""
        try:
            return super().recall(attempt, now)
        except IdempotencyConflictError as problem:
            if attempt.operation == _TEXT_PATH:
                raise InvalidRequestError(problem.message) from problem
            raise


class ConflictCreates(Creator):
    """Makes the task of a conflicting request and then refuses it."""

    def create(self, order: Order) -> Creation:
        """Create outside of what the refusal takes back."""
        try:
            return super().create(order)
        except IdempotencyConflictError:
            with self.database.transaction():
                task_id = self.make(replace(order, attempt=None), self.clock.now(order.tenant_id))
                charged = self.tasks.find(order.tenant_id, task_id)
                self.wallet.refund(order.tenant_id, charged.charged if charged else 0)
            raise


class ConflictDebits(Creator):
    """Debits before it compares bodies."""

    def create(self, order: Order) -> Creation:
        """Keep the money of a conflicting request."""
        try:
            return super().create(order)
        except IdempotencyConflictError:
            self.wallet.debit(order.tenant_id, self.catalogue.resolve(order.model).price)
            raise


class ConflictCancels(Creator):
    """Takes a conflicting request for a correction of the first one."""

    def create(self, order: Order) -> Creation:
        """Cancel the task that the key stands for."""
        try:
            return super().create(order)
        except IdempotencyConflictError:
            self._cancel_first(order)
            raise

    def _cancel_first(self, order: Order) -> None:
        row = self.database.row(
            "SELECT resource_id FROM idempotency WHERE key = ?", (getattr(order.attempt, "key", ""),)
        )
        task = None if row is None else self.tasks.find(order.tenant_id, row["resource_id"])
        if task is not None:
            with self.database.transaction():
                self.lifecycle.cancel(task, self.clock.now(order.tenant_id))


class TryAgainError(IdempotencyConflictError):
    """A conflict that is said to pass."""

    retryable = True


class ConflictPasses(Idempotency):
    """Calls a conflict retryable, like the other problems of concurrency."""

    def recall(self, attempt: Attempt, now: int) -> str | None:
        """Ask for a retry."""
        try:
            return super().recall(attempt, now)
        except IdempotencyConflictError as problem:
            raise TryAgainError(problem.message) from problem


class BodyDecides(Idempotency):
    """Recognises retries by their body, whatever the key."""

    def recall(self, attempt: Attempt, now: int) -> str | None:
        """Find the newest request with the same body."""
        known = super().recall(attempt, now)
        if known is not None:
            return known
        row = self._database.row(
            "SELECT * FROM idempotency WHERE tenant_id = ? AND operation = ? AND fingerprint = ?",
            (attempt.tenant_id, attempt.operation, attempt.fingerprint),
        )
        return None if row is None or self.is_over(row["created_at"], now) else str(row["resource_id"])


class ShortColumn(Idempotency):
    """Keeps keys in a column that is too short for a UUID."""

    def recall(self, attempt: Attempt, now: int) -> str | None:
        """Compare what fits."""
        return super().recall(replace(attempt, key=attempt.key[:35]), now)

    def remember(self, attempt: Attempt, resource_id: str, now: int) -> None:
        """Keep what fits."""
        super().remember(replace(attempt, key=attempt.key[:35]), resource_id, now)


class ReplaysForStrangers(Creator):
    """Looks keys up without regard to whose they are."""

    def create(self, order: Order) -> Creation:
        """Answer with whatever task the key stands for."""
        attempt = order.attempt
        if attempt is not None:
            row = self.database.row(
                "SELECT * FROM idempotency WHERE key = ? AND fingerprint = ? AND tenant_id != ?",
                (attempt.key, attempt.fingerprint, order.tenant_id),
            )
            task = None if row is None else self.tasks.find(row["tenant_id"], row["resource_id"])
            if task is not None:
                return Creation(task=task, is_new=False)
        return super().create(order)


class ConflictsWithStrangers(Idempotency):
    """Keeps keys unique across tenants, and names what a key was used for."""

    def recall(self, attempt: Attempt, now: int) -> str | None:
        """Refuse a key that another tenant has used for something else."""
        row = self._database.row(
            "SELECT * FROM idempotency WHERE key = ? AND tenant_id != ? AND fingerprint != ?",
            (attempt.key, attempt.tenant_id, attempt.fingerprint),
        )
        if row is not None:
            raise IdempotencyConflictError(f"The Idempotency-Key was already used for {row['resource_id']}.")
        return super().recall(attempt, now)


MUTANTS = (
    Mutant(
        id="keys-for-references-only",
        breaks="BEATRA-IDEMPOTENCY-01",
        story="Keys were built into the newer of the two operations, and the older one never got them.",
        cast={"creator": KeysForReferencesOnly},
        consequences={
            "BEATRA-MONEY-22": "The tasks of requests whose answer was lost are charged, and no retry leads to them.",
        },
    ),
    Mutant(
        id="fingerprint-of-the-attempt",
        breaks="BEATRA-IDEMPOTENCY-01",
        story="The fingerprint covers a value that differs from attempt to attempt, so every retry is a conflict.",
        front={"music": FingerprintOfTheAttempt},
    ),
    Mutant(
        id="keys-for-prompts-only",
        breaks="BEATRA-IDEMPOTENCY-02",
        story="Only one of the two operations honours keys.",
        cast={"creator": KeysForPromptsOnly},
    ),
    Mutant(
        id="fingerprint-of-the-copy",
        breaks="BEATRA-IDEMPOTENCY-02",
        story="The fingerprint is taken after the reference audio was copied, so no two are the same.",
        front={"music": FingerprintOfTheCopy},
    ),
    Mutant(
        id="replay-leaves-a-task",
        breaks="BEATRA-IDEMPOTENCY-03",
        story="A retry gets the first task, but the second one had been made by then.",
        cast={"creator": HiddenTask},
    ),
    Mutant(
        id="replay-leaves-a-canceled-task",
        breaks="BEATRA-IDEMPOTENCY-03",
        story="The second task of a retry is canceled as soon as the key is found, and stays in the list.",
        cast={"creator": CanceledTask},
    ),
    Mutant(
        id="replay-debits",
        breaks="BEATRA-IDEMPOTENCY-04",
        story="The wallet is debited before the key is looked up.",
        cast={"creator": DebitsFirst},
    ),
    Mutant(
        id="replay-refunds",
        breaks="BEATRA-IDEMPOTENCY-04",
        story="A duplicate gets its price back although it was never debited.",
        cast={"creator": RefundsDuplicates},
    ),
    Mutant(
        id="conflict-replays",
        breaks="BEATRA-IDEMPOTENCY-05",
        story="Bodies are not compared, so another song gets the task of the first.",
        cast={"idempotency": KeyDecides},
    ),
    Mutant(
        id="conflict-is-invalid",
        breaks="BEATRA-IDEMPOTENCY-05",
        story="A conflict is reported as an invalid request.",
        cast={"idempotency": ConflictIsInvalid},
    ),
    Mutant(
        id="fingerprint-without-reference",
        breaks="BEATRA-IDEMPOTENCY-06",
        story="The fingerprint covers only the fields that both operations share.",
        front={"music": FingerprintWithoutReference},
    ),
    Mutant(
        id="fingerprint-of-the-reference",
        breaks="BEATRA-IDEMPOTENCY-06",
        story="The fingerprint of the reference audio stands for the whole body.",
        front={"music": FingerprintOfTheReference},
    ),
    Mutant(
        id="conflict-creates",
        breaks="BEATRA-IDEMPOTENCY-07",
        story="The task is stored before bodies are compared, and the refusal leaves it there.",
        cast={"creator": ConflictCreates},
    ),
    Mutant(
        id="conflict-debits",
        breaks="BEATRA-IDEMPOTENCY-07",
        story="The wallet is debited before bodies are compared, and the refusal gives nothing back.",
        cast={"creator": ConflictDebits},
    ),
    Mutant(
        id="conflict-cancels",
        breaks="BEATRA-IDEMPOTENCY-07",
        story="A key with another body is taken for a correction, and the first task is cancelled.",
        cast={"creator": ConflictCancels},
    ),
    Mutant(
        id="conflict-is-retryable",
        breaks="BEATRA-IDEMPOTENCY-08",
        story="A conflict is called retryable, so clients repeat it for ever.",
        cast={"idempotency": ConflictPasses},
    ),
    Mutant(
        id="body-decides",
        breaks="BEATRA-IDEMPOTENCY-09",
        story="Retries are recognised by their body alone.",
        cast={"idempotency": BodyDecides},
        consequences={
            "BEATRA-MONEY-19": "Requests at once for the same song, with a key each, all get the task of the first.",
        },
    ),
    Mutant(
        id="short-key-column",
        breaks="BEATRA-IDEMPOTENCY-09",
        story="The column for keys is one character too short for a UUID.",
        cast={"idempotency": ShortColumn},
    ),
    Mutant(
        id="key-of-a-stranger-replays",
        breaks="BEATRA-IDEMPOTENCY-16",
        story="Keys are looked up without the tenant.",
        cast={"creator": ReplaysForStrangers},
    ),
    Mutant(
        id="key-of-a-stranger-conflicts",
        breaks="BEATRA-IDEMPOTENCY-16",
        story="Keys are unique across tenants, and the refusal says what the other tenant made with it.",
        cast={"idempotency": ConflictsWithStrangers},
    ),
)
