"""hub listing: what channels offer, and which of our SKUs it stands for."""

from uuid import UUID

import click

from hub.channels.catalog import match_alike
from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.opening import find_channel
from hub.cli.output import Cell, count_of, json_option, show_list, tone
from hub.cli.session import in_hub
from hub.flows.stock.make_skus import make_skus
from hub.flows.stock.match_lines import match_listings, unmatch_listings
from hub.kit.clock import now
from hub.model.errors import InputError, NotFoundError
from hub.store.api.listings import Listing, Wanted, listings
from hub.store.stock.listings import Chosen, find_listing
from hub.store.stock.matching import Alike, NewSku, Waiting
from hub.store.stock.matching import suggest as suggest_skus

ACTOR = "command line"
LIMIT = 200
_FIRST = UUID(int=0)


@click.group()
def listing() -> None:
    """See what channels offer, and match it to SKUs."""


@listing.command("list")
@click.argument("channel", required=False)
@click.option("--unmatched", is_flag=True, help="Only those that still need a SKU.")
@click.option("--never-sent", is_flag=True, help="Only those no number has reached, each with the reason.")
@click.option("--gone", is_flag=True, help="Only those the channel no longer offers.")
@click.option("--limit", default=LIMIT, show_default=True, help="How many at most.")
@json_option
@in_hub
async def list_listings(
    ctx: HubContext, /, channel: str | None, *, limit: int, as_json: bool, **only: bool
) -> None:
    """List listings, in the order the hub first saw them."""
    if channel is not None:
        await find_channel(ctx, channel)
    wanted = Wanted(
        channel,
        matched=False if only["unmatched"] else None,
        gone=True if only["gone"] else None,
        unsent=True if only["never_sent"] else None,
    )
    async with ctx.db.transaction() as tx:
        found = await listings(tx, wanted, after=_FIRST, limit=limit)
    columns = ["Channel", "Listing", "Their SKU", "Title", "SKU", ">Units", "Nothing sent: why"]
    show_list(found, as_json=as_json, columns=columns, row=_row, empty=_nothing(wanted))
    if not as_json and any(each.sku is None and each.gone_at is None for each in found):
        click.echo(
            "\nWhat they may be: hub listing suggest   ·   match one: hub listing match CHANNEL LISTING SKU"
        )


@listing.command()
@click.argument("channel", required=False)
@click.option("--limit", default=LIMIT, show_default=True, help="How many at most.")
@json_option
@in_hub
async def suggest(ctx: HubContext, channel: str | None, *, limit: int, as_json: bool) -> None:
    """Say which of our SKUs each unmatched listing may stand for, and why. Nothing is matched by itself."""
    if channel is not None:
        await find_channel(ctx, channel)
    async with ctx.db.transaction() as tx:
        found = await suggest_skus(tx, after=_FIRST, channel=channel, limit=limit)
    columns = ["Channel", "Listing", "Their SKU", "Title", "May be", ">Score", "Because"]
    show_list(found, as_json=as_json, columns=columns, row=_suggested, empty="Every listing has its SKU.")
    if not as_json and found:
        click.echo(
            "\nConfirm one: hub listing match CHANNEL LISTING SKU   ·   all alike: --same-sku, --same-barcode"
            "   ·   none of ours: hub listing new-sku CHANNEL LISTING"
        )


