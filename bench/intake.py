"""Orders into the hub, against two limits measured in the same run: COPY of the same rows, and pgbench.

Run it: python -m bench.intake [--orders 2000]. How to read it: bench/README.md.
"""

import asyncio
from collections.abc import Awaitable, Callable
from statistics import median
from typing import TypeVar

import click
from msgspec import Struct
from rich.progress import Progress, TaskID

from bench import copying, loop, report, simple_update, singles
from bench.batches import Timed, arrive_all, prove, take_all
from bench.orders import payloads
from bench.report import Line
from bench.servers import Bed, throw_away
from bench.shop import open_shop
from hub.channels.context import HubContext, open_context
from hub.channels.intake import BATCH_MAX
from hub.kit.memory import settle_memory

GOAL = 4.0  # times the COPY limit, at most
SHOP, WAITING, RUN, LIMIT = "shop", "waiting", "run", "copy_limit"  # databases; the first two are templates

T = TypeVar("T")


class Plan(Struct, frozen=True):
    orders: int
    batch: int
    rounds: int
    seconds: int
    requests: int


class Batches(Struct, frozen=True):
    """`taken` and `copied_s` were measured in turn, one after the other in each round."""

    arrived: Timed
    taken: list[Timed]
    copied_s: list[float]
    rows: int

    @property
    def seconds(self) -> float:
        return median(each.seconds for each in self.taken)

    @property
    def limit_s(self) -> float:
        return median(self.copied_s)

    @property
    def ratio(self) -> float:
        return self.seconds / self.limit_s


@click.command()
@click.option("--orders", default=20_000, show_default=True, help="Orders of three lines.")
@click.option("--batch", default=BATCH_MAX, show_default=True, help="Orders in one transaction.")
@click.option("--rounds", default=3, show_default=True, help="Times that intake and COPY take turns.")
@click.option("--seconds", default=5, show_default=True, help="Length of each run of pgbench.")
@click.option("--requests", default=400, show_default=True, help="HTTP requests in one measurement; 0: none.")
def main(orders: int, batch: int, rounds: int, seconds: int, requests: int) -> None:
    """Measure intake against COPY and pgbench, and single orders over HTTP against a bare app."""
    plan = Plan(orders, batch, rounds, seconds, requests)
    with throw_away() as bed, report.progress() as progress:
        batches = measure_batches(bed, plan, progress)
        shown = progress.add_task("pgbench, simple-update", total=1)
        pgbench = simple_update.measure(bed, seconds=seconds)
        progress.advance(shown)
        rates = measure_singles(bed, plan, progress) if requests else {}
        settings = bed.settings()
    conclude(plan, batches, pgbench, rates, settings)


def measure_batches(bed: Bed, plan: Plan, progress: Progress) -> Batches:
    bed.migrated(SHOP)
    loop.run(_within(bed, SHOP, open_shop))
    bed.run("hub", f"CREATE DATABASE {WAITING} TEMPLATE {SHOP}")
    arrived = _arrive(bed, plan, progress)
    taken, copied_s, rows = [], [], 0
    for number in range(1, plan.rounds + 1):
        with bed.cloned(WAITING, RUN):
            taken.append(_take(bed, plan, progress, number))
            with bed.connect(RUN) as connection:
                prove(connection, plan.orders)
                wrote = copying.read(connection, batch=plan.batch)
        rows = sum(count for count, _ in wrote.fingerprints.values())
        with bed.cloned(WAITING, LIMIT), bed.connect(LIMIT) as connection:
            copied_s.append(copying.write(connection, wrote))
    return Batches(arrived, taken, copied_s, rows)


def _arrive(bed: Bed, plan: Plan, progress: Progress) -> Timed:
    bodies = list(payloads(plan.orders))
    shown = progress.add_task("1, arrive", total=plan.orders)
    return loop.run(_within(bed, WAITING, lambda ctx: arrive_all(ctx, bodies, _advance(progress, shown))))


