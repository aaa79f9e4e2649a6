"""hub sourcing: in which order locations are asked to fill the orders of a channel, or of all others."""

from collections.abc import Sequence

import click
from msgspec import Struct

from hub.channels.context import HubContext
from hub.cli.output import Cell, json_option, show_list
from hub.cli.session import in_hub
from hub.cli.stock.words import ACTOR
from hub.flows.stock.set_sourcing import clear_policy, set_policies
from hub.kit.clock import now
from hub.model.stock.policies import Policy, Strategy, sentence
from hub.store.stock.policies import Policies, all_policies

channel_option = click.option(
    "--channel", metavar="SLUG", help="Only this channel; without it, all that have no policy of their own."
)


class PolicyItem(Struct, frozen=True):
    """One policy as `hub sourcing list --json` gives it; `channel` null is for all others."""

    channel: str | None
    strategies: Sequence[Strategy]
    split_max: int | None
    keep_whole: bool
    set_by_somebody: bool
    says: str


@click.group()
def sourcing() -> None:
    """Say which locations fill orders."""


@sourcing.command("set")
@click.argument("strategies", nargs=-1, required=True, type=click.Choice([str(each) for each in Strategy]))
@channel_option
@click.option("--split-max", type=int, help="At most so many locations fill one order.")
@click.option("--keep-whole", is_flag=True, help="An order gets all its units or none, and waits whole.")
@in_hub
async def set_policy(
    ctx: HubContext,
    strategies: Sequence[str],
    *,
    channel: str | None,
    split_max: int | None,
    keep_whole: bool,
) -> None:
    r"""Rank the locations: the first strategy decides, the next where it leaves a tie, in the end the lowest priority.

    \b
    single      a location with the whole order comes first
    whole-line  a location with the whole line comes first
    nearest     by distance where both sides have a position, else by country, region, postcode
    priority    the lowest priority of `hub location list`
    most-stock  the one with most free units of what is ordered

    What is promised already stays where it is: hub order reallocate moves it.
    """
    policy = Policy(tuple(map(Strategy, strategies)), split_max, keep_whole)
    async with ctx.db.transaction() as tx:
        await set_policies(tx, {channel: policy}, actor=ACTOR, at=now())
    click.echo(f"{channel or 'every other channel'}: {sentence(policy)}")


@sourcing.command()
@channel_option
@in_hub
async def clear(ctx: HubContext, channel: str | None) -> None:
    """Take a policy back: the one for all channels decides again, or the usual one."""
    async with ctx.db.transaction() as tx:
        await clear_policy(tx, channel, actor=ACTOR, at=now())
        policy = (await all_policies(tx)).of(channel or "")
    click.echo(f"{channel or 'every other channel'}: {sentence(policy)}")


@sourcing.command("list")
@json_option
@in_hub
async def list_policies(ctx: HubContext, *, as_json: bool) -> None:
    """Say each policy as a sentence: the one for all channels, and those of single ones."""
    async with ctx.db.transaction() as tx:
        items = items_of(await all_policies(tx))
    show_list(items, as_json=as_json, columns=["Channel", "Locations are asked", "Set"], row=_row, empty="")


def items_of(said: Policies) -> list[PolicyItem]:
    named: list[tuple[str | None, Policy, bool]] = [(None, said.usual, said.said)]
    named += [(slug, policy, True) for slug, policy in said.own.items()]
    return [
        PolicyItem(slug, each.strategies, each.split_max, each.keep_whole, by, sentence(each))
        for slug, each, by in named
    ]


def _row(each: PolicyItem) -> list[Cell]:
    return [each.channel or "every other", each.says, "" if each.set_by_somebody else "as usual"]
