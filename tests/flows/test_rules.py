"""Rules decide in their order, each decision keeps rule and version, and a rule that fails stops no order."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from hub.flows.orders.take_orders import Seller, Taken
from hub.flows.review.review_orders import current_review
from hub.flows.review.tell_verdicts import tell_verdicts
from hub.flows.review.write_rules import arrange_rules, drop_rule, switch_rule, write_rule
from hub.model.errors import HubError, InputError, NotFoundError, WrongStateError
from hub.model.incoming import IncomingOrder, Person
from hub.model.review.rules import read_action
from hub.model.review.verdicts import NO_REVIEW
from hub.store.db import Tx
from hub.store.review.rules import versions_of
from tests.builders import NOON, SHOP, line, open_shop, order, put_stock, take
from tests.flows.test_batches import statements

ORDERS = "SELECT channel_order_id, holds, tags, priority FROM orders ORDER BY 1"
DECIDED = """SELECT o.channel_order_id, d ->> 'rule', CAST(d ->> 'version' AS int) FROM events e
JOIN orders o ON o.id = e.order_id, jsonb_array_elements(e.facts -> 'decisions') WITH ORDINALITY x(d, at)
WHERE e.kind = 'reviewed' ORDER BY 1, x.at"""
FAILED = "SELECT facts -> 'failures' -> 0 ->> 'why' FROM events WHERE kind = 'reviewed'"
HEARS = """INSERT INTO notifiers (id, slug, kind, settings, settings_version, created_at)
VALUES (gen_random_uuid(), 'owner', 'mail', '', 1, now())"""
MANY = "$any([line.quantity > 2 for line in lines])"


async def write(tx: Tx, name: str, condition: str, *does: str) -> int:
    actions = [read_action(each) for each in does]
    return (await write_rule(tx, name, condition, actions, actor="ada", at=NOON)).version


async def review(tx: Tx, seller: Seller, *orders: IncomingOrder) -> Taken:
    return await take(tx, seller, *orders, review=await current_review(tx))


async def rows(tx: Tx, sql: str) -> Sequence[tuple[Any, ...]]:
    return [tuple(row) for row in await tx.execute(text(sql))]


async def test_a_rule_holds_tags_and_ranks_the_orders_it_is_about(tx: Tx):
    seller = await open_shop(tx, {"MUG": 9})
    await write(tx, "many", MANY, "hold: wholesale", "tag: big", "priority: 10")
    await review(tx, seller, order("1"), order("2", line("MUG", 3)))
    assert await rows(tx, ORDERS) == [("1", [], [], 100), ("2", ["wholesale"], ["big"], 10)]
    assert await rows(tx, "SELECT reason, note FROM holds") == [("wholesale", "rule many")]
    assert await rows(tx, DECIDED) == [("2", "many", 1)]


async def test_an_edit_is_a_new_version_and_what_was_decided_keeps_its_own(tx: Tx):
    seller = await open_shop(tx, {"MUG": 9})
    assert await write(tx, "dear", "order.total > 5", "tag: dear") == 1
    await review(tx, seller, order("1"))
    assert [await write(tx, "dear", "order.total > 50", "tag: dear") for _ in range(2)] == [2, 2]
    await review(tx, seller, order("2"), order("3", line("MUG", 6)))
    assert await rows(tx, DECIDED) == [("1", "dear", 1), ("3", "dear", 2)]
    (rule_id,) = (await rows(tx, "SELECT id FROM rules"))[0]
    assert [each.condition for each in await versions_of(tx, rule_id)] == [
        "order.total > 50",
        "order.total > 5",
    ]


async def test_approve_takes_off_what_came_before_and_rests_what_comes_after(tx: Tx):
    seller = await open_shop(tx, {"MUG": 9})
    await write(tx, "a", "true", "hold: fraud")
    await write(tx, "b", "customer.orders > 0", "approve")
    await write(tx, "c", "true", "tag: late")
    await review(tx, seller, order("1"))
    await review(tx, seller, order("2", placed_at=NOON + timedelta(days=1)))
    assert await rows(tx, ORDERS) == [("1", ["fraud"], ["late"], 100), ("2", [], [], 100)]


async def test_rules_are_asked_in_the_order_a_person_sets_and_only_those_that_are_on(tx: Tx):
    seller = await open_shop(tx, {"MUG": 9})
    for name in ("a", "b", "c", "d"):
        await write(tx, name, "true", f"tag: {name}")
    await arrange_rules(tx, ["c", "a"], actor="ada", at=NOON)
    await switch_rule(tx, "b", is_on=False, actor="ada", at=NOON)
    await drop_rule(tx, "d", actor="ada", at=NOON)
    await review(tx, seller, order("1"))
    assert [name for _, name, _ in await rows(tx, DECIDED)] == ["c", "a"]


async def test_a_rule_sends_an_order_from_the_location_it_names(tx: Tx):
    seller = await open_shop(tx, {"MUG": 9})
    await put_stock(tx, {"MUG": 2}, SHOP)
    await write(tx, "near", 'shipping.country == ""', f"location: {SHOP}")
    await review(tx, seller, order("1", line("MUG", 3)))
    moved = "SELECT location, allocated_change, reason FROM movements WHERE kind = 'allocation'"
    assert await rows(tx, moved) == [(SHOP, 2, "a rule says so")]


async def test_a_rule_says_how_an_order_is_sent_and_the_channel_does_not_unsay_it(tx: Tx):
    seller = await open_shop(tx, {"MUG": 9})
    await write(tx, "far", 'order.shipping_method == "Post"', "shipping: Express")
    await review(tx, seller, order("1", shipping_method="Post"))
    await review(tx, seller, order("1", line("MUG", 2), shipping_method="Post", minute=5))
    assert await rows(tx, "SELECT shipping_method FROM orders") == [("Express",)]


async def test_conditions_know_stock_customer_channel_and_what_the_checks_found(tx: Tx):
    seller = await open_shop(tx, {"MUG": 2})
    await write(tx, "short", "$any([line.available < line.quantity for line in lines])", "tag: short")
    await write(tx, "web", 'channel.name == "web" and customer.email.ends_with("@example.com")', "tag: web")
    await write(tx, "twice", '"duplicate" in findings', "tag: twice")
    await review(
        tx, seller, order("1", line("MUG", 3)), order("2", line("MUG", 3)), order("3", person=Person())
    )
    assert [tags for _, _, tags, _ in await rows(tx, ORDERS)] == [
        ["short", "web"],
        ["short", "twice", "web"],
        [],
    ]


async def test_a_rule_that_fails_is_noted_and_told_once_and_the_order_goes_on(tx: Tx):
    seller = await open_shop(tx, {"MUG": 9})
    await tx.execute(text(HEARS))
    await write(tx, "odd", "1 / (order.units - 1) > 0", "hold: fraud")
    taken = await review(tx, seller, order("1"), order("2"))
    numbers = {each.order_id: each.number for each in taken.orders}
    await tell_verdicts(tx, taken.verdicts, numbers, url="http://hub", at=NOON)
    assert [holds for _, holds, _, _ in await rows(tx, ORDERS)] == [[], []]
    assert {why for (why,) in await rows(tx, FAILED)} == {
        "the condition fails on this order: arithmetic error: division by zero"
    }
    assert [topic for (topic,) in await rows(tx, "SELECT topic FROM notices")] == ["review.rule_failed"]


async def test_a_batch_asks_once_more_however_many_orders_and_rules(tx: Tx):
    seller, asked = await open_shop(tx, {"MUG": 99}), []
    for rules, orders in ((0, 1), (1, 1), (9, 40)):
        nested = await tx.begin_nested()
        for each in range(rules):
            await write(tx, f"r{each}", "true", "hold: fraud", f"tag: t{each}")
        looks = await current_review(tx) if rules else NO_REVIEW
        with statements(tx) as seen:
            await take(tx, seller, *[order(f"{at}") for at in range(orders)], review=looks)
        await nested.rollback()
        asked.append(len(seen))
    assert asked == [asked[0], asked[0] + 1, asked[0] + 1]


WRONG: list[tuple[str, str, list[str], type[HubError]]] = [
    ("Bad Name", "true", ["approve"], InputError),
    ("a", "order.totl > 1", ["approve"], InputError),
    ("a", "true", [], InputError),
    ("a", "true", ["hold: unmatched"], WrongStateError),
    ("a", "true", ["location: moon"], InputError),
    ("a", "true", ["priority: 10001"], InputError),
    ("a", "true", ["approve: yes"], InputError),
    ("a", "true", ["dance"], InputError),
]


@pytest.mark.parametrize(("name", "condition", "does", "error"), WRONG)
async def test_a_rule_that_cannot_be_is_refused_and_nothing_is_kept(
    tx: Tx, name: str, condition: str, does: list[str], error: type[HubError]
):
    with pytest.raises(error):
        await write(tx, name, condition, *does)
    assert await rows(tx, "SELECT FROM rules") == []


async def test_nobody_switches_a_rule_there_is_not(tx: Tx):
    with pytest.raises(NotFoundError, match="hub rule list"):
        await switch_rule(tx, "ghost", is_on=True, actor="ada", at=NOON)
