"""hub lot: track SKUs by lot or serial number, receive lots, see what expires, give an order another lot."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.cli.output import Cell, count_of, json_option, show_list, tone
from hub.cli.session import in_hub
from hub.cli.stock.words import ACTOR
from hub.flows.stock.name_lots import swap_lot, track
from hub.flows.stock.receive_stock import Delivery, receive_stock
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.stock.lines import Units
from hub.model.stock.lots import Batch, Tracking
from hub.store.stock import lots
from hub.store.stock.lots import Lot

_COLUMNS = ["SKU", "Lot", "Expires", "Location", ">On hand", ">Allocated", "Orders"]


@click.group()
def lot() -> None:
    """Lots with their expiry, and serial numbers."""


@lot.command("track")
@click.argument("sku")
@click.argument("by", type=click.Choice([str(each) for each in Tracking]))
@in_hub
async def track_sku(ctx: HubContext, sku: str, by: str) -> None:
    """Tell the units of a SKU apart by lot or by serial number; none: no more."""
    async with ctx.db.transaction() as tx:
        await track(tx, sku, Tracking(by), actor=ACTOR, at=now())
    if by == Tracking.NONE:
        click.echo(f"{sku} is not tracked any more")
        return
    click.echo(f"{sku} is tracked by {by}; what is there now is of no named lot")
    click.echo(f"Next: hub lot receive LOCATION REFERENCE {sku} LOT:UNITS --expires 2027-01-31")


@lot.command()
@click.argument("location")
@click.argument("reference")
@click.argument("sku")
@click.argument("codes", nargs=-1, required=True, metavar="LOT[:UNITS]…")
@click.option(
    "--expires", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which they are sold: 2027-01-31."
)
@in_hub
async def receive(
    ctx: HubContext,
    location: str,
    reference: str,
    sku: str,
    codes: Sequence[str],
    *,
    expires: datetime | None,
) -> None:
    """Receive units of named lots, or with serial numbers, once by the reference of their delivery."""
    expires_on = expires.date() if expires else None
    batches = [_read(sku, each, expires_on) for each in codes]
    units = sum(each.units for each in batches)
    delivery = Delivery(uuid7(), reference, location, [Units(sku, units)], batches=batches)
    async with ctx.db.transaction() as tx:
        received = await receive_stock(tx, [delivery], actor=ACTOR, at=now())
    await ring_touched(ctx, received.touched)
    if received.repeated:
        click.echo(f"{reference} was received before, with the same lines: nothing was done again")
    else:
        click.echo(f"{count_of(units, 'unit')} of {count_of(len(batches), 'lot')} received at {location}")


@lot.command("list")
@click.argument("sku", required=False)
@click.option("--days", type=click.IntRange(0, 10_000), help="Only what expires within so many days, or has.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def list_them(ctx: HubContext, sku: str | None, *, days: int | None, limit: int, as_json: bool) -> None:
    """List lots that lie somewhere, with the orders that have units of them."""
    today = now().date()
    by = None if days is None else today + timedelta(days=days)
    async with ctx.db.transaction() as tx:
        found = await lots.list_lots(tx, sku=sku, expires_by=by, limit=limit)
    empty = "No lot lies anywhere. Track a SKU by lot first: hub lot track SKU lot"
    show_list(found, as_json=as_json, columns=_COLUMNS, row=lambda each: _row(each, today), empty=empty)


@lot.command()
@click.argument("number", type=int)
@click.argument("sku")
@click.argument("old")
@click.argument("new")
@click.option("--units", default=1, show_default=True, type=click.IntRange(1), help="How many.")
@in_hub
async def swap(ctx: HubContext, number: int, sku: str, old: str, new: str, *, units: int) -> None:
    """Give an order units of lot NEW where it had OLD: what was really taken from the shelf."""
    async with ctx.db.transaction() as tx:
        count = await swap_lot(tx, number, sku, old, new, units, actor=ACTOR, at=now())
    click.echo(f"order {number} has {count_of(count, 'unit')} of lot {new} of {sku} instead of {old}")


def _row(each: Lot, today: date) -> list[Cell]:
    day = each.expires_on
    expires = "" if day is None else tone("expired") if day < today else day.isoformat()
    orders = ", ".join(map(str, each.orders))
    return [each.sku, each.lot or "(unnamed)", expires, each.location, each.on_hand, each.allocated, orders]


def _read(sku: str, written: str, expires_on: date | None) -> Batch:
    code, colon, units = written.rpartition(":")
    if not colon:
        return Batch(sku, written, 1, expires_on)
    if not units.isascii() or not units.isdigit():
        msg = f"{written!r} does not say how many: write it as {code or 'L2026-11'}:24"
        raise InputError(msg, field="lot")
    return Batch(sku, code, int(units), expires_on)