def _take(bed: Bed, plan: Plan, progress: Progress, number: int) -> Timed:
    shown = progress.add_task(f"2 to 7, round {number} of {plan.rounds}", total=plan.orders)

    async def take(ctx: HubContext) -> Timed:
        settle_memory()  # as the worker does
        return await take_all(ctx, batch=plan.batch, progress=_advance(progress, shown))

    return loop.run(_within(bed, RUN, take))


def measure_singles(bed: Bed, plan: Plan, progress: Progress) -> singles.Rates:
    total = plan.requests * singles.ROUNDS * len(singles.CLIENTS) * len(singles.KINDS)
    shown = progress.add_task("single orders over HTTP", total=total)
    with bed.cloned(SHOP, RUN):
        return asyncio.run(singles.measure(bed, RUN, plan.requests, _advance(progress, shown)))


def _advance(progress: Progress, shown: TaskID) -> Callable[[int], object]:
    return lambda done: progress.advance(shown, done)


async def _within(bed: Bed, database: str, do: Callable[[HubContext], Awaitable[T]]) -> T:
    async with open_context(bed.config, bed.at(database)) as ctx:
        return await do(ctx)


def conclude(
    plan: Plan, batches: Batches, pgbench: simple_update.Tps, rates: singles.Rates, settings: dict[str, str]
) -> None:
    rate = plan.orders / batches.seconds
    reached = batches.ratio <= GOAL
    lines = [
        Line("arrive (step 1)", f"{plan.orders / batches.arrived.seconds:,.0f} orders/s"),
        Line(
            f"intake (steps 2 to 7), {plan.batch} a batch",
            f"{batches.seconds:.2f} s",
            f"COPY {batches.limit_s:.2f} s",
            f"{batches.ratio:.1f} x",
            f"goal: at most {GOAL:g} x, {'reached' if reached else 'missed'}",
        ),
        Line(
            "the same, in orders",
            f"{rate:,.0f} orders/s",
            f"{pgbench.by} {pgbench.best:,.0f} tps",
            f"{rate / pgbench.best:.2f}",
            "higher is better",
        ),
        *_lines_of(rates),
    ]
    title = f"{plan.orders:,} orders of three lines; PostgreSQL {settings['server_version']}, fsync {settings['fsync']}"
    report.show(title, lines, _facts(plan, batches, pgbench, rates, settings))


def _lines_of(rates: singles.Rates) -> list[Line]:
    what = {"webhook": "webhook, step 1", "phone": "phone order, steps 1 to 7"}
    return [
        Line(
            f"{what[kind]}; {clients} clients" if clients > 1 else f"{what[kind]}; 1 client",
            f"{rates[kind][clients]:,.0f} orders/s",
            f"one INSERT {rates['bare'][clients]:,.0f}/s",
            f"{rates[kind][clients] / rates['bare'][clients]:.2f}",
            "",
        )
        for kind in what
        for clients in rates.get(kind, ())
    ]


def _facts(
    plan: Plan, batches: Batches, pgbench: simple_update.Tps, rates: singles.Rates, settings: dict[str, str]
) -> dict[str, object]:
    rate = plan.orders / batches.seconds
    return {
        "bench": "intake",
        "orders": plan.orders,
        "batch": plan.batch,
        "rows": batches.rows,
        "arrive_s": round(batches.arrived.seconds, 3),
        "intake_s": round(batches.seconds, 3),
        "intake_python_s": round(median(each.python_s for each in batches.taken), 3),
        "intake_rounds_s": [round(each.seconds, 3) for each in batches.taken],
        "copy_s": round(batches.limit_s, 3),
        "copy_rounds_s": [round(each, 3) for each in batches.copied_s],
        "times_copy": round(batches.ratio, 2),
        "goal_times_copy": GOAL,
        "orders_per_s": round(rate),
        "simple_update_by": pgbench.by,
        "simple_update_tps": {str(clients): round(tps) for clients, tps in pgbench.tps.items()},
        "orders_per_transaction_of_simple_update": round(rate / pgbench.best, 3),
        "http_orders_per_s": {
            kind: {str(clients): round(each, 1) for clients, each in found.items()}
            for kind, found in rates.items()
        },
        "settings": settings,
    }


if __name__ == "__main__":
    main()
