"""hub listing: what channels offer, and which of our SKUs it stands for."""

from uuid import UUID

import click

from hub.channels.catalog import match_same_sku
from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.opening import find_channel, open_channel
from hub.cli.output import Cell, count_of, json_option, show_list, tone
from hub.cli.session import in_hub
from hub.flows.stock.match_lines import match_listings
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.store.api.channels import Listing, listings
from hub.store.stock import listings as store

ACTOR = "command line"
LIMIT = 200


@click.group()
def listing() -> None:
    """See what channels offer, and match it to SKUs."""


@listing.command("list")
@click.argument("channel", required=False)
@click.option("--unmatched", is_flag=True, help="Only those that still need a SKU.")
@click.option("--limit", default=LIMIT, show_default=True, help="How many at most.")
@json_option
@in_hub
async def list_listings(
    ctx: HubContext, channel: str | None, *, unmatched: bool, limit: int, as_json: bool
) -> None:
    """List listings, in the order the hub first saw them."""
    if channel is not None:
        await find_channel(ctx, channel)
    wanted = False if unmatched else None
    async with ctx.db.transaction() as tx:
        found = await listings(tx, after=UUID(int=0), channel=channel, matched=wanted, limit=limit)
    columns = ["Channel", "Listing", "Their SKU", "Title", "SKU", ">Units"]
    show_list(found, as_json=as_json, columns=columns, row=_row, empty=_nothing(channel, unmatched=unmatched))
    if not as_json and any(each.sku is None for each in found):
        click.echo("\nMatch one with: hub listing match CHANNEL LISTING SKU   ·   all alike: --same-sku")


@listing.command()
@click.argument("channel")
@click.argument("listing_id", metavar="[LISTING]", required=False)
@click.argument("sku", metavar="[SKU]", required=False)
@click.option("--units", default=1, show_default=True, type=click.IntRange(1), help="A pack of six is 6.")
@click.option("--same-sku", is_flag=True, help="Match every listing whose SKU there reads as one of ours.")
@in_hub
async def match(
    ctx: HubContext, channel: str, listing_id: str | None, sku: str | None, *, units: int, same_sku: bool
) -> None:
    """Say which SKU a listing stands for. Orders that waited for it go on by themselves."""
    row = await find_channel(ctx, channel)
    if same_sku:
        count = await match_same_sku(ctx, open_channel(ctx, row), actor=ACTOR, at=now())
        click.echo(_matched(channel, count))
        return
    if listing_id is None or sku is None:
        msg = f"name the listing and the SKU: hub listing match {channel} LISTING SKU, or use --same-sku"
        raise InputError(msg)
    chosen = [store.Chosen(listing_id, sku, units)]
    async with ctx.db.transaction() as tx:
        touched = await match_listings(tx, row.id, chosen, actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    click.echo(f"{listing_id} on {channel} is {units} × {sku} now; orders that waited for it went on")


def _row(each: Listing) -> list[Cell]:
    sku = tone("unmatched") if each.sku is None else each.sku
    return [each.channel, each.channel_listing_id, each.channel_sku, each.title, sku, each.units]


def _nothing(channel: str | None, *, unmatched: bool) -> str:
    if unmatched:
        return "Every listing has its SKU."
    return (
        f"No listings yet. Read what the channel offers: hub channel pull {channel or 'CHANNEL'} --listings"
    )


def _matched(channel: str, count: int) -> str:
    if count:
        return f"{count_of(count, 'listing')} matched on {channel}; orders that waited for them went on"
    return f"nothing to match: no unmatched listing of {channel} reads as one of our SKUs"
