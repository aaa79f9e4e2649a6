"""From a sale to every other channel: how soon the push leaves, how many listings are told in a second, by how few.

Run it: python -m bench.sync [--sales 500]. How to read it: bench/README.md.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from random import Random
from statistics import median, quantiles
from time import perf_counter

import click
import msgspec
from msgspec import Struct

from bench import report
from bench.calls import Calls
from bench.report import Line
from bench.servers import ROOT, Bed, throw_away
from bench.street import STOCK, Street, open_street
from hub.model.incoming import Person
from hub.sim.faults import CALM, FaultPlan

SALES_PER_S = 50
WARM_UP = 250  # sales before those that count: at first each connection plans its statements
TURNS = 5
# A shop that takes 0 to 20 ms for a call, 10 on average.
AT_WORK = FaultPlan(call_slow=1.0, call_slow_max_s=0.02)
HOT = 20  # SKUs that everybody buys
WORKERS = (1, 2, 4)
P50_MS_MAX, P99_MS_MAX = 100, 500
PER_S_MIN, RATIO_MIN = 2_000, 0.6


Tick = Callable[[int], object]


class Latency(Struct, frozen=True):
    """From the sale in one shop to the first push of what it leaves at the door of the other."""

    ms: list[float]

    def percentile(self, rank: int) -> float:
        return quantiles(self.ms, n=100)[rank - 1]


class Told(Struct, frozen=True):
    """Listings confirmed in a second on one channel, and by a loop that only sends the same calls; medians."""

    hub: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.hub / self.bare


@click.command()
@click.option("--sales", default=1_000, show_default=True, help="Sales, 50 in a second, of each run.")
@click.option("--listings", default=5_000, show_default=True, help="Listings of each channel.")
@click.option(
    "--workers", default=4, show_default=True, help="Worker processes, at most; 1, 2, 4 are compared."
)
def main(sales: int, listings: int, workers: int) -> None:
    """Measure how soon, how many and how few: from sales to pushes on simulated shops over HTTP."""
    with throw_away() as bed, report.progress() as progress:
        counts = [count for count in WORKERS if count <= workers]
        shown = progress.add_task(
            "sales and listings told", total=WARM_UP + 2 * sales + listings * (4 * TURNS + 4 * len(counts))
        )
        tick: Tick = partial(progress.advance, shown)
        spread, pushed, told = asyncio.run(_two_shops(bed, sales, listings, tick))
        by_workers = asyncio.run(_four_shops(bed, listings, counts, tick))
        settings = bed.settings()
    conclude(spread, pushed, sales, told, by_workers, settings)


async def _two_shops(bed: Bed, sales: int, listings: int, tick: Tick) -> tuple[Latency, int, Sequence[Told]]:
    """Sales of ever other SKUs, for the latency; of a few, for the pushes they share; then all listings of one shop,
    as it takes some time for each call, and as it takes none.
    """
    async with open_street(bed, "two", shops=2, items=listings) as street, street.web(), street.worker():
        await street.until_told()
        every, left = list(street.products), dict.fromkeys(street.products, STOCK)
        in_turn = [every[n % len(every)] for n in range(WARM_UP + sales)]
        await _sell(street, in_turn[:WARM_UP], left, tick)
        spread = await _sell(street, in_turn[WARM_UP:], left, tick)
        street.watched[1].pushes.clear()
        await _sell(street, Random(1).choices(every[:HOT], k=sales), left, tick)
        pushed = sum(len(push.quantities()) for push in street.watched[1].pushes)
        told = [await _in_turns(street, plan, partial(tick, 2 * listings)) for plan in (AT_WORK, CALM)]
    return Latency(spread), pushed, told


async def _in_turns(street: Street, plan: FaultPlan, tick: Callable[[], object]) -> Told:
    """The medians of some turns of hub and bare loop: the machine is not as quick at each."""
    street.sims[0].set_faults(plan)
    hub_s: list[float] = []
    bare_s: list[float] = []
    for _ in range(TURNS):
        hub_s.append(await street.tell_again(street.rows[:1]))
        bare_s.append(await _send_bare(street))
        tick()
    return Told(len(street.products) / median(hub_s), len(street.products) / median(bare_s))


async def _four_shops(bed: Bed, listings: int, counts: Sequence[int], tick: Tick) -> dict[int, float]:
    """Listings confirmed in a second over four channels, by so many worker processes."""
    found: dict[int, float] = {}
    async with open_street(bed, "four", shops=4, items=listings) as street, AsyncExitStack() as stack:
        running = 0
        for count in counts:
            while running < count:
                await stack.enter_async_context(street.worker())
                running += 1
            await street.until_told()
            found[count] = 4 * len(street.products) / await street.tell_again(street.rows)
            tick(4 * listings)
    return found


async def _sell(street: Street, skus: Sequence[str], left: dict[str, int], tick: Tick) -> list[float]:
    """Sell one after the other in the first shop; return how long the second waited for each, in milliseconds.

    `left` is counted down here: to ask the shop for all it has would take longer than the sale.
    """
    loop = asyncio.get_running_loop()
    begun = loop.time()
    sold: list[tuple[float, str, int]] = []
    for number, sku in enumerate(skus):
        await asyncio.sleep(max(0.0, begun + number / SALES_PER_S - loop.time()))
        at = perf_counter()
        await street.sims[0].sell({sku: 1}, Person(f"Buyer {number}", f"buyer-{number}@example.com"))
        left[sku] -= 1
        sold.append((at, sku, left[sku]))
        tick(1)
    await street.until_told()
    return [1000 * (_told_at(street, street.products[sku], most, at) - at) for at, sku, most in sold]


def _told_at(street: Street, product: int, most: int, after: float) -> float:
    """When the second shop first heard of no more than what was left."""
    return next(
        push.at
        for push in street.watched[1].pushes
        if push.at > after and push.quantities().get(product, most + 1) <= most
    )


async def _send_bare(street: Street) -> float:
    """The seconds another process takes for the same bodies, one after the other, and nothing else."""
    pushes = street.watched[0].pushes
    calls = [(f"{street.sims[0].url}{push.path}", push.body) for push in pushes]
    settings = street.sims[0].settings()
    job = Calls(settings["consumer_key"], settings["consumer_secret"], calls)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.calls", cwd=ROOT, stdin=PIPE, stdout=PIPE
    )
    said, _ = await process.communicate(msgspec.msgpack.encode(job))
    return float(said)


def conclude(
    spread: Latency,
    pushed: int,
    sales: int,
    told: Sequence[Told],
    by_workers: Mapping[int, float],
    settings: Mapping[str, str],
) -> None:
    at_work, at_once = told
    p50, p99 = spread.percentile(50), spread.percentile(99)
    one = by_workers[1]
    lines = [
        Line(
            f"sale to push, p50 of {sales} sales, {SALES_PER_S} in a second",
            f"{p50:,.0f} ms",
            verdict=_verdict(p50 <= P50_MS_MAX, f"at most {P50_MS_MAX} ms"),
        ),
        Line(
            "the same, p99", f"{p99:,.0f} ms", verdict=_verdict(p99 <= P99_MS_MAX, f"at most {P99_MS_MAX} ms")
        ),
        Line(
            f"pushes for 1,000 sales of {HOT} SKUs",
            f"{1_000 * pushed / sales:,.0f}",
            "1,000 without coalescing",
            f"{pushed / sales:.2f}",
        ),
        _told_line("listings confirmed, one channel that takes 10 ms for a call", at_work),
        _told_line("the same, one that takes none: two cores do all the work", at_once),
        *(
            Line(
                f"four channels, {workers} workers",
                f"{per_s:,.0f} in a second",
                f"one worker {one:,.0f}",
                f"{per_s / one:.2f}",
            )
            for workers, per_s in by_workers.items()
            if workers > 1
        ),
    ]
    facts = {
        "bench": "sync",
        "sales": sales,
        "sale_to_push_ms": {"p50": round(p50, 1), "p99": round(p99, 1)},
        "pushes_per_1000_sales_of_20": round(1_000 * pushed / sales),
        "confirmed_per_s": {"10 ms": round(at_work.hub), "at once": round(at_once.hub)},
        "bare_per_s": {"10 ms": round(at_work.bare), "at once": round(at_once.bare)},
        "times_bare": {"10 ms": round(at_work.ratio, 3), "at once": round(at_once.ratio, 3)},
        "confirmed_per_s_by_workers": {str(workers): round(each) for workers, each in by_workers.items()},
        "settings": settings,
    }
    report.show("From a sale to every channel", lines, facts)


def _told_line(what: str, told: Told) -> Line:
    reached = told.hub >= PER_S_MIN and told.ratio >= RATIO_MIN
    return Line(
        what,
        f"{told.hub:,.0f} in a second",
        f"bare loop of the same calls {told.bare:,.0f}",
        f"{told.ratio:.2f}",
        _verdict(reached, f"at least {PER_S_MIN:,} in a second and {RATIO_MIN:g}"),
    )


def _verdict(reached: bool, goal: str) -> str:  # noqa: FBT001 -- a sentence says which
    return f"goal: {goal}, {'reached' if reached else 'missed'}"


if __name__ == "__main__":
    main()
