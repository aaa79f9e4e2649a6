"""In whatever order news of an order comes in, however often, whoever edits it meanwhile: it ends in the same place."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import text

from hub.flows.orders.edit import Edit, edit_orders
from hub.flows.orders.follow_refunds import follow_refunds
from hub.flows.orders.take_orders import Seller
from hub.flows.orders.versions import read_versions
from hub.kit.ids import uuid7
from hub.model.edits.deeds import AddLine, Deed, SetAddress, SetTags, SetUnits
from hub.model.edits.owners import fields_of
from hub.model.incoming import Address, IncomingOrder, Payment
from hub.spec import IncomingRefund, RefundedLine
from hub.store.checks import Verdict, run_checks
from hub.store.db import Database, Tx
from tests.builders import NOON, VAULT, line, open_shop, order, take
from tests.flows.test_follow_refunds import refund

BERLIN = Address(city="Berlin", country="DE")
Snapshots = list[IncomingOrder]
News = IncomingOrder | IncomingRefund


def woo() -> Snapshots:
    """No revision, seconds that repeat, quantities that shrink by refunds, the same number of lines for long."""
    cup = line("CUP", 1)
    return [
        order("1", line("MUG", 3), cup, payment=Payment.PENDING),
        order("1", line("MUG", 3), cup),
        order("1", line("MUG", 3, canceled=1), cup, minute=1, payment=Payment.PARTLY_REFUNDED),
        order("1", line("MUG", 3, canceled=1, fulfilled=2), line("CUP", 1, fulfilled=1), minute=2),
    ]


def square() -> Snapshots:
    """A counter of versions, lines that leave with the sale, a cancel with a version of its own that tells less."""
    sold = line("MUG", 2, fulfilled=2)
    return [
        order("1", sold, revision=1),
        order("1", sold, line("CUP", 1), revision=2),
        order("1", line("CUP", 4, fulfilled=1), sold, revision=3),
        order("1", line("CUP", 4), sold, revision=4, canceled=True),
    ]


def shopify() -> Snapshots:
    """Edits that add and remove lines, prices that change, shipping after a first payment."""
    return [
        order("1", line("MUG", 1), payment=Payment.AUTHORIZED),
        order("1", line("MUG", 1), line("CUP", 2), minute=1, shipping_method="Parcel"),
        order("1", line("CUP", 2, unit_price=Decimal("8.5"), total=Decimal(17)), minute=2),
        order("1", line("CUP", 3), line("PEN", 1), minute=3, payment=Payment.REFUNDED),
    ]


HISTORIES = {"woo": woo(), "square": square(), "shopify": shopify()}
EDITS: dict[str, tuple[Deed, ...]] = {
    "line/TEA": (SetUnits("TEA", 5),),
    "address": (SetAddress(BERLIN),),
    "": (SetTags(["gift"]),),
    "line/hub": (AddLine("Wrapping", 1, Decimal(2)),),
}


def with_tea(each: IncomingOrder) -> IncomingOrder:
    """Each history has a line that no channel ever changes, for people to change."""
    tea = line("TEA", 2)
    return replace(each, lines=[*each.lines, tea], total=each.total + tea.total)


@pytest.fixture(scope="module")
def loop(db_url: str) -> Iterator[tuple[asyncio.Runner, Database]]:
    with asyncio.Runner() as runner:
        database = Database(db_url)
        yield runner, database
        runner.run(database.close())


class End(msgspec.Struct, frozen=True):
    """Where an order ends: its fields, the stock of the lines that stand on it, and the levels."""

    fields: dict[str, str]
    canceled: bool
    total: Decimal
    lines: list[tuple[object, ...]]
    levels: list[tuple[object, ...]]


@pytest.mark.parametrize("shape", HISTORIES)
def test_any_permutation_with_repeats_and_edits_between_ends_in_the_same_order_stock_and_money(
    loop: tuple[asyncio.Runner, Database], shape: str
):
    runner, database = loop
    history = [with_tea(each) for each in HISTORIES[shape]]
    plain = runner.run(ended(database, history, {}))

    @settings(max_examples=8, suppress_health_check=list(HealthCheck))
    @given(
        st.permutations(history * 2),
        st.dictionaries(st.integers(0, 7), st.sampled_from(sorted(EDITS)), max_size=3),
    )
    def ends_alike(news: Snapshots, edits: dict[int, str]) -> None:
        end = runner.run(ended(database, news, edits))
        own = {name for name in end.fields if any(edit and name.startswith(edit) for edit in edits.values())}
        assert {name: end.fields[name] for name in end.fields if name not in own} == {
            name: plain.fields[name] for name in plain.fields if name not in own
        }
        assert [row for row in end.lines if row[0] not in {"TEA", ""}] == plain.lines[:-1]
        assert end.canceled == plain.canceled
        if not own:
            assert end == plain

    ends_alike()


async def ended(database: Database, news: Snapshots, edits: dict[int, str]) -> End:
    """Take the news one by one, with an edit before each that has one; nothing of it is kept."""
    async with database.engine.connect() as tx:
        whole = await tx.begin()
        seller = await open_shop(tx, {"MUG": 50, "CUP": 50, "PEN": 50, "TEA": 50})
        for place, each in enumerate(news):
            if place in edits:
                await edit(tx, seller, EDITS[edits[place]])
            await take(tx, seller, each)
        end = await end_of(tx)
        await whole.rollback()
    return end


async def edit(tx: Tx, seller: Seller, deeds: tuple[Deed, ...]) -> None:
    """Where the order is there yet, and open: a canceled one is nobody's to change."""
    number = await tx.scalar(text("SELECT number FROM orders WHERE canceled_at IS NULL"))
    if number is not None:
        await edit_orders(tx, VAULT, [Edit(uuid7(), number, deeds)], actor=seller.actor, at=NOON)


