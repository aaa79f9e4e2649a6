"""What a channel says has happened is a fact, whatever a person changed before: it counts, and a person is asked."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.flows.orders.define_fields import define_fields
from hub.kit.ids import uuid7
from hub.model.edits.deeds import (
    Cancel,
    Deed,
    Refund,
    RemoveLine,
    SetFields,
    SetPrice,
    SetRemark,
    Settle,
    SetUnits,
)
from hub.model.edits.owners import Owned, fields_of, overtaken, read_line
from hub.model.errors import InputError
from hub.model.incoming import Payment
from hub.model.orders.drafts import fact_lines
from hub.model.orders.fields import Field
from hub.model.orders.taking import HeldLine
from hub.store.db import Tx
from tests.builders import NOON, line, order
from tests.flows.test_edits import sold

ALL_LEFT = line("MUG", 3, fulfilled=3), line("TEA", 1, fulfilled=1)


async def test_more_left_there_than_a_person_kept_is_off_the_shelf_for_their_price_and_asks(tx: Tx) -> None:
    it = await sold(tx)
    await it.edit(SetUnits("MUG", 1), RemoveLine("TEA"))
    kept = (await it.now()).order.total
    await it.told(*ALL_LEFT)
    assert await it.lines() == [("MUG", 3, 0, 0, 3), ("TEA", 1, 0, 0, 1)]
    assert ((await it.now()).order.total, await it.holds(), await it.right()) == (kept, ["conflict"], True)


async def test_canceled_units_that_left_after_all_are_canceled_no_more(tx: Tx) -> None:
    it = await sold(tx)
    await it.edit(Cancel({"MUG": 2}))
    await it.told(line("MUG", 3, fulfilled=2), line("TEA", 1))
    assert (await it.lines())[0] == ("MUG", 3, 1, 0, 2)


async def test_what_left_is_asked_once(tx: Tx) -> None:
    it = await sold(tx)
    await it.edit(SetUnits("MUG", 1))
    await it.told(*ALL_LEFT)
    await it.edit(Settle("line/MUG", follow=False))
    await it.told(*ALL_LEFT, minute=2)
    assert (await it.holds(), (await it.lines())[0]) == ([], ("MUG", 3, 0, 0, 3))


@pytest.mark.parametrize("deed", [SetUnits("MUG", 1), Cancel({"MUG": 2}), RemoveLine("MUG")])
async def test_an_older_snapshot_that_comes_late_tells_of_what_left_all_the_same(tx: Tx, deed: Deed) -> None:
    it = await sold(tx)
    await it.told(line("MUG", 3), line("TEA", 1), minute=2)
    await it.edit(deed)
    kept = (await it.now()).order.total
    await it.told(line("MUG", 3, fulfilled=2), line("TEA", 1))
    (mugs, _), after = await it.lines(), await it.now()
    assert (mugs[1] - mugs[2], mugs[3:], after.order.total) == (2, (0, 2), kept)  # type: ignore[operator]
    assert (await it.holds(), await it.right()) == (["conflict"], True)


async def test_what_was_said_of_a_line_stays_whatever_late_news_tells_of_its_units(tx: Tx) -> None:
    it = await sold(tx)
    await define_fields(tx, [Field("text", "Engraving", of_lines=True)], actor="ada", at=NOON)
    await it.told(line("MUG", 3), line("TEA", 1), minute=2)
    await it.edit(SetFields({"text": "Ada"}, "MUG"), SetUnits("MUG", 1))
    await it.told(line("MUG", 3, fulfilled=2), line("TEA", 1))
    assert [each.custom for each in (await it.now()).order.lines] == [{"text": "Ada"}, {}]


@given(st.integers(1, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_no_persons_line_lowers_what_has_left(units: int, canceled: int, shipped: int, told: int) -> None:
    ours = line("MUG", units, canceled=min(canceled, units))
    owned = Owned(fields_of(order("1", ours))["line/MUG"], "null")
    held = HeldLine(
        uuid7(),
        "MUG",
        "MUG",
        1,
        "item",
        units,
        ours.canceled,
        0,
        min(shipped, units - ours.canceled),
        0,
        0,
        {"MUG": 1},
        {},
    )
    late = order("1", line("MUG", 9, fulfilled=told))
    asks = overtaken(late, {"line/MUG": owned})
    grown = {each.channel_line_id: each for owned in asks.values() if (each := read_line(owned.ours))}
    (fact,) = fact_lines(uuid7(), late, [held], grown, canceled=False, place=None)
    left, now = held.shipped + (fact.want.ship if fact.want else 0), grown.get("MUG", ours)
    assert (left, now.quantity - now.canceled >= left) == (max(held.shipped, told), True)


async def test_a_channel_whose_orders_leave_from_here_only_repeats_what_it_was_told(tx: Tx) -> None:
    it = await sold(tx)
    it.seller = replace(it.seller, ships_here=True)
    await it.edit(SetUnits("MUG", 1))
    await it.told(*ALL_LEFT)
    assert (await it.holds(), (await it.lines())[0]) == ([], ("MUG", 1, 0, 0, 1))


async def test_an_order_that_became_cheaper_than_what_went_back_can_be_edited(tx: Tx) -> None:
    it = await sold(tx, payment=Payment.PAID)
    await it.edit(Refund((await it.now()).order.total))
    await it.told(line("MUG", 1), payment=Payment.REFUNDED)
    await it.edit(SetRemark("call first"))
    with pytest.raises(InputError, match="went back already"):
        await it.edit(SetPrice("MUG", unit_price=Decimal(5)))
    assert (await it.now()).remark == "call first"
