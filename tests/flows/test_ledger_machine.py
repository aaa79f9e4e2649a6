"""Whatever happens to stock, in any order: the books are those of a plain dictionary, now and at every past moment.

After each step the ledger adds up to the levels, and no promise falls below zero.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec import Struct
from sqlalchemy import CheckConstraint, text
from typing_extensions import override

from hub.flows.orders.take_back import take_back
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.flows.stock.assemble_kits import Work, assemble_kits
from hub.flows.stock.count_sheets import Plan, begin_count, enter_counts, post_count
from hub.flows.stock.receive_stock import Delivery, receive_stock
from hub.flows.stock.set_components import set_components
from hub.flows.stock.transfer_stock import Draft, Parcel, draft_transfer, receive_transfer, send_transfer
from hub.kit.ids import uuid7
from hub.model.errors import OutOfStockError, StaleError
from hub.model.orders.returns import Comeback, Disposition
from hub.model.stock.bundles import Kind, Recipe
from hub.model.stock.counts import Entry
from hub.model.stock.lines import Units
from hub.model.stock.locations import Location
from hub.store.checks import Verdict, run_checks
from hub.store.checks.stock import STOCK
from hub.store.db import Database, Tx
from hub.store.returns import lines_out
from hub.store.stock import locations
from hub.store.stock.history import stock_then
from hub.store.tables.stock import movements
from tests.builders import MAIN, NOON, SHOP, line, open_shop, order, put_stock, take

T = TypeVar("T")
K = TypeVar("K", str, int, UUID)
Spot = tuple[str, str]
Books = dict[Spot, int]

SKUS = ("MUG", "TEA", "HAMPER")
HAMPER = {"MUG": 1, "TEA": 2}  # a kit
PLACES = (MAIN, SHOP, "depot")
OPENING = (30, 15, 8)  # units of every SKU at each of them: enough that most of what is asked for can be done
SPOTS = [(sku, place) for sku in SKUS for place in PLACES]
skus, places, spots = st.sampled_from(SKUS), st.sampled_from(PLACES), st.sampled_from(SPOTS)
few, nths = st.integers(1, 6), st.integers(0, 99)
ON_HAND, ALLOCATED = "on_hand", "allocated"
LEVELS = "SELECT sku, location, on_hand, allocated FROM levels"
LEDGER = (
    "SELECT sku, location, sum(on_hand_change), sum(allocated_change) FROM movements GROUP BY sku, location"
)
PICKS = """
SELECT m.sku, m.location, sum(m.allocated_change) FROM movements m JOIN order_lines l ON l.id = m.order_line_id
JOIN orders o ON o.id = l.order_id WHERE o.channel_order_id = :id GROUP BY m.sku, m.location"""
TRANSIT = """
SELECT l.sku, t.target, sum(l.sent - l.received - l.lost) FROM transfer_lines l JOIN transfers t ON t.id = l.transfer_id
GROUP BY l.sku, t.target"""


class Past(Struct, frozen=True):
    at: datetime
    on_hand: Books
    allocated: Books


class LedgerMachine(RuleBasedStateMachine):
    """Each run is one transaction, rolled back after; where a promise comes from, the model learns from the hub."""

    loop: asyncio.Runner
    tx: Tx
    out: dict[UUID, tuple[str, int]]

    def __init__(self) -> None:
        super().__init__()
        self.minute = 0
        self.on_hand: Books = Counter()
        self.allocated: Books = Counter()
        self.in_transit: Books = Counter()
        self.orders: dict[str, dict[str, int]] = {}
        self.transfers: dict[int, tuple[Spot, int]] = {}
        self.counts: dict[int, tuple[Spot, int, datetime]] = {}
        self.counted_at: dict[Spot, datetime] = {}
        self.past: list[Past] = []
        self.loop.run(self.open())

    async def open(self) -> None:
        self.whole = await self.tx.begin()
        await locations.put_locations(self.tx, [Location("depot", "Depot", 3)])
        self.seller = await open_shop(self.tx, dict.fromkeys(SKUS, 0), promises=True)
        await set_components(self.tx, [Recipe("HAMPER", Kind.KIT, HAMPER)], actor="ada", at=NOON)
        for place, units in zip(PLACES, OPENING, strict=True):
            await put_stock(self.tx, dict.fromkeys(SKUS, units), place)
            self.on_hand.update({(sku, place): units for sku in SKUS})
        sold = order("till", *(line(sku, 6, fulfilled=6) for sku in SKUS))
        taken = await take(self.tx, self.seller, sold)
        self.on_hand.update({(sku, MAIN): -6 for sku in SKUS})
        self.out = {each.id: (str(each.sku), 6) for each in await lines_out(self.tx, taken.orders[0].number)}

    @override
    def teardown(self) -> None:
        self.loop.run(self.close())

    async def close(self) -> None:
        try:
            for moment in self.past[::4]:
                await self.refuse_another_past(moment)
            found = await run_checks(self.tx, at=self.at, late_s=1, checks=STOCK)
            assert [each for each in found if each.verdict is Verdict.BROKEN] == []
        finally:
            await self.whole.rollback()

    @property
    def at(self) -> datetime:
        return NOON + timedelta(minutes=self.minute)

    def do(self, story: Coroutine[Any, Any, T]) -> T:
        """One story of the hub; what is refused leaves nothing behind."""

        async def told() -> T:
            async with self.tx.begin_nested():
                return await story

        return self.loop.run(told())

    def free(self, spot: Spot) -> int:
        return self.on_hand[spot] - self.allocated[spot]

    @rule(spot=spots, change=st.integers(-5, 12).filter(bool))
    def adjust(self, spot: Spot, change: int) -> None:
        moved = Adjustment(*spot, change, "a person says so", str(uuid7()))
        self.do(adjust_stock(self.tx, [moved], actor="ada", at=self.at))
        self.on_hand[spot] += change

    @rule(place=places, units=few, more=few, times=st.integers(1, 2))
    def receive(self, place: str, units: int, more: int, times: int) -> None:
        lines = [Units("MUG", units), Units("TEA", more)]
        for _ in range(times):
            delivery = Delivery(uuid7(), f"DN-{len(self.past)}", place, lines)
            self.do(receive_stock(self.tx, [delivery], actor="ada", at=self.at))
        self.on_hand["MUG", place] += units
        self.on_hand["TEA", place] += more

    @rule(wanted=st.dictionaries(skus, few, min_size=1))
    def sell(self, wanted: dict[str, int]) -> None:
        name = f"order-{len(self.past)}"
        new = order(name, *(line(sku, units) for sku, units in wanted.items()))
        if any(sum(self.free((sku, place)) for place in PLACES) < units for sku, units in wanted.items()):
            with pytest.raises(OutOfStockError):
                self.do(take(self.tx, self.seller, new, at=self.at))
            return
        self.do(take(self.tx, self.seller, new, at=self.at))
        self.learn(name, wanted)

    def learn(self, name: str, wanted: dict[str, int]) -> None:
        picked: Counter[str] = Counter()
        for spot, units in self.read(PICKS, id=name).items():
            assert units <= self.free(spot)
            self.allocated[spot] += units
            picked[spot[0]] += units
        assert picked == Counter(wanted)
        self.orders[name] = wanted

    @precondition(lambda self: self.orders)
    @rule(nth=nths, leaves=st.booleans())
    def settle(self, nth: int, *, leaves: bool) -> None:
        """It leaves whole, or is canceled."""
        name = any_of(self.orders, nth)
        wanted, picks = self.orders.pop(name), self.read(PICKS, id=name)
        lines = [line(sku, units, fulfilled=units if leaves else 0) for sku, units in wanted.items()]
        settled = order(name, *lines, minute=self.minute, canceled=not leaves)
        taken = self.do(take(self.tx, self.seller, settled, at=self.at))
        for spot, units in picks.items():
            self.allocated[spot] -= units
            self.on_hand[spot] -= units if leaves else 0
        if leaves:
            gone = self.do(lines_out(self.tx, taken.orders[0].number))
            self.out |= {each.id: (str(each.sku), each.out) for each in gone}

    @precondition(lambda self: self.out)
    @rule(nth=nths, part=few, place=places, restock=st.booleans(), times=st.integers(1, 2))
    def come_back(self, nth: int, part: int, place: str, *, restock: bool, times: int) -> None:
        line_id = any_of(self.out, nth)
        sku, out = self.out.pop(line_id)
        units = min(part, out)
        disposition = Disposition.RESTOCK if restock else Disposition.SCRAP
        back = Comeback(uuid7(), line_id, units, disposition, place if restock else None)
        for _ in range(times):
            self.do(take_back(self.tx, [back], actor="ada", at=self.at))
        self.on_hand[sku, place] += units if restock else 0
        if out > units:
            self.out[line_id] = (sku, out - units)

    @rule(place=places, more=st.integers(-3, 1), apart=st.booleans(), times=st.integers(1, 2))
    def assemble(self, place: str, more: int, *, apart: bool, times: int) -> None:
        """As many as the free units allow, and `more`."""
        parts = {"HAMPER": 1} if apart else HAMPER
        count = max(1, more + min(self.free((sku, place)) // units for sku, units in parts.items()))
        work = Work("HAMPER", place, count, str(uuid7()), apart)
        changes = {sku: units * (count if apart else -count) for sku, units in HAMPER.items()}
        changes["HAMPER"] = -count if apart else count
        if any(units < 0 and -units > self.free((sku, place)) for sku, units in changes.items()):
            with pytest.raises(OutOfStockError):
                self.do(assemble_kits(self.tx, [work], actor="ada", at=self.at))
            return
        for _ in range(times):
            self.do(assemble_kits(self.tx, [work], actor="ada", at=self.at))
        for sku, units in changes.items():
            self.on_hand[sku, place] += units

    @rule(sku=skus, ends=st.permutations(PLACES), units=few, beyond=st.none() | st.integers(0, 1))
    def send(self, sku: str, ends: list[str], units: int, beyond: int | None = None) -> None:
        """So many units, or all that is free there and `beyond`."""
        source, target = ends[:2]
        if beyond is not None:
            units = max(1, self.free((sku, source)) + beyond)
        draft = Draft(uuid7(), source, target, [Units(sku, units)])
        number = self.do(draft_transfer(self.tx, draft, actor="ada", at=self.at))
        if units > self.free((sku, source)):
            with pytest.raises(OutOfStockError):
                self.do(send_transfer(self.tx, number, actor="ada", at=self.at))
            return
        self.do(send_transfer(self.tx, number, actor="ada", at=self.at))
        self.on_hand[sku, source] -= units
        self.in_transit[sku, target] += units
        self.transfers[number] = ((sku, target), units)

    @precondition(lambda self: self.transfers)
    @rule(nth=nths, came=st.integers(0, 8), close=st.booleans())
    def come(self, nth: int, came: int, *, close: bool) -> None:
        number = any_of(self.transfers, nth)
        spot, left = self.transfers.pop(number)
        if came == 0 and not close:
            self.transfers[number] = (spot, left)
            return
        parcel = Parcel(uuid7(), {spot[0]: came}, close, "as it was found")
        self.do(receive_transfer(self.tx, number, parcel, actor="bob", at=self.at))
        gone = left if close else min(came, left)
        self.on_hand[spot] += came
        self.in_transit[spot] -= gone
        if left > gone:
            self.transfers[number] = (spot, left - gone)

    @rule(spot=spots, found=st.integers(0, 9))
    def count(self, spot: Spot, found: int) -> None:
        """Counted now, posted at any time later."""
        plan = Plan(uuid7(), spot[1], skus=[spot[0]])
        number = self.do(begin_count(self.tx, plan, actor="ada", at=self.at)).number
        self.do(enter_counts(self.tx, number, [Entry(uuid7(), spot[0], found)], at=self.at))
        self.counts[number] = (spot, found - self.on_hand[spot], self.at)

    @precondition(lambda self: self.counts)
    @rule(nth=nths)
    def post(self, nth: int) -> None:
        number = any_of(self.counts, nth)
        spot, difference, counted_at = self.counts.pop(number)
        if self.counted_at.get(spot, NOON) > counted_at:
            with pytest.raises(StaleError):
                self.do(post_count(self.tx, number, reason="counted", actor="ada", at=self.at))
            return
        self.do(post_count(self.tx, number, reason="counted", actor="ada", at=self.at))
        self.on_hand[spot] += difference
        self.counted_at[spot] = counted_at

    @invariant()
    def the_books_are_those_of_the_dictionary(self) -> None:
        levels, ledger = self.both(LEVELS), self.both(LEDGER)
        assert levels == ledger == (bare(self.on_hand), bare(self.allocated))
        assert min(levels[1].values(), default=0) >= 0
        assert bare(self.read(TRANSIT)) == bare(self.in_transit)
        self.past.append(Past(self.at, bare(self.on_hand), bare(self.allocated)))
        self.minute += 1

    def read(self, query: str, **values: object) -> Books:
        async def rows() -> Books:
            return {(row[0], row[1]): int(row[2]) for row in await self.tx.execute(text(query), values)}

        return self.loop.run(rows())

    def both(self, query: str) -> tuple[Books, Books]:
        async def rows() -> list[Any]:
            return list(await self.tx.execute(text(query)))

        found = self.loop.run(rows())
        return tuple(bare({(row[0], row[1]): int(row[place]) for row in found}) for place in (2, 3))  # type: ignore[return-value]

    async def refuse_another_past(self, moment: Past) -> None:
        then = await stock_then(self.tx, moment=moment.at, limit=9)
        on_hand = {(each.sku, level.location): level.on_hand for each in then for level in each.levels}
        allocated = {(each.sku, level.location): level.allocated for each in then for level in each.levels}
        assert (bare(on_hand), bare(allocated)) == (moment.on_hand, moment.allocated)


def any_of(waiting: Mapping[K, object], nth: int) -> K:
    return sorted(waiting)[nth % len(waiting)]


def bare(books: Books) -> Books:
    """Without the places where nothing is."""
    return {spot: units for spot, units in books.items() if units}


@pytest.fixture
def machine(db_url: str) -> Iterator[type[LedgerMachine]]:
    """All runs share one connection, so that PostgreSQL plans each statement once."""
    with asyncio.Runner() as runner:
        database = Database(db_url)
        connection = runner.run(connect(database))

        class Machine(LedgerMachine):
            loop, tx = runner, connection

        yield Machine
        runner.run(connection.close())
        runner.run(database.close())


async def connect(database: Database) -> Tx:
    return await database.engine.connect()


def test_the_books_are_those_of_a_plain_dictionary_whatever_happens(machine: type[LedgerMachine]):
    few_runs = settings(
        max_examples=10, stateful_step_count=25, deadline=None, suppress_health_check=[*HealthCheck]
    )
    run_state_machine_as_test(machine, settings=few_runs)


def test_the_rules_above_move_stock_in_every_way_the_ledger_knows(machine: type[LedgerMachine]):
    run = machine()
    for story in (
        lambda: run.receive(MAIN, 1, 1, times=1),
        lambda: run.adjust(("MUG", MAIN), -2),
        lambda: run.sell({"MUG": 3}),
        lambda: run.settle(0, leaves=True),
        lambda: run.come_back(0, 2, SHOP, restock=True, times=1),
        lambda: run.sell({"TEA": 1}),
        lambda: run.settle(0, leaves=False),
        lambda: run.assemble(MAIN, -1, apart=False, times=1),
        lambda: run.send("MUG", [MAIN, SHOP], 4),
        lambda: run.come(0, 1, close=True),
        lambda: run.count(("TEA", SHOP), 3),
        lambda: run.post(0),
    ):
        story()
        run.the_books_are_those_of_the_dictionary()
    moved = run.read("SELECT kind, '', 1 FROM movements GROUP BY kind")
    run.teardown()
    assert {kind for kind, _ in moved} == kinds_of_movements()


def kinds_of_movements() -> set[str]:
    """As the table allows them."""
    rules = [str(each.sqltext) for each in movements.constraints if isinstance(each, CheckConstraint)]
    (allowed,) = (rule for rule in rules if rule.startswith("kind IN ("))
    return {*re.findall("'([a-z ]+)'", allowed)}
