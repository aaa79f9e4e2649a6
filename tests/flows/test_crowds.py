"""Forty connections at once are promised exactly what is there; without the locks the same are not (L6).

These twins show that the tests can fail.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import permutations

import pytest
from sqlalchemy import text

from hub.flows.stock.set_components import set_components
from hub.model.incoming import IncomingOrder
from hub.model.stock.bundles import Kind, Recipe
from hub.store.db import Database
from hub.store.stock import supply
from tests.builders import NOON, line, order
from tests.flows.test_concurrency import LEDGER, LEVELS, rows, shop, take_alone

Crowd = Callable[[Database], Awaitable[Sequence[IncomingOrder]]]
TEN = {"MUG": 10, "TEA": 10, "TIN": 10}
MEANWHILE = ", pg_sleep(0.05), set_config('deadlock_timeout', '10ms', true)"
"""The others look as well; and whoever then waits in a circle, as none has locked in one order, is let go at once."""


async def on_one_sku(many: Database) -> Sequence[IncomingOrder]:
    del many
    return [order(str(n), line("MUG"), line("TEA"), line("TIN")) for n in range(40)]


async def with_overlapping_baskets(many: Database) -> Sequence[IncomingOrder]:
    """Two of three SKUs each, in every sequence."""
    del many
    pairs = [*permutations(TEN, 2)] * 7
    return [order(str(n), line(one, 2), line(two)) for n, (one, two) in enumerate(pairs[:40])]


async def for_bundles_that_share_parts(many: Database) -> Sequence[IncomingOrder]:
    """Each of them takes every part, in numbers of its own; single units take what is left."""
    recipes = {"GIFT": {"MUG": 1, "TEA": 2, "TIN": 1}, "PAIR": {"TIN": 2, "MUG": 2, "TEA": 1}}
    async with many.transaction() as tx:
        made = [Recipe(sku, Kind.BUNDLE, parts) for sku, parts in recipes.items()]
        await set_components(tx, made, actor="ada", at=NOON)
    singles = [order(f"{sku}-{n}", line(sku)) for sku in TEN for n in range(10)]
    return [*(order(str(n), line(("GIFT", "PAIR")[n % 2])) for n in range(10)), *singles]


CROWDS = (on_one_sku, with_overlapping_baskets, for_bundles_that_share_parts)
crowds = pytest.mark.parametrize("crowd", CROWDS, ids=lambda crowd: str(crowd.__name__))


async def promised_to(many: Database, crowd: Crowd) -> Mapping[object, object]:
    """Units by SKU, once all of the crowd have been served at the same moment."""
    seller = await shop(many, TEN | {"GIFT": 0, "PAIR": 0})
    asked = await crowd(many)
    async with asyncio.timeout(300):
        await asyncio.gather(*(take_alone(many, seller, each) for each in asked))
    return {sku: allocated for sku, _, allocated in await rows(many, LEVELS)}


@crowds
async def test_40_connections_are_promised_exactly_what_is_there(many: Database, crowd: Crowd):
    assert await promised_to(many, crowd) == TEN
    assert await rows(many, LEVELS) == await rows(many, LEDGER)


@crowds
async def test_the_same_40_are_promised_more_than_there_is_without_the_locks(
    many: Database, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(supply, "_LOCK", text(supply._LOCK.text.replace("FOR UPDATE", "") + MEANWHILE))
    assert await promised_to(many, crowd) != TEN
