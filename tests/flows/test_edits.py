"""People change orders of any channel: stock and money follow once, what they changed is theirs, and can be undone."""

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from hub.flows.orders.define_fields import define_fields
from hub.flows.orders.edit import Edit, edit_orders
from hub.flows.orders.record_edits import Done
from hub.flows.orders.take_orders import Seller
from hub.flows.orders.undo import undo_edits
from hub.flows.orders.versions import read_versions
from hub.kit.ids import uuid7
from hub.model.edits.deeds import (
    AddLine,
    Cancel,
    Deed,
    Refund,
    RemoveLine,
    Reopen,
    SetAddress,
    SetFields,
    SetPrice,
    SetPriority,
    SetRemark,
    SetShipping,
    SetTags,
    Settle,
    SetUnits,
)
from hub.model.edits.editing import Edited
from hub.model.edits.owners import Shipping
from hub.model.errors import HubError, InputError, NotFoundError, OutOfStockError, WrongStateError
from hub.model.incoming import Address, Payment
from hub.model.orders.fields import Field
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx
from tests.builders import NOON, VAULT, line, open_shop, order, take
from tests.flows.test_batches import statements

BERLIN, PARIS = Address(city="Berlin", country="DE"), Address(city="Paris", country="FR")
LINES = "SELECT channel_sku, quantity, canceled, allocated, shipped FROM order_lines ORDER BY position, id"


class Sold:
    """One order of a shop with ten of each SKU, and what becomes of it."""

    def __init__(self, tx: Tx, seller: Seller, number: int, order_id: UUID) -> None:
        self.tx, self.seller, self.number, self.id = tx, seller, number, order_id

    async def edit(self, *deeds: Deed, edit_id: UUID | None = None) -> Done:
        wanted = Edit(edit_id or uuid7(), self.number, deeds, "they called")
        return await edit_orders(self.tx, VAULT, [wanted], actor="ada", at=NOON)

    async def undo(self, done: Done) -> Done:
        return await undo_edits(self.tx, VAULT, done.ids, actor="ada", at=NOON)

    async def told(self, *lines: object, minute: int = 1, **more: object) -> None:
        await take(self.tx, self.seller, order("1", *lines, minute=minute, **more))  # type: ignore[arg-type]

    async def now(self) -> Edited:
        return (await read_versions(self.tx, VAULT, [self.id]))[self.id]

    async def lines(self) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await self.tx.execute(text(LINES))]

    async def allocated(self) -> int:
        found: int = await self.tx.scalar(text("SELECT sum(allocated) FROM levels"))
        return found

    async def holds(self) -> list[str]:
        found: list[str] = await self.tx.scalar(text("SELECT holds FROM orders"))
        return found

    async def right(self) -> bool:
        return all(each.verdict is Verdict.KEPT for each in await run_checks(self.tx, at=NOON, late_s=60))


async def sold(tx: Tx, *lines: object, stock: int = 10, **more: object) -> Sold:
    seller = await open_shop(tx, {"MUG": stock, "TEA": stock})
    chosen = lines or (line("MUG", 3), line("TEA", 1))
    (made,) = (await take(tx, seller, order("1", *chosen, **more))).orders  # type: ignore[arg-type]
    return Sold(tx, seller, made.number, made.order_id)


async def test_units_are_changed_and_stock_and_money_follow(tx: Tx) -> None:
    it = await sold(tx)
    await it.edit(SetUnits("MUG", 5), RemoveLine("TEA"))
    assert await it.lines() == [("MUG", 5, 0, 5, 0), ("TEA", 1, 1, 0, 0)]
    assert ((await it.now()).order.total, await it.right()) == (Decimal("49.95"), True)


async def test_a_line_is_added_by_our_sku_and_promised(tx: Tx) -> None:
    it = await sold(tx, line("MUG", 1))
    await it.edit(
        AddLine("Tea", 2, Decimal("4.50"), "TEA", tax=Decimal("0.63")), AddLine("Wrapping", 1, Decimal(2))
    )
    assert [row[:4] for row in await it.lines()] == [("MUG", 1, 0, 1), ("TEA", 2, 0, 2), ("", 1, 0, 0)]
    assert ((await it.now()).order.total, await it.right()) == (Decimal("21.62"), True)


