"""`conformance plan`: what a run would ask for and cost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from conformance.cli.options import table_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from conformance.contract.contract import Contract
    from conformance.contract.conventions import Conventions
    from conformance.money.budget import Tier
    from conformance.suite.quote import Quote

_TIERS: Final = ("read", "free", "paid")
_ONLY: Final = "only this tier, scenario by scenario  [default: sums of all]"
_PRICES_OF: Final = "statement of the target (target.toml), for its prices"
_IN_ALL: Final = "in all (what several keep is bought once)"


@click.command()
@click.argument("url", required=False)
@table_options(
    "system",
    "spec",
    "conventions",
    "contract-version",
    "target",
    "tier",
    "examples",
    "provisional",
    target_file=_PRICES_OF,
    tier_name=_ONLY,
)
@click.option("--links", is_flag=True, help="show the things of the document, and what makes what, instead")
@click.pass_context
def plan(
    context: click.Context,
    /,
    *,
    url: str | None,
    tier_name: str | None,
    examples: str | None,
    provisional: bool = False,
    links: bool = False,
    **named: str | None,
) -> None:
    """
    Say what a run against the target at URL would ask for and cost, without asking for anything.

    Net is the price when the target honours refunds and cancellations. The worst case is that it honours none of
    them. Under the smallest cap every scenario fits; a lower one leaves some unjudged. Where prices are not known,
    purchases are counted in their place.
    """
    contract, drawn = _contract_and_examples(
        context, {**named, "base_url": url, "tier_name": tier_name, "examples": examples}
    )
    from conformance.cli.links import links_in_words
    from conformance.money.budget import Tier
    from conformance.suite.quote import quote

    if links:
        for line in links_in_words(contract):
            click.echo(line)
        return
    conventions = contract.conventions
    is_external = named["spec"] is not None
    lines: Iterable[str]

    def asked(tier: Tier) -> Quote:
        return quote(contract, tier, drawn, external=is_external, provisional=provisional)

    if tier_name is not None:
        lines = _in_detail(asked(Tier[tier_name.upper()]), conventions)
    else:
        quotes = [asked(Tier[name.upper()]) for name in _TIERS]
        files = _files(named["spec"], named["conventions"])
        lines = [*_in_sum(quotes, conventions), "", *_advice(quotes, files, _cap_option(conventions))]
    lines = [*lines, *_left_out(contract)]
    for line in lines:
        click.echo(line)


def _contract_and_examples(context: click.Context, given: Mapping[str, str | None]) -> tuple[Contract, int | None]:
    """The contract with the prices of the account, or in purchases, and how many requests are drawn."""
    from conformance.contract.errors import ContractError
    from conformance.contract.selection import contract_of, external_contract_of
    from conformance.target.errors import TargetError
    from conformance.target.file import read_target_file
    from conformance.target.remote_document import as_file
    from conformance.target.settings import merged, read_said, resolve_settings

    try:
        said = read_said(given)
        options = merged(said, read_target_file(Path(said["target_file"])) if "target_file" in said else {})
        external = external_contract_of(as_file(options.spec), options.conventions, said.get("system"), Path.cwd())
        # Without keys and without a URL: a quote needs neither.
        system = options.system if external is None else contract_of("", external).system
        settings = resolve_settings(replace(options, system=system, base_url=None), {})
        contract = contract_of(settings.system, external, options.contract_version).with_prices(options.price_list)
        return contract if contract.states_prices else contract.counting_purchases(), options.examples
    except (TargetError, ContractError) as error:
        raise click.UsageError(str(error), context) from error


def _in_sum(quotes: list[Quote], conventions: Conventions) -> Iterator[str]:
    yield f"{'tier':<6}{'scenarios':>10}{'requests':>10}{'net':>26}{'worst case':>26}{'smallest cap':>26}"
    for quote in quotes:
        amounts = (quote.net, quote.worst, quote.smallest_cap)
        shown = "".join(f"  {_amount(amount, conventions):>24}" for amount in amounts)
        yield f"{quote.tier!s:<6}{len(quote.entries):>10}{quote.requests:>10}{shown}"


def _left_out(contract: Contract) -> Iterator[str]:
    """The operations that no sum has: they can't be tested, or are not sent under a cap in money."""
    yield from contract.left_out
    pricing = contract.conventions.pricing
    for name in pricing.unknown if pricing else ():
        location = contract.document.operations[name].location
        yield (
            f"Not in these sums, and not sent under a cap: {location}, whose price is not known; [prices] {name} in "
            "target.toml states the most that one may cost."
        )


def _cap_option(conventions: Conventions) -> str:
    """The option that states a cap in the unit of the quote."""
    counts = conventions.pricing is not None and conventions.pricing.purchases
    return "--max-purchases" if counts else "--max-credits"


def _advice(quotes: list[Quote], files: str, option: str) -> Iterator[str]:
    """The next commands, with the smallest cap where one is needed."""
    last = quotes[-1]
    if last.smallest_cap:
        yield f"To judge everything: conformance run URL{files} {option} {last.smallest_cap.normalize():f}"
        if option == "--max-purchases":
            yield "Not all prices are known, so purchases are counted; [prices] in target.toml states what each costs."
    else:
        yield f"To judge everything: conformance run URL{files}"
    yield f"Scenario by scenario: conformance plan{files} --tier paid"


def _files(spec: str | None, conventions: str | None) -> str:
    """The files of an external contract, as options."""
    return "".join(
        f" {option} {file}" for option, file in (("--spec", spec), ("--conventions", conventions)) if file is not None
    )


def _in_detail(quote: Quote, conventions: Conventions) -> Iterator[str]:
    width = max(len(name) for name in (_IN_ALL, *(entry.scenario for entry in quote.entries)))
    yield f"{'scenario':<{width}}{'requests':>10}{'net':>26}{'worst case':>26}"
    for entry in quote.entries:
        shown = "".join(f"  {_amount(amount, conventions):>24}" for amount in (entry.net, entry.worst))
        yield f"{entry.scenario:<{width}}{entry.requests:>10}{shown}"
    yield ""
    shown = "".join(f"  {_amount(amount, conventions):>24}" for amount in (quote.net, quote.worst))
    yield f"{_IN_ALL:<{width}}{quote.requests:>10}{shown}"
    yield f"smallest cap: {_amount(quote.smallest_cap, conventions)}"


def _amount(amount: Decimal, conventions: Conventions) -> str:
    """An amount in the system's unit and, where its rate is known, in dollars."""
    if not amount:
        return "0"
    unit = conventions.pricing.unit if conventions.pricing else ""
    in_credits = conventions.pricing is None or not conventions.pricing.purchases
    rate = conventions.money.credits_per_usd if conventions.money and in_credits else None
    dollars = f" ({amount / rate:.2f} USD)" if rate else ""
    return f"{amount.normalize():f} {unit}{dollars}"
