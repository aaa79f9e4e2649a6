"""One reader of Redis tells every open stream; after a lost connection everybody hears "changed"."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub.channels.lanes import queue_of
from hub.kit.clock import now
from hub.kit.queue import Doorbell, connect
from hub.web.live import TOPICS, Listener, LiveFeed

pytestmark = pytest.mark.anyio
ORDERS = frozenset({"orders"})


@pytest.fixture
async def bell(valkey_url: str) -> AsyncIterator[Doorbell]:
    redis = connect(valkey_url)
    yield Doorbell(redis, queue_of)
    await redis.aclose(close_connection_pool=True)


@pytest.fixture
async def feed(bell: Doorbell) -> AsyncIterator[LiveFeed]:
    feed = LiveFeed(bell.redis)
    await feed.start()
    yield feed
    await feed.stop()


async def opened(feed: LiveFeed, topics: frozenset[str]) -> AsyncIterator[bytes]:
    """A stream past its greeting and the news of the first connection."""
    stream = feed.stream(topics)
    assert await next_of(stream) == b"retry: 2000\n\n"
    assert await next_of(stream) == f"data: {' '.join(sorted(topics))}\n\n".encode()
    return stream


async def next_of(stream: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(60):
        return await anext(stream)


async def test_a_stream_hears_of_its_topics_only(feed: LiveFeed, bell: Doorbell):
    stream = await opened(feed, ORDERS)
    await bell.announce("stock")
    await bell.announce("orders")
    assert await next_of(stream) == b"data: orders\n\n"


async def test_what_changed_after_a_page_was_made_and_before_its_stream_began_is_news(
    feed: LiveFeed, bell: Doorbell
):
    other, before = await opened(feed, TOPICS), now().timestamp()
    await bell.announce("stock")
    await next_of(other)
    early, late = feed.stream(TOPICS, since=before), feed.stream(TOPICS, since=now().timestamp())
    assert await next_of(early) == await next_of(late) == b"retry: 2000\n\n"
    assert await next_of(early) == b"data: stock\n\n"
    await bell.announce("orders")
    assert await next_of(late) == b"data: orders\n\n"


async def test_after_a_lost_connection_everything_counts_as_changed(feed: LiveFeed, bell: Doorbell):
    stream = await opened(feed, TOPICS)
    await bell.redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    assert await next_of(stream) == b"data: channels counts imports orders picks stock\n\n"
    await bell.announce("stock")
    assert await next_of(stream) == b"data: stock\n\n"


async def test_streams_end_when_the_feed_stops(feed: LiveFeed):
    stream = await opened(feed, ORDERS)
    await feed.stop()
    with pytest.raises(StopAsyncIteration):
        await next_of(stream)


async def test_a_slow_reader_holds_each_topic_once():
    slow = Listener(TOPICS)
    for _ in range(1000):
        slow.tell(ORDERS)
    assert await slow.next_news() == ["orders"]


async def test_what_is_no_topic_of_the_stream_is_no_news():
    listener = Listener(ORDERS)
    listener.tell(frozenset({"stock"}))
    listener.wake()
    assert await listener.next_news() == []
