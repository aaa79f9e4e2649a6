"""How each channel keeps up, what is late and why, one listing explained, and what is paused."""

from collections.abc import Sequence
from datetime import timedelta

import click
from rich.text import Text

from hub.channels.context import HubContext
from hub.channels.opening import find_channel
from hub.channels.suspended import ring_decided
from hub.cli.output import Cell, age_s, bold, count_of, json_option, print_json, print_table, show_list, tone
from hub.cli.session import in_hub
from hub.cli.stock.stock import print_listing
from hub.flows.sync.pausing import pause_groups, resume_groups
from hub.flows.sync.set_goal import set_goal
from hub.kit.clock import now
from hub.model.errors import NotFoundError
from hub.model.histogram import within
from hub.model.stock.explain import explain as unfold
from hub.model.stock.waits import reasons
from hub.model.sync.stages import SAYS, Stage
from hub.store.stock import history
from hub.store.sync import pace, stages
from hub.store.sync.pace import LateListing, Pace
from hub.store.sync.stages import StageTimes

ACTOR = "command line"
NO_GROUP = "-"
_DAYS = timedelta(days=1)
_COLUMNS = [
    "Channel",
    "State",
    ">Listings",
    ">To tell",
    ">Late",
    ">Longest wait",
    ">Oldest",
    ">Suspended",
    ">Drift",
]
_NO_CHANNELS = "No channels yet. Join one with: hub channel add KIND SLUG"
_NONE_LATE = "Nothing is late: every change has reached its channel within the goal"


@click.command()
@click.argument("slug", required=False)
@json_option
@in_hub
async def status(ctx: HubContext, slug: str | None, *, as_json: bool) -> None:
    """Show how each channel keeps up: what waits, how long, how old its numbers are, how fast they are sent."""
    at = now()
    if slug:
        await find_channel(ctx, slug)
    async with ctx.db.transaction() as tx:
        found = await pace.paces(tx, slug=slug, at=at)
        times = await stages.stage_times(tx, since=(at - _DAYS).date())
    times = [each for each in times if not slug or each.channel == slug]
    if as_json:
        print_json({"items": found, "stages": times})
        return
    show_list(found, as_json=False, columns=_COLUMNS, row=_row, empty=_NO_CHANNELS)
    if times:
        click.echo("\nSince yesterday half of the numbers, and 99 % of them, took")
        _print_stages(times)


@click.command()
@click.argument("slug", required=False)
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def late(ctx: HubContext, slug: str | None, *, limit: int, as_json: bool) -> None:
    """List the changes that have waited longer than the goal of their channel, and what keeps them."""
    at = now()
    channel_id = (await find_channel(ctx, slug)).id if slug else None
    async with ctx.db.transaction() as tx:
        found = await pace.late_listings(tx, channel_id=channel_id, limit=limit, at=at)

    def row(each: LateListing) -> list[Cell]:
        offer = each.offer
        waits = age_s((at - offer.dirty_since).total_seconds()) if offer.dirty_since else ""
        why = "; ".join(reason.says for reason in reasons(offer, at))
        return [offer.channel, offer.channel_listing_id, each.sku, offer.confirmed_quantity, waits, why]

    columns = ["Channel", "Listing", "SKU", ">Shows", ">Waits", "Why"]
    show_list(found, as_json=as_json, columns=columns, row=row, empty=_NONE_LATE)


@click.command()
@click.argument("slug")
@click.argument("listing")
@json_option
@in_hub
async def explain(ctx: HubContext, slug: str, listing: str, *, as_json: bool) -> None:
    """Say what one LISTING shows, should show and why, and how far its newest number has come."""
    at, row = now(), await find_channel(ctx, slug)
    async with ctx.db.transaction() as tx:
        sku = await pace.sku_of(tx, row.id, listing)
        if sku is None:
            msg = f"no listing {listing!r} of {slug} is matched: see hub listing list --channel {slug}"
            raise NotFoundError(msg)
        whole = unfold(await history.grounds_of(tx, sku, channel=slug, at=at), at=at)
    (found,) = (each for each in whole.listings if each.channel_listing_id == listing)
    if as_json:
        print_json(found)
        return
    click.echo(f"{bold(listing)} of {slug} is {sku}:")
    print_listing(found)


@click.command()
@click.argument("slug")
@click.argument("goal_s", type=int, metavar="SECONDS")
@in_hub
async def goal(ctx: HubContext, slug: str, goal_s: int) -> None:
    """Say after how many seconds a change that has not reached the channel is late."""
    row = await find_channel(ctx, slug)
    async with ctx.db.transaction() as tx:
        await set_goal(tx, row.id, goal_s, actor=ACTOR, at=now())
    click.echo(f"{slug}: a change that waits longer than {goal_s} s is late")


@click.command()
@click.argument("slug")
@click.argument("groups", nargs=-1, required=True, metavar="GROUP…")
@in_hub
async def pause(ctx: HubContext, slug: str, groups: tuple[str, ...]) -> None:
    """Tell the channel nothing of these groups of SKUs until they are resumed; - are those without a group."""
    row = await find_channel(ctx, slug)
    async with ctx.db.transaction() as tx:
        count = await pause_groups(tx, row.id, _named(groups), actor=ACTOR, at=now())
    await ring_decided(ctx, row.id)
    click.echo(
        f"{count_of(count, 'listing')} of {slug} paused. Go on with: hub sync resume {slug} {groups[0]}"
    )


@click.command()
@click.argument("slug")
@click.argument("groups", nargs=-1, required=True, metavar="GROUP…")
@in_hub
async def resume(ctx: HubContext, slug: str, groups: tuple[str, ...]) -> None:
    """Go on with paused groups; what waited is told as it is now."""
    row = await find_channel(ctx, slug)
    async with ctx.db.transaction() as tx:
        count = await resume_groups(tx, row.id, _named(groups), actor=ACTOR, at=now())
    await ring_decided(ctx, row.id)
    click.echo(f"{count_of(count, 'listing')} of {slug} told again from now on")


def _named(groups: tuple[str, ...]) -> list[str]:
    return ["" if each == NO_GROUP else each for each in groups]


def _print_stages(times: Sequence[StageTimes]) -> None:
    took = {(each.channel, each.stage): each.counts for each in times}
    rows = [
        [slug, *(_took(took.get((slug, stage), {})) for stage in Stage)]
        for slug in dict.fromkeys(each.channel for each in times)
    ]
    print_table(["Channel", *(SAYS[stage] for stage in Stage)], rows)


def _took(counts: dict[float, int]) -> str:
    return ", ".join(filter(None, (_bound(within(counts, share)) for share in (0.5, 0.99))))


def _row(each: Pace) -> list[Cell]:
    return [
        each.slug,
        tone(_state(each)),
        each.listings,
        each.waiting,
        Text(str(each.late), style="yellow" if each.late else ""),
        age_s(each.oldest_wait_s),
        age_s(each.oldest_age_s),
        each.suspended,
        each.drifts,
    ]


def _state(each: Pace) -> str:
    if each.account_state != "ok":
        return each.account_state
    if each.state == "active" and each.paused_until and each.paused_until > now():
        return f"tries again at {each.paused_until:%H:%M:%S} UTC"
    if each.state == "active" and each.shadow_since:
        return f"in shadow, {count_of(each.shadowed, 'listing')}"
    return each.state


def _bound(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return "over 5 min" if seconds == float("inf") else f"{seconds:g} s"
