"""Mutants whose tasks say something wrong about their money; the wallet itself is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.reference.beatra.services.money import credits_text, usd_text
from conformance.reference.beatra.services.presenter import Presenter
from conformance.reference.beatra.services.tasks import CANCELED, FAILED, RUNNING, SUCCEEDED

if TYPE_CHECKING:
    from conformance.reference.beatra.services.tasks import Task

_REFUND = ("refunded_credits", "refunded_credits_usd_reference")


def with_refund(billing: dict[str, Any], amount: int) -> dict[str, Any]:
    """The bill with a refund of this amount."""
    return {**billing, **dict(zip(_REFUND, (credits_text(amount), usd_text(amount)), strict=True))}


def without(part: dict[str, Any], *names: str) -> dict[str, Any]:
    """The object without some of its members."""
    return {name: value for name, value in part.items() if name not in names}


class BillsAtTheEnd(Presenter):
    """Shows no charge before the end."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Leave the charge out while the task goes on."""
        billing = super().billing(task)
        return billing if task.is_terminal else without(billing, "charged_credits", "charged_credits_usd_reference")


class NoReferenceWhileRunning(Presenter):
    """Converts into USD when the work is done."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Leave the reference of the charge out while the task goes on."""
        billing = super().billing(task)
        return billing if task.is_terminal else without(billing, "charged_credits_usd_reference")


class NumbersForAmounts(Presenter):
    """Lets the JSON encoder write amounts."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Write amounts as numbers."""
        return {name: value if name == "currency" else float(value) for name, value in super().billing(task).items()}


class AmountsWithUnit(Presenter):
    """Writes amounts for people to read."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Add the unit to the charge."""
        billing = super().billing(task)
        return {**billing, "charged_credits": f"{billing['charged_credits']} credits"}


class CentsForDollars(Presenter):
    """Takes a hundredth for a dollar where there are few."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Show the charge of the cheaper model in cents."""
        factor = 100 if task.resolved_model.startswith("minimax") else 1
        return {**super().billing(task), "charged_credits_usd_reference": usd_text(factor * task.charged)}


class UnconvertedRefund(Presenter):
    """Forgets to convert refunds."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Show the credits of a refund as its reference in USD."""
        billing = super().billing(task)
        if task.refunded:
            billing["refunded_credits_usd_reference"] = billing["refunded_credits"]
        return billing


class UsageInDollars(Presenter):
    """Sums up the usage in USD."""

    def usage(self, task: Task, origin: str) -> dict[str, Any] | None:
        """Leave the sum in credits out."""
        usage = super().usage(task, origin)
        return usage and without(usage, "credits")


class LinesInDollars(Presenter):
    """Lists the usage in USD."""

    def usage(self, task: Task, origin: str) -> dict[str, Any] | None:
        """Leave the credits of each line out."""
        usage = super().usage(task, origin)
        return usage and {**usage, "lines": [without(line, "billed_amount_credits") for line in usage["lines"]]}


class CreditsForCurrency(Presenter):
    """Names its own unit as the currency."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Say credits where USD belongs."""
        return {**super().billing(task), "currency": "credits"}


class SilentFailureRefund(Presenter):
    """Shows refunds of cancelled tasks only."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Leave the refund of a failed task out."""
        billing = super().billing(task)
        return without(billing, *_REFUND) if task.status == FAILED else billing


