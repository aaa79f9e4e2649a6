"""Forty connections at the same few SKUs: what is there is promised, nothing more, and nobody waits in a circle.

Phone orders of one SKU, of overlapping baskets and of bundles that share parts, amid drafts, receipts, pushes, fills
and changed bundles. Beside it stands the same through one connection.

Run it: python -m bench.soak [--seconds 60]. How to read it: bench/README.md.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from random import Random
from time import monotonic

import click
from msgspec import Struct
from sqlalchemy import text

from bench import report
from bench.report import Line
from bench.servers import Bed, throw_away
from bench.shop import MANUAL
from hub.channels.context import HubContext, open_context
from hub.channels.forms import take_form
from hub.channels.opening import add_channel
from hub.flows.orders.keep_drafts import Typed, TypedLine, keep_drafts
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.flows.stock.allocate import fill_waiting
from hub.flows.stock.set_components import set_components
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import OutOfStockError, StaleError
from hub.model.stock.bundles import Kind, Recipe
from hub.model.stock.locations import Location
from hub.store import channels, publications
from hub.store.checks import run_checks
from hub.store.events import Event
from hub.store.stock import listings, locations, skus
from hub.store.sync.answers import keep_answers

DATABASE = "soak"
CONNECTIONS = 40
HOT = tuple(f"HOT-{number}" for number in range(6))
BUNDLES = ("GIFT", "PAIR")
PLACES = ("main", "store")
OPENING, RECEIPT = 50, 5  # units of each SKU at each place: soon sold out, and again and again


class Soaked(Struct, frozen=True):
    """`ends` counts the stories by how they ended."""

    seconds: float
    ends: Mapping[str, int]

    @property
    def promised(self) -> int:
        return self.ends.get("promised", 0)

    @property
    def per_s(self) -> float:
        return self.promised / self.seconds


@click.command()
@click.option("--seconds", default=60, show_default=True, help="How long the forty connections go on.")
@click.option("--seed", default=1, show_default=True, help="Another one makes other baskets.")
def main(seconds: int, seed: int) -> None:
    """Promise from forty connections at once for a while, and prove that every unit was promised once."""
    with throw_away() as bed, report.progress() as progress:
        alone_s = max(1, seconds // 6)
        shown = progress.add_task("one connection, then forty", total=alone_s + seconds)
        bed.migrated(DATABASE)
        alone, crowd = asyncio.run(_soak(bed, alone_s, seconds, seed, partial(progress.advance, shown)))
        deadlocks, settings = _deadlocks(bed), bed.settings()
    conclude(alone, crowd, deadlocks, settings)


async def _soak(
    bed: Bed, alone_s: int, seconds: int, seed: int, tick: Callable[[], object]
) -> tuple[Soaked, Soaked]:
    async with open_context(bed.config, bed.at(DATABASE), pool_size=CONNECTIONS) as ctx:
        await _open(ctx)
        ticking = asyncio.create_task(_tick(alone_s + seconds, tick))
        alone = await _run(ctx, 1, alone_s, seed)
        crowd = await _run(ctx, CONNECTIONS, seconds, seed)
        await ticking
        await _prove(ctx, alone.promised + crowd.promised)
    return alone, crowd


async def _run(ctx: HubContext, connections: int, seconds: int, seed: int) -> Soaked:
    ends: Counter[str] = Counter()
    begun = monotonic()
    dice = [Random(f"{seed} {number}") for number in range(connections)]
    await asyncio.gather(*(_connection(ctx, each, begun + seconds, ends) for each in dice))
    return Soaked(monotonic() - begun, ends)


async def _tick(seconds: int, tick: Callable[[], object]) -> None:
    for _ in range(seconds):
        await asyncio.sleep(1)
        tick()


async def _open(ctx: HubContext) -> None:
    row = await add_channel(ctx, kind="manual", slug=MANUAL, name="Phone", settings={})
    every = [*HOT, *BUNDLES]
    async with ctx.db.transaction() as tx:
        await locations.put_locations(tx, [Location(code, code, rank) for rank, code in enumerate(PLACES)])
        await skus.put_skus(tx, [skus.Sku(code, code) for code in every], at=now())
        await adjust_stock(
            tx, [_receipt(sku, code, OPENING) for sku in HOT for code in PLACES], actor="bench", at=now()
        )
        await set_components(tx, _recipes(Random(0)), actor="bench", at=now())
        rows = [listings.NewListing(uuid7(), sku, sku, sku, sku) for sku in every]
        await listings.add_listings(tx, row.id, rows, at=now())
        await publications.open_publications(tx, every, at=now())


async def _connection(ctx: HubContext, dice: Random, until: float, ends: Counter[str]) -> None:
    """One story after the other, each in transactions of its own."""
    while monotonic() < until:
        (story,) = dice.choices(list(STORIES), list(STORIES.values()))
        try:
            ends[await story(ctx, dice)] += 1
        except OutOfStockError:
            ends["refused"] += 1
        except StaleError:
            ends["tried again"] += 1


async def _order(ctx: HubContext, dice: Random) -> str:
    lines = [
        {"title": sku, "sku": sku, "quantity": dice.randint(1, 3), "unit_price": "10.00"}
        for sku in _basket(dice)
    ]
    form = {
        "command_id": str(uuid7()),
        "placed_at": now().isoformat(),
        "currency": "EUR",
        "lines": lines,
        "payment": "paid",
    }
    await take_form(ctx, MANUAL, json.dumps(form).encode(), at=now())
    return "promised"


async def _draft(ctx: HubContext, dice: Random) -> str:
    lines = [TypedLine(sku, 1) for sku in _basket(dice)]
    typed = Typed(f"draft-{dice.randrange(20)}", b"{}", lines, channel=MANUAL)
    async with ctx.db.transaction() as tx:
        await keep_drafts(tx, ctx.vault, [typed], channel_ids=[], actor="bench", at=now())
    return "drafts kept"


async def _receive(ctx: HubContext, dice: Random) -> str:
    arrived = [_receipt(sku, dice.choice(PLACES), RECEIPT) for sku in dice.sample(HOT, 2)]
    async with ctx.db.transaction() as tx:
        await adjust_stock(tx, arrived, actor="bench", at=now())
    return "receipts"


async def _push(ctx: HubContext, dice: Random) -> str:
    """As a worker does, with a channel that answers at once."""
    del dice
    async with ctx.db.transaction() as tx:
        (row,) = await channels.all_channels(tx)
        locked = await publications.lock_due(tx, row.id, limit=100, at=now())
        due = await publications.claim(tx, locked, at=now())
    told = [publications.Told(each.listing_id, each.version, each.quantity, "applied") for each in due]
    async with ctx.db.transaction() as tx:
        await keep_answers(tx, told, {}, Event("stock published", "bench", channel_id=row.id), at=now())
    return "pushes"


async def _fill(ctx: HubContext, dice: Random) -> str:
    del dice
    async with ctx.db.transaction() as tx:
        await fill_waiting(tx, actor="bench", at=now())
    return "fills"


async def _redefine(ctx: HubContext, dice: Random) -> str:
    async with ctx.db.transaction() as tx:
        await set_components(tx, _recipes(dice), actor="bench", at=now())
    return "bundles changed"


Story = Callable[[HubContext, Random], Awaitable[str]]
STORIES: Mapping[Story, int] = {_order: 60, _draft: 15, _receive: 10, _push: 10, _fill: 4, _redefine: 1}
"""How often each comes, in a hundred."""


def _basket(dice: Random) -> list[str]:
    return dice.sample([*HOT, *BUNDLES], dice.randint(1, 4))


def _recipes(dice: Random) -> list[Recipe]:
    """Bundles that share parts, in numbers of their own."""
    return [
        Recipe(sku, Kind.BUNDLE, {part: dice.randint(1, 2) for part in dice.sample(HOT, 3)})
        for sku in BUNDLES
    ]


def _receipt(sku: str, place: str, units: int) -> Adjustment:
    return Adjustment(sku, place, units, "receipt", str(uuid7()), "receipt")


_ABOVE = """
SELECT count(*) FROM (
  SELECT on_hand, allocated + reserved AS promised FROM levels
  UNION ALL SELECT sum(on_hand), sum(allocated + reserved) FROM levels GROUP BY sku) x
