"""A channel that lives in memory: what it offers, shows and answers is set by the test. Bodies are IncomingOrders."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import text

from hub.channels import intake
from hub.channels.context import HubContext
from hub.channels.lanes import queue_of
from hub.channels.opening import OpenedChannel, add_channel, channel_of
from hub.channels.registry import Registry
from hub.channels.telling import CAPABILITY
from hub.channels.transport import open_outside
from hub.kit.clock import now
from hub.kit.config import Config
from hub.kit.embedded import Endpoints
from hub.kit.ids import uuid7
from hub.kit.queue import Doorbell, connect
from hub.model.incoming import IncomingOrder
from hub.model.stock.locations import Location
from hub.spec import (
    Cancellation,
    Capability,
    ChannelConfig,
    ChannelListing,
    Fulfillment,
    Idempotency,
    MalformedError,
    Manifest,
    Message,
    Outcome,
    OutcomeState,
    Page,
    ParcelLabel,
    Probe,
    Refund,
    RejectedError,
    StockTarget,
    WriteOutcome,
)
from hub.store import publications
from hub.store.channels import ChannelRow
from hub.store.db import Database
from hub.store.stock import listings, locations, skus
from tests.builders import MAIN, NOON, VAULT, put_stock

Answer = Callable[[StockTarget], OutcomeState]


async def _nothing() -> None:
    return


class FakeChannel:
    """`fails` is raised by every call while it is set; `during` runs inside each push, before it answers.

    Its caller is killed where it asks for the page at `dies_at`. What it offers comes two to a page; once it has
    all been read, `offers_later` follow.
    """

    def __init__(self) -> None:
        self.orders: dict[str, bytes] = {}
        self.nobodys: set[str] = set()  # of these, those that are no orders of the hub
        self.pages: dict[str | None, Page[Message]] = {}
        self.asked: list[str | None] = []
        self.shown: dict[str, int] = {}
        self.pushed: list[tuple[str, int]] = []
        self.fails: Exception | None = None
        self.during: Callable[[], Awaitable[None]] = _nothing
        self.answer: Answer = lambda _: OutcomeState.APPLIED
        self.applies = True
        self.expected: list[int | None] = []
        self.read: list[str] = []
        self.dies_at = ""
        self.offers: list[str] = []
        self.offers_later: list[str] = []
        self.looked_at: list[str | None] = []

    async def check(self) -> list[Any]:
        return []

    async def fetch_orders(self, cursor: str | None, *, until: datetime) -> Page[Message]:
        del until
        self.asked.append(cursor)
        self._fail()
        if cursor is not None and cursor == self.dies_at:
            raise asyncio.CancelledError
        return self.pages.get(cursor, Page([], None, cursor))

    async def list_listings(self, cursor: str | None) -> Page[ChannelListing]:
        self.looked_at.append(cursor)
        self._fail()
        if cursor is not None and cursor == self.dies_at:
            raise asyncio.CancelledError
        start = int(cursor or 0)
        items = [offer(sku) for sku in self.offers[start : start + 2]]
        if start + 2 < len(self.offers):
            return Page(items, str(start + 2))
        self.offers = self.offers_later or self.offers
        return Page(items)

    async def fetch_order_batch(self, channel_order_ids: Sequence[str]) -> list[Message]:
        self._fail()
        return [
            Message(
                f"fetched-{each}",
                "order",
                "" if each in self.nobodys else each,
                self.orders[each],
                named=each,
            )
            for each in channel_order_ids
            if each in self.orders
        ]

    async def push_stock(self, targets: Sequence[StockTarget]) -> list[Outcome]:
        self._fail()
        self.pushed += [(each.channel_sku, each.quantity) for each in targets]
        self.expected += [each.expected for each in targets]
        await self.during()
        fits = [each for each in targets if each.expected in {None, self.shown.get(each.channel_listing_id)}]
        if self.applies:
            self.shown |= {each.channel_listing_id: each.quantity for each in fits}
        return [
            Outcome(
                each.channel_listing_id,
                self.answer(each) if each in fits else OutcomeState.UNKNOWN,
                "as the test says",
            )
            for each in targets
        ]

    async def read_stock(self, channel_listing_ids: Sequence[str]) -> dict[str, int]:
        self._fail()
        self.read += channel_listing_ids
        return {each: self.shown[each] for each in channel_listing_ids if each in self.shown}

    def _fail(self) -> None:
        if self.fails is not None:
            raise self.fails


class WritesOnly(FakeChannel):
    read_stock = None  # type: ignore[assignment]


class HearingChannel(FakeChannel):
    """Sends webhooks to the addresses in `hooks`; one that is False was switched off there."""

    def __init__(self) -> None:
        super().__init__()
        self.hooks: dict[str, bool] = {}

    def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes, *, url: str, now: datetime) -> bool:
        del headers, raw_body, url, now
        return True

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> list[Message]:
        del headers, raw_body
        return []

    async def ensure_webhooks(self, url: str) -> list[Probe]:
        self._fail()
        was, self.hooks[url] = self.hooks.get(url), True
        return [Probe("orders", ok=True, mended=was is False)]

    async def remove_webhooks(self, url: str) -> None:
        self._fail()
        self.hooks.pop(url, None)


class TellingChannel(FakeChannel):
    """Takes what is done to its orders: all that reached it is `told`, and in `acts` what it did, once for a key.

    It `says` what became of each, or `breaks` after it has acted; with an order that it `refuses` it takes none at all.
    """

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Fulfillment | ParcelLabel | Cancellation | Refund] = []
        self.acts: dict[str, object] = {}
        self.says = OutcomeState.APPLIED
        self.breaks: Exception | None = None
        self.refuses = ""

    async def push_fulfillment(self, fulfillments: Sequence[Fulfillment]) -> list[WriteOutcome]:
        return await self._take(fulfillments)

    async def push_label(self, labels: Sequence[ParcelLabel]) -> list[WriteOutcome]:
        return await self._take(labels)

    async def push_cancel(self, cancellations: Sequence[Cancellation]) -> list[WriteOutcome]:
        return await self._take(cancellations)

    async def push_refund(self, refunds: Sequence[Refund]) -> list[WriteOutcome]:
        return await self._take(refunds)

    async def _take(
        self, wishes: Sequence[Fulfillment | ParcelLabel | Cancellation | Refund]
    ) -> list[WriteOutcome]:
        self._fail()
        if self.refuses in {each.channel_order_id for each in wishes}:
            msg = "that order is closed"
            raise RejectedError(msg)
        self.told += wishes
        self.acts |= {each.key: each for each in wishes if self.says is not OutcomeState.REJECTED}
        await self.during()
        if self.breaks is not None:
            raise self.breaks
        return [
            WriteOutcome(each.key, self.says, "as the test says", f"ref-{each.key[-4:]}") for each in wishes
        ]


CAN = (Capability.FETCH_ORDERS, Capability.LIST_LISTINGS, Capability.PUSH_STOCK, Capability.READ_STOCK)


class FakeConnector:
    config_type: type[ChannelConfig] = ChannelConfig
    channel_type = FakeChannel

    def __init__(self, kind: str, *, promises: bool = False) -> None:
        self.manifest = Manifest(
            kind=kind,
            title=kind,
            api_version="1",
            capabilities=frozenset(CAN),
            orders_are_facts=not promises,
            idempotency={Capability.PUSH_STOCK: Idempotency.ABSOLUTE},
        )
        self.channel = FakeChannel()

    def open(self, http: object, config: object) -> FakeChannel:
        del http, config
        return self.channel

    def split_file(self, raw: bytes) -> list[Message]:
        order = msgspec.json.decode(raw, type=IncomingOrder)
        return [Message(f"file-{order.channel_order_id}", "order", order.channel_order_id, raw)]

    def to_incoming(self, message: Message, config: Any) -> IncomingOrder:
        del config
        try:
            return msgspec.json.decode(message.body, type=IncomingOrder)
        except msgspec.ValidationError as error:
            raise MalformedError(str(error)) from error


class FakeHub(msgspec.Struct, frozen=True):
    """A hub over real PostgreSQL and Valkey whose channels are all fake; `channels` and `rows` go by slug."""

    ctx: HubContext
    channels: dict[str, FakeChannel]
    rows: dict[str, ChannelRow]

    async def opened(self, slug: str = "shop") -> OpenedChannel:
        opened = await channel_of(self.ctx, self.rows[slug].id)
        assert opened is not None
        return opened

    def writes_only(self, slug: str = "shop") -> None:
        """Let the channel show nobody what it shows from now on."""
        kind: Any = self.ctx.registry.kinds[slug]
        kind.channel = self.channels[slug] = WritesOnly()

    def hears(self, slug: str = "shop") -> HearingChannel:
        """Let the channel send webhooks from now on."""
        channel = HearingChannel()
        kind: Any = self.ctx.registry.kinds[slug]
        kind.channel = self.channels[slug] = channel
        return channel

    def tells(self, slug: str = "shop", *, repeats: Idempotency = Idempotency.KEY) -> TellingChannel:
        """Let the channel take what is done to its orders from now on."""
        channel = TellingChannel()
        kind: Any = self.ctx.registry.kinds[slug]
        writes = (*CAPABILITY.values(), Capability.PUSH_LABEL)
        kind.manifest = replace(
            kind.manifest,
            capabilities=kind.manifest.capabilities | {*writes},
            idempotency=kind.manifest.idempotency | dict.fromkeys(writes, repeats),
        )
        kind.channel = self.channels[slug] = channel
        return channel

    async def arrive(self, *orders: IncomingOrder, slug: str = "shop", source: str = "webhook") -> None:
        await intake.arrive(
            self.ctx, self.rows[slug], [message_of(each) for each in orders], source=source, at=now()
        )

    async def query(self, statement: str, **values: object) -> list[tuple[object, ...]]:
        async with self.ctx.db.transaction() as tx:
            return [tuple(row) for row in await tx.execute(text(statement), values)]

    async def run(self, statement: str) -> None:
        async with self.ctx.db.transaction() as tx:
            await tx.execute(text(statement))


def offer(sku: str) -> ChannelListing:
    return ChannelListing(f"listing-{sku}", sku, f"A {sku}", barcode=f"00{len(sku)}")


def message_of(order: IncomingOrder, *, key: str = "", complete: bool = True) -> Message:
    body = msgspec.json.encode(order)
    return Message(
        key or f"{order.channel_order_id}@{order.updated_at}", "order", order.channel_order_id, body, complete
    )


@asynccontextmanager
async def open_fake_hub(
    database: Database,
    redis_url: str,
    folder: Path,
    stock: Mapping[str, int],
    *,
    slugs: Sequence[str] = ("shop", "other"),
    promises: bool = False,
) -> AsyncIterator[FakeHub]:
    """Open a hub whose channels list every SKU of `stock`, all of it at the main location."""
    kinds = {slug: FakeConnector(slug, promises=promises) for slug in slugs}
    redis = connect(redis_url)
    endpoints = Endpoints(database.engine.url.render_as_string(hide_password=False), redis_url)
    async with open_outside(redis) as outside:
        bell = Doorbell(redis, queue_of)
        ctx = HubContext(Config(folder=folder), endpoints, database, VAULT, Registry(kinds), bell, outside)
        await _put_goods(ctx, stock)
        rows = {slug: await _join(ctx, slug, stock) for slug in slugs}
        yield FakeHub(ctx, {slug: kind.channel for slug, kind in kinds.items()}, rows)
    await redis.aclose(close_connection_pool=True)


async def _put_goods(ctx: HubContext, stock: Mapping[str, int]) -> None:
    async with ctx.db.transaction() as tx:
        await locations.put_locations(tx, [Location(MAIN, "Main", 1)])
        await skus.put_skus(tx, [skus.Sku(sku, sku.title()) for sku in stock], at=NOON)
        await put_stock(tx, stock)


async def _join(ctx: HubContext, slug: str, stock: Mapping[str, int]) -> ChannelRow:
    row = await add_channel(ctx, kind=slug, slug=slug, name=slug, settings={})
    rows = [listings.NewListing(uuid7(), f"listing-{sku}", sku, sku, sku) for sku in stock]
    async with ctx.db.transaction() as tx:
        await listings.add_listings(tx, row.id, rows, at=NOON)
        await publications.open_publications(tx, list(stock), at=NOON)
    return replace(row, joined_at=NOON)
