"""hub stock receive: what came from a supplier, once by its reference."""

from collections.abc import Sequence
from pathlib import Path

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.cli.output import Cell, age, count_of, json_option, show_list
from hub.cli.session import in_hub
from hub.cli.stock.words import ACTOR, file_option, lines_of, pairs_argument
from hub.flows.stock.receive_stock import Delivery, receive_stock
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.store.stock.receipts import Receipt, list_receipts

SKUS_MAX = 3


@click.command()
@click.argument("location")
@click.argument("reference")
@pairs_argument
@file_option
@click.option("--note", default="", help="For whoever looks later.")
@in_hub
async def receive(
    ctx: HubContext, location: str, reference: str, pairs: Sequence[str], *, file: Path | None, note: str
) -> None:
    """Receive a delivery at a location. The reference, such as its delivery note, makes it happen only once."""
    async with ctx.db.transaction() as tx:
        lines = await lines_of(tx, pairs, file)
        delivery = Delivery(uuid7(), reference, location, lines, note)
        received = await receive_stock(tx, [delivery], actor=ACTOR, at=now())
    await ring_touched(ctx, received.touched)
    if received.repeated:
        click.echo(f"{reference} was received before, with the same lines: nothing was done again")
        return
    units, skus = sum(each.units for each in lines), len({each.sku for each in lines})
    told = f"; {count_of(len(received.touched), 'channel')} to be told" if received.touched else ""
    click.echo(f"{count_of(units, 'unit')} of {count_of(skus, 'SKU')} received at {location}{told}")


@click.command()
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def receipts(ctx: HubContext, *, limit: int, as_json: bool) -> None:
    """List what was received, the newest first."""
    async with ctx.db.transaction() as tx:
        found = await list_receipts(tx, limit=limit)
    columns = ["Reference", "Location", ">Units", "SKUs", "Received", "By", "Note"]
    empty = "Nothing was received yet: hub stock receive LOCATION REFERENCE SKU:UNITS"
    show_list(found, as_json=as_json, columns=columns, row=_row, empty=empty)


def _row(found: Receipt) -> list[Cell]:
    units = sum(line.units for line in found.lines)
    named = ", ".join(line.sku for line in found.lines[:SKUS_MAX])
    more = f" and {len(found.lines) - SKUS_MAX} more" if len(found.lines) > SKUS_MAX else ""
    when = age(found.received_at, now())
    return [found.reference, found.location, units, named + more, when, found.actor, found.note]
