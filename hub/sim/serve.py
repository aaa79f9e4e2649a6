"""Put simulators on the wire: `serve` for a block of code, `run_sim` for a command that stays up."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial

import httpx
from msgspec.structs import replace

from hub.kit.clock import now
from hub.sim.catalog import demo_catalog, sim_items
from hub.sim.control import control, is_control
from hub.sim.deliver import CONCURRENT_MAX, RETRY_WAITS_S, Deliverer
from hub.sim.faults import CALM, CallFate, CallFault, FaultPlan
from hub.sim.find import find_simulator, make
from hub.sim.listen import Linger, bind, listen
from hub.sim.load import Load, LoadPlan
from hub.sim.profiles import Behavior, profile_of
from hub.sim.server import SimServer
from hub.spec.testing import SimItem, SimReply, SimRequest, Simulator, sim_json

WEBHOOK_TIMEOUT_S = 10.0  # what the strictest shops grant a receiver
PLAIN = Behavior("as its vendor is")


@asynccontextmanager
async def serve(
    simulators: Sequence[Simulator],
    ports: Sequence[int] | None = None,
    *,
    faults: FaultPlan = CALM,
    clock: Callable[[], datetime] = now,
    retry_waits_s: Sequence[float] = RETRY_WAITS_S,
    webhooks_at_once: int = CONCURRENT_MAX,
) -> AsyncIterator[list[SimServer]]:
    """Serve each simulator on its own loopback port (default: any free one) while the block runs.

    The n-th simulator gets the plan's seed + n, so that they do not all fail at the same moment.
    """
    async with AsyncExitStack() as stack:
        sims = []
        for n, (simulator, port) in enumerate(zip(simulators, ports or [0] * len(simulators), strict=True)):
            deliverer = await stack.enter_async_context(_delivering(retry_waits_s, webhooks_at_once))
            bound = bind(port)
            plan = replace(faults, seed=faults.seed + n)
            sim = SimServer(simulator, bound.url, deliverer, plan=plan, clock=clock)
            await stack.enter_async_context(listen(bound, partial(_handle, sim)))
            sims.append(sim)
        yield sims


async def run_sim(
    kind: str,
    *,
    port: int = 0,
    items: Sequence[SimItem] | None = None,
    behavior: Behavior = PLAIN,
    load: LoadPlan | None = None,
    ready: Callable[[SimServer], None] = lambda _: None,
) -> None:
    """Simulate one channel of this kind until cancelled; `ready` hears of it once it answers.

    Without `items` it sells the demo catalog. With `load` customers start buying at once.
    """
    goods = sim_items(demo_catalog()) if items is None else list(items)
    new = find_simulator(kind)
    simulator = make(new, goods, profile_of(new(goods), behavior.quirks))
    async with serve([simulator], [port], faults=behavior.faults) as [sim]:
        ready(sim)
        if load:
            await Load(load, [item.sku for item in goods]).run(sim)
        await asyncio.Event().wait()


@asynccontextmanager
async def _delivering(retry_waits_s: Sequence[float], webhooks_at_once: int) -> AsyncIterator[Deliverer]:
    async with httpx.AsyncClient(timeout=WEBHOOK_TIMEOUT_S, trust_env=False) as client:
        deliverer = Deliverer(client, concurrent_max=webhooks_at_once, retry_waits_s=retry_waits_s)
        try:
            yield deliverer
        finally:
            await deliverer.close()


async def _handle(sim: SimServer, request: SimRequest, linger: Linger) -> SimReply | None:
    if is_control(request):
        return await control(sim, request)
    arrived = sim.arrive()
    return await carry_out(sim.next_call(), lambda: sim.answer(request, arrived), linger)


async def carry_out(fate: CallFate, answer: Callable[[], SimReply], linger: Linger) -> SimReply | None:
    """Do to one call what its fate says; None drops the connection."""
    if fate.fault in {CallFault.HANG, CallFault.SLOW}:
        await linger(fate.wait_s)
    if fate.fault in FAILURES:
        return FAILURES[fate.fault](fate.wait_s)
    reply = answer()
    if fate.fault is CallFault.WROTE:
        return _broken(fate.wait_s)
    return None if fate.fault is CallFault.LOST else reply


def _too_many(retry_after_s: float) -> SimReply:
    return sim_json({"message": "too many requests"}, 429, retry_after=f"{retry_after_s:g}")


def _broken(_wait_s: float) -> SimReply:
    return sim_json({"message": "internal error"}, 500)


def _no_answer(_wait_s: float) -> None:
    return None


FAILURES: dict[CallFault, Callable[[float], SimReply | None]] = {
    CallFault.TOO_MANY: _too_many,
    CallFault.BROKEN: _broken,
    CallFault.HANG: _no_answer,
}
