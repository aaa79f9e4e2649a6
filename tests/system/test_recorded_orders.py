"""Orders as channels really sent them go through edit, part shipment, part return and refund, to the last decimal.

All of them in one batch a step, through the flows that clerks use. What they must cost then was worked out by hand.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import text

from connectors.square import translate as square
from connectors.woocommerce import translate as woo
from hub.flows.orders.edit import Edit, edit_orders
from hub.flows.orders.pay import record_payments
from hub.flows.orders.ship import ship
from hub.flows.orders.take_back import take_back
from hub.kit.ids import uuid7
from hub.model.edits.deeds import AddLine, SetUnits
from hub.model.incoming import IncomingOrder, LineKind
from hub.model.orders.payments import Account, Entry, Step, Tender
from hub.model.orders.returns import Comeback, Disposition
from hub.model.orders.shipping import Parcel
from hub.spec import Message
from hub.store import publications
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx
from hub.store.payments import accounts_of
from hub.store.stock import listings
from tests.builders import MAIN, NOON, VAULT, open_shop, take

ROOT = Path(__file__).parent.parent.parent
SHARED = ROOT.parent / "shared" / "channels"
OWN = ROOT / "tests" / "connectors"
DIGITS = {"JPY": 0, "KWD": 3}
MONEY = {
    "18": ("35.96", "35.97", "25.98"),
    "20": ("35.96", "23.98", "13.99"),
    "22": ("35.96", "23.98", "13.99"),
    "23": ("35.96", "23.98", "13.99"),
    "41": ("40.68", "29.89", "30.68"),
    "42": ("1650", "1651", "651"),
    "43": ("3.937", "2.625500", "1.376"),
    "CAISENgvlJ6jLWAzERDzjyHVybY": ("61.76", "39.13", "23.14"),
    "DREk7wJcyXNHqULq8JJ2iPAsluJZY": ("9.00", "9.01", "4.01"),
    "lgwOlEityYPJtcuvKTVKT1pA986YY": ("20.00", "20.01", "15.01"),
}
"""What each order cost as it came, what it costs after the edit, and what is kept of its money in the end."""
GOODS = {
    "18": (3, 0, 3, 1),
    **dict.fromkeys(("20", "22", "23", "41", "43"), (2, 1, 1, 1)),
    "42": (1, 0, 1, 1),
    "CAISENgvlJ6jLWAzERDzjyHVybY": (1, 0, 1, 1),
}
"""Of the line with goods: ordered, promised still, left, and come back."""
OPEN = "SELECT l.id, o.number, l.allocated FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE l.allocated > 0"
OUT = "SELECT id FROM order_lines WHERE kind = 'item' AND sku IS NOT NULL AND shipped > returned AND left_before = 0"
LINES = """
SELECT o.channel_order_id, l.quantity, l.allocated, l.shipped, l.returned FROM order_lines l
JOIN orders o ON o.id = l.order_id WHERE l.kind = 'item'"""
Json = dict[str, Any]


def read(path: Path) -> Any:
    return msgspec.json.decode(path.read_bytes())


def woo_orders() -> list[Json]:
    shared = SHARED / "woocommerce" / "recorded_orders.json"
    own = [read(each) for each in sorted((OWN / "woocommerce" / "payloads").glob("*.json"))]
    return [*(read(shared) if shared.exists() else []), *own]


def square_orders() -> list[Json]:
    """Those samples that can be taken: complete, and no drafts; of two samples of one order the first."""
    shared = SHARED / "square" / "samples.json"
    found = [each["order"] for each in (read(shared).values() if shared.exists() else []) if "order" in each]
    needed = {"id", "created_at", "updated_at", "total_money"}
    taken = [each for each in found if needed <= set(each) and each["state"] != "DRAFT"]
    return [*{each["id"]: each for each in reversed(taken)}.values()]


def incoming() -> dict[str, list[IncomingOrder]]:
    """By the channel, as the connectors read them."""
    bodies = {each["id"]: msgspec.json.encode(each) for each in square_orders()}
    sold = [square.to_incoming(Message("key", "order", order_id, body)) for order_id, body in bodies.items()]
    return {"web": [woo.to_incoming(msgspec.json.encode(each)) for each in woo_orders()], "till": sold}


class Story:
    """Every order that was taken, by its channel's id, and what becomes of it; each step is one batch for all."""

    def __init__(self, tx: Tx, orders: Mapping[str, IncomingOrder], numbers: Mapping[str, int]) -> None:
        self.tx, self.orders, self.numbers = tx, orders, numbers

    async def edit(self) -> None:
        """One unit less of what has not left and has more, and a wrapping for the smallest coin."""
        wanted = [
            Edit(uuid7(), self.numbers[order_id], [*fewer(each), AddLine("Wrapping", 1, coin(each.currency))])
            for order_id, each in self.orders.items()
        ]
        await edit_orders(self.tx, VAULT, wanted, actor="ada", at=NOON)

    async def ship(self) -> None:
        """One unit of each order that has some."""
        lines = {row.number: row.id for row in await self.tx.execute(text(OPEN))}
        parcels = [Parcel(uuid7(), number, {line: 1}) for number, line in lines.items()]
        await ship(self.tx, parcels, elsewhere=frozenset(), actor="ada", at=NOON)

    async def take_back(self) -> None:
        """One unit of each line that is out."""
        back = [
            Comeback(uuid7(), row.id, 1, Disposition.RESTOCK, MAIN)
            for row in await self.tx.execute(text(OUT))
        ]
        await take_back(self.tx, back, actor="ada", at=NOON)

    async def pay(self) -> None:
        """What is due of each order comes, and the price of one unit of its first line goes back."""
        due = {order_id: account.due for order_id, account in (await self.accounts()).items()}
        prices = {order_id: each.lines[0].unit_price for order_id, each in self.orders.items()}
        await self.record(Step.CAPTURED, {order_id: amount for order_id, amount in due.items() if amount})
        await self.record(Step.REFUNDED, prices)

    async def record(self, step: Step, amounts: Mapping[str, Decimal]) -> None:
        entries = [
            Entry(uuid7(), self.numbers[order_id], Tender.CARD, step, amount)
            for order_id, amount in amounts.items()
        ]
        await record_payments(self.tx, entries, actor="ada", at=NOON)

    async def accounts(self) -> dict[str, Account]:
        found = await accounts_of(self.tx, list(self.numbers.values()))
        return {order_id: found[number] for order_id, number in self.numbers.items()}


