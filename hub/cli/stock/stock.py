"""hub stock: show what is where, now or at a past moment, and what each channel shows of it; explain; adjust, count."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.cli.output import Cell, age_s, bold, count_of, json_option, left, print_json, print_table, tone
from hub.cli.session import in_hub
from hub.cli.stock.plan import plan
from hub.cli.stock.receive import receipts, receive
from hub.cli.stock.reservations import reservations
from hub.cli.stock.shelf import shelf
from hub.flows.stock.adjust_stock import Adjustment, Count, adjust_stock, count_stock
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.stock.explain import Explanation, ListingLadder, PlaceLadder, Telling
from hub.model.stock.explain import explain as explain_sku
from hub.model.stock.grounds import Moved
from hub.model.stock.ladder import Step, telling, written
from hub.model.stock.waits import Reason
from hub.store.api.stock import LevelAt, Published, StockOf
from hub.store.api.stock import stock as read_stock
from hub.store.stock import history

ACTOR = "command line"
DETAILED_MAX = 3


@click.group()
def stock() -> None:
    """Show, receive and adjust stock."""


stock.add_command(receive)
stock.add_command(receipts)
stock.add_command(reservations)
stock.add_command(plan)
stock.add_command(shelf)


@stock.command()
@click.argument("skus", nargs=-1, metavar="[SKU…]")
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(1), help="How many SKUs at most."
)
@click.option(
    "--at", "past", metavar="TIME", help="As of a past moment with its zone: 2026-11-23T12:00:00+00:00."
)
@json_option
@in_hub
async def show(ctx: HubContext, skus: Sequence[str], *, limit: int, past: str | None, as_json: bool) -> None:
    """Show stock by location, what is available to sell, and what each channel shows of it, with its age.

    With --at: what was on hand and allocated at that moment, by the ledger.
    """
    if past is not None:
        await _show_then(ctx, skus, history.read_past(past, at=now()), limit, as_json=as_json)
        return
    async with ctx.db.transaction() as tx:
        found = await read_stock(tx, skus=skus or None, limit=limit + 1, at=now())
    _refuse_missing(skus, {row.sku for row in found})
    if as_json:
        print_json({"items": found[:limit]})
    elif not found:
        click.echo(
            "No SKUs yet. Add one: hub sku add KEY NAME   ·   all that a channel offers: hub sku take CHANNEL"
        )
    elif len(found) <= DETAILED_MAX:
        for each in found:
            _print_one(each)
    else:
        _print_many(found[:limit])
        _say_more(len(found), limit)


async def _show_then(
    ctx: HubContext, skus: Sequence[str], moment: datetime, limit: int, *, as_json: bool
) -> None:
    async with ctx.db.transaction() as tx:
        found = await history.stock_then(tx, moment=moment, skus=skus or None, limit=limit + 1)
    _refuse_missing(skus, {row.sku for row in found})
    if as_json:
        print_json({"at": moment, "items": found[:limit]})
        return
    click.echo(f"As of {_time(moment)}, by every movement up to then\n")
    print_table(["SKU", "Name", "Location", ">On hand", ">Allocated"], _rows_then(found[:limit]))
    _say_more(len(found), limit)


def _rows_then(found: Sequence[history.StockThen]) -> Iterator[list[Cell]]:
    for each in found:
        if not each.levels:
            yield [each.sku, each.name, "nothing anywhere yet", 0, 0]
        for level in each.levels:
            yield [each.sku, each.name, level.location, level.on_hand, level.allocated]


def _refuse_missing(asked: Sequence[str], found: set[str]) -> None:
    missing = [each for each in asked if each not in found]
    if missing:
        msg = f"there is no SKU {', '.join(missing[:5])}: see hub stock show"
        raise NotFoundError(msg)


def _say_more(found: int, limit: int) -> None:
    if found > limit:
        click.echo(f"\nThere are more than {limit}: name SKUs, or raise --limit")


@stock.command()
@click.argument("sku")
@click.option("--channel", metavar="SLUG", help="Only the listings of this channel.")
@json_option
@in_hub
async def explain(ctx: HubContext, sku: str, *, channel: str | None, as_json: bool) -> None:
    """Unfold why each channel shows what it shows: every step from what is on hand, and what waits."""
    at = now()
    async with ctx.db.transaction() as tx:
        grounds = await history.grounds_of(tx, sku, channel=channel, at=at)
    explained = explain_sku(grounds, at=at)
    if as_json:
        print_json(explained)
    else:
        _print_explained(explained)


@stock.command(context_settings={"ignore_unknown_options": True})
@click.argument("sku")
@click.argument("location")
@click.argument("change", type=int, required=False)
@click.option(
    "--count", "counted", type=click.IntRange(0), help="Units counted on the shelf, promised ones included."
)
@click.option("--reason", required=True, help="Why, for whoever asks later.")
@click.option("--lot", default="", help="The lot or serial number it is about.")
@in_hub
async def adjust(
    ctx: HubContext,
    sku: str,
    location: str,
    change: int | None,
    *,
    counted: int | None,
    reason: str,
    lot: str,
) -> None:
    """Change what is on hand by so many units, such as 5 or -2, or set it to what was counted with --count."""
    if (change is None) == (counted is None):
        msg = (
            f"say by how much, such as: hub stock adjust {sku} {location} -2, or what was counted: --count 12"
        )
        raise InputError(msg, field="change")
    at, cause_id = now(), str(uuid7())
    async with ctx.db.transaction() as tx:
        if counted is not None:
            counts = [Count(sku, location, counted, reason, cause_id)]
            touched = await count_stock(tx, counts, actor=ACTOR, at=at)
        else:
            changes = [Adjustment(sku, location, change or 0, reason, cause_id, lot=lot)]
            touched = await adjust_stock(tx, changes, actor=ACTOR, at=at)
        after = await read_stock(tx, skus=[sku], limit=1, at=at)
    await ring_touched(ctx, touched)
    told = f"; {count_of(len(touched), 'channel')} to be told" if touched else ""
    for each in after:
        _print_one(each)
        click.echo(f"\n{each.available} available to sell{told}")


def _print_one(each: StockOf) -> None:
    click.echo(f"{bold(each.sku)}  {each.name}  {bold(str(each.available))} available to sell")
    if each.levels:
        titles = ["  Location", ">On hand", ">Allocated", ">Reserved", ">Safety", ">Free"]
        on_its_way = [">In transit"] if any(level.in_transit for level in each.levels) else []
        print_table([*titles, *on_its_way], map(_level_row, each.levels))
    if each.published:
        print_table(["  Channel", "Listing", ">Shows", ">Age", "State"], map(_published_row, each.published))
    if each.made_of:
        made_of = ", ".join(f"{units} × {sku}" for sku, units in each.made_of.items())
        click.echo(f"  a {each.kind} of {made_of}: hub stock explain {each.sku}")
    elif not each.levels:
        click.echo(
            f"  nothing anywhere yet: hub stock adjust {each.sku} LOCATION UNITS --reason 'opening stock'"
        )


def _level_row(level: LevelAt) -> list[Cell]:
    counts = (level.on_hand, level.allocated, level.reserved, level.safety_stock, level.free)
    return [f"  {level.location}", *counts, *([level.in_transit] if level.in_transit else [])]


def _published_row(each: Published) -> list[Cell]:
    shows = "–" if each.quantity is None else each.quantity
    return [f"  {each.channel}", each.channel_listing_id, shows, age_s(each.age_s), tone(_state(each))]


def _state(each: Published) -> str:
    if each.problem:
        return each.problem
    return each.freshness if each.waiting_s is None else f"a newer number waits ({age_s(each.waiting_s)})"


def _print_many(rows: Sequence[StockOf]) -> None:
    """One column for each location (on hand) and each channel (what it shows, and since when)."""
    locations = list(dict.fromkeys(level.location for row in rows for level in row.levels))
    channels = sorted({each.channel for row in rows for each in row.published})
    titles = ["SKU", "Name", *(f">{code}" for code in locations), ">Allocated", ">Available"]
    print_table(
        [*titles, *(f">{slug}" for slug in channels)], (_wide_row(row, locations, channels) for row in rows)
    )


def _wide_row(row: StockOf, locations: Sequence[str], channels: Sequence[str]) -> list[Cell]:
    on_hand = {level.location: level.on_hand for level in row.levels}
    shown = {slug: [each for each in row.published if each.channel == slug] for slug in channels}
    return [
        row.sku,
        row.name,
        *(on_hand.get(code) for code in locations),
        sum(level.allocated for level in row.levels),
        row.available,
        *(", ".join(map(_shown, shown[slug])) for slug in channels),
    ]


def _shown(each: Published) -> str:
    """`12 · 4 min`; an arrow where a newer number is on its way."""
    if each.quantity is None:
        return "not told yet"
    return f"{each.quantity} · {age_s(each.age_s)}{'' if each.waiting_s is None else ' →'}"


def _print_explained(explained: Explanation) -> None:
    click.echo(f"{bold(explained.sku)}  {explained.name}")
    for place in explained.places:
        _print_ladder(f"{place.location}  {place.name}", place.steps, f"from {place.location}")
        _say_lasting(place)
        _say_earlier(place, explained.movements)
    if explained.parts:
        _print_parts(explained)
    _print_ladder("All locations", explained.steps, "available to sell")
    for listing in explained.listings:
        print_listing(listing)
    if not explained.listings:
        click.echo("\nNo listing of it here: hub listing match CHANNEL LISTING " + explained.sku)
    if explained.movements:
        click.echo("\n" + bold("The last movements"))
        titles = ["  When (UTC)", "Location", "Kind", ">On hand", ">Allocated", "Cause", "By", "Reason"]
        print_table(titles, map(_moved_row, explained.movements))


def _print_parts(explained: Explanation) -> None:
    """What each part of a bundle allows; hub stock explain PART unfolds it further."""
    click.echo("\n" + bold("Its parts"))
    rows: list[list[Cell]] = [
        [
            f"  {part.sku}",
            f"{part.units} in each",
            f"{part.available} available",
            f"enough for {part.allows}",
            "limits it" if part.sku == explained.limited_by else "",
        ]
        for part in explained.parts
    ]
    print_table([""] * 5, rows)


def _print_ladder(title: str, steps: Sequence[Step], sum_says: str) -> None:
    """Steps that change nothing are left out; the last line is what the steps lead to."""
    click.echo("\n" + bold(title))
    rows: list[list[Cell]] = [
        [f"  {sign}", units, each.name, each.says]
        for each in telling(steps)
        for sign, units in [written(each)]
    ]
    print_table(["", ">Units", "Step", "Because"], [*rows, ["  =", steps[-1].after, sum_says, ""]])


def _say_lasting(place: PlaceLadder) -> None:
    at = now()
    for each in place.lasting:
        click.echo(f"  {each.units} for {each.owner_kind} {each.owner}, ends in {left(each.expires_at, at)}")


def _say_earlier(place: PlaceLadder, movements: Sequence[Moved]) -> None:
    if (place.earlier_on_hand or place.earlier_allocated) and any(
        each.location == place.location for each in movements
    ):
        click.echo(
            f"  movements not listed below: {place.earlier_on_hand:+} on hand, {place.earlier_allocated:+} allocated"
        )


def print_listing(listing: ListingLadder) -> None:
    title = f"{listing.channel}  {listing.channel_listing_id}"
    if listing.steps:
        _print_ladder(title, listing.steps, "should show")
    else:
        click.echo("\n" + bold(title))
    rows: list[list[Cell]] = [["  confirmed", *_told(listing.confirmed)]]
    if listing.sent or not listing.confirmed:
        rows.insert(0, ["  sent", *_told(listing.sent)])
    if listing.unchanged_at:
        says = f"nothing sent: a change at {_time(listing.unchanged_at)} left the number as it was"
        rows.append(["  unchanged", "", says])
    print_table(["", "", ""], rows + [_wait_row(each) for each in listing.waits])


def _wait_row(why: Reason) -> list[Cell]:
    return ["  waits", tone(why.name), why.says]


def _told(telling: Telling | None) -> list[Cell]:
    if telling is None:
        return ["never", ""]
    units = "–" if telling.quantity is None else str(telling.quantity)
    return [units, f"version {telling.version}, {_ago(telling.age_s)}, {_time(telling.at)}"]


def _ago(seconds: float) -> str:
    said = age_s(seconds)
    return "just now" if said == "now" else f"{said} ago"


def _moved_row(each: Moved) -> list[Cell]:
    cause = f"order {each.order_number}" if each.order_number else f"{each.cause} {each.cause_id}"
    on_hand, allocated = (
        f"{change:+}" if change else "" for change in (each.on_hand_change, each.allocated_change)
    )
    when = f"  {each.at:%Y-%m-%d %H:%M:%S}"
    return [when, each.location, each.kind, on_hand, allocated, cause, each.actor, each.reason]


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