async def test_what_no_key_opens_is_the_channels_again_and_stops_nobody(tx: Tx) -> None:
    it = await sold(tx)
    await it.edit(SetUnits("MUG", 1), SetRemark("call first"))
    await tx.execute(text("UPDATE orders SET owners = personal, remark = personal"))
    await it.told(line("MUG", 2))
    assert (await it.lines())[0] == ("MUG", 2, 0, 2, 0)


async def test_the_same_edit_again_changes_nothing(tx: Tx) -> None:
    it, same = await sold(tx), uuid7()
    first, again = [await it.edit(Cancel({"MUG": 1}), edit_id=same) for _ in range(2)]
    assert (first.ids, again.ids, await it.allocated()) == ([same], [], 3)


async def test_more_than_there_is_is_refused_and_nothing_changed(tx: Tx) -> None:
    it = await sold(tx, stock=4)
    with pytest.raises(OutOfStockError, match="MUG lacks 5") as refused:
        await it.edit(SetUnits("MUG", 9))
    assert refused.value.short == {0: 5}


async def test_an_order_that_lacks_stock_can_still_be_corrected(tx: Tx) -> None:
    it = await sold(tx, line("MUG", 5), stock=2)
    await it.edit(SetAddress(BERLIN))
    assert (await it.holds(), await it.lines()) == (["oversold"], [("MUG", 5, 0, 2, 0)])


async def test_c36_lines_added_after_the_order_was_taken_arrive(tx: Tx) -> None:
    it = await sold(tx, line("MUG", 1))
    await it.edit(SetTags(["gift"]))
    await it.told(line("MUG", 1), line("TEA", 2))
    for _ in range(2):  # told again, and by an older snapshot: they stay
        await it.told(line("MUG", 1), line("TEA", 2))
        await it.told(line("MUG", 1), minute=0)
    assert [row[:4] for row in await it.lines()] == [("MUG", 1, 0, 1), ("TEA", 2, 0, 2)]
    assert ((await it.now()).order.total, await it.allocated(), await it.right()) == (
        Decimal("29.97"),
        3,
        True,
    )


async def test_c37_a_cancel_of_the_channel_is_noticed_whatever_a_person_changed(tx: Tx) -> None:
    it = await sold(tx)
    await it.edit(SetUnits("MUG", 5))
    await it.told(canceled=True)
    assert ((await it.now()).canceled, await it.allocated()) == (True, 0)


async def test_c38_a_cancel_brings_the_stock_back_exactly_once(tx: Tx) -> None:
    it = await sold(tx, line("MUG", 3, fulfilled=1))
    promised = await it.allocated()
    await it.edit(Cancel())
    for minute in (1, 1, 2, 0):  # by the channel too, again, anew, and late
        await it.told(line("MUG", 3, fulfilled=1), canceled=True, minute=minute)
    with pytest.raises(WrongStateError, match="canceled already"):
        await it.edit(Cancel())
    level = (await tx.execute(text("SELECT on_hand, allocated FROM levels WHERE sku = 'MUG'"))).one()
    released = await tx.scalar(text("SELECT sum(allocated_change) FROM movements WHERE kind = 'release'"))
    assert (promised, tuple(level), released) == (2, (9, 0), -2)
    assert (await it.lines(), await it.right()) == ([("MUG", 3, 2, 0, 1)], True)


async def test_c39_late_news_of_a_payment_does_not_revive_what_a_person_canceled(tx: Tx) -> None:
    it = await sold(tx, payment=Payment.PENDING)
    await it.edit(Cancel())
    for minute in (1, 1, 0, 2):
        await it.told(line("MUG", 3), line("TEA", 1), payment=Payment.PAID, minute=minute)
    assert ((await it.now()).canceled, await it.allocated(), await it.right()) == (True, 0, True)


async def test_c39_late_news_of_a_payment_does_not_unsay_that_it_went_back(tx: Tx) -> None:
    it = await sold(tx, payment=Payment.PAID)
    await it.edit(Refund(Decimal("39.96")), Cancel())
    await it.told(line("MUG", 3), line("TEA", 1), payment=Payment.PAID)
    after = await it.now()
    assert (after.canceled, after.order.payment, after.refunded) == (True, Payment.REFUNDED, Decimal("39.96"))
    assert await it.allocated() == 0


