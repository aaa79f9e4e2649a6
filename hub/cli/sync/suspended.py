"""What would empty a channel or move its numbers tenfold waits for a person: look, approve, dismiss, set limits."""

import click
import msgspec

from hub.channels.context import HubContext
from hub.channels.opening import find_channel
from hub.channels.suspended import ring_decided
from hub.cli.output import Cell, age, count_of, json_option, print_json, show_list
from hub.cli.session import in_hub
from hub.flows.sync import hold_back as flow
from hub.kit.clock import now
from hub.model.sync.seatbelt import Limits
from hub.store.sync import suspended as store
from hub.store.sync.suspended import Suspended

ACTOR = "command line"
_COLUMNS = ["Channel", "Listing", "SKU", ">Shows", ">Would be", "Since", ""]
_NONE = "Nothing is suspended: no channel would change drastically. The limits are said by: hub sync limits CHANNEL"


@click.command()
@click.argument("slug", required=False)
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def suspended(ctx: HubContext, slug: str | None, *, limit: int, as_json: bool) -> None:
    """List what is held back since it would change drastically: what each listing shows, and would show."""
    channel_id = (await find_channel(ctx, slug)).id if slug else None
    async with ctx.db.transaction() as tx:
        found = await store.list_suspended(tx, channel_id=channel_id, limit=limit)
    show_list(found, as_json=as_json, columns=_COLUMNS, row=_row, empty=_NONE)
    if found and not as_json:
        name = slug or found[0].channel
        click.echo(
            f"Tell them all the same: hub sync approve {name}   or keep what is there: hub sync dismiss {name}"
        )


@click.command()
@click.argument("slug")
@in_hub
async def approve(ctx: HubContext, slug: str) -> None:
    """Tell the channel all that is suspended now."""
    row, at = await find_channel(ctx, slug), now()
    async with ctx.db.transaction() as tx:
        count = await flow.approve(tx, row.id, until=at, actor=ACTOR, at=at)
    await ring_decided(ctx, row.id)
    click.echo(f"{count_of(count, 'listing')} of {slug} will be told what is left")


@click.command()
@click.argument("slug")
@in_hub
async def dismiss(ctx: HubContext, slug: str) -> None:
    """Let the channel keep what it shows of all that is suspended now; correct the stock, and it is told by itself."""
    row, at = await find_channel(ctx, slug), now()
    async with ctx.db.transaction() as tx:
        count = await flow.dismiss(tx, row.id, until=at, actor=ACTOR, at=at)
    await ring_decided(ctx, row.id)
    click.echo(
        f"{count_of(count, 'listing')} of {slug} stay as they are there, until their stock is corrected"
    )


@click.command()
@click.argument("slug")
@click.option("--few", type=int, help="Fewer drastic changes than this always go.")
@click.option(
    "--share", "share_percent", type=int, metavar="PERCENT", help="Of what sells, more than this wait."
)
@click.option("--most", type=int, help="So many always wait.")
@click.option(
    "--factor", type=int, help="A number leaps where it becomes so many times as high, or that part."
)
@json_option
@in_hub
async def limits(
    ctx: HubContext,
    slug: str,
    *,
    few: int | None,
    share_percent: int | None,
    most: int | None,
    factor: int | None,
    as_json: bool,
) -> None:
    """Show, or set, beyond what the changes of a channel wait for a person."""
    row = await find_channel(ctx, slug)
    given = {"few": few, "share_percent": share_percent, "most": most, "factor": factor}
    said = {name: value for name, value in given.items() if value is not None}
    async with ctx.db.transaction() as tx:
        wanted = msgspec.structs.replace(await store.limits_of(tx, row.id), **said)
        if said:
            await flow.set_limits(tx, row.id, wanted, actor=ACTOR, at=now())
    if as_json:
        print_json(wanted)
    else:
        click.echo(_said(slug, wanted))


def _said(slug: str, each: Limits) -> str:
    return (
        f"{slug}: changes to 0, and numbers {each.factor} times as high or low, wait for a person where there are"
        f" {each.few} or more of them, and they are {each.most} or more than {each.share_percent} % of what sells;"
        " what orders took never waits"
    )


def _row(each: Suspended) -> list[Cell]:
    word = f"kept back by {each.dismissed_by}" if each.dismissed_at else ""
    since = age(each.suspended_at, now())
    shows = "?" if each.shows is None else each.shows
    return [each.channel, each.channel_listing_id, each.sku, shows, each.would, since, word]
