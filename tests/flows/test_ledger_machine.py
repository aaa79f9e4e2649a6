"""Whatever happens to stock, in any order: the books are those of a plain dictionary, now and at every past moment.

After each step the ledger adds up to the levels, and no promise falls below zero.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

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
from sqlalchemy import text
from typing_extensions import override

from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.flows.stock.count_sheets import Plan, begin_count, enter_counts, post_count
from hub.flows.stock.receive_stock import Delivery, receive_stock
from hub.flows.stock.transfer_stock import Draft, Parcel, draft_transfer, receive_transfer, send_transfer
from hub.kit.ids import uuid7
from hub.model.errors import OutOfStockError, StaleError
from hub.model.stock.counts import Entry
from hub.model.stock.lines import Units
from hub.store.checks import Verdict, run_checks
from hub.store.db import Database, Tx
from hub.store.stock.history import stock_then
from tests.builders import MAIN, NOON, SHOP, line, open_shop, order, take

T = TypeVar("T")
Spot = tuple[str, str]
Books = dict[Spot, int]

SKUS = ("MUG", "TEA")
PLACES = (MAIN, SHOP)
SPOTS = [(sku, place) for sku in SKUS for place in PLACES]
skus, places, spots = st.sampled_from(SKUS), st.sampled_from(PLACES), st.sampled_from(SPOTS)
few = st.integers(1, 6)
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

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.minute = 0
        self.on_hand: Books = Counter()
        self.allocated: Books = Counter()
        self.in_transit: Books = Counter()
        self.orders: dict[str, dict[str, int]] = {}
        self.transfers: dict[int, tuple[Spot, int]] = {}
        self.counts: dict[int, tuple[Spot, int, datetime]] = {}
        self.counted_at: dict[Spot, datetime] = {}
        self.past: list[Past] = []
        self.do(self.open())

    async def open(self) -> None:
        self.database = Database(self.url)
        self.connection = await self.database.engine.connect()
        self.whole = await self.connection.begin()
        self.seller = await open_shop(self.connection, dict.fromkeys(SKUS, 0), promises=True)

    @override
    def teardown(self) -> None:
        with self.loop:
            self.loop.run(self.close())

    async def close(self) -> None:
        try:
            for moment in self.past:
                await self.refuse_another_past(moment)
            found = await run_checks(self.tx, at=self.at, late_s=1)
            assert [each for each in found if each.verdict is Verdict.BROKEN] == []
        finally:
            await self.whole.rollback()
            await self.connection.close()
            await self.database.close()

    @property
    def tx(self) -> Tx:
        return self.connection

    @property
    def at(self) -> datetime:
        return NOON + timedelta(minutes=self.minute)

    def do(self, story: Coroutine[Any, Any, T]) -> T:
        """One story of the hub; what is refused leaves nothing behind."""

        async def told() -> T:
            async with self.tx.begin_nested():
                return await story

        return self.loop.run(story if not hasattr(self, "connection") else told())

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

    @rule(mugs=few, teas=st.integers(0, 4))
    def sell(self, mugs: int, teas: int) -> None:
        wanted = {"MUG": mugs} | ({"TEA": teas} if teas else {})
        name = f"order-{len(self.past)}"
        new = order(name, *(line(sku, units) for sku, units in wanted.items()))
        enough = all(
            sum(self.free((sku, place)) for place in PLACES) >= units for sku, units in wanted.items()
        )
        if not enough:
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
    @rule(data=st.data(), leaves=st.booleans())
    def settle(self, data: st.DataObject, *, leaves: bool) -> None:
        """It leaves whole, or is canceled."""
        name = data.draw(st.sampled_from(sorted(self.orders)))
        wanted, picks = self.orders.pop(name), self.read(PICKS, id=name)
        lines = [line(sku, units, fulfilled=units if leaves else 0) for sku, units in wanted.items()]
        settled = order(name, *lines, minute=self.minute, canceled=not leaves)
        self.do(take(self.tx, self.seller, settled, at=self.at))
        for spot, units in picks.items():
            self.allocated[spot] -= units
            self.on_hand[spot] -= units if leaves else 0

    @rule(sku=skus, source=places, units=few)
    def send(self, sku: str, source: str, units: int) -> None:
        target = SHOP if source == MAIN else MAIN
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
    @rule(data=st.data(), came=st.integers(0, 8), close=st.booleans())
    def come(self, data: st.DataObject, came: int, *, close: bool) -> None:
        number = data.draw(st.sampled_from(sorted(self.transfers)))
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
    @rule(data=st.data())
    def post(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.counts)))
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


def bare(books: Books) -> Books:
    """Without the places where nothing is."""
    return {spot: units for spot, units in books.items() if units}


def test_the_books_are_those_of_a_plain_dictionary_whatever_happens(db_url: str):
    class Machine(LedgerMachine):
        url = db_url

    few_runs = settings(
        max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=[*HealthCheck]
    )
    run_state_machine_as_test(Machine, settings=few_runs)
