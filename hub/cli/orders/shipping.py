"""hub order ship, hub order parcels: goods that leave; hub channel ships: of which channels they leave here."""

from collections.abc import Sequence
from uuid import UUID

import click
from msgspec.structs import asdict

from hub.channels.context import HubContext
from hub.channels.shipping import page_of, set_ships_here, ship_parcels
from hub.cli.output import Cell, age, count_of, json_option, show_list, tone
from hub.cli.session import in_hub
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.orders.shipping import Parcel, in_one_parcel
from hub.model.orders.taking import HeldLine
from hub.store import orders, shipments
from hub.store.shipments import Shipment

ACTOR = "command line"
COLUMNS = ("Parcel", "What", "State", "Carrier", "Tracking", "By", ">Age", "Follow it")


@click.command()
@click.argument("number", type=int)
@click.option(
    "--line",
    "lines",
    multiple=True,
    metavar="SKU[:UNITS]",
    help="Only these; without it, all that is promised.",
)
@click.option("--carrier", default="", help="Who brings it: hub carrier list knows some, any text will do.")
@click.option("--tracking", default="", help="The number on the parcel.")
@click.option(
    "--with",
    "others",
    type=int,
    multiple=True,
    metavar="NUMBER",
    help="Another order of which all that is promised is in the same parcel.",
)
@in_hub
async def ship(
    ctx: HubContext, number: int, *, lines: Sequence[str], carrier: str, tracking: str, others: Sequence[int]
) -> None:
    """Let what is promised to an order leave in one parcel: hub order ship 1042 --carrier DHL --tracking 00340…"""
    async with ctx.db.transaction() as tx:
        held = await orders.read_held(tx, number)
    if held is None:
        msg = f"there is no order {number}: see hub order list"
        raise NotFoundError(msg)
    units = dict(_chosen(number, held.lines, each) for each in lines)
    parcel = Parcel(uuid7(), number, units, carrier, tracking)
    parcels = in_one_parcel(parcel, others)
    await ship_parcels(ctx, parcels, actor=ACTOR, at=now())
    for each in parcels:
        await _tell_left(ctx, each)
    if page := page_of(ctx, carrier, tracking):
        click.echo(f"  follow it: {page}")


async def _tell_left(ctx: HubContext, parcel: Parcel) -> None:
    number = parcel.order
    async with ctx.db.transaction() as tx:
        found = await shipments.shipments_of(tx, number)
        left = await orders.read_held(tx, number)
    (sent,) = [each for each in found if each.id == parcel.id]
    click.echo(
        f"{count_of(sum(each.quantity for each in sent.lines), 'unit')} of order {number} left: {_what(sent)}"
    )
    due = (
        sum(max(0, line.quantity - line.canceled - line.shipped) for line in left.lines if line.sku)
        if left
        else 0
    )
    if due:
        click.echo(f"  {count_of(due, 'unit')} still to leave: hub order show {number}")


def _chosen(number: int, lines: Sequence[HeldLine], words: str) -> tuple[UUID, int]:
    """MUG-BLUE:2, or MUG-BLUE: all that is promised of it."""
    sku, _, count = words.partition(":")
    line = next((each for each in lines if each.sku == sku), None)
    if line is None:
        known = ", ".join(each.sku for each in lines if each.sku) or "no SKU"
        msg = f"order {number} has no {sku}: it has {known}"
        raise InputError(msg, field="line")
    if count and not count.isdecimal():
        msg = f"{words!r} is no number of units: write {sku}:2"
        raise InputError(msg, field="line")
    return line.id, int(count) if count else line.allocated


@click.command()
@click.argument("number", type=int)
@json_option
@in_hub
async def parcels(ctx: HubContext, number: int, *, as_json: bool) -> None:
    """List the parcels of an order, by the hub or by its channel's word, and where each can be followed."""
    async with ctx.db.transaction() as tx:
        found = await shipments.shipments_of(tx, number)
    if as_json:
        show_list(parcels_json(ctx, found), as_json=True, columns=COLUMNS, row=lambda _: [], empty="")
        return
    empty = f"Nothing of order {number} has left in a parcel. Let it leave: hub order ship {number}"
    show_list(found, as_json=False, columns=COLUMNS, row=lambda each: parcel_row(ctx, each), empty=empty)


@click.command()
@click.argument("slug")
@click.option("--here/--there", default=True, help="Whether parcels of its orders leave by the hub.")
@in_hub
async def ships(ctx: HubContext, slug: str, *, here: bool) -> None:
    """Say where the orders of a channel are picked and shipped: here, or there, so that the hub only follows."""
    await set_ships_here(ctx, slug, here=here, actor=ACTOR, at=now())
    what = "are picked and shipped here" if here else "are shipped there, and the hub follows"
    click.echo(f"orders of {slug} {what}")


def parcels_json(ctx: HubContext, found: Sequence[Shipment]) -> list[dict[str, object]]:
    return [asdict(each) | {"url": page_of(ctx, each.carrier, each.tracking)} for each in found]


def parcel_row(ctx: HubContext, each: Shipment) -> list[Cell]:
    follow = page_of(ctx, each.carrier, each.tracking)
    return [
        str(each.id)[-8:],
        _what(each),
        tone(each.state),
        each.carrier,
        each.tracking,
        each.actor,
        age(each.at, now()),
        follow,
    ]


def _what(each: Shipment) -> str:
    return ", ".join(f"{line.quantity} × {line.sku or line.title}" for line in each.lines) or "not said"
