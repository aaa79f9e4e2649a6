"""Tells open pages that something changed: one reader of Redis for each process, any number of streams.

Level-triggered: an event says only a topic's name and the page fetches itself again, so a lost event is harmless. While
Redis is away the streams say "changed" at each ping, and pages are never older than that.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from math import inf

from litestar import Request, get
from litestar.datastructures import State
from litestar.exceptions import ServiceUnavailableException
from litestar.params import FromQuery
from litestar.response import Stream
from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub.kit.clock import now
from hub.kit.log import get_logger
from hub.kit.queue import CHANGED

log = get_logger(__name__)

TOPICS = frozenset({"orders", "stock", "channels", "counts", "imports", "picks"})
PING_S = 15.0
STREAMS_MAX = 2_000
RECONNECT_S_MAX = 5.0


class Listener:
    """One open stream. News is a set of topics, so a slow reader holds three words at most."""

    def __init__(self, topics: frozenset[str]) -> None:
        self._topics = topics
        self._news: set[str] = set()
        self._rung = asyncio.Event()

    def tell(self, topics: frozenset[str]) -> None:
        self._news |= topics & self._topics
        if self._news:
            self._rung.set()

    def wake(self) -> None:
        self._rung.set()

    async def next_news(self) -> list[str]:
        """Return the topics that changed, empty where nothing did for the time of a ping."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PING_S):
                await self._rung.wait()
        self._rung.clear()
        news, self._news = sorted(self._news), set()
        return news


class LiveFeed:
    """Start it with the app and stop it with the app; between the two it reconnects by itself."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._listeners: set[Listener] = set()
        self._changed_at: dict[str, float] = {}
        self._reader: asyncio.Task[None] | None = None
        self._connected = False
        self._stopped = False

    async def start(self) -> None:
        self._reader = asyncio.create_task(self._read_forever())

    async def stop(self) -> None:
        self._stopped = True
        for listener in self._listeners:
            listener.wake()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None

    @property
    def is_full(self) -> bool:
        return len(self._listeners) >= STREAMS_MAX

    def tell(self, topics: frozenset[str]) -> None:
        self._changed_at |= dict.fromkeys(topics, now().timestamp())
        for listener in self._listeners:
            listener.tell(topics)

    async def stream(self, topics: frozenset[str], *, since: float = inf) -> AsyncIterator[bytes]:
        """Yield server-sent events until the reader goes away; the clean-up does not await.

        `since` is when the reader's page was made: what has changed from then on is news at once.
        """
        listener = Listener(topics)
        listener.tell(frozenset(each for each, at in self._changed_at.items() if at >= since))
        self._listeners.add(listener)
        try:
            yield b"retry: 2000\n\n"
            while not self._stopped:
                news = await listener.next_news()
                if not (news or self._connected):
                    news = sorted(topics)
                yield f"data: {' '.join(news)}\n\n".encode() if news else b": still here\n\n"
        finally:
            self._listeners.discard(listener)

    async def _read_forever(self) -> None:
        pause_s = 0.1
        while True:
            try:
                async for topics in self._changes():
                    pause_s = 0.1
                    self.tell(topics)
            except (RedisError, OSError) as error:
                log.warning("live_feed_lost", error=type(error).__name__)
            self._connected = False
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, RECONNECT_S_MAX)

    async def _changes(self) -> AsyncIterator[frozenset[str]]:
        """Yield what changed; each new subscription counts as "all of it", for nobody knows what was missed."""
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(CHANGED)
            async for message in pubsub.listen():
                if message["type"] == "subscribe":
                    self._connected = True
                    yield TOPICS
                elif message["type"] == "message":
                    yield frozenset(message["data"].decode(errors="replace").split()) & TOPICS


@get("/live", media_type="text/event-stream", include_in_schema=False)
async def live_route(
    request: Request[object, object, State], topics: FromQuery[str] = "", since: FromQuery[float] = inf
) -> Stream:
    """Stream the names of changed topics; `topics` picks some of them, all where it is empty."""
    feed: LiveFeed = request.app.state.live
    if feed.is_full:
        msg = f"{STREAMS_MAX} pages are open already: this one does not update by itself"
        raise ServiceUnavailableException(msg)
    wanted = frozenset(topics.replace(",", " ").split()) & TOPICS
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return Stream(feed.stream(wanted or TOPICS, since=since), media_type="text/event-stream", headers=headers)
