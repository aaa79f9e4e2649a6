"""hub pickup: orders that their customers collect at a counter."""

from collections.abc import Sequence
from datetime import datetime

import click

from hub.channels.collecting import DAYS_MAX, give_back, hand_over, make_ready, waiting_to_be_collected
from hub.channels.context import HubContext
from hub.cli.output import Cell, age, count_of, json_option, left, show_list, tone
from hub.cli.session import in_hub
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.fulfillment.pickup import DAYS, HandOver
from hub.store.fulfillment.pickups import ToCollect

ACTOR = "command line"
NUMBERS = click.argument("numbers", nargs=-1, required=True, type=int, metavar="NUMBER…")


@click.group()
def pickup() -> None:
    """Orders that customers collect: ready, collected, or given back."""


@pickup.command("list")
@click.argument("location", required=False)
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def list_them(ctx: HubContext, location: str | None, *, limit: int, as_json: bool) -> None:
    """List what is to be collected, of all locations or of one: who was to come first stands first."""
    at, found = now(), await waiting_to_be_collected(ctx, location=location, limit=limit)
    columns = ["Order", "At", "What", "State", ">Since", ">Kept for", "Held"]
    show_list(
        [_plain(each) for each in found] if as_json else found,
        as_json=as_json,
        columns=columns,
        row=lambda each: _row(each, at) if isinstance(each, ToCollect) else [],
        empty="Nobody collects anything: orders with a pick-up stand here once stock is promised to them.",
    )


@pickup.command()
@NUMBERS
@click.option("--at", "location", help="The counter; needed only where the goods lie at several.")
@click.option(
    "--days", default=DAYS, show_default=True, type=click.IntRange(1, DAYS_MAX), help="How long it is kept."
)
@in_hub
async def ready(ctx: HubContext, numbers: Sequence[int], *, location: str | None, days: int) -> None:
    """Say that orders are ready to be collected: hub pickup ready 1042. Notifiers are told, with the code."""
    await make_ready(ctx, numbers, location=location, days=days, actor=ACTOR, at=now())
    click.echo(f"{count_of(len(set(numbers)), 'order')} ready to be collected, for {count_of(days, 'day')}")


@pickup.command()
@click.argument("number", type=int)
@click.option("--by", default="", help="Who collected it; kept sealed.")
@click.option("--code", default="", help="What the customer showed: compared with the order's.")
@in_hub
async def collected(ctx: HubContext, number: int, *, by: str, code: str) -> None:
    """Say that an order was collected: what waited leaves the stock, without a carrier."""
    await hand_over(ctx, HandOver(uuid7(), number, by, code), actor=ACTOR, at=now())
    click.echo(f"order {number} is collected")


@pickup.command()
@NUMBERS
@in_hub
async def back(ctx: HubContext, numbers: Sequence[int]) -> None:
    """Nobody came: the stock is sold again, and the orders are held as not collected until somebody resolves that."""
    await give_back(ctx, numbers, actor=ACTOR, at=now())
    click.echo(f"{count_of(len(set(numbers)), 'order')} not collected: the stock is free again")


def _row(each: ToCollect, at: datetime) -> list[Cell]:
    what = (
        ", ".join(f"{item.quantity} × {item.sku or item.title}" for item in each.items)
        or "canceled: put it back"
    )
    kept = (
        ""
        if each.keep_until is None
        else tone("late")
        if each.keep_until <= at
        else left(each.keep_until, at)
    )
    return [
        each.number,
        each.location,
        what,
        tone(each.state),
        age(each.since, at),
        kept,
        ", ".join(each.holds),
    ]


def _plain(each: ToCollect) -> dict[str, object]:
    """Without what is sealed."""
    names = ("number", "location", "state", "since", "keep_until", "code", "canceled", "holds", "items")
    return {name: getattr(each, name) for name in names}
