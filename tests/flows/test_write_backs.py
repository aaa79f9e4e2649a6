"""What was done to an order is told to its channel once, and what comes back of it as news changes nothing."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import text

from hub.flows.orders.edit import Edit, edit_orders
from hub.flows.orders.follow_parcels import label_parcels
from hub.flows.orders.give_back import GiveBack, give_back
from hub.flows.orders.pay import record_payments
from hub.flows.orders.ship import Shipped, ship
from hub.flows.orders.take_orders import Seller
from hub.flows.orders.undo import undo_edits
from hub.flows.sync.claim_wishes import claim_wishes
from hub.flows.sync.write_backs import Teller, decide, note_outcomes, set_told
from hub.kit.ids import uuid7
from hub.model.edits.deeds import AddLine, Cancel, Deed, Refund, Reopen, SetUnits
from hub.model.errors import WrongStateError
from hub.model.incoming import IncomingOrder, IncomingParcel, ParcelLine, Payment
from hub.model.orders.payments import Entry, Tender
from hub.model.orders.payments import Step as MoneyStep
from hub.model.orders.shipping import Parcel
from hub.model.sync.write_backs import Kind, State, Step, Wish
from hub.store.checks import Verdict, run_checks
from hub.store.db import Database, Tx
from hub.store.payments import accounts_of
from hub.store.shipments import Label
from hub.store.sync.write_backs import Became
from tests.builders import NOON, VAULT, line, open_shop, order, take
from tests.flows.test_batches import statements

ROWS = "SELECT kind, state, reason FROM write_backs ORDER BY id"


async def told_shop(tx: Tx, mugs: int = 100) -> Seller:
    """A shop that is told of everything."""
    seller = await open_shop(tx, {"MUG": mugs})
    await set_told(tx, seller.id, [*Kind], actor="ada", at=NOON)
    return seller


async def send(tx: Tx, *parcels: Parcel) -> Shipped:
    return await ship(tx, parcels, elsewhere=set(), actor="ada", at=NOON)


async def edit(tx: Tx, number: int, *deeds: Deed) -> UUID:
    made = uuid7()
    await edit_orders(tx, VAULT, [Edit(made, number, deeds)], actor="ada", at=NOON)
    return made


async def claim(tx: Tx, seller: Seller) -> tuple[UUID, list[Wish]]:
    made = uuid7()
    return made, await claim_wishes(tx, VAULT, seller.id, claim=made, limit=999, at=NOON)


async def tell(tx: Tx, seller: Seller, *became: State, reason: str = "") -> list[Wish]:
    """The channel is told what is due, the first ones with these outcomes."""
    made, wishes = await claim(tx, seller)
    ended = {each.id: Became(each.id, state, reason) for each, state in zip(wishes, became, strict=True)}
    await note_outcomes(tx, Teller(seller.id, seller.actor, ""), made, wishes, ended, at=NOON)
    return wishes


async def rows(tx: Tx, query: str = ROWS) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(query))]


async def test_a_parcel_is_told_with_its_number_and_the_last_one_completes(tx: Tx) -> None:
    seller = await told_shop(tx)
    (made,) = (await take(tx, seller, order("1", line("MUG", 3)))).orders
    ((mugs,),) = await rows(tx, "SELECT id FROM order_lines")
    done = await send(tx, Parcel(uuid7(), made.number, {UUID(str(mugs)): 1}, "DHL", "0034"))
    await send(tx, Parcel(uuid7(), made.number))
    (first,) = await tell(tx, seller, State.APPLIED)
    (last,) = await tell(tx, seller, State.APPLIED)
    assert done.to_tell == {seller.id}
    assert (first.units, first.left, first.tracking, first.completes) == (
        {"MUG": 1},
        {"MUG": 1},
        "0034",
        False,
    )
    assert (last.units, last.left, last.completes) == ({"MUG": 2}, {"MUG": 3}, True)


@pytest.mark.parametrize(
    ("sent", "canceled", "said"),
    [(1, [1, 1], (1, True, True)), (0, [2, 1], (1, True, False)), (0, [2], (2, False, False))],
)
async def test_a_cancel_says_whether_anything_is_left_to_send_and_whether_the_rest_was_sent(
    tx: Tx, sent: int, canceled: list[int], said: tuple[int, bool, bool]
) -> None:
    seller = await told_shop(tx)
    (made,) = (await take(tx, seller, order("1", line("MUG", 3)))).orders
    ((mugs,),) = await rows(tx, "SELECT id FROM order_lines")
    if sent:
        await send(tx, Parcel(uuid7(), made.number, {UUID(str(mugs)): sent}))
    for units in canceled:
        await edit(tx, made.number, Cancel({"MUG": units}))
    *_, (last,) = [await tell(tx, seller, State.APPLIED) for _ in range(sent + len(canceled))]
    assert (last.lines["MUG"], last.completes, last.sent) == said


async def test_the_echo_of_a_cancel_by_units_is_no_news(tx: Tx) -> None:
    seller = await told_shop(tx)
    await edit(tx, await paid_order(tx, seller), Cancel({"MUG": 2}))
    await tell(tx, seller, State.APPLIED)
    await take(tx, seller, order("1", line("MUG", 2), minute=1, canceled=True))
    kinds = await rows(tx, "SELECT kind FROM events WHERE order_id IS NOT NULL AND kind LIKE '%cancel%'")
    assert (
        await rows(tx, "SELECT canceled_at, canceled FROM orders JOIN order_lines ON order_id = orders.id"),
        kinds,
    ) == ([(None, 2)], [])


async def test_a_line_that_no_channel_knows_keeps_no_order_of_it_open(tx: Tx) -> None:
    seller = await told_shop(tx)
    (made,) = (await take(tx, seller, order("1", line("MUG", 2)))).orders
    await edit(tx, made.number, AddLine("Mug", 1, Decimal(1), "MUG"))
    lines = await rows(tx, "SELECT id FROM order_lines ORDER BY quantity DESC")
    sold, added = [UUID(str(each)) for (each,) in lines]
    await send(tx, Parcel(uuid7(), made.number, {sold: 2}))
    await send(tx, Parcel(uuid7(), made.number, {added: 1}))
    (told,) = await tell(tx, seller, State.APPLIED)
    assert (told.units, told.completes, await tell(tx, seller)) == ({"MUG": 2}, True, [])


async def test_of_a_line_raised_here_a_channel_hears_no_more_than_it_sold(tx: Tx) -> None:
    seller = await told_shop(tx)
    (made,) = (await take(tx, seller, order("1", line("MUG", 3)))).orders
    await edit(tx, made.number, SetUnits("MUG", 5))
    ((mugs,),) = await rows(tx, "SELECT id FROM order_lines")
    await send(tx, Parcel(uuid7(), made.number, {UUID(str(mugs)): 4}))
    await send(tx, Parcel(uuid7(), made.number))
    (first,), (last,) = await tell(tx, seller, State.APPLIED), await tell(tx, seller, State.APPLIED)
    assert (first.units, first.left, first.completes) == ({"MUG": 3}, {"MUG": 3}, False)
    assert (last.units, last.left, last.completes) == ({}, {"MUG": 3}, True)
    assert last.known_lines == {"MUG": 3}


async def test_a_channel_that_is_not_told_gets_no_rows(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9})
    (made,) = (await take(tx, seller, order("1"))).orders
    done = await send(tx, Parcel(uuid7(), made.number))
    assert (done.to_tell, await rows(tx)) == (set(), [])


STEPS = ("told", "lost", "echo", "echo again")


def echo(number: int, place: int, *, tracking: str) -> IncomingOrder:
    """The channel's snapshot with our parcel in it, under its own name."""
    there = IncomingParcel(f"P-{place}", "DHL", tracking, (ParcelLine("MUG", 2),))
    return order(str(place), line("MUG", 2, fulfilled=2), minute=number, parcels=(there,))