async def test_c21_who_reopens_an_order_promises_anew_and_may_be_refused(tx: Tx) -> None:
    it = await sold(tx, line("MUG", 6))
    await it.edit(Cancel({"MUG": 2}))
    await it.edit(Cancel())
    await take(tx, it.seller, order("2", line("MUG", 5)))
    await it.edit(Reopen())
    again = await it.allocated()
    await it.edit(Cancel())
    await take(tx, it.seller, order("3", line("MUG", 3)))
    with pytest.raises(OutOfStockError):
        await it.edit(Reopen())
    assert again == 9


async def test_what_a_person_reopened_stays_open_until_the_channel_has_opened_and_canceled_it_again(
    tx: Tx,
) -> None:
    it = await sold(tx)
    await it.told(canceled=True)
    await it.edit(Reopen())
    states = []
    for minute, canceled in ((2, True), (1, True), (3, False), (4, True)):
        await it.told(line("MUG", 3), line("TEA", 1), minute=minute, canceled=canceled)
        states.append((await it.now()).canceled)
    assert (states, await it.right()) == ([False, False, False, True], True)


async def test_c40_a_refund_goes_back_once_and_never_more_than_was_paid(tx: Tx) -> None:
    it = await sold(tx, line("MUG", 2))
    await it.edit(Refund(Decimal(5)))
    with pytest.raises(InputError, match="of what was paid have not gone back"):
        await it.edit(Refund(Decimal("14.99")))
    part = await it.now()
    await it.edit(Refund(Decimal("14.98")))
    assert (part.refunded, part.order.payment) == (Decimal(5), Payment.PARTLY_REFUNDED)
    assert (await it.now()).order.payment == Payment.REFUNDED


@pytest.mark.parametrize("first", [Cancel({"MUG": 2}), Refund(Decimal("19.98"))])
async def test_units_are_canceled_before_or_after_their_money_goes_back(tx: Tx, first: Deed) -> None:
    it = await sold(tx, line("MUG", 3))
    await it.edit(first)
    await it.edit(Refund(Decimal("19.98")) if isinstance(first, Cancel) else Cancel({"MUG": 2}))
    after = await it.now()
    assert (after.order.total, after.account.owed, after.account.due) == (
        Decimal("9.99"),
        Decimal("19.98"),
        Decimal(0),
    )


async def test_c41_what_has_left_can_be_refunded_and_corrected_but_not_canceled(tx: Tx) -> None:
    it = await sold(tx, line("MUG", 3, fulfilled=3))
    await it.edit(Refund(Decimal("9.99"), "MUG"), SetPrice("MUG", discount=Decimal(3)), SetAddress(BERLIN))
    with pytest.raises(InputError, match="comes back as a return"):
        await it.edit(Cancel({"MUG": 1}))
    assert ((await it.now()).order.total, await it.lines()) == (Decimal("26.97"), [("MUG", 3, 0, 0, 3)])


@pytest.mark.parametrize("prices", ["with tax", "before tax"])
async def test_c42_c43_totals_follow_an_edit_and_the_channels_own_difference_stays(
    tx: Tx, prices: str
) -> None:
    net, tax = Decimal("8.403361"), Decimal("1.596639")
    included = prices == "with tax"
    price = net + tax if included else net
    mugs = line("MUG", 3, unit_price=price, total=net * 3, tax=tax * 3)
    it = await sold(tx, mugs, total=Decimal("30.01"), tax_total=tax * 3, tax_included=included)
    await it.edit(SetUnits("MUG", 2), SetShipping(Shipping("Courier", Decimal("5.00"), Decimal("0.95"))))
    after = (await it.now()).order
    assert (after.lines[0].total, after.lines[0].tax) == (net * 2, tax * 2)
    assert (after.total, after.tax_total) == (Decimal("25.96"), tax * 2 + Decimal("0.95"))
    assert (await tx.scalar(text("SELECT difference FROM orders")), await it.right()) == (
        Decimal("0.01"),
        True,
    )


async def test_c44_what_a_person_changed_is_never_overwritten_and_the_channels_word_is_shown(tx: Tx) -> None:
    it = await sold(tx)
    await it.edit(SetUnits("MUG", 5), SetAddress(BERLIN))
    await it.told(line("MUG", 3), line("TEA", 2))
    calm = await it.holds()
    await it.told(line("MUG", 4), line("TEA", 2), minute=2)
    owned = (await it.now()).owners
    assert (calm, await it.holds(), sorted(name for name in owned if owned[name].asks)) == (
        [],
        ["conflict"],
        ["line/MUG"],
    )
    assert ([row[:2] for row in await it.lines()], await it.right()) == ([("MUG", 5), ("TEA", 2)], True)


