"""hub rule: what the retailer says of orders like these: written, tried on the past, arranged."""

from collections.abc import Sequence

import click
from msgspec import Struct

from hub.channels.context import HubContext
from hub.channels.shipping import our_own
from hub.cli.output import Cell, bold, count_of, json_option, print_json, print_table, show_list
from hub.cli.session import in_hub
from hub.flows.orders.try_rules import DAYS, Difference, changed, since, try_page
from hub.flows.review.review_orders import current_review
from hub.flows.review.write_rules import (
    arrange_rules,
    check_rule,
    drop_rule,
    find_rule,
    switch_rule,
    write_rule,
)
from hub.kit.clock import now
from hub.kit.expressions import FUNCTIONS, names_of
from hub.model.review.facts import Facts
from hub.model.review.rules import NEEDS, Action, read_action
from hub.store.review.past import count_past
from hub.store.review.rules import KeptRule, all_rules, versions_of

ACTOR = "command line"
SHOWN_MAX = 20
NONE_YET = 'There are no rules yet. Write one with: hub rule write dear --when "order.total > 500" --do "hold: fraud"'

when_option = click.option(
    "--when", "condition", required=True, help="Of which orders: hub rule names lists the words."
)
do_option = click.option(
    "--do", "does", multiple=True, required=True, help="What to do, such as: hold: fraud; repeat it."
)


class RuleItem(Struct, frozen=True):
    """One rule as `hub rule list --json` gives it."""

    name: str
    version: int
    on: bool
    condition: str
    actions: list[str]


@click.group()
def rule() -> None:
    """Write rules for orders: hold, approve, tag, send from, tell."""


@rule.command("list")
@json_option
@in_hub
async def list_rules(ctx: HubContext, *, as_json: bool) -> None:
    """List the rules in the order in which they are asked."""
    async with ctx.db.transaction() as tx:
        found = [_item(each) for each in await all_rules(tx)]
    columns = ["Rule", ">Version", "On", "When", "Does"]
    show_list(found, as_json=as_json, columns=columns, row=_row, empty=NONE_YET)


@rule.command()
@click.argument("name")
@when_option
@do_option
@in_hub
async def write(ctx: HubContext, name: str, *, condition: str, does: Sequence[str]) -> None:
    """Write a rule, or a new version of the one with this NAME: try it first with hub rule try."""
    async with ctx.db.transaction() as tx:
        written = await write_rule(tx, name, condition, _actions(does), actor=ACTOR, at=now())
    click.echo(f"rule {bold(name)} is written, version {written.version}: for orders taken from now on")


@rule.command("try")
@click.argument("name")
@when_option
@do_option
@click.option("--days", default=DAYS, help="The orders of so many days.")
@json_option
@in_hub
async def try_(
    ctx: HubContext, name: str, *, condition: str, does: Sequence[str], days: int, as_json: bool
) -> None:
    """See what this rule, new or changed, would have done with the orders of the last days. Nothing is written."""
    began = since(days, at=now())
    async with ctx.db.transaction() as tx:
        ready = await check_rule(tx, name, condition, _actions(does))
        review = await current_review(tx)
        orders = await count_past(tx, since=began)
    then, tried, failed, after = changed(review, ready, name=name), 0, dict[str, int](), None
    differs: list[Difference] = []
    while True:
        async with ctx.db.transaction() as tx:
            page = await try_page(tx, ctx.vault, review, then, ours=our_own(ctx), since=began, after=after)
        tried, after = tried + page.orders, page.next
        differs += page.differs
        failed = {why: failed.get(why, 0) + page.failed.get(why, 0) for why in {*failed, *page.failed}}
        if not as_json and after:
            click.echo(f"{tried} of {orders} orders tried", err=True)
        if after is None:
            break
    _print_tried(tried, differs, failed, as_json=as_json)


@rule.command("show")
@click.argument("name")
@json_option
@in_hub
async def show_rule(ctx: HubContext, name: str, *, as_json: bool) -> None:
    """Show a rule with all its versions, the newest first."""
    async with ctx.db.transaction() as tx:
        kept = await find_rule(tx, name)
        versions = await versions_of(tx, kept.rule.id)
    show_list(
        versions,
        as_json=as_json,
        columns=[">Version", "When", "Does", "Written", "By"],
        row=lambda each: [
            each.version,
            each.condition,
            ", ".join(action.says for action in each.actions),
            each.at.strftime("%Y-%m-%d %H:%M UTC"),
            each.actor,
        ],
        empty="",
    )


@rule.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@in_hub
async def order(ctx: HubContext, names: Sequence[str]) -> None:
    """Ask these rules first, in this order; all others follow as they were."""
    async with ctx.db.transaction() as tx:
        await arrange_rules(tx, names, actor=ACTOR, at=now())
        kept = await all_rules(tx)
    click.echo(", then ".join(each.rule.name for each in kept))


@rule.command()
@click.argument("name")
@in_hub
async def on(ctx: HubContext, name: str) -> None:
    """Let a rule decide again."""
    async with ctx.db.transaction() as tx:
        await switch_rule(tx, name, is_on=True, actor=ACTOR, at=now())
    click.echo(f"rule {bold(name)} decides again")


@rule.command()
@click.argument("name")
@in_hub
async def off(ctx: HubContext, name: str) -> None:
    """Let a rule rest; it stays as it is."""
    async with ctx.db.transaction() as tx:
        await switch_rule(tx, name, is_on=False, actor=ACTOR, at=now())
    click.echo(f"rule {bold(name)} rests")


@rule.command()
@click.argument("name")
@in_hub
async def drop(ctx: HubContext, name: str) -> None:
    """Drop a rule; what it has decided stands, with its version."""
    async with ctx.db.transaction() as tx:
        await drop_rule(tx, name, actor=ACTOR, at=now())
    click.echo(f"rule {bold(name)} is dropped")


@rule.command()
def names() -> None:
    """List the words of conditions, and what a rule can do."""
    print_table(["Word", "Is a"], list(names_of(Facts)))
    click.echo(f"\nFunctions over lists: {', '.join(f'${each}' for each in FUNCTIONS)}")
    click.echo("Of lines, such as: $any([line.quantity > 10 for line in lines])\n")
    print_table(["Does", "Needs"], [[str(verb), needs or "nothing"] for verb, needs in NEEDS.items()])


def _actions(does: Sequence[str]) -> list[Action]:
    return [read_action(each) for each in does]


def _item(kept: KeptRule) -> RuleItem:
    rule, does = kept.rule, [action.says for action in kept.rule.actions]
    return RuleItem(rule.name, rule.version, rule.is_on, rule.condition, does)


def _row(each: RuleItem) -> list[Cell]:
    return [each.name, each.version, "yes" if each.on else "no", each.condition, ", ".join(each.actions)]


def _print_tried(tried: int, differs: Sequence[Difference], failed: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        print_json({"orders": tried, "differs": differs, "failed": failed})
        return
    click.echo(f"{count_of(len(differs), 'order')} of {tried} would have been treated otherwise")
    if differs:
        rows: list[list[Cell]] = [
            [each.order, _said(each.now), _said(each.then)] for each in differs[:SHOWN_MAX]
        ]
        print_table([">Order", "Now", "Then"], rows)
    if len(differs) > SHOWN_MAX:
        click.echo(f"and {len(differs) - SHOWN_MAX} more: all of them with --json")
    for why, times in failed.items():
        click.echo(f"it would have failed on {count_of(times, 'order')}: {why}")


def _said(outcome: Sequence[str]) -> str:
    return ", ".join(outcome) or "goes on"