async def test_in_whatever_order_outcome_and_echo_come_there_is_one_parcel_and_stock_moves_once(
    tx: Tx,
) -> None:
    stories = [(steps, tracking) for steps in permutations(STEPS) for tracking in ("", "0034")]
    seller = await told_shop(tx)
    taken = await take(tx, seller, *[order(str(place), line("MUG", 2)) for place in range(len(stories))])
    await send(
        tx,
        *[
            Parcel(uuid7(), made.number, {}, "DHL", stories[int(made.channel_order_id)][1])
            for made in taken.orders
        ],
    )
    for now in range(len(STEPS)):
        at_once = {place: steps[now] for place, (steps, _) in enumerate(stories)}
        await answer(tx, seller, at_once)
        echoes = [place for place, step in at_once.items() if step.startswith("echo")]
        await take(tx, seller, *[echo(now + 1, place, tracking=stories[place][1]) for place in echoes])
    assert {row[:2] for row in await rows(tx)} == {("fulfillment", "applied")}
    assert await rows(
        tx, "SELECT count(*), sum(quantity) FROM shipments h JOIN shipment_lines ON shipment_id = h.id"
    ) == [(48, 96)]
    assert await rows(tx, "SELECT on_hand, allocated FROM levels WHERE sku = 'MUG'") == [(4, 0)]
    assert await rows(tx, "SELECT count(*) FROM orders WHERE holds <> '{}'") == [(0,)]
    assert all(each.verdict is not Verdict.BROKEN for each in await run_checks(tx, at=NOON, late_s=60))