async def test_who_listens_hears_of_a_cancel_and_of_a_reopening_by_a_person(tx: Tx) -> None:
    it = await sold(tx)
    await it.undo(await it.edit(Cancel()))
    kinds = await tx.execute(
        text("SELECT kind, facts ->> 'by' FROM events WHERE order_id IS NOT NULL ORDER BY id")
    )
    assert [tuple(row) for row in kinds][-2:] == [("canceled", "a person"), ("reopened", "a person")]


@pytest.mark.parametrize(("word", "units"), [("theirs", 4), ("ours", 5)])
async def test_a_conflict_ends_with_a_choice(tx: Tx, word: str, units: int) -> None:
    it = await sold(tx)
    await it.edit(SetUnits("MUG", 5))
    await it.told(line("MUG", 4), line("TEA", 1))
    await it.edit(Settle("line/MUG", follow=word == "theirs"))
    await it.told(line("MUG", 4), line("TEA", 1), minute=2)
    assert (await it.holds(), (await it.lines())[0][:2], await it.allocated()) == (
        [],
        ("MUG", units),
        units + 1,
    )
    assert ("line/MUG" in (await it.now()).owners) is (word == "ours")


async def test_where_the_channel_comes_to_say_the_same_nobody_owns_the_field_any_more(tx: Tx) -> None:
    it = await sold(tx, payment=Payment.PAID)
    await it.edit(Refund(Decimal("39.96")))
    await it.told(line("MUG", 3), line("TEA", 1), payment=Payment.REFUNDED)
    assert ((await it.now()).owners, await it.holds()) == ({}, [])


async def test_a_line_the_channel_removes_or_never_had_stays_as_a_person_said(tx: Tx) -> None:
    it = await sold(tx)
    await it.edit(SetUnits("MUG", 5), AddLine("Gift", 1, Decimal(1)))
    await it.told(line("TEA", 1))
    assert [row[:2] for row in await it.lines()] == [("TEA", 1), ("MUG", 5), ("", 1)]
    assert (await it.holds(), await it.right()) == (["conflict"], True)


DEEDS: list[tuple[Deed, ...]] = [
    (SetUnits("MUG", 5), RemoveLine("TEA")),
    (Cancel({"MUG": 2}),),
    (Cancel(),),
    (AddLine("Tea", 2, Decimal("4.50"), "TEA"),),
    (SetPrice("MUG", Decimal("8.00"), Decimal(1)),),
    (SetAddress(BERLIN), SetAddress(PARIS, billing=True)),
    (SetShipping(Shipping("Courier", Decimal(9), Decimal("1.71"))),),
    (Refund(Decimal(5)),),
    (SetTags(["gift"]), SetRemark("rings twice"), SetPriority(5)),
]


@pytest.mark.parametrize("deeds", DEEDS)
async def test_every_edit_can_be_undone_and_leaves_no_trace_but_its_story(
    tx: Tx, deeds: tuple[Deed, ...]
) -> None:
    it = await sold(tx)
    before, lines = await it.now(), await it.lines()
    done = await it.edit(*deeds)
    changed = await it.now()
    undone = [await it.undo(done) for _ in range(2)]
    assert (before == changed, [each.ids for each in undone]) == (False, [done.ids, []])
    assert (await it.now(), (await it.lines())[: len(lines)], await it.right()) == (before, lines, True)


async def test_what_the_channel_said_meanwhile_counts_when_an_edit_is_undone(tx: Tx) -> None:
    it = await sold(tx)
    done = await it.edit(SetUnits("MUG", 5))
    await it.told(line("MUG", 4), line("TEA", 1))
    await it.undo(done)
    assert ((await it.lines())[0][:4], (await it.now()).owners, await it.holds()) == (
        ("MUG", 4, 0, 4),
        {},
        [],
    )