WHERE promised > on_hand"""
_ORDERS = "SELECT count(*) FROM orders"


async def _prove(ctx: HubContext, promised: int) -> None:
    """Refuse figures of promises that were not kept: each order stands, no unit is promised twice, no law is broken."""
    async with ctx.db.transaction() as tx:
        found = await run_checks(tx, at=now(), late_s=1e9)
        above = await tx.scalar(text(_ABOVE))
        kept = await tx.scalar(text(_ORDERS))
    broken = [each.name for each in found if each.verdict == "broken"]
    if broken or above or kept != promised:
        msg = f"the soak found a fault: {above} levels above what is there, {kept} orders, broken: {broken}"
        raise RuntimeError(msg)


def _deadlocks(bed: Bed) -> int:
    with bed.connect(DATABASE) as connection:
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        (found,) = connection.execute(query).fetchone() or (0,)
    return int(found)


def conclude(alone: Soaked, crowd: Soaked, deadlocks: int, settings: Mapping[str, str]) -> None:
    lines = [
        Line(
            f"phone orders, {CONNECTIONS} connections at {len(HOT)} SKUs",
            f"{crowd.per_s:,.0f} orders/s",
            f"1 connection {alone.per_s:,.0f} orders/s",
            f"{crowd.per_s / alone.per_s:.2f}",
        ),
        Line("deadlocks", str(deadlocks), verdict="must be 0"),
        *(Line(what, f"{times:,}") for what, times in sorted(crowd.ends.items())),
    ]
    facts = {
        "bench": "soak",
        "seconds": round(crowd.seconds, 1),
        "orders_per_s": round(crowd.per_s, 1),
        "alone_per_s": round(alone.per_s, 1),
        "deadlocks": deadlocks,
        "ends": dict(crowd.ends),
        "settings": settings,
    }
    report.show("Soak", lines, facts)


if __name__ == "__main__":
    main()