async def answer(tx: Tx, seller: Seller, steps: dict[int, str]) -> None:
    """Who is told now is told, whose answer is lost is not known, and all others wait on."""
    made, wishes = await claim(tx, seller)
    became = {}
    for each in wishes:
        step = steps[int(each.channel_order_id)]
        open_still = State.UNKNOWN if each.doubtful or step == "lost" else State.WAITING
        state = State.APPLIED if step == "told" else open_still
        ref = f"P-{each.channel_order_id}" if step == "told" else ""
        became[each.id] = Became(each.id, state, channel_ref=ref)
    await note_outcomes(tx, Teller(seller.id, seller.actor, ""), made, wishes, became, at=NOON)


async def paid_order(tx: Tx, seller: Seller) -> int:
    (made,) = (await take(tx, seller, order("1", line("MUG", 2)))).orders
    return made.number


async def test_a_cancel_is_told_before_its_refund_and_money_that_went_back_is_recorded_once(tx: Tx) -> None:
    seller = await told_shop(tx)
    number = await paid_order(tx, seller)
    await edit(tx, number, Refund(Decimal("9.99")), Cancel())
    (cancel,) = await tell(tx, seller, State.APPLIED)
    (refund,) = await tell(tx, seller, State.UNKNOWN)
    (again,) = await tell(tx, seller, State.APPLIED)
    assert (cancel.kind, refund.kind, again.key, again.doubtful) == (
        Kind.CANCELLATION,
        Kind.REFUND,
        refund.key,
        True,
    )
    canceled = order("1", line("MUG", 2), minute=1, canceled=True, payment=Payment.PARTLY_REFUNDED)
    await take(tx, seller, canceled)
    assert await rows(tx, "SELECT step, amount FROM payments") == [("refunded", Decimal("9.99"))]
    assert await rows(tx, "SELECT refunded, payment, holds FROM orders") == [
        (Decimal("9.99"), "partly refunded", [])
    ]


