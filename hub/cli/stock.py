"""hub stock: show what is where and what each channel shows of it; adjust and count."""

from collections.abc import Sequence

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.cli.output import Cell, age_s, bold, count_of, json_option, print_json, print_table, tone
from hub.cli.session import in_hub
from hub.flows.adjust_stock import Adjustment, Count, adjust_stock, count_stock
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.store.api.stock import LevelAt, Published, StockOf
from hub.store.api.stock import stock as read_stock

ACTOR = "command line"
DETAILED_MAX = 3


@click.group()
def stock() -> None:
    """Show and adjust stock."""


@stock.command()
@click.argument("skus", nargs=-1, metavar="[SKU…]")
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(1), help="How many SKUs at most."
)
@json_option
@in_hub
async def show(ctx: HubContext, skus: Sequence[str], *, limit: int, as_json: bool) -> None:
    """Show stock by location, what is available to sell, and what each channel shows of it, with its age."""
    async with ctx.db.transaction() as tx:
        found = await read_stock(tx, skus=skus or None, limit=limit + 1, at=now())
    missing = [each for each in skus if each not in {row.sku for row in found}]
    if missing:
        msg = f"there is no SKU {', '.join(missing[:5])}: see hub stock show"
        raise NotFoundError(msg)
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
        if len(found) > limit:
            click.echo(f"\nThere are more than {limit}: name SKUs, or raise --limit")


@stock.command(context_settings={"ignore_unknown_options": True})
@click.argument("sku")
@click.argument("location")
@click.argument("change", type=int, required=False)
@click.option(
    "--count", "counted", type=click.IntRange(0), help="Units counted on the shelf, promised ones included."
)
@click.option("--reason", required=True, help="Why, for whoever asks later.")
@in_hub
async def adjust(
    ctx: HubContext, sku: str, location: str, change: int | None, *, counted: int | None, reason: str
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
            changes = [Adjustment(sku, location, change or 0, reason, cause_id)]
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
        print_table(titles, map(_level_row, each.levels))
    if each.published:
        print_table(["  Channel", "Listing", ">Shows", ">Age", "State"], map(_published_row, each.published))
    if not each.levels:
        click.echo(
            f"  nothing anywhere yet: hub stock adjust {each.sku} LOCATION UNITS --reason 'opening stock'"
        )


def _level_row(level: LevelAt) -> list[Cell]:
    counts = (level.on_hand, level.allocated, level.reserved, level.safety_stock, level.free)
    return [f"  {level.location}", *counts]


def _published_row(each: Published) -> list[Cell]:
    shows = "–" if each.quantity is None else each.quantity
    return [f"  {each.channel}", each.channel_listing_id, shows, age_s(each.age_s), tone(_state(each))]


def _state(each: Published) -> str:
    if each.problem:
        return each.problem
    return "up to date" if each.waiting_s is None else f"a newer number waits ({age_s(each.waiting_s)})"


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
