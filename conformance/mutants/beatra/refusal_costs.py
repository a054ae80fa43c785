"""Mutants that take money, or make tasks, for what they refuse or what is free."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.reference.beatra.errors import InvalidRequestError, UnsupportedModelError, UnsupportedOptionError
from conformance.reference.beatra.handlers.music import FROM_TEXT, MusicHandlers
from conformance.reference.beatra.handlers.uploads import UploadHandlers
from conformance.reference.beatra.services.catalogue import AUTO
from conformance.reference.beatra.services.creation import Order
from conformance.reference.beatra.services.money import UNITS_PER_CREDIT

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse


class DebitsFirst(MusicHandlers):
    """Debits before it knows the model."""

    async def from_text(self, request: Request) -> JSONResponse:
        """Keep the money of a request for a model that does not exist."""
        try:
            return await super().from_text(request)
        except UnsupportedModelError:
            tenant_id = self._guard.identify(request).tenant_id
            self._services.wallet.refund(tenant_id, -80 * UNITS_PER_CREDIT)
            raise


class ChecksOptionsLate(MusicHandlers):
    """Checks options when the task is there already."""

    async def from_text(self, request: Request) -> JSONResponse:
        """Leave the task of a request with an option that does not exist."""
        content = await request.body()
        try:
            return await super().from_text(request)
        except UnsupportedOptionError:
            tenant_id = self._guard.identify(request).tenant_id
            body = json.loads(content)
            order = Order(tenant_id, FROM_TEXT.name, AUTO, {}, body.get("metadata") or {}, None)
            creation = self._services.creator.create(order)
            self._services.wallet.refund(tenant_id, creation.task.charged)
            raise


class ChargesForMistakes(MusicHandlers):
    """Takes a credit for an object that is no request."""

    async def from_text(self, request: Request) -> JSONResponse:
        """Keep a credit when a member of the body is of the wrong type, and none when the body is no object."""
        content = await request.body()
        try:
            return await super().from_text(request)
        except InvalidRequestError:
            if content.startswith(b"{"):
                tenant_id = self._guard.identify(request).tenant_id
                self._services.wallet.refund(tenant_id, -UNITS_PER_CREDIT)
            raise


class ChargesForUploads(UploadHandlers):
    """Takes a credit for storage."""

    async def create(self, request: Request) -> JSONResponse:
        """Debit a credit that no task shows."""
        answer = await super().create(request)
        self._services.wallet.refund(self._guard.identify(request).tenant_id, -UNITS_PER_CREDIT)
        return answer


MUTANTS = (
    Mutant(
        id="unknown-model-debited",
        breaks="BEATRA-MONEY-20",
        story="The price is debited before the model is looked up, and stays debited.",
        front={"music": DebitsFirst},
    ),
    Mutant(
        id="refused-options-leave-task",
        breaks="BEATRA-MONEY-20",
        story="The options are checked after the task was stored.",
        front={"music": ChecksOptionsLate},
    ),
    Mutant(
        id="one-mistake-debited",
        breaks="BEATRA-MONEY-20",
        story="One of many checks comes after the debit.",
        front={"music": ChargesForMistakes},
        generated=True,
    ),
    Mutant(
        id="upload-debited",
        breaks="BEATRA-MONEY-22",
        story="Storage for uploads is debited, which no document and no task says.",
        front={"uploads": ChargesForUploads},
    ),
)