async def test_a_refund_by_line_that_nobody_handed_over_is_told(tx: Tx) -> None:
    seller = await told_shop(tx)
    number = await paid_order(tx, seller)
    ((mugs,),) = await rows(tx, "SELECT id FROM order_lines")
    owed = GiveBack(uuid7(), number, {UUID(str(mugs)): 1})
    handed = GiveBack(uuid7(), number, amount=Decimal(1), tender=Tender.CASH)
    first, last = [await give_back(tx, VAULT, [each], actor="ada", at=NOON) for each in (owed, handed)]
    (told,) = await tell(tx, seller, State.APPLIED)
    assert (first.done.to_tell, last.done.to_tell) == ({seller.id}, set())
    assert (told.amount, told.lines) == (Decimal("9.99"), {"MUG": "9.99"})
    assert await rows(tx, "SELECT sum(amount) FROM payments") == [(Decimal("10.99"),)]


async def test_what_is_undone_before_it_was_sent_is_not_told(tx: Tx) -> None:
    seller = await told_shop(tx)
    number = await paid_order(tx, seller)
    await undo_edits(tx, VAULT, [await edit(tx, number, Refund(Decimal(1)))], actor="ada", at=NOON)
    await edit(tx, number, Cancel())
    await edit(tx, number, Reopen())
    assert await tell(tx, seller) == []
    assert {row[:2] for row in await rows(tx)} == {("refund", "withdrawn"), ("cancellation", "withdrawn")}


async def test_the_echo_of_our_own_cancel_takes_no_undo_back_and_the_timeline_says_what_is_there(
    tx: Tx,
) -> None:
    seller = await told_shop(tx)
    made = await edit(tx, await paid_order(tx, seller), Cancel())
    await tell(tx, seller, State.APPLIED)
    await undo_edits(tx, VAULT, [made], actor="ada", at=NOON)
    await take(tx, seller, order("1", line("MUG", 2), minute=1, canceled=True))
    assert await rows(
        tx, "SELECT canceled_at, allocated FROM orders JOIN order_lines ON order_id = orders.id"
    ) == [(None, 2)]
    said = "SELECT facts ->> 'there' FROM events WHERE kind = 'reopened'"
    assert await rows(tx, said) == [("canceled",)]


@pytest.mark.parametrize(("minute", "stays"), [(-1, True), (1, False)])
async def test_what_a_channel_said_before_it_had_our_cancel_says_nothing_of_it(
    tx: Tx, minute: int, stays: object
) -> None:
    seller = await told_shop(tx)
    (taken,) = (await take(tx, seller, order("1", line("MUG", 2), minute=-2))).orders
    made = await edit(tx, taken.number, Cancel())
    await tell(tx, seller, State.APPLIED)
    await undo_edits(tx, VAULT, [made], actor="ada", at=NOON)
    await take(tx, seller, order("1", line("MUG", 2), minute=minute))
    assert await rows(tx, "SELECT canceled_at, channel_canceled FROM orders") == [(None, stays)]


@pytest.mark.parametrize("answer", [State.APPLIED, State.UNKNOWN])
async def test_a_cancel_that_began_here_has_the_shop_told_again_what_is_left(tx: Tx, answer: State) -> None:
    """It puts the units back on its own shelf, beside the number that it was told."""
    seller = await told_shop(tx)
    await edit(tx, await paid_order(tx, seller), Cancel())
    await tx.execute(text("UPDATE publications SET sent_version = version, confirmed_version = version"))
    await tell(tx, seller, answer)
    await take(tx, seller, order("1", line("MUG", 2), minute=1, canceled=True))
    assert await rows(tx, "SELECT version > confirmed_version FROM publications") == [(True,)]


async def test_what_is_on_its_way_is_not_undone(tx: Tx) -> None:
    seller = await told_shop(tx)
    made = await edit(tx, await paid_order(tx, seller), Refund(Decimal(1)))
    await claim(tx, seller)
    with pytest.raises(WrongStateError, match="is on its way to the channel"):
        await undo_edits(tx, VAULT, [made], actor="ada", at=NOON)


