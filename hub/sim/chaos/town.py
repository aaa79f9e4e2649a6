"""The town that suffers: a hub's processes and servers, its channels, its clerk; and how each mishap is done to it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from random import Random

from msgspec import Struct
from msgspec.structs import replace
from redis.exceptions import RedisError

from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.sim.buyers import make_buyer
from hub.sim.chaos.phone import Phone
from hub.sim.chaos.plan import Mishap, Planned, Span, calm_s, outages_of
from hub.sim.faults import FaultPlan
from hub.sim.server import SimServer
from hub.store import channels
from hub.store.api.health import DATABASE_AWAY
from hub.store.checks import CHECKS, Verdict, one_moment, run_checks
from hub.store.reports import channel_summaries, computed_numbers

USUAL = FaultPlan(
    webhook_drop=0.1,
    webhook_repeat=0.1,
    webhook_reorder=0.1,
    call_broken=0.02,
    call_lost=0.02,
    call_slow=0.3,  # late at the channel: what left after it may be there before it
    call_slow_max_s=3.0,
)
LATE, LATE_SALES = FaultPlan(call_slow=1.0, call_slow_max_s=1.5), 10
LAST = FaultPlan(call_broken=0.2, call_lost=0.1, call_slow=0.6, call_slow_max_s=1.5)
TWICE_S, LAST_S_MAX = 0.2, 30.0
STORM, DOWN = 0.7, 1.0  # the share of calls that fail
SETTLE_S_MAX = 120.0
LOOK_EVERY_S = 0.5
Pids = dict[str, int]
"""The web and the workers, by name."""


class Town(Struct, frozen=True):
    ctx: HubContext
    sims: Mapping[str, SimServer]
    phone: Phone
    pids: Pids
    workers: int

    def sim_of(self, planned: Planned) -> SimServer:
        return list(self.sims.values())[planned.befalls(len(self.sims))]

    def outages(self, plan: Sequence[Planned]) -> dict[str, list[Span]]:
        """Of each channel, by slug."""
        return {slug: outages_of(plan, place, len(self.sims)) for place, slug in enumerate(self.sims)}


async def let_it_happen(town: Town, plan: Sequence[Planned], tell: Callable[[str, float], None]) -> None:
    """Do all of the plan, each at its time; what lasts goes on beside the next."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with asyncio.TaskGroup() as group:
        for planned in plan:
            await asyncio.sleep(max(0.0, begun + planned.at_s - loop.time()))
            tell(planned.says, loop.time() - begun)
            group.create_task(_do(town, planned))


async def _do(town: Town, planned: Planned) -> None:
    """A part that is down already cannot be killed again."""
    with suppress(ProcessLookupError, FileNotFoundError, RedisError, OSError):
        await DEEDS[planned.mishap](town, planned)


async def _kill_worker(town: Town, planned: Planned) -> None:
    os.kill(town.pids[f"worker-{planned.befalls(town.workers) + 1}"], signal.SIGKILL)


async def _kill_web(town: Town, _planned: Planned) -> None:
    os.kill(town.pids["web"], signal.SIGKILL)


async def _kill_valkey(town: Town, _planned: Planned) -> None:
    os.kill((await town.ctx.bell.redis.info("server"))["process_id"], signal.SIGKILL)


async def _flush(town: Town, _planned: Planned) -> None:
    await town.ctx.bell.redis.flushall()


async def _kill_postgres(town: Town, _planned: Planned) -> None:
    (lock,) = await asyncio.to_thread(lambda: list(town.ctx.config.folder.rglob("postmaster.pid")))
    os.kill(int(lock.read_text().split()[0]), signal.SIGKILL)


async def _storm(town: Town, planned: Planned) -> None:
    await _fail_for_a_while(
        town.sim_of(planned), replace(USUAL, call_too_many=STORM, call_slow=0.0), planned.lasts_s
    )


async def _down(town: Town, planned: Planned) -> None:
    plan = FaultPlan(call_broken=DOWN, webhook_drop=1.0)
    await _fail_for_a_while(town.sim_of(planned), plan, planned.lasts_s)


async def _fail_for_a_while(sim: SimServer, plan: FaultPlan, seconds: float) -> None:
    sim.set_faults(plan)
    await asyncio.sleep(seconds)
    sim.set_faults(USUAL)


async def _skew(town: Town, planned: Planned) -> None:
    town.sim_of(planned).set_clock(planned.ahead_s)


DEEDS: Mapping[Mishap, Callable[[Town, Planned], Awaitable[None]]] = {
    Mishap.WORKER: _kill_worker,
    Mishap.WEB: _kill_web,
    Mishap.VALKEY: _kill_valkey,
    Mishap.FLUSH: _flush,
    Mishap.POSTGRES: _kill_postgres,
    Mishap.STORM: _storm,
    Mishap.DOWN: _down,
    Mishap.SKEW: _skew,
}


