"""Builders that show only what matters: a small shop with one channel, and orders for it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from hub.flows.orders.keep_drafts import KeptDrafts, Typed, TypedLine, keep_drafts
from hub.flows.orders.keep_people import keep_people
from hub.flows.orders.take_orders import Arrival, Seller, Taken, take_orders
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.kit.ids import uuid7
from hub.kit.secrets import Vault
from hub.model.incoming import IncomingLine, IncomingOrder, Payment, Person
from hub.model.review.verdicts import NO_REVIEW, Review
from hub.model.stock.locations import Location
from hub.store import channels, inbox, publications
from hub.store.db import Tx
from hub.store.events import Event
from hub.store.publications import Due, Told
from hub.store.stock import listings, locations, skus
from hub.store.sync.answers import keep_answers

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
VAULT = Vault(bytes(range(32)))
MAIN, SHOP = "main", "shop"
ADA = Person(name="Ada L", email="ada@example.com")


def line(sku: str, quantity: int = 1, **more: object) -> IncomingLine:
    price = Decimal("9.99")
    given = {
        "channel_line_id": sku,
        "title": f"A {sku}",
        "quantity": quantity,
        "unit_price": price,
        "total": price * quantity,
        "channel_sku": sku,
        "channel_listing_id": f"listing-{sku}",
    }
    return IncomingLine(**(given | more))  # type: ignore[arg-type]


def order(order_id: str = "1", *lines: IncomingLine, minute: int = 0, **more: object) -> IncomingOrder:
    """An order changed `minute` minutes after noon."""
    chosen = list(lines) or [line("MUG")]
    given = {
        "channel_order_id": order_id,
        "channel_order_number": order_id,
        "placed_at": NOON,
        "updated_at": NOON + timedelta(minutes=minute),
        "currency": "EUR",
        "lines": chosen,
        "total": sum((each.total + each.tax for each in chosen), Decimal(0)),
        "payment": Payment.PAID,
        "person": ADA,
    }
    return IncomingOrder(**(given | more))  # type: ignore[arg-type]


async def open_shop(tx: Tx, stock: Mapping[str, int], *, promises: bool = False, slug: str = "web") -> Seller:
    """One channel that lists every SKU of `stock`, all of it at the main location. Ada is known before she orders.

    People are kept and committed before orders are taken: who added her in many transactions at once would make them
    wait for one another, and a test of the locks would prove nothing.
    """
    new = channels.NewChannel(uuid7(), uuid7(), slug, slug, "woocommerce", b"", f"token-{slug}")
    await locations.put_locations(tx, [Location(MAIN, "Main", 1), Location(SHOP, "Shop", 2)])
    await skus.put_skus(tx, [skus.Sku(sku, sku.title()) for sku in stock], at=NOON)
    await channels.add_channel(tx, new, at=NOON)
    await keep_people(tx, VAULT, [ADA], at=NOON)
    await put_stock(tx, stock)
    rows = [listings.NewListing(uuid7(), f"listing-{sku}", sku, sku, sku) for sku in stock]
    await listings.add_listings(tx, new.id, rows, at=NOON)
    await publications.open_publications(tx, list(stock), at=NOON)
    return Seller(new.id, slug, promises=promises, names_our_skus=promises)


async def put_stock(tx: Tx, stock: Mapping[str, int], location: str = MAIN) -> None:
    changes = [
        Adjustment(sku, location, count, "opening stock", str(uuid7()), "receipt")
        for sku, count in stock.items()
        if count
    ]
    if changes:
        await adjust_stock(tx, changes, actor="test", at=NOON)


async def take(
    tx: Tx, seller: Seller, *orders: IncomingOrder, at: datetime = NOON, review: Review = NO_REVIEW
) -> Taken:
    """Let the orders arrive in the inbox, in this order, and take them as one batch."""
    messages = [_message(order) for order in orders]
    await inbox.add_messages(tx, seller.id, messages, source="webhook", at=at)
    arrivals = [Arrival(message.id, order) for message, order in zip(messages, orders, strict=True)]
    people = await keep_people(tx, VAULT, [order.person for order in orders], at=at)
    return await take_orders(tx, VAULT, seller, arrivals, people=people, at=at, review=review)


async def claim_due(tx: Tx, channel_id: UUID, *, limit: int, at: datetime) -> list[Due]:
    """As a push claims them."""
    locked = await publications.lock_due(tx, channel_id, limit=limit, at=at)
    return await publications.claim(tx, locked, at=at)


async def record_told(tx: Tx, told: Sequence[Told], *, at: datetime) -> None:
    """As a push records what the channel answered."""
    await keep_answers(tx, told, {}, Event("stock published", "hub"), at=at)


def draft(draft_id: str = "draft", *, minutes: float = 15, place: str | None = None, **units: int) -> Typed:
    """A draft that asks for these units of these SKUs."""
    lines = [TypedLine(sku, quantity) for sku, quantity in units.items()]
    return Typed(draft_id, b"typed", lines, place, int(minutes * 60))


async def keep(
    tx: Tx, *drafts: Typed, at: datetime = NOON, seller: Seller | None = None, typed: object = None
) -> KeptDrafts:
    """Keep drafts; `typed` is what was typed, where that matters."""
    plain = msgspec.json.encode(typed) if typed else b"typed"
    channels = [seller.id] if seller else []
    given = [replace(each, plain=plain) for each in drafts]
    return await keep_drafts(tx, VAULT, given, channel_ids=channels, actor="ada", at=at)


def _message(order: IncomingOrder) -> inbox.NewMessage:
    new_id: UUID = uuid7()
    return inbox.NewMessage(new_id, str(new_id), "order", order.channel_order_id, complete=True, body=b"")