async def test_what_may_be_there_is_not_undone_whatever_a_person_decided(tx: Tx) -> None:
    seller = await told_shop(tx)
    made = await edit(tx, await paid_order(tx, seller), Refund(Decimal(1)))
    await tell(tx, seller, State.UNKNOWN)
    (lost,) = await tell(tx, seller, State.REJECTED, reason="nobody knows")
    await decide(tx, [lost.id], Step.RETRY, actor="ada", at=NOON)
    with pytest.raises(WrongStateError, match="nobody knows whether the channel has the refund"):
        await undo_edits(tx, VAULT, [made], actor="ada", at=NOON)


async def test_what_was_refused_is_told_to_people_once_and_blocks_no_other(tx: Tx) -> None:
    seller = await told_shop(tx)
    number = await paid_order(tx, seller)
    await edit(tx, number, Refund(Decimal(1)))
    await edit(tx, number, Refund(Decimal(2)))
    (refused,) = await tell(tx, seller, State.REJECTED, reason="too late")
    await tell(tx, seller, State.APPLIED)
    assert await decide(tx, [refused.id], Step.RETRY, actor="ada", at=NOON) == {seller.id}
    await tell(tx, seller, State.REJECTED, reason="too late")
    await decide(tx, [refused.id], Step.DISMISS, actor="ada", at=NOON)
    assert [row[1] for row in await rows(tx)] == ["dismissed", "applied"]
    assert await rows(tx, "SELECT title FROM notices") == [(f"web does not take a refund of order {number}",)]


async def give_by_hand(tx: Tx, number: int, amount: str) -> None:
    entry = Entry(uuid7(), number, Tender.BANK_TRANSFER, MoneyStep.REFUNDED, Decimal(amount))
    await record_payments(tx, [entry], actor="ada", at=NOON)


@pytest.mark.parametrize("became", [None, State.REJECTED])
async def test_a_refund_that_a_person_paid_is_not_paid_again_by_the_channel(
    tx: Tx, became: State | None
) -> None:
    seller = await told_shop(tx)
    number = await paid_order(tx, seller)
    await edit(tx, number, Refund(Decimal(3)))
    if became:
        await tell(tx, seller, became, reason="too late")
    await edit(tx, number, Refund(Decimal(2)))
    await give_by_hand(tx, number, "3")
    (kept,) = await tell(tx, seller, State.APPLIED)
    assert ([row[1] for row in await rows(tx)], kept.amount) == (["withdrawn", "applied"], Decimal(2))
    assert await rows(tx, "SELECT sum(amount) FROM payments") == [(Decimal(5),)]


async def test_what_the_channel_paid_for_us_has_its_entry_also_where_it_calls_all_of_it_refunded(
    tx: Tx,
) -> None:
    seller = await told_shop(tx)
    number = await paid_order(tx, seller)
    await edit(tx, number, Refund(Decimal(5)))
    await take(tx, seller, order("1", line("MUG", 2), minute=1, payment=Payment.REFUNDED))
    await tell(tx, seller, State.APPLIED)
    account = (await accounts_of(tx, [number]))[number]
    assert await rows(tx, "SELECT amount, channel_refund_id FROM payments") == [(Decimal(5), "")]
    assert (account.back, account.told, account.owed) == (Decimal("19.98"), Decimal(5), Decimal(0))


async def test_what_nobody_knows_is_let_be_before_it_is_recorded_by_hand(tx: Tx) -> None:
    seller = await told_shop(tx)
    number = await paid_order(tx, seller)
    await edit(tx, number, Refund(Decimal(3)))
    await tell(tx, seller, State.UNKNOWN)
    (lost,) = await tell(tx, seller, State.REJECTED, reason="nobody knows")
    with pytest.raises(WrongStateError, match=f"write-backs --dismiss {number}, and go on"):
        await give_by_hand(tx, number, "3")
    await decide(tx, [lost.id], Step.DISMISS, actor="ada", at=NOON)
    await give_by_hand(tx, number, "3")
    assert [row[1] for row in await rows(tx)] == ["dismissed"]