class Waits(Struct):
    """How long the listing that waited longest had waited, and of each channel, how much of a wait it could be told in;
    `away`: when PostgreSQL was, and nobody could be.
    """

    outages: Mapping[str, Sequence[Span]]
    longest_s: float = 0.0
    calm_s: dict[str, float] = {}
    away: list[Span] = []

    def note(self, slug: str, waited_s: float, until: float) -> None:
        calm = calm_s(until - waited_s, until, [*self.outages[slug], *self.away])
        self.longest_s = max(self.longest_s, waited_s)
        self.calm_s[slug] = max(self.calm_s.get(slug, 0.0), calm)


@asynccontextmanager
async def watch_waits(ctx: HubContext, outages: Mapping[str, Sequence[Span]]) -> AsyncIterator[Waits]:
    """Look twice a second while the block runs; `outages` count from its beginning."""
    seen = Waits(outages)
    watching = asyncio.create_task(_watch(ctx, seen))
    try:
        yield seen
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch(ctx: HubContext, seen: Waits) -> None:
    clock = asyncio.get_running_loop().time
    begun = clock()
    while True:
        looked_at = clock() - begun
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            async with ctx.db.transaction() as tx:
                rows = await channel_summaries(tx, at=now())
        except DATABASE_AWAY:
            seen.away.append((looked_at, clock() - begun))
            continue
        for row in rows:
            if row.oldest_wait_s is not None:
                seen.note(row.slug, row.oldest_wait_s, clock() - begun)


async def sell_all_once_more(town: Town, skus: Sequence[str], rounds: int) -> None:
    """First one thing while each call comes late, so that whoever sends two at once is found out. Then a part of all in
    each round, while calls fail as well: no later sale mends what goes wrong now.
    """
    sims = list(town.sims.values())
    await asyncio.sleep(USUAL.call_slow_max_s)  # what was on its way from a worker that was killed has come
    for sim in sims:
        sim.set_faults(LATE)
        sim.watch_writes()
    for _ in range(LATE_SALES * rounds):
        await _sell_twice(sims[0], skus[:1])
    for sim in sims:
        sim.set_faults(LAST)
    for begin in range(rounds):
        chosen = skus[begin::rounds]
        await asyncio.gather(
            *(_sell_twice(sim, chosen[first :: len(sims)]) for first, sim in enumerate(sims))
        )
        await _until(partial(_is_told, town), LAST_S_MAX)


async def _sell_twice(sim: SimServer, skus: Sequence[str]) -> None:
    """Of each, so that a second number is due while the first is on its way."""
    buyer = make_buyer(Random(1))
    for sku in skus:
        for _ in range(2):
            await sim.sell({sku: 1}, buyer)
            await asyncio.sleep(TWICE_S)


async def settle(town: Town, slack: float) -> None:
    """Return when every order is here, nothing waits and every channel is told; what never comes the verdict names."""
    for sim in town.sims.values():
        sim.set_faults(FaultPlan())
    await _until(partial(_is_settled, town), slack * SETTLE_S_MAX + await _rests_s(town))


async def _rests_s(town: Town) -> float:
    """For how long the hub leaves a channel alone that failed often: only then does it ask whether it is well again."""
    at = now()
    async with town.ctx.db.transaction() as tx:
        rows = await channels.all_channels(tx)
    return max((each.paused_until - at).total_seconds() if each.paused_until else 0.0 for each in rows)


async def _until(holds: Callable[[], Awaitable[bool]], seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not await holds():  # noqa: ASYNC110 -- what is awaited happens in other processes
                await asyncio.sleep(LOOK_EVERY_S)


async def _is_told(town: Town) -> bool:
    """As far as the hub knows."""
    async with town.ctx.db.transaction() as tx:
        rows = {row.slug: row for row in await channel_summaries(tx, at=now())}
    here = all(rows[slug].orders >= len(sim.simulator.order_ids()) for slug, sim in town.sims.items())
    return here and not any(row.to_tell for row in rows.values())


async def _is_settled(town: Town) -> bool:
    if not await _is_told(town):
        return False
    async with one_moment(town.ctx.db) as tx:
        numbers = await computed_numbers(tx)
        late = await run_checks(tx, at=now(), late_s=0, checks=[each for each in CHECKS if each.only_late])
    if any(each.verdict is not Verdict.KEPT for each in late):
        return False
    shown = {slug: sim.simulator.stock() for slug, sim in town.sims.items()}
    return all(shown[slug].get(sku) == units for (slug, sku), units in numbers.items() if slug in shown)
