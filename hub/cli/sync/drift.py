"""What channels show although they confirmed another number: look, settle, and say what it leads to."""

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.opening import find_channel
from hub.cli.output import Cell, age, count_of, json_option, print_json, show_list
from hub.cli.session import in_hub
from hub.flows.sync import reconcile as flow
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.sync.drift import BY_A_PERSON, LEADS_TO, SAYS, Policy
from hub.store.sync import drift as store
from hub.store.sync.drift import Drift

ACTOR = "command line"
_COLUMNS = ["Channel", "Listing", "SKU", ">Confirmed", ">Shows", "Found", "Probably", "Ended"]
_NONE = "No drift is open: what was read of the channels is what they confirmed"
_OPEN_MAX = 10_000


@click.command()
@click.argument("slug", required=False)
@click.option("--all", "everything", is_flag=True, help="What has ended as well.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def drift(ctx: HubContext, slug: str | None, *, everything: bool, limit: int, as_json: bool) -> None:
    """List what channels show although they confirmed another number, and why that probably is."""
    channel_id = (await find_channel(ctx, slug)).id if slug else None
    async with ctx.db.transaction() as tx:
        found = await store.list_drifts(tx, channel_id=channel_id, everything=everything, limit=limit)
    show_list(found, as_json=as_json, columns=_COLUMNS, row=_row, empty=_NONE)


@click.command()
@click.argument("slug")
@click.argument("deed", type=click.Choice(list(BY_A_PERSON)))
@click.argument("listings", nargs=-1, metavar="[LISTING…]")
@in_hub
async def settle(ctx: HubContext, slug: str, deed: str, listings: tuple[str, ...]) -> None:
    """End the drift of these listings, or of all: tell our number again, take theirs over, or leave it as it is."""
    row = await find_channel(ctx, slug)
    async with ctx.db.transaction() as tx:
        found = await store.list_drifts(tx, channel_id=row.id, limit=_OPEN_MAX)
        if missing := set(listings) - {each.channel_listing_id for each in found}:
            msg = f"no drift is open of {min(missing)!r} on {slug}: see hub sync drift {slug}"
            raise InputError(msg, field="listings")
        ids = [each.id for each in found if not listings or each.channel_listing_id in listings]
        done = await flow.settle(tx, ids, BY_A_PERSON[deed], actor=ACTOR, at=now())
    await ring_touched(ctx, done.touched)
    click.echo(f"{count_of(done.drifts, 'drift')} of {slug} {BY_A_PERSON[deed]}")


@click.command()
@click.argument("slug")
@click.argument("wanted", required=False, type=click.Choice([each.value for each in Policy]))
@json_option
@in_hub
async def policy(ctx: HubContext, slug: str, wanted: str | None, *, as_json: bool) -> None:
    """Show, or set, what a channel's drift leads to: heal it, adopt it into the books, or ask."""
    row = await find_channel(ctx, slug)
    async with ctx.db.transaction() as tx:
        if wanted:
            await flow.set_policy(tx, row.id, Policy(wanted), actor=ACTOR, at=now())
        found = await store.policy_of(tx, row.id)
    if as_json:
        print_json({"policy": found})
    else:
        click.echo(f"{slug}: {LEADS_TO[found]}")


def _row(each: Drift) -> list[Cell]:
    at = now()
    shows = "not there" if each.shows is None else str(each.shows)
    ended = f"{each.ended} by {each.actor} {age(each.ended_at, at)}" if each.ended else ""
    found = age(each.found_at, at)
    why = f"{each.cause}: {SAYS[each.cause]}"
    return [each.channel, each.channel_listing_id, each.sku, each.expected, shows, found, why, ended]
