"""What a channel offers, pulled by hand: what is new, what is gone, and how to go on."""

import click

from hub.channels.catalog import Pulled, pull_listings
from hub.channels.context import HubContext
from hub.channels.opening import OpenedChannel
from hub.cli.output import count_of, progress
from hub.model.errors import WrongStateError
from hub.spec import ListsListings
from hub.store.locks import only_worker
from hub.store.stock.matching import AlikeCount, count_alike


async def pull_offers(ctx: HubContext, opened: OpenedChannel, *, believe: bool) -> None:
    slug = opened.row.slug
    if not isinstance(opened.channel, ListsListings):
        msg = f"a {opened.connector.manifest.title} channel has no list of what it offers"
        raise WrongStateError(msg)
    async with only_worker(ctx.db, "listings", opened.row.id) as alone:
        if not alone:
            click.echo(f"a worker looks at what {slug} offers at this moment: see hub listing list {slug}")
            return
        with progress(f"looking at {slug}") as heard:
            pulled = await pull_listings(ctx, opened, believe=believe, heard=heard)
    async with ctx.db.transaction() as tx:
        alike = next((each for each in await count_alike(tx) if each.channel == slug), None)
    _say(slug, pulled)
    _say_next(slug, alike)


def _say(slug: str, pulled: Pulled) -> None:
    click.echo(f"{slug} offers {count_of(pulled.seen, 'listing')}, {pulled.new} new to the hub")
    if pulled.gone:
        click.echo(f"{count_of(pulled.gone, 'listing')} gone: hub listing list {slug} --gone")
    if pulled.back:
        click.echo(f"{count_of(pulled.back, 'listing')} back after being gone: told again")
    if pulled.doubted:
        click.secho(
            f"! {pulled.doubted} known ones were not shown, too many to believe: nothing is marked gone.\n"
            f"  If they are gone indeed: hub channel pull {slug} --listings --believe",
            fg="yellow",
        )


def _say_next(slug: str, alike: AlikeCount | None) -> None:
    if alike is None:
        click.echo("Every listing has its SKU.")
        return
    if alike.same_sku:
        count = count_of(alike.same_sku, "unmatched one reads", "unmatched ones read")
        click.echo(f"{count} as one of our SKUs. Confirm: hub listing match {slug} --same-sku")
    if alike.same_barcode:
        count = count_of(alike.same_barcode, "unmatched one has", "unmatched ones have")
        click.echo(f"{count} the barcode of one. Confirm: hub listing match {slug} --same-barcode")
    click.echo(f"See what still needs a SKU, and what it may be: hub listing suggest {slug}")
    click.echo(f"Make a SKU of each, under the channel's own keys: hub sku take {slug}")
