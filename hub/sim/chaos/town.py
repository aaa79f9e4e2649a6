"""The town that suffers: a hub's processes and servers, its channels, its clerk; and how each mishap is done to it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from msgspec import Struct
from msgspec.structs import replace
from redis.exceptions import RedisError

from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.sim.chaos.phone import Phone
from hub.sim.chaos.plan import Mishap, Planned
from hub.sim.faults import FaultPlan
from hub.sim.server import SimServer
from hub.store.api.health import DATABASE_AWAY
from hub.store.reports import channel_summaries, computed_numbers

USUAL = FaultPlan(webhook_drop=0.1, webhook_repeat=0.1, webhook_reorder=0.1, call_broken=0.02, call_lost=0.02)
STORM, DOWN = 0.7, 1.0  # the share of calls that fail
AHEAD_S_MAX = 40
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
        return list(self.sims.values())[planned.which % len(self.sims)]


async def let_it_happen(town: Town, plan: Sequence[Planned], tell: Callable[[str, float], None]) -> None:
    """Do all of the plan, each at its time; what lasts goes on beside the next."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with asyncio.TaskGroup() as group:
        for planned in plan:
            await asyncio.sleep(max(0.0, begun + planned.at_s - loop.time()))
            tell(str(planned.mishap), loop.time() - begun)
            group.create_task(_do(town, planned))


async def _do(town: Town, planned: Planned) -> None:
    """A part that is down already cannot be killed again."""
    with suppress(ProcessLookupError, FileNotFoundError, RedisError, OSError):
        await DEEDS[planned.mishap](town, planned)


async def _kill_worker(town: Town, planned: Planned) -> None:
    os.kill(town.pids[f"worker-{planned.which % town.workers + 1}"], signal.SIGKILL)


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
    await _fail_for_a_while(town.sim_of(planned), replace(USUAL, call_too_many=STORM), planned.lasts_s)


async def _down(town: Town, planned: Planned) -> None:
    plan = replace(USUAL, call_broken=DOWN, call_lost=0.0, webhook_drop=1.0)
    await _fail_for_a_while(town.sim_of(planned), plan, planned.lasts_s)


async def _fail_for_a_while(sim: SimServer, plan: FaultPlan, seconds: float) -> None:
    sim.set_faults(plan)
    await asyncio.sleep(seconds)
    sim.set_faults(USUAL)


async def _skew(town: Town, planned: Planned) -> None:
    town.sim_of(planned).travel(planned.which % AHEAD_S_MAX)


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


@asynccontextmanager
async def watch_waits(ctx: HubContext) -> AsyncIterator[list[float]]:
    """How long the listing that waited longest had waited, looked at twice a second while the block runs."""
    seen: list[float] = []
    watching = asyncio.create_task(_watch(ctx, seen))
    try:
        yield seen
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch(ctx: HubContext, seen: list[float]) -> None:
    while True:
        with suppress(*DATABASE_AWAY):
            async with ctx.db.transaction() as tx:
                rows = await channel_summaries(tx, at=now())
            seen.extend(row.oldest_wait_s for row in rows if row.oldest_wait_s is not None)
        await asyncio.sleep(LOOK_EVERY_S)


async def settle(town: Town) -> None:
    """Return when every order is here and every channel is told; what never comes is for the verdict to name."""
    for sim in town.sims.values():
        sim.set_faults(FaultPlan())
    with suppress(TimeoutError):
        async with asyncio.timeout(SETTLE_S_MAX):
            while not await _is_settled(town):  # noqa: ASYNC110 -- what is awaited happens in other processes
                await asyncio.sleep(LOOK_EVERY_S)


async def _is_settled(town: Town) -> bool:
    async with town.ctx.db.transaction() as tx:
        rows = {row.slug: row for row in await channel_summaries(tx, at=now())}
    here = all(rows[slug].orders >= len(sim.simulator.order_ids()) for slug, sim in town.sims.items())
    if not here or any(row.to_tell for row in rows.values()):
        return False
    async with town.ctx.db.transaction() as tx:
        numbers = await computed_numbers(tx)
    shown = {slug: sim.simulator.stock() for slug, sim in town.sims.items()}
    return all(shown[slug].get(sku) == units for (slug, sku), units in numbers.items() if slug in shown)