async def test_an_older_edit_of_the_same_field_waits_for_the_newer_one(tx: Tx) -> None:
    it = await sold(tx)
    first, second = await it.edit(SetUnits("MUG", 5)), await it.edit(SetUnits("MUG", 6))
    with pytest.raises(WrongStateError, match="changed again since"):
        await it.undo(first)
    await it.undo(second)
    await it.undo(first)
    assert ((await it.lines())[0][:2], (await it.now()).owners) == (("MUG", 3), {})


async def test_what_has_left_meanwhile_keeps_an_edit_from_being_undone(tx: Tx) -> None:
    it = await sold(tx)
    done = await it.edit(SetUnits("MUG", 5))
    await it.told(line("MUG", 5, fulfilled=5), line("TEA", 1))
    before = await it.lines()
    with pytest.raises(WrongStateError, match="have left"):
        await it.undo(done)
    assert await it.lines() == before


async def test_a_price_is_the_same_however_many_zeros_it_is_written_with(tx: Tx) -> None:
    it = await sold(tx, line("MUG", 3, unit_price=Decimal("2.0"), total=Decimal("6.00")))
    await it.edit(SetUnits("MUG", 5))
    await it.told(line("MUG", 3, unit_price=Decimal(2), total=Decimal(6)))
    calm = await it.holds()
    await it.told(line("MUG", 5, unit_price=Decimal("2.000"), total=Decimal(10)), minute=2)
    assert (calm, await it.holds(), (await it.now()).owners) == ([], [], {})


async def test_a_cancel_that_is_undone_promises_again_or_is_refused(tx: Tx) -> None:
    it = await sold(tx, line("MUG", 6))
    done = await it.edit(Cancel())
    await take(tx, it.seller, order("2", line("MUG", 5)))
    with pytest.raises(OutOfStockError):
        await it.undo(done)


async def test_a_hundred_edits_ask_as_often_as_one(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 1000})
    made = (await take(tx, seller, *(order(str(each), line("MUG", 2)) for each in range(101)))).orders
    asked = []
    for chosen in (made[:1], made[1:]):
        wanted = [
            Edit(uuid7(), each.number, [SetUnits("MUG", 3), AddLine("Mug", 1, Decimal(1), "MUG")])
            for each in chosen
        ]
        with statements(tx) as seen:
            done = await edit_orders(tx, VAULT, wanted, actor="ada", at=NOON)
            await undo_edits(tx, VAULT, done.ids, actor="ada", at=NOON)
        asked.append(len(seen))
    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    ("deed", "error"),
    [
        (SetUnits("MUG", 0), InputError),
        (SetUnits("LAMP", 2), InputError),
        (Cancel({"MUG": 4}), InputError),
        (SetPrice("MUG", Decimal(-1)), InputError),
        (SetPrice("MUG", discount=Decimal(99)), InputError),
        (AddLine("Tea", 0, Decimal(1)), InputError),
        (AddLine("Tea", 1, Decimal("1.1234567")), InputError),
        (Refund(Decimal("NaN")), InputError),
        (Refund(Decimal("1.005")), InputError),
        (SetPriority(-1), InputError),
        (SetTags(["x" * 41]), InputError),
        (Settle("address", follow=True), WrongStateError),
        (Reopen(), WrongStateError),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_changed(
    tx: Tx, deed: Deed, error: type[HubError]
) -> None:
    it = await sold(tx)
    before = await it.now()
    with pytest.raises(error):
        await it.edit(deed)
    with pytest.raises(NotFoundError):
        await it.undo(Done([uuid7()], set(), set()))
    assert await it.now() == before


async def test_a_field_of_a_line_stays_a_persons_while_its_units_follow_the_channel(tx: Tx) -> None:
    await define_fields(tx, [Field("text", "Engraving", of_lines=True)], actor="ada", at=NOON)
    seller = await open_shop(tx, {"MUG": 10})
    (made,) = (await take(tx, seller, order("1", line("MUG", 1, custom={"text": "Bob"})))).orders
    deed = SetFields({"text": "Ada"}, "MUG")
    await edit_orders(tx, VAULT, [Edit(uuid7(), made.number, [deed])], actor="ada", at=NOON)
    await take(tx, seller, order("1", line("MUG", 3, custom={"text": "Bob", "strange": "1"}), minute=1))
    shown = "SELECT l.custom, quantity, holds FROM order_lines l JOIN orders o ON o.id = l.order_id"
    found = await tx.execute(text(shown))
    assert [tuple(row) for row in found] == [({"text": "Ada"}, 3, [])]
