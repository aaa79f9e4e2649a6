"""A batch of orders on one hot SKU, promised under one lock, against as many single-row updates of the same level.

Who promises units one order at a time pays a lock, a round trip and a commit for each: pgbench does that, and nothing
else, on the very row; from one client that never waits for another, and from sixteen that do, as buyers in a rush do.
A batch pays them once, and writes a movement for each order besides.
"""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from msgspec import Struct

from bench import loop, simple_update
from bench.servers import Bed
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.flows.stock.allocate import plan_wants, record_plan
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.kit.memory import settle_memory
from hub.model.stock.locations import Location
from hub.model.stock.wants import Want
from hub.store.db import Database
from hub.store.stock import locations, skus

DATABASE = "hot"
SKU, PLACE = "HOT", "main"
ORDERS = 500
GOAL = 10.0  # times the rate of single-row updates in a rush, at least
_ONE = f"UPDATE levels SET allocated = allocated + 1 WHERE sku = '{SKU}' AND location = '{PLACE}';"


class Hot(Struct, frozen=True):
    """`batch_s` is the median of batches, each in a transaction of its own; `tps` single-row updates by clients."""

    orders: int
    batch_s: float
    tps: dict[int, float]

    @property
    def per_s(self) -> float:
        return self.orders / self.batch_s

    @property
    def ratios(self) -> dict[int, float]:
        return {clients: self.per_s / tps for clients, tps in self.tps.items()}


def measure(bed: Bed, *, batches: int, seconds: int, progress: Callable[[int], object]) -> Hot:
    """Batches and single updates on the same row of the same server, one after the other."""
    bed.migrated(DATABASE)
    batch_s = loop.run(_batches(bed, batches))
    progress(1)
    tps = simple_update.measure_script(bed, DATABASE, _script(bed), seconds=seconds)
    progress(1)
    return Hot(ORDERS, batch_s, tps)


async def _batches(bed: Bed, batches: int) -> float:
    db = Database(bed.at(DATABASE).database_url)
    try:
        await _open(db, units=ORDERS * (batches + 1))
        settle_memory()  # as the worker does
        taken = [await _promise(db) for _ in range(batches + 1)]
        await _prove(db, ORDERS * (batches + 1))
    finally:
        await db.close()
    return median(taken[1:])  # the first one warms up


async def _open(db: Database, *, units: int) -> None:
    at = now()
    async with db.transaction() as tx:
        await locations.put_locations(tx, [Location(PLACE, "Main")])
        await skus.put_skus(tx, [skus.Sku(SKU, "Hot")], at=at)
        opening = Adjustment(SKU, PLACE, units, "opening stock", str(uuid7()), "receipt")
        await adjust_stock(tx, [opening], actor="bench", at=at)


async def _promise(db: Database) -> float:
    wants = [Want(uuid7(), uuid7(), {SKU: 1}, allocate=1) for _ in range(ORDERS)]
    begun = perf_counter()
    async with db.transaction() as tx:
        plan = await plan_wants(tx, wants, {})
        await record_plan(tx, plan, cause="order", cause_of=str, actor="bench", at=now(), first=True)
    assert not plan.short, "the bench is wrong: units were short"
    return perf_counter() - begun


async def _prove(db: Database, promised: int) -> None:
    """Every order has its unit, its movement, and the level is their sum."""
    async with db.transaction() as tx:
        found = await tx.exec_driver_sql(
            "SELECT allocated, (SELECT count(*) FROM movements WHERE kind = 'allocation') FROM levels"
        )
        assert found.one() == (promised, promised), "the bench is wrong: not every order has its unit"


def _script(bed: Bed) -> Path:
    script = bed.config.folder / "one.sql"
    script.write_text(_ONE)
    return script
