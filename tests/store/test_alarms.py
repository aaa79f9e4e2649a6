"""One query finds of many SKUs what the rules of alarms say of each; the database keeps one open row for each."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import Struct, structs
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from hub.kit.ids import uuid7
from hub.model.stock.alarms import Bounds, Condition, LotLeft, Moved, Stock, conditions
from hub.model.stock.levels import Level
from hub.model.stock.locations import Location
from hub.store import channels
from hub.store.db import Tx
from hub.store.stock import locations
from hub.store.stock.conditions import conditions_of
from hub.store.tables import alarms as tables
from hub.store.tables import listings, lots, orders, stock
from tests.builders import NOON, open_shop

pytestmark = pytest.mark.anyio

ITEMS = ("MUG", "TEA")
PAIR = {"MUG": 2, "TEA": 1}
SKUS = (*ITEMS, "PAIR")
SELLS = {"main": True, "shop": True, "depot": False}
ZONES = {"main": "UTC", "shop": "Pacific/Kiritimati", "depot": "UTC"}  # at noon the second has the next day
SITES = [Location(code, code, 1, sells, time_zone=ZONES[code]) for code, sells in SELLS.items()]
CHANNEL = UUID(int=7)
FORMS = {"receipt": 1, "shipment": -1, "transfer out": -1, "transfer in": 1, "assembly": -1, "adjustment": -1}
SLOW = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
few, places, day = st.integers(0, 6), st.sampled_from([*SELLS]), timedelta(days=1)


class Short(Struct, frozen=True):
    """A line of an order of its own, of which `lacking` units are neither promised nor on backorder."""

    sku: str
    lacking: int
    backordered: int
    holds: tuple[str, ...]
    canceled: bool

    @property
    def counts(self) -> bool:
        return "oversold" in self.holds and not self.canceled


class World(Struct, frozen=True):
    levels: list[Level]
    moves: dict[str, list[Moved]]
    lots: dict[str, list[LotLeft]]
    shorts: list[Short]
    counted: list[str]
    listed: list[str]
    thresholds: dict[tuple[str, str | None], int]
    bounds: Bounds | None

    def has_ordered(self, sku: str) -> bool:
        return any(each.sku == sku for each in self.shorts)

    def stock_of(self, sku: str) -> Stock:
        """By the definitions of its fields."""
        parts = PAIR if sku == "PAIR" else {sku: 1}
        moves = self.moves.get(sku, [])
        return Stock(
            sku,
            parts,
            [each for each in self.levels if each.sku in parts],
            {code: ZONES[code] for code, sells in SELLS.items() if sells},
            counted=all(part in self.counted for part in parts),
            sold=bool({sku, "PAIR"} & {*self.listed}) or (sku == "PAIR" and self.has_ordered(sku)),
            had=all(any(move.change > 0 for move in self.moves[part]) for part in parts),
            lacking=sum(
                each.lacking * (PAIR if each.sku == "PAIR" else {each.sku: 1}).get(sku, 0)
                for each in self.shorts
                if each.counts
            ),
            moves=moves,
            lots=self.lots.get(sku, []),
            threshold=self.thresholds.get((sku, None)),
            thresholds_at={place: n for (of, place), n in self.thresholds.items() if of == sku and place},
        )


@st.composite
def moved(draw: st.DrawFn) -> Moved:
    kind, days = draw(st.sampled_from([*FORMS])), draw(st.sampled_from([0, 9, 10, 11, 179, 180, 181]))
    return Moved(NOON - days * day, draw(places), kind, FORMS[kind] * draw(st.integers(1, 9)))


@st.composite
def lots_left(draw: st.DrawFn) -> LotLeft:
    expires_on = NOON.date() + draw(st.sampled_from([-1, 0, 3, 29, 30, 31])) * day
    return LotLeft(draw(places), expires_on, draw(st.integers(-2, 5)))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    shelves = [(sku, place) for sku in ITEMS for place in draw(st.lists(places, unique=True))]
    holds = st.sampled_from([("oversold",), ("oversold", "address"), ("unsourced",), ()])
    asked = [(sku, place) for sku in SKUS for place in (None, *SELLS) if sku in ITEMS or place is None]
    return World(
        [
            Level(*at, draw(st.integers(-3, 30)), draw(few), draw(few), draw(st.integers(0, 2)))
            for at in shelves
        ],
        {sku: draw(st.lists(moved(), max_size=4)) for sku in ITEMS},
        {sku: draw(st.lists(lots_left(), max_size=2)) for sku in ITEMS},
        draw(st.lists(st.builds(Short, st.sampled_from(SKUS), few, few, holds, st.booleans()), max_size=3)),
        draw(st.lists(st.sampled_from(ITEMS), unique=True, min_size=1)),
        draw(st.lists(st.sampled_from(SKUS), unique=True)),
        draw(st.dictionaries(st.sampled_from(asked), st.integers(0, 25))),
        draw(st.none() | st.builds(Bounds, st.integers(0, 12), st.just(10), st.just(3))),
    )


SPARE = World(
    [Level("MUG", "main", 22)], {"MUG": [], "TEA": []}, {}, [], ["MUG"], ["MUG"], {("MUG", None): 20}, None
)
FAR_EAST = structs.replace(SPARE, lots={"MUG": [LotLeft("shop", NOON.date() + 31 * day, 5)]})


@SLOW
@given(world=worlds())
@example(world=SPARE)
@example(world=FAR_EAST)
async def test_the_query_for_many_finds_what_the_rules_say_of_each(tx: Tx, world: World):
    wanted = [
        found for sku in SKUS for found in conditions(world.stock_of(sku), world.bounds or Bounds(), at=NOON)
    ]
    async with made(tx, world):
        assert by_name(await conditions_of(tx, SKUS, at=NOON)) == by_name(wanted)
        assert await conditions_of(tx, ["MUG"], at=NOON) != [] or not [x for x in wanted if x.sku == "MUG"]


def by_name(found: list[Condition]) -> list[tuple[object, ...]]:
    return sorted((structs.astuple(each) for each in found), key=str)


@asynccontextmanager
async def made(tx: Tx, world: World) -> AsyncIterator[None]:
    nested = await tx.begin_nested()
    await locations.put_locations(tx, SITES)
    await channels.add_channel(
        tx, channels.NewChannel(CHANNEL, uuid7(), "web", "Web", "woocommerce", b"", "token"), at=NOON
    )
    await put_skus(tx, world)
    await put_books(tx, world)
    for number, each in enumerate(world.shorts):
        await put_short(tx, number, each)
    rows = [{"id": uuid7(), "sku": s, "location": p, "units": n} for (s, p), n in world.thresholds.items()]
    await put(tx, tables.alarm_thresholds, rows)
    await put(tx, tables.alarm_bounds, [structs.asdict(world.bounds)] if world.bounds else [])
    yield
    await nested.rollback()


async def put_skus(tx: Tx, world: World) -> None:
    rows: list[dict[str, object]] = [
        {
            "sku": sku,
            "name": sku,
            "kind": "bundle" if sku == "PAIR" else "item",
            "created_at": NOON,
            "counted_at": NOON if sku in world.counted else None,
        }
        for sku in SKUS
    ]
    await put(tx, stock.skus, rows)
    made_of = [{"bundle": "PAIR", "part": part, "units": units} for part, units in PAIR.items()]
    await put(tx, stock.bundle_parts, made_of)
    offers = [
        {"id": uuid7(), "channel_id": CHANNEL, "channel_listing_id": sku, "sku": sku, "created_at": NOON}
        for sku in world.listed
    ]
    await put(tx, listings.listings, offers)


async def put_books(tx: Tx, world: World) -> None:
    await put(tx, stock.levels, [structs.asdict(each) for each in world.levels])
    moves = [
        {"id": uuid7(), "sku": sku, "location": each.location, "kind": each.kind, "at": each.at}
        | {"on_hand_change": each.change, "cause": "test", "cause_id": str(uuid7())}
        for sku, some in world.moves.items()
        for each in some
    ]
    await put(tx, stock.movements, moves)
    named = [
        (sku, f"L{number}", each) for sku, some in world.lots.items() for number, each in enumerate(some)
    ]
    known = [
        {"sku": sku, "lot": lot, "expires_on": each.expires_on, "created_at": NOON}
        for sku, lot, each in named
    ]
    await put(tx, lots.lots, known)
    lie = [
        {"sku": sku, "lot": lot, "location": each.location, "on_hand": each.free + 3, "allocated": 3}
        for sku, lot, each in named
    ]
    await put(tx, lots.lot_levels, lie)


async def put_short(tx: Tx, number: int, each: Short) -> None:
    """Of a line of eleven and more, one was canceled, two are promised and three have left."""
    order_id, line_id = uuid7(), uuid7()
    moments = dict.fromkeys(("placed_at", "channel_updated_at", "taken_at"), NOON)
    own = {"channel_order_id": str(number), "snapshot_key": "1", "currency": "EUR", "payment": "paid"}
    canceled = {"canceled_at": NOON if each.canceled else None}
    row = {"id": order_id, "channel_id": CHANNEL, "personal": b"", "holds": [*each.holds]}
    await put(tx, orders.orders, [row | own | moments | canceled])
    counts = {"canceled": 1, "allocated": 2, "shipped": 3, "backordered": each.backordered}
    line = {"id": line_id, "order_id": order_id, "position": 1, "channel_line_id": "1", "kind": "item"}
    quantity = {"quantity": 6 + each.lacking + each.backordered, "sku": each.sku}
    await put(tx, orders.order_lines, [line | counts | quantity])
    if each.sku == "PAIR":
        parts = [{"line_id": line_id, "sku": part, "units": units} for part, units in PAIR.items()]
        await put(tx, orders.order_line_parts, parts)


async def put(tx: Tx, table: object, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        await tx.execute(insert(table), rows)  # type: ignore[arg-type]


async def test_the_database_keeps_one_open_alarm_for_each_kind_sku_and_location(tx: Tx):
    await open_shop(tx, {"MUG": 0})
    row = {"kind": "low_stock", "sku": "MUG", "location": None, "opened_at": NOON}
    await put(
        tx,
        tables.alarms,
        [row | {"id": uuid7(), "closed_at": NOON}, row | {"id": uuid7(), "closed_at": None}],
    )
    with pytest.raises(IntegrityError, match="uq_alarms_open"):
        await put(tx, tables.alarms, [row | {"id": uuid7()}])
