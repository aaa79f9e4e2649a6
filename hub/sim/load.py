"""Customers: they buy random baskets at a rate, and now and then an order is canceled.

Who buys what, and what is canceled, depends on the seed alone; only the pace depends on the machine.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, islice
from random import Random
from typing import Annotated, Protocol

from msgspec import Meta, Struct

from hub.model.incoming import Person
from hub.sim.buyers import make_buyer
from hub.sim.faults import Rate

LINE_WEIGHTS = (60, 25, 10, 5)  # 1 to 4 lines
UNIT_WEIGHTS = (85, 11, 4)  # 1 to 3 units of a line
CANCELABLE = 50  # an order among the last so many may be canceled


class Sells(Protocol):
    """A simulated channel: SimServer in this process, RemoteSim in another."""

    async def sell(self, basket: Mapping[str, int], buyer: Person) -> str | None: ...

    async def cancel(self, channel_order_id: str) -> None: ...


class LoadPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`visits` None goes on forever. `per_minute` is the mean of a random flow, 0 leaves no pause at all.

    `skew`: the n-th SKU is bought in proportion to 1 / n^skew; 0 makes all alike.
    """

    seed: int = 1
    visits: int | None = None
    per_minute: Annotated[float, Meta(ge=0)] = 60.0
    cancel: Rate = 0.02
    skew: Annotated[float, Meta(ge=0, le=5)] = 1.0


class Visit(Struct, frozen=True):
    """One customer. `cancel_share`: then cancel the order at this share of the recent ones, None for none."""

    pause_s: float
    basket: Mapping[str, int]
    buyer: Person
    cancel_share: float | None


class LoadReport(Struct):
    """`refused`: turned away by the channel itself. `units`: sold, by SKU, canceled ones included."""

    sold: int = 0
    refused: int = 0
    canceled: int = 0
    units: dict[str, int] = {}


class Load:
    """The customers of one channel. `skus`: most popular first."""

    def __init__(self, plan: LoadPlan, skus: Sequence[str]) -> None:
        self.plan = plan
        self.report = LoadReport()
        self._skus = list(skus)
        self._recent: deque[str] = deque(maxlen=CANCELABLE)

    async def run(self, channel: Sells) -> LoadReport:
        """Send the customers in at their pace; a slow channel makes the later ones hurry, not fewer."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        for visit in islice(visits(self.plan, self._skus), self.plan.visits):
            due += visit.pause_s
            await asyncio.sleep(max(0.0, due - loop.time()))
            await self._buy(channel, visit)
            await self._cancel_one(channel, visit)
        return self.report

    async def _buy(self, channel: Sells, visit: Visit) -> None:
        channel_order_id = await channel.sell(visit.basket, visit.buyer)
        if channel_order_id is None:
            self.report.refused += 1
            return
        self.report.sold += 1
        self._recent.append(channel_order_id)
        for sku, units in visit.basket.items():
            self.report.units[sku] = self.report.units.get(sku, 0) + units

    async def _cancel_one(self, channel: Sells, visit: Visit) -> None:
        if visit.cancel_share is None or not self._recent:
            return
        channel_order_id = self._recent[int(visit.cancel_share * len(self._recent))]
        self._recent.remove(channel_order_id)
        await channel.cancel(channel_order_id)
        self.report.canceled += 1


async def run_loads(loads: Sequence[tuple[Load, Sells]]) -> list[LoadReport]:
    """Run the customers of several channels side by side, until all have gone."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(load.run(channel)) for load, channel in loads]
    return [task.result() for task in tasks]


def visits(plan: LoadPlan, skus: Sequence[str]) -> Iterator[Visit]:
    """Yield customers without end; the same plan and SKUs yield the same ones."""
    random = Random(f"{plan.seed}/visits")
    weights = list(accumulate(1 / place**plan.skew for place in range(1, len(skus) + 1)))
    while True:
        yield Visit(
            pause_s=random.expovariate(plan.per_minute / 60) if plan.per_minute else 0.0,
            basket=_fill_basket(random, skus, weights),
            buyer=make_buyer(random),
            cancel_share=random.random() if random.random() < plan.cancel else None,
        )


def _fill_basket(random: Random, skus: Sequence[str], weights: Sequence[float]) -> dict[str, int]:
    """Pick 1 to 4 lines; a SKU picked twice is one line."""
    basket: dict[str, int] = {}
    [lines] = random.choices(range(1, 5), LINE_WEIGHTS)
    for sku in random.choices(skus, cum_weights=weights, k=lines):
        [units] = random.choices(range(1, 4), UNIT_WEIGHTS)
        basket[sku] = basket.get(sku, 0) + units
    return basket
