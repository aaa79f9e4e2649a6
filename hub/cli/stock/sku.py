"""hub sku: what we sell, under our own keys."""

from decimal import Decimal, InvalidOperation

import click

from hub.channels.catalog import match_alike
from hub.channels.context import HubContext
from hub.channels.opening import find_channel, open_channel
from hub.cli.output import Cell, count_of, json_option, show_list
from hub.cli.session import in_hub
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.money import refuse_strange
from hub.spec import ListsListings
from hub.store.stock import looks, skus
from hub.store.stock.matching import Alike
from hub.store.stock.skus import Sku

ACTOR = "command line"
LIMIT = 200


@click.group()
def sku() -> None:
    """Add SKUs, one by one or from what a channel offers."""


@sku.command("list")
@click.option("--limit", default=LIMIT, show_default=True, help="How many at most.")
@json_option
@in_hub
async def list_skus(ctx: HubContext, limit: int, *, as_json: bool) -> None:
    """List SKUs by key."""
    async with ctx.db.transaction() as tx:
        found = await skus.list_skus(tx, limit=limit)
    empty = "No SKUs yet. Add one: hub sku add KEY NAME   ·   all that a channel offers: hub sku take CHANNEL"
    show_list(found, as_json=as_json, columns=["SKU", "Name", "Barcode", ">Price", ""], row=_row, empty=empty)


@sku.command()
@click.argument("key")
@click.argument("name")
@click.option("--price", help="For example 12.90; needs --currency.")
@click.option("--currency", help="ISO 4217 code, for example EUR.")
@click.option("--barcode", default="", help="What a scanner reads on it.")
@in_hub
async def add(
    ctx: HubContext, key: str, name: str, price: str | None, currency: str | None, barcode: str
) -> None:
    """Add a SKU, or change the name, price and barcode of one that is there."""
    if (price is None) != (currency is None):
        msg = "a price needs its currency, and a currency its price: give --price and --currency together"
        raise InputError(msg, field="price")
    if currency is not None:
        refuse_strange(currency)
    new = Sku(key, name, barcode, _amount(price) if price else None, currency)
    async with ctx.db.transaction() as tx:
        await skus.put_skus(tx, [new], at=now())
    click.echo(f"SKU {key} is there. Next: hub stock adjust {key} main 10 --reason 'opening stock'")


@sku.command()
@click.argument("channel")
@in_hub
async def take(ctx: HubContext, channel: str) -> None:
    """Make a SKU of every unmatched listing that has a SKU on its channel, and match it.

    Pull the listings first: hub channel pull CHANNEL --listings.
    """
    opened = open_channel(ctx, await find_channel(ctx, channel))
    async with ctx.db.transaction() as tx:
        whole = not isinstance(opened.channel, ListsListings) or await looks.is_whole(tx, opened.row.id)
        new = await skus.take_from_listings(tx, opened.row.id, at=now())
    matched = await match_alike(ctx, opened.row.id, Alike.SKU, actor=ACTOR, at=now())
    click.echo(f"{count_of(new, 'new SKU')}, {count_of(matched, 'listing')} matched.")
    if not whole:
        again = f"hub channel pull {channel} --listings, then again: hub sku take {channel}"
        click.secho(
            f"! the last look at what {channel} offers has not come to its end: there may be more.\n  {again}",
            fg="yellow",
        )
    click.echo(
        "Next: say how many there are, with: hub stock adjust SKU main --count N --reason 'opening stock'"
        "   ·   all at once: hub export stock -o count.xlsx, fill it in, hub import stock count.xlsx"
    )


def _row(found: Sku) -> list[Cell]:
    return [found.sku, found.name, found.barcode, str(found.price or ""), found.currency or ""]


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        msg = f"{text!r} is not a price: write it as 12.90"
        raise InputError(msg, field="price")
    return amount