def fewer(order: IncomingOrder) -> Iterator[SetUnits]:
    lines = [each for each in order.lines if each.kind is LineKind.ITEM]
    if lines and not lines[0].fulfilled:
        yield SetUnits(lines[0].channel_line_id, lines[0].quantity - 1)


def coin(currency: str) -> Decimal:
    return Decimal(1).scaleb(-DIGITS.get(currency, 2))


async def begin(tx: Tx) -> Story:
    """Two channels that list what was ordered, with stock of all of it; the orders as they came."""
    numbers: dict[str, int] = {}
    every = incoming()
    for slug, orders in every.items():
        goods = {
            (each.channel_listing_id, each.channel_sku)
            for one in orders
            for each in one.lines
            if each.kind == "item"
        }
        seller = await open_shop(tx, {f"{slug}-{listing}": 20 for listing, _ in goods}, slug=slug)
        rows = [listings.NewListing(uuid7(), *each, each[0], f"{slug}-{each[0]}") for each in sorted(goods)]
        await listings.add_listings(tx, seller.id, rows, at=NOON)
        await publications.open_publications(tx, [str(each.sku) for each in rows], at=NOON)
        taken = await take(tx, seller, *orders)
        numbers |= {each.channel_order_id: each.number for each in taken.orders}
    return Story(tx, {each.channel_order_id: each for one in every.values() for each in one}, numbers)


async def test_recorded_orders_are_edited_shipped_taken_back_and_refunded_exactly(tx: Tx) -> None:
    story = await begin(tx)
    came = {order_id: account.total for order_id, account in (await story.accounts()).items()}
    for step in (story.edit, story.ship, story.take_back, story.pay):
        await step()
    ended = (await story.accounts()).items()
    money = {each: (str(came[each]), str(one.total), str(one.held - one.back)) for each, one in ended}
    goods = {row[0]: tuple(row[1:]) for row in await tx.execute(text(LINES))}
    checks = await run_checks(tx, at=NOON, late_s=60)
    assert money == {each: MONEY[each] for each in story.numbers}
    assert goods == {each: GOODS[each] for each in story.numbers if each in GOODS}
    assert [each.name for each in checks if each.verdict is not Verdict.KEPT] == []