@listing.command()
@click.argument("channel")
@click.argument("listing_id", metavar="[LISTING]", required=False)
@click.argument("sku", metavar="[SKU]", required=False)
@click.option("--units", default=1, show_default=True, type=click.IntRange(1), help="A pack of six is 6.")
@click.option("--same-sku", "alike", flag_value="sku", help="All whose SKU there reads as one of ours.")
@click.option("--same-barcode", "alike", flag_value="barcode", help="All whose barcode one SKU of ours has.")
@in_hub
async def match(
    ctx: HubContext, channel: str, listing_id: str | None, sku: str | None, *, units: int, alike: str | None
) -> None:
    """Say which SKU a listing stands for. Orders that waited for it go on by themselves."""
    row = await find_channel(ctx, channel)
    if alike is not None:
        count = await match_alike(ctx, row.id, Alike(alike), actor=ACTOR, at=now())
        click.echo(_matched(channel, count, alike))
        return
    if listing_id is None or sku is None:
        msg = f"name the listing and the SKU: hub listing match {channel} LISTING SKU, or use --same-sku"
        raise InputError(msg)
    async with ctx.db.transaction() as tx:
        touched = await match_listings(tx, row.id, [Chosen(listing_id, sku, units)], actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    click.echo(f"{listing_id} on {channel} is {units} × {sku} now; orders that waited for it went on")


@listing.command()
@click.argument("channel")
@click.argument("listing_ids", metavar="LISTING…", nargs=-1, required=True)
@in_hub
async def unmatch(ctx: HubContext, channel: str, listing_ids: tuple[str, ...]) -> None:
    """Take matches back: nothing more is told of these listings. Orders that are taken keep their SKU."""
    row = await find_channel(ctx, channel)
    async with ctx.db.transaction() as tx:
        touched = await unmatch_listings(tx, row.id, listing_ids, actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    click.echo(
        f"{count_of(len(set(listing_ids)), 'listing')} of {channel} without a SKU now; nothing is told of it"
    )


@listing.command("new-sku")
@click.argument("channel")
@click.argument("listing_id", metavar="LISTING")
@click.option("--sku", "key", help="Our key for it; without, the SKU it has there.")
@click.option("--name", help="Its name; without, the title it has there.")
@in_hub
async def new_sku(ctx: HubContext, channel: str, listing_id: str, key: str | None, name: str | None) -> None:
    """Make a new SKU of a listing that is none of ours yet, and match it."""
    row = await find_channel(ctx, channel)
    async with ctx.db.transaction() as tx:
        found = await find_listing(tx, row.id, listing_id)
        if found is None:
            msg = f"there is no listing {listing_id} on {channel}: see hub listing list {channel}"
            raise NotFoundError(msg)
        sku = key or found.channel_sku or listing_id
        wish = NewSku(found.id, sku, name or found.title or sku)
        touched = await make_skus(tx, [wish], actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    click.echo(f"SKU {sku} is there, and {listing_id} on {channel} is it. Count it: hub stock adjust {sku} …")


def _row(each: Listing) -> list[Cell]:
    sku = tone("unmatched") if each.sku is None else each.sku
    return [
        each.channel,
        each.channel_listing_id,
        each.channel_sku,
        each.title,
        sku,
        each.units,
        each.unsent,
    ]


def _suggested(each: Waiting) -> list[Cell]:
    best = each.suggestions[:1]
    more = (
        f" (or {', '.join(other.sku for other in each.suggestions[1:])})" if len(each.suggestions) > 1 else ""
    )
    what = [f"{one.sku}{more}" for one in best] or ["–"]
    scores = [f"{one.score:.2f}" for one in best] or [""]
    reasons = [", ".join(one.reasons) for one in best] or ["nothing of ours is like it"]
    return [each.channel, each.channel_listing_id, each.channel_sku, each.title, *what, *scores, *reasons]


def _nothing(wanted: Wanted) -> str:
    if wanted.matched is False:
        return "Every listing has its SKU."
    if wanted.unsent:
        return "Every listing has been told its number."
    if wanted.gone:
        return "No listing is gone."
    return f"No listings yet. Read what the channel offers: hub channel pull {wanted.channel or 'CHANNEL'} --listings"


def _matched(channel: str, count: int, alike: str) -> str:
    if count:
        return f"{count_of(count, 'listing')} matched on {channel}; orders that waited for them went on"
    like = "reads as one of our SKUs" if alike == Alike.SKU else "has the barcode of just one of our SKUs"
    return f"nothing to match: no unmatched listing of {channel} {like}"
