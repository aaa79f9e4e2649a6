"""hub channel shadow: what the hub would write to a channel beside what is there; switch it on by groups of SKUs."""

from collections.abc import Sequence
from uuid import UUID

import click
import msgspec
from rich.text import Text

from hub.channels.context import HubContext
from hub.channels.health import watched
from hub.channels.opening import OpenedChannel, find_channel, find_open_channel, open_channel
from hub.channels.shadow import read_shown, ring_switched
from hub.cli.output import Cell, age, count_of, json_option, print_json, print_table, progress
from hub.cli.session import in_hub
from hub.flows.stock.shadow import readiness, set_shadow
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.stock.shadow import GroupCount, Readiness, known_groups
from hub.spec import ReadsStock
from hub.store import shadow as store
from hub.store.shadow import Beside, Shadow

ACTOR = "command line"
COLUMNS = ("Listing", "SKU", "Group", ">Shows", ">Would be", "", "Read")
NO_GROUP = "-"


@click.command()
@click.argument("slug")
@click.option("--on", is_flag=True, help="Write nothing to the channel from now on.")
@click.option("--off", is_flag=True, help="Write everything.")
@click.option(
    "--live",
    multiple=True,
    metavar="GROUP",
    help=f"Write the SKUs of this group; {NO_GROUP}: of none. Repeat it.",
)
@click.option("--read", is_flag=True, help="Read at once what the channel shows now.")
@click.option("--all", "everything", is_flag=True, help="List what agrees as well.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(0, 100_000), help="Rows at most.")
@json_option
@in_hub
async def shadow(
    ctx: HubContext,
    slug: str,
    *,
    on: bool,
    off: bool,
    live: Sequence[str],
    read: bool,
    everything: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Show what the hub would write to a channel in shadow, beside what is there, and how ready it is."""
    if off and (on or live):
        msg = "--off writes everything: leave out --on and --live"
        raise InputError(msg, field="off")
    row = await find_channel(ctx, slug)
    if on or off or live:
        await _switch(ctx, row.id, slug, off=off, live=["" if each == NO_GROUP else each for each in live])
    if read:
        await _read(ctx, open_channel(ctx, await find_open_channel(ctx, slug)))
    async with ctx.db.transaction() as tx:
        state = await store.shadow_of(tx, row.id)
        ready = await readiness(tx, row.id)
        rows = await store.beside(tx, row.id, changes_only=not everything, after=UUID(int=0), limit=limit)
    if as_json:
        print_json(_as_json(state, ready, rows))
    else:
        _show(slug, state, ready, rows)


async def _switch(ctx: HubContext, channel_id: UUID, slug: str, *, off: bool, live: Sequence[str]) -> None:
    async with ctx.db.transaction() as tx:
        state = await store.shadow_of(tx, channel_id, lock=True)
        if live and state.since is None:
            msg = f"{slug} is not in shadow, so all its groups are live: hub channel shadow {slug} --on"
            raise InputError(msg, field="live")
        groups = known_groups(live, state.live_groups)
        done = await set_shadow(tx, channel_id, on=not off, live_groups=groups, actor=ACTOR, at=now())
    await ring_switched(ctx, channel_id)
    if done.live:
        click.echo(f"{count_of(done.live, 'listing')} of {slug} will be told what is left from now on")
    if done.shadowed:
        click.echo(
            f"{count_of(done.shadowed, 'listing')} of {slug} went into shadow: nothing is written to them"
        )


async def _read(ctx: HubContext, opened: OpenedChannel) -> None:
    if not isinstance(opened.channel, ReadsStock):
        msg = f"a {opened.connector.manifest.title} channel cannot be read back: only what would be written is known"
        raise InputError(msg, field="read")
    since = now()
    with progress(f"reading {opened.row.slug}") as advance:
        async with watched(ctx, opened.row, "read_shown"):
            while await read_shown(ctx, opened, at=now(), since=since, progress=advance):
                pass


def _as_json(state: Shadow, ready: Readiness, rows: Sequence[Beside]) -> dict[str, object]:
    return {
        "shadow_since": state.since,
        "live_groups": state.live_groups,
        "percent": ready.percent,
        "offered": ready.offered,
        "groups": [msgspec.structs.asdict(each) for each in ready.groups],
        "items": rows,
    }


def _show(slug: str, state: Shadow, ready: Readiness, rows: Sequence[Beside]) -> None:
    if state.since is None:
        click.echo(
            f"{slug} is live: the hub writes to it. Put it in shadow with: hub channel shadow {slug} --on"
        )
        return
    offered = count_of(ready.offered.listings, "listing")
    click.echo(f"{slug} is in shadow since {state.since:%Y-%m-%d %H:%M} UTC: nothing is written to it")
    click.echo(f"{ready.percent} % ready: {ready.ready} of {offered} live, or as the hub would write them")
    for step in ready.next_steps():
        click.echo(f"  {step}")
    if ready.groups:
        click.echo()
        print_table(("Group", ">Listings", ">Same", ">Change"), map(_group_row, ready.groups))
    if rows:
        click.echo()
        print_table(COLUMNS, map(_row, rows))
        more = sum(group.listings - group.same for group in ready.groups) - len(rows)
        if more > 0:
            click.echo(f"… and {more} more: --limit {len(rows) + more}")
    click.echo(f"Switch a group on: hub channel shadow {slug} --live GROUP   or all of it: --off")


def _group_row(group: GroupCount) -> list[Cell]:
    return [group.group or NO_GROUP, group.listings, group.same, group.changes]


def _row(each: Beside) -> list[Cell]:
    shows = "?" if each.shows is None else str(each.shows)
    word = Text(
        "" if each.verdict == "same" else each.verdict,
        style="red" if each.verdict == "sold out" else "yellow",
    )
    return [
        each.channel_listing_id,
        each.sku,
        each.group or NO_GROUP,
        shows,
        str(each.would),
        word,
        age(each.seen_at, now()),
    ]
