"""hub order plan, reallocate, priority: where an order's stock comes from, and whose turn it is."""

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.cli.output import json_option, print_json
from hub.cli.session import in_hub
from hub.cli.stock.plan import show_forecast
from hub.flows.orders.prioritize import prioritize
from hub.flows.stock.foresee import foresee_order, held_order
from hub.flows.stock.reallocate import Wish
from hub.flows.stock.reallocate import reallocate as move
from hub.kit.clock import now
from hub.kit.ids import uuid7

ACTOR = "command line"
number_argument = click.argument("number", type=int)


@click.command()
@number_argument
@json_option
@in_hub
async def plan(ctx: HubContext, number: int, *, as_json: bool) -> None:
    """Show what the order would get if all of it that has not left were promised anew. Nothing is written."""
    async with ctx.db.transaction() as tx:
        told = await foresee_order(tx, await held_order(tx, number), at=now())
    show_forecast(told, as_json=as_json)


@click.command()
@number_argument
@click.option("--from", "location", metavar="LOCATION", help="Where its stock shall come from.")
@click.option("--id", "command_id", help="An id of your own: the same id again changes nothing.")
@json_option
@in_hub
async def reallocate(
    ctx: HubContext, number: int, *, location: str | None, command_id: str | None, as_json: bool
) -> None:
    """Give back what the order holds and promise it anew, from one location or as the channel's policy decides.

    It is refused where a line would end with less than it has.
    """
    wish = Wish(number, command_id or str(uuid7()), location)
    async with ctx.db.transaction() as tx:
        moved = await move(tx, [wish], actor=ACTOR, at=now())
    await ring_touched(ctx, moved.touched)
    if as_json:
        print_json({"moves": moved.moves})
        return
    if not moved.moves:
        click.echo(f"order {number} stays as it is: its stock comes from there already")
    for each in moved.moves:
        count = abs(each.allocated_change)
        sold = " and ".join(f"{units * count} {sku}" for sku, units in each.parts.items())
        verb = f"now from {each.location}: {each.reason}" if each.reason else f"given back at {each.location}"
        click.echo(f"{sold} {verb}")


@click.command()
@number_argument
@click.argument("priority", type=int)
@in_hub
async def priority(ctx: HubContext, number: int, priority: int) -> None:
    """Fill the order sooner or later than others when stock arrives: the lowest comes first, 100 is usual."""
    async with ctx.db.transaction() as tx:
        await prioritize(tx, {number: priority}, actor=ACTOR, at=now())
    await ctx.bell.announce("orders")
    click.echo(f"order {number} has priority {priority}")