async def test_a_refund_that_was_let_be_and_paid_by_hand_is_not_tried_again(tx: Tx) -> None:
    seller = await told_shop(tx)
    number = await paid_order(tx, seller)
    await edit(tx, number, Refund(Decimal(3)))
    (refused,) = await tell(tx, seller, State.REJECTED, reason="too late")
    await decide(tx, [refused.id], Step.DISMISS, actor="ada", at=NOON)
    await give_by_hand(tx, number, "3")
    with pytest.raises(WrongStateError, match="is not owed any more"):
        await decide(tx, [refused.id], Step.RETRY, actor="ada", at=NOON)


async def test_what_the_channel_may_be_paying_just_now_is_not_paid_by_hand(tx: Tx) -> None:
    seller = await told_shop(tx)
    number = await paid_order(tx, seller)
    await edit(tx, number, Refund(Decimal(3)))
    await claim(tx, seller)
    with pytest.raises(WrongStateError, match="is on its way to the channel"):
        await give_by_hand(tx, number, "3")


async def test_a_worker_whose_lease_is_over_changes_nothing_any_more(tx: Tx) -> None:
    seller = await told_shop(tx)
    await edit(tx, await paid_order(tx, seller), Cancel())
    late, wishes = await claim(tx, seller)
    await tx.execute(text("UPDATE write_backs SET leased_until = made_at"))
    _, (again,) = await claim(tx, seller)
    became = {each.id: Became(each.id, State.REJECTED, "too late") for each in wishes}
    await note_outcomes(tx, Teller(seller.id, seller.actor, ""), late, wishes, became, at=NOON)
    assert (again.doubtful, [row[1] for row in await rows(tx)]) == (True, ["claimed"])


async def test_a_label_that_is_corrected_while_it_is_claimed_is_told_again(many: Database) -> None:
    async with many.transaction() as tx:
        seller = await told_shop(tx)
        (made,) = (await take(tx, seller, order("1", line("MUG", 3)))).orders
        parcel = Parcel(uuid7(), made.number, carrier="DHL", tracking="wrong")
        await send(tx, parcel)
    for tracking in ("wrong again", "0034"):
        async with many.transaction() as tx:
            claimed, (told,) = await claim(tx, seller)
            meanwhile = asyncio.create_task(label(many, Label(parcel.id, "DHL", tracking)))
            await asyncio.wait([meanwhile], timeout=0.2)
        assert (told.tracking != tracking, await meanwhile) == (True, {seller.id})
        await applied(many, seller, claimed, told)


async def label(db: Database, corrected: Label) -> set[UUID]:
    async with db.transaction() as tx:
        return await label_parcels(tx, [corrected], actor="ada", at=NOON)


async def applied(db: Database, seller: Seller, claimed: UUID, told: Wish) -> None:
    became = {told.id: Became(told.id, State.APPLIED)}
    async with db.transaction() as tx:
        await note_outcomes(tx, Teller(seller.id, seller.actor, ""), claimed, [told], became, at=NOON)


async def test_switched_off_what_waits_is_let_be(tx: Tx) -> None:
    seller = await told_shop(tx)
    await edit(tx, await paid_order(tx, seller), Cancel())
    await set_told(tx, seller.id, [Kind.FULFILLMENT], actor="ada", at=NOON)
    assert await rows(tx, "SELECT kind, state, settled_by FROM write_backs") == [
        ("cancellation", "dismissed", "ada")
    ]


async def test_outcomes_take_as_many_statements_for_many_as_for_one(tx: Tx) -> None:
    seller = await told_shop(tx)
    taken = await take(tx, seller, *[order(str(place)) for place in range(9)])
    seen: list[int] = []
    for parcels in (taken.orders[:1], taken.orders[1:]):
        with statements(tx) as run:
            await send(tx, *[Parcel(uuid7(), made.number) for made in parcels])
            await tell(tx, seller, *_applied(parcels))
        seen.append(len(run))
    assert seen[0] == seen[1]


def _applied(made: Sequence[object]) -> list[State]:
    return [State.APPLIED] * len(made)
