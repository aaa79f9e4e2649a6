"""hub parcel: let parcels of many orders leave, and say what becomes of them."""

from collections.abc import Sequence
from uuid import UUID

import click

from hub.channels.context import HubContext
from hub.channels.shipping import label_parcels, page_of, ship_parcels, tell_parcels
from hub.cli.orders.shipping import ACTOR, parcel_row, parcels_json
from hub.cli.output import count_of, json_option, show_list
from hub.cli.session import in_hub
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.orders.parcels import ParcelState
from hub.model.orders.shipping import Parcel
from hub.store.db import Tx
from hub.store.shipments import Label, Shipment, list_shipments

COLUMNS = [">Order", "Parcel", "What", "State", "Carrier", "Tracking", "By", ">Age", "Follow it"]
IN_BULK_MAX = 500  # parcels in one transaction

number_argument = click.argument("number", metavar="TRACKING")


@click.group()
def parcel() -> None:
    """Parcels that left, of all orders: delivered, lost, or returned to their sender."""


@parcel.command("list")
@click.option("--state", type=click.Choice([each.value for each in ParcelState]), help="Only these.")
@click.option("--tracking", default="", help="Only the one with this number.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def list_them(ctx: HubContext, *, state: str | None, tracking: str, limit: int, as_json: bool) -> None:
    """List parcels, the newest first, and where each can be followed."""
    async with ctx.db.transaction() as tx:
        found = await list_shipments(tx, state=state, search=tracking, limit=limit)
    if as_json:
        show_list(parcels_json(ctx, found), as_json=True, columns=COLUMNS, row=lambda _: [], empty="")
        return
    empty = "No parcel has left. Let some leave: hub parcel ship ORDER…"
    show_list(
        found,
        as_json=False,
        columns=COLUMNS,
        row=lambda each: [each.order_number, *parcel_row(ctx, each)],
        empty=empty,
    )


@parcel.command("ship")
@click.argument("orders", nargs=-1, required=True, type=int, metavar="ORDER…")
@click.option("--carrier", default="", help="Who brings them.")
@click.option("--location", help="Only what is promised from there.")
@in_hub
async def ship_many(ctx: HubContext, orders: Sequence[int], *, carrier: str, location: str | None) -> None:
    """Let all that is promised to these orders leave, each in one parcel. What cannot leave keeps back no other."""
    numbers = list(dict.fromkeys(orders))
    left, refused = 0, dict[int, str]()
    for first in range(0, len(numbers), IN_BULK_MAX):
        batch = [
            Parcel(uuid7(), number, {}, carrier, "", location)
            for number in numbers[first : first + IN_BULK_MAX]
        ]
        done = await ship_parcels(ctx, batch, actor=ACTOR, at=now(), each_alone=True)
        left += len(done.ids)
        refused |= done.refused
    click.echo(f"{count_of(left, 'parcel')} left")
    for why in refused.values():
        click.secho(f"  {why}", fg="yellow")
    if refused:
        click.get_current_context().exit(3)


@parcel.command()
@number_argument
@click.argument("state", type=click.Choice([each.value for each in ParcelState if each != "shipped"]))
@in_hub
async def tell(ctx: HubContext, number: str, state: str) -> None:
    """Say what became of a parcel. Goods that are returned to their sender are put aside to be looked at."""
    async with ctx.db.transaction() as tx:
        found = await _one(tx, number)
    await tell_parcels(ctx, {found.id: ParcelState(state)}, actor=ACTOR, at=now())
    click.echo(f"the parcel {number} of order {found.order_number} is {state}")


@parcel.command()
@number_argument
@click.option("--carrier", default="", help="Who brings it.")
@click.option("--tracking", default="", help="The number on it; without, it stays.")
@in_hub
async def label(ctx: HubContext, number: str, *, carrier: str, tracking: str) -> None:
    """Write the carrier or the number of a parcel anew. TRACKING may be the id that hub parcel list --json shows."""
    async with ctx.db.transaction() as tx:
        found = await _one(tx, number)
    written = Label(found.id, carrier or found.carrier, tracking or found.tracking)
    await label_parcels(ctx, [written], actor=ACTOR, at=now())
    page = page_of(ctx, written.carrier, written.tracking)
    click.echo(
        f"the parcel of order {found.order_number} goes by {written.carrier} {written.tracking} {page}".rstrip()
    )


async def _one(tx: Tx, word: str) -> Shipment:
    """By its tracking number, or by its id. Raises NotFoundError or InputError."""
    found = await list_shipments(tx, search=word, limit=2)
    if not found and (parcel_id := _id(word)):
        found = await list_shipments(tx, only=parcel_id, limit=1)
    if not found:
        msg = f"no parcel has the number {word}: see hub parcel list"
        raise NotFoundError(msg)
    if len(found) > 1:
        msg = f"several parcels have the number {word}: name one by its id, see hub parcel list --json"
        raise InputError(msg, field="tracking")
    return found[0]


def _id(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None