async def end_of(tx: Tx) -> End:
    (order_id,) = (await tx.execute(text("SELECT id FROM orders"))).scalars()
    version = (await read_versions(tx, VAULT, [order_id]))[order_id]
    lines = """SELECT channel_sku, quantity, canceled, allocated, shipped FROM order_lines
        WHERE NOT removed ORDER BY channel_line_id"""
    levels = "SELECT sku, location, on_hand, allocated FROM levels ORDER BY 1, 2"
    broken = [
        each.name for each in await run_checks(tx, at=NOON, late_s=60) if each.verdict is Verdict.BROKEN
    ]
    assert broken == []
    rows = [[tuple(row) for row in await tx.execute(text(query))] for query in (lines, levels)]
    return End(fields_of(version.order), version.canceled, version.order.total, *rows)


R1 = refund("R1", "9.99", lines=[RefundedLine("MUG", 1, Decimal("9.99"))])
R2 = refund("R2", "19.98", refunded_at=NOON + timedelta(minutes=1))
MUGS = line("MUG", 3)
MONEY: dict[str, list[News]] = {
    "woo, whose orders say that something went back": [
        order("1", MUGS),
        order("1", MUGS, minute=1, payment=Payment.PARTLY_REFUNDED),
        order("1", MUGS, minute=2, payment=Payment.REFUNDED),
        *(R1, R2),
    ],
    "square, whose orders do not": [order("1", MUGS, revision=1), order("1", MUGS, revision=2), R1, R2],
    "one that was given back before it was paid": [
        order("1", MUGS, payment=Payment.PENDING),
        order("1", MUGS, minute=1, payment=Payment.PARTLY_REFUNDED),
        R1,
    ],
}
LEDGER = """SELECT o.payment, o.refunded, o.collected, p.amounts, f.units FROM orders o, (
    SELECT array_agg(channel_refund_id || ' ' || amount ORDER BY channel_refund_id) AS amounts FROM payments) p, (
    SELECT sum(units) AS units FROM refund_lines) f"""


@pytest.mark.parametrize("shape", MONEY)
def test_any_permutation_with_repeats_of_snapshots_and_refunds_ends_in_the_same_money(
    loop: tuple[asyncio.Runner, Database], shape: str
):
    runner, database = loop
    plain = runner.run(money_of(database, MONEY[shape]))

    @settings(max_examples=5, suppress_health_check=list(HealthCheck))
    @given(st.permutations(MONEY[shape] * 2))
    def ends_alike(news: list[News]) -> None:
        assert runner.run(money_of(database, news)) == plain

    ends_alike()


async def money_of(database: Database, news: list[News]) -> tuple[object, ...]:
    """Take the news one by one; what waits for its order is told again in the end. Nothing of it is kept."""
    async with database.engine.connect() as tx:
        whole = await tx.begin()
        seller = await open_shop(tx, {"MUG": 50})
        for each in [*news, *(one for one in news if isinstance(one, IncomingRefund))]:
            if isinstance(each, IncomingOrder):
                await take(tx, seller, each)
            else:
                await follow_refunds(tx, seller.id, [each], actor="web", at=NOON)
        (ledger,) = await tx.execute(text(LEDGER))
        broken = [
            each.name for each in await run_checks(tx, at=NOON, late_s=60) if each.verdict is Verdict.BROKEN
        ]
        await whole.rollback()
    assert broken == []
    return tuple(ledger)
