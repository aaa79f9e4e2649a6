"""A rule splits a new order that is typed here: what it names, or what is not there, becomes an order of its own."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from hub.flows.orders.split_by_rule import split_by_rule
from hub.flows.orders.take_orders import Seller
from hub.flows.orders.try_rules import changed, try_page
from hub.flows.review.review_orders import current_review
from hub.flows.review.write_rules import check_rule
from hub.model.incoming import Payment
from hub.model.review.rules import read_action
from hub.model.review.verdicts import NO_REVIEW
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx
from tests.builders import NOON, VAULT, line, open_shop, order, take
from tests.flows.test_backorders import ahead
from tests.flows.test_rules import FAILED, rows, write

LINES = """SELECT o.number - (SELECT min(number) FROM orders), l.channel_sku, l.quantity, l.allocated, l.backordered
FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE NOT l.removed ORDER BY o.number, l.position"""


async def taken(
    tx: Tx, seller: Seller, *lines: Any, payment: Payment = Payment.PAID
) -> Sequence[tuple[Any, ...]]:
    """The lines of all orders, the first order being 0, once one was taken as intake takes it.

    What failed is told as it is noted.
    """
    new = await take(tx, seller, order("1", *lines, payment=payment), review=await current_review(tx))
    done = await split_by_rule(tx, VAULT, new, ours={seller.actor}, at=NOON)
    failed = [each.why for verdict in done.verdicts.values() for each in verdict.failures]
    assert failed == [why for (why,) in await rows(tx, FAILED) if why]
    assert all(each.verdict is Verdict.KEPT for each in await run_checks(tx, at=NOON, late_s=60))
    return await rows(tx, LINES)


async def test_lines_of_the_named_skus_go_with_their_stock_and_the_rule_says_why(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9, "SOFA": 9}, promises=True)
    await write(tx, "freight", "order.units > 1", "split: SOFA, BED", "tag: parted")
    assert await taken(tx, seller, line("MUG", 2), line("SOFA")) == [
        (0, "MUG", 2, 2, 0),
        (1, "SOFA", 1, 1, 0),
    ]
    assert await rows(tx, "SELECT DISTINCT reason FROM order_edits") == [("rule freight",)]
    assert await rows(tx, "SELECT tags FROM orders") == [(["parted"],), (["parted"],)]


async def test_what_is_backordered_waits_alone(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 2, "TEA": 9}, promises=True)
    await ahead(tx, {"MUG": 9})
    await write(tx, "late", "order.units > 1", "split: backordered")
    assert await taken(tx, seller, line("TEA"), line("MUG", 5)) == [
        (0, "TEA", 1, 1, 0),
        (0, "MUG", 2, 2, 0),
        (1, "MUG", 3, 0, 3),
    ]


@pytest.mark.parametrize("does", [("split: MUG",), ("split: TEA",), ("split: SOFA", "hold: fraud")])
async def test_an_order_stays_whole_where_all_or_nothing_would_go_or_somebody_looks_first(
    tx: Tx, does: tuple[str, ...]
) -> None:
    seller = await open_shop(tx, {"MUG": 9, "SOFA": 9}, promises=True)
    lines = [line("MUG", 2), line("SOFA")] if len(does) > 1 else [line("MUG", 2)]
    await write(tx, "freight", "order.units > 1", *does)
    assert {number for number, *_ in await taken(tx, seller, *lines)} == {0}


@pytest.mark.parametrize(
    ("sofa", "payment", "says"),
    [("10.015", Payment.PAID, "smallest coin"), ("10.00", Payment.REFUNDED, "gave money back")],
)
async def test_an_order_whose_money_cannot_be_parted_is_taken_whole_and_says_why(
    tx: Tx, sofa: str, payment: Payment, says: str
) -> None:
    seller = await open_shop(tx, {"MUG": 9, "SOFA": 9}, promises=True)
    await write(tx, "freight", "order.units > 1", "split: SOFA")
    sold = [line("MUG", total=Decimal("9.995")), line("SOFA", total=Decimal(sofa))]
    assert await taken(tx, seller, *sold, payment=payment) == [(0, "MUG", 1, 1, 0), (0, "SOFA", 1, 1, 0)]
    assert [says in why for (why,) in await rows(tx, FAILED) if why] == [True]


async def test_an_order_of_a_shop_stays_one_and_the_verdict_says_why(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9, "SOFA": 9})
    await write(tx, "freight", "order.units > 1", "split: SOFA", "tag: big")
    await taken(tx, seller, line("MUG", 2), line("SOFA"))
    ((why,),) = await rows(tx, FAILED)
    assert (await rows(tx, "SELECT tags FROM orders"), "channel.typed_here" in why) == ([(["big"],)], True)


async def test_a_rule_that_is_tried_says_what_it_would_have_split(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9, "SOFA": 9}, promises=True)
    await take(tx, seller, order("1", line("MUG", 2), line("SOFA", 3)))
    rule = await check_rule(tx, "freight", "channel.typed_here", [read_action("split: SOFA")])
    then = changed(NO_REVIEW, rule, name="freight")
    tried = {
        kind: await try_page(tx, VAULT, NO_REVIEW, then, ours={kind}, since=NOON)
        for kind in ("woocommerce", "manual")
    }
    assert [each.then for each in tried["woocommerce"].differs] == [["split: 3 × SOFA"]]
    assert tried["manual"].differs == []