class HalfFailureRefund(Presenter):
    """Shows a fee that is not taken."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Show half of the refund of a failed task."""
        billing = super().billing(task)
        return with_refund(billing, task.refunded // 2) if task.status == FAILED else billing


class SilentCancelRefund(Presenter):
    """Shows refunds of failed tasks only."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Leave the refund of a cancelled task out."""
        billing = super().billing(task)
        return without(billing, *_REFUND) if task.status == CANCELED else billing


class DoubleCancelRefund(Presenter):
    """Adds the refund of the cancellation to that of the end."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Show twice the refund of a cancelled task."""
        billing = super().billing(task)
        return with_refund(billing, 2 * task.refunded) if task.status == CANCELED else billing


class RefundedSuccess(Presenter):
    """Takes every end for a failure."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Show a refund of a task that succeeded."""
        billing = super().billing(task)
        return with_refund(billing, task.charged) if task.status == SUCCEEDED else billing


class FreeSuccess(Presenter):
    """Shows what is still owed."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Show no charge any more once a task has succeeded."""
        billing = super().billing(task)
        if task.status == SUCCEEDED:
            billing |= {"charged_credits": credits_text(0), "charged_credits_usd_reference": usd_text(0)}
        return billing


class RefundInAdvance(Presenter):
    """Shows what would come back."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Show the refund of a task that has not ended."""
        billing = super().billing(task)
        return billing if task.is_terminal else with_refund(billing, task.charged)


class RefundWhileRunning(Presenter):
    """Releases the reservation when the work begins."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Show the refund of a task that runs."""
        billing = super().billing(task)
        return with_refund(billing, task.charged) if task.status == RUNNING else billing


MUTANTS = (
    Mutant(
        id="charge-shown-at-the-end",
        breaks="BEATRA-MONEY-02",
        story="The bill is written when the task ends, so the charge can't be seen before.",
        cast={"presenter": BillsAtTheEnd},
    ),
    Mutant(
        id="charge-converted-at-the-end",
        breaks="BEATRA-MONEY-02",
        story="The reference in USD is computed when the task ends.",
        cast={"presenter": NoReferenceWhileRunning},
    ),
    Mutant(
        id="amounts-as-numbers",
        breaks="BEATRA-MONEY-04",
        story="The decimals were handed to the JSON encoder, which writes floats.",
        cast={"presenter": NumbersForAmounts},
    ),
    Mutant(
        id="amounts-with-unit",
        breaks="BEATRA-MONEY-04",
        story="The text for the dashboard is used in the API as well.",
        cast={"presenter": AmountsWithUnit},
    ),
    Mutant(
        id="reference-in-cents",
        breaks="BEATRA-MONEY-05",
        story="The reference in USD is written in cents where the amount is small.",
        cast={"presenter": CentsForDollars},
    ),
    Mutant(
        id="refund-not-converted",
        breaks="BEATRA-MONEY-05",
        story="The reference of a refund is the amount in credits.",
        cast={"presenter": UnconvertedRefund},
    ),
    Mutant(
        id="usage-in-usd-only",
        breaks="BEATRA-MONEY-06",
        story="The sum of the usage is shown in USD without the credits.",
        cast={"presenter": UsageInDollars},
    ),
    Mutant(
        id="usage-lines-in-usd-only",
        breaks="BEATRA-MONEY-06",
        story="The lines of the usage are shown in USD without the credits.",
        cast={"presenter": LinesInDollars},
    ),
    Mutant(
        id="currency-is-credits",
        breaks="BEATRA-MONEY-07",
        story="The currency of the bill names the gateway's own unit.",
        cast={"presenter": CreditsForCurrency},
    ),
    Mutant(
        id="failure-refund-not-shown",
        breaks="BEATRA-MONEY-08",
        story="The refund of a failed task is in the wallet, but not on the task.",
        cast={"presenter": SilentFailureRefund},
    ),
    Mutant(
        id="failure-refund-half-shown",
        breaks="BEATRA-MONEY-08",
        story="The task shows a refund less a fee, although all was given back.",
        cast={"presenter": HalfFailureRefund},
    ),
    Mutant(
        id="cancel-refund-not-shown",
        breaks="BEATRA-MONEY-09",
        story="The refund of a cancelled task is in the wallet, but not on the task.",
        cast={"presenter": SilentCancelRefund},
    ),
    Mutant(
        id="cancel-refund-shown-twice",
        breaks="BEATRA-MONEY-09",
        story="The task adds up the refund of the request and that of the end.",
        cast={"presenter": DoubleCancelRefund},
    ),
    Mutant(
        id="success-shows-refund",
        breaks="BEATRA-MONEY-13",
        story="Every end is taken for a failure when the bill is written.",
        cast={"presenter": RefundedSuccess},
    ),
    Mutant(
        id="success-loses-charge",
        breaks="BEATRA-MONEY-13",
        story="A finished task shows what is still owed for it, which is nothing.",
        cast={"presenter": FreeSuccess},
    ),
    Mutant(
        id="refund-in-advance",
        breaks="BEATRA-MONEY-14",
        story="The bill shows what would be refunded if the task were to fail.",
        cast={"presenter": RefundInAdvance},
    ),
    Mutant(
        id="refund-while-running",
        breaks="BEATRA-MONEY-14",
        story="The reservation is shown as refunded when the work begins.",
        cast={"presenter": RefundWhileRunning},
    ),
)
