"""Sends webhooks as shops do: concurrently, again after a failure, and with the faults of the plan."""

import asyncio
from asyncio import Event, Semaphore, Task
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import suppress

import httpx
from msgspec import Struct

from hub.sim.faults import Faults, WebhookFate
from hub.spec.testing import Delivery

CONCURRENT_MAX = 8
RETRY_WAITS_S = (0.5, 1.0, 2.0, 4.0, 8.0)  # five more tries, as most shops, only sooner


class Tally(Struct):
    """`delivered` counts every 2xx answer, copies too; `failed` those given up after the last try."""

    delivered: int = 0
    dropped: int = 0
    repeated: int = 0
    reordered: int = 0
    retried: int = 0
    failed: int = 0


class Deliverer:
    """With `concurrent_max=1` and no delays, webhooks arrive exactly in the order given."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        concurrent_max: int = CONCURRENT_MAX,
        retry_waits_s: Sequence[float] = RETRY_WAITS_S,
    ) -> None:
        self.tally = Tally()
        self._client = client
        self._slots = Semaphore(concurrent_max)
        self._retry_waits_s = retry_waits_s
        self._overtaken: Event | None = None
        self._tasks: set[Task[None]] = set()

    @property
    def waiting(self) -> int:
        return len(self._tasks)

    def send(self, deliveries: Iterable[Delivery], faults: Faults) -> None:
        """Put webhooks on their way and return at once."""
        for delivery in deliveries:
            self._dispatch(delivery, faults.next_webhook())

    async def settle(self) -> None:
        """Return when every webhook has arrived or was given up."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Give up whatever is still on its way."""
        for task in self._tasks:
            task.cancel()
        await self.settle()

    def _dispatch(self, delivery: Delivery, fate: WebhookFate) -> None:
        if fate.dropped:
            self.tally.dropped += 1
            return
        self.tally.repeated += fate.copies - 1
        self.tally.reordered += fate.overtaken_max_s > 0
        passed, self._overtaken = self._overtaken, Event()
        for _ in range(fate.copies):
            self._start(self._travel(delivery, fate, self._overtaken, passed))

    def _start(self, journey: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(journey)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _travel(
        self, delivery: Delivery, fate: WebhookFate, overtaken: Event, passed: Event | None
    ) -> None:
        """Deliver one copy. The next webhook sets `overtaken`; this one sets `passed` for the last."""
        try:
            await asyncio.sleep(fate.delay_s)
            if fate.overtaken_max_s:
                await _wait_at_most(overtaken, fate.overtaken_max_s)
            await self._deliver(delivery, passed)
        finally:
            _ring(passed)

    async def _deliver(self, delivery: Delivery, passed: Event | None) -> None:
        for wait_s in (*self._retry_waits_s, None):
            arrived = await self._post(delivery)
            _ring(passed)
            if arrived:
                self.tally.delivered += 1
                return
            if wait_s is None:
                break
            self.tally.retried += 1
            await asyncio.sleep(wait_s)
        self.tally.failed += 1

    async def _post(self, delivery: Delivery) -> bool:
        async with self._slots:
            try:
                reply = await self._client.post(
                    delivery.url, content=delivery.body, headers=dict(delivery.headers)
                )
            except (httpx.HTTPError, httpx.InvalidURL):
                return False
        return reply.is_success


def _ring(event: Event | None) -> None:
    if event:
        event.set()


async def _wait_at_most(event: Event, wait_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await event.wait()
