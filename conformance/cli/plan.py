"""`conformance plan`: what a run would ask for and cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from conformance.contract.contract import Contract
    from conformance.contract.conventions import Money
    from conformance.suite.quote import Quote

_TIERS: Final = ("read", "free", "paid")
_IN_ALL: Final = "in all (what several keep is bought once)"


@click.command()
@click.argument("url", required=False)
@click.option("--system", metavar="NAME", help="Which system the target implements.")
@click.option("--spec", metavar="FILE", help="OpenAPI document that the target implements.")
@click.option("--conventions", metavar="FILE", help="What that document can't say (conventions.yaml).")
@click.option("--target", metavar="FILE", help="Statement of the target (target.toml), for its prices.")
@click.option("--tier", type=click.Choice(_TIERS), help="Only this tier, scenario by scenario.  [default: sums of all]")
@click.option("--examples", type=click.IntRange(min=1), metavar="N", help="As in `run`.")
@click.option("--provisional", is_flag=True, help="As in `run`.")
@click.pass_context
def plan(
    context: click.Context,
    /,
    *,
    target: str | None,
    tier: str | None,
    examples: int | None,
    provisional: bool,
    **named: str | None,
) -> None:
    """
    Say what a run against the target at URL would ask for and cost, without asking for anything.

    Net is the price when the target keeps every promise. The worst case is that it honours no refund and no
    cancellation. Under the smallest cap every scenario fits; a lower one leaves some unjudged.
    """
    contract = _contract(context, target, **named)
    from conformance.client.budget import Tier
    from conformance.suite.quote import quote

    money = contract.conventions.money
    brought = named["spec"] is not None
    lines: Iterable[str]

    def asked(tier: Tier) -> Quote:
        return quote(contract, tier, examples, brought=brought, provisional=provisional)

    if tier is not None:
        lines = _in_detail(asked(Tier[tier.upper()]), money)
    else:
        quotes = [asked(Tier[name.upper()]) for name in _TIERS]
        lines = [*_in_sum(quotes, money), "", *_advice(quotes, _files(named["spec"], named["conventions"]))]
    for line in lines:
        click.echo(line)


def _contract(
    context: click.Context,
    target: str | None,
    *,
    url: str | None,
    system: str | None,
    spec: str | None,
    conventions: str | None,
) -> Contract:
    from conformance.contract.errors import ContractError
    from conformance.plugin.contracts import brought_by, contract_of
    from conformance.plugin.errors import OptionError
    from conformance.target.errors import TargetError
    from conformance.target.file import read_target_file
    from conformance.target.settings import TargetOptions, resolve_settings

    try:
        stated = read_target_file(Path(target)) if target else None
        brought = brought_by(spec, conventions, system, Path.cwd())
        # Without an environment: a quote needs no key.
        named = system if brought is None else contract_of("", brought).system
        settings = resolve_settings(TargetOptions(base_url=url, system=named), stated, {})
        return contract_of(settings.system, brought).with_prices(settings.prices)
    except (TargetError, ContractError, OptionError) as error:
        raise click.UsageError(str(error), context) from error


def _in_sum(quotes: list[Quote], money: Money | None) -> Iterator[str]:
    yield f"{'tier':<6}{'scenarios':>10}{'requests':>10}{'net':>26}{'worst case':>26}{'smallest cap':>26}"
    for quote in quotes:
        amounts = (quote.net, quote.worst, quote.smallest_cap)
        shown = "".join(f"  {_amount(amount, money):>24}" for amount in amounts)
        yield f"{quote.tier!s:<6}{len(quote.entries):>10}{quote.requests:>10}{shown}"


def _advice(quotes: list[Quote], files: str) -> Iterator[str]:
    """How to go on: with the smallest cap, or without one where no price is known."""
    last = quotes[-1]
    if last.smallest_cap:
        yield f"To judge everything: conformance run URL{files} --max-credits {last.smallest_cap.normalize():f}"
    elif any(entry.tier == last.tier for entry in last.entries):
        yield "No price is known, so with real money nothing is asked for that may cost; to judge everything,"
        yield "state prices in the conventions, or say --play-money where nobody pays for the account."
    else:
        yield f"To judge everything: conformance run URL{files}"
    yield f"Scenario by scenario: conformance plan{files} --tier paid"


def _files(spec: str | None, conventions: str | None) -> str:
    """The files of a contract that was brought, as options."""
    return "".join(
        f" {option} {file}" for option, file in (("--spec", spec), ("--conventions", conventions)) if file is not None
    )


def _in_detail(quote: Quote, money: Money | None) -> Iterator[str]:
    width = max(len(name) for name in (_IN_ALL, *(entry.scenario for entry in quote.entries)))
    yield f"{'scenario':<{width}}{'requests':>10}{'net':>26}{'worst case':>26}"
    for entry in quote.entries:
        shown = "".join(f"  {_amount(amount, money):>24}" for amount in (entry.net, entry.worst))
        yield f"{entry.scenario:<{width}}{entry.requests:>10}{shown}"
    yield ""
    shown = "".join(f"  {_amount(amount, money):>24}" for amount in (quote.net, quote.worst))
    yield f"{_IN_ALL:<{width}}{quote.requests:>10}{shown}"
    yield f"smallest cap: {_amount(quote.smallest_cap, money)}"


def _amount(amount: Decimal, money: Money | None) -> str:
    """An amount in the system's unit and, where its rate is known, in dollars."""
    if not amount:
        return "0"
    unit = money.unit if money else ""
    rate = money.credits_per_usd if money else None
    dollars = f" ({amount / rate:.2f} USD)" if rate else ""
    return f"{amount.normalize():f} {unit}{dollars}"
