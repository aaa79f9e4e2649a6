"""What is reserved for a draft is its own until a moment: then, or when it is dropped, it is anybody's again."""

from datetime import timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from hub.flows.orders.keep_drafts import drop_drafts, forget_drafts, open_draft
from hub.flows.orders.take_orders import Seller
from hub.flows.stock.allocate import fill_waiting
from hub.flows.stock.reserve import expire
from hub.model.errors import InputError, OutOfStockError
from hub.store.db import Tx
from tests.builders import MAIN, NOON, SHOP, VAULT, draft, keep, line, open_shop, order, put_stock, take

LATER = NOON + timedelta(minutes=15)
KEPT = "SELECT draft_id, sku, location, units FROM reservations ORDER BY 1, 2, 3"


async def rows(tx: Tx, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(query))]


async def stock(tx: Tx) -> dict[object, tuple[object, ...]]:
    """(on hand, allocated, reserved) by SKU, over all locations."""
    found = await rows(tx, "SELECT sku, sum(on_hand), sum(allocated), sum(reserved) FROM levels GROUP BY sku")
    return {sku: tuple(counts) for sku, *counts in found}


async def test_a_draft_reserves_what_its_lines_ask_for_until_its_time_is_up(tx: Tx) -> None:
    await open_shop(tx, {"MUG": 10, "TEA": 5})
    kept = await keep(tx, draft(MUG=3, TEA=1))
    assert (kept.short, kept.until) == ({}, {"draft": LATER})
    assert await stock(tx) == {"MUG": (10, 0, 3), "TEA": (5, 0, 1)}


async def test_what_there_is_is_reserved_and_the_rest_is_said_to_be_short(tx: Tx) -> None:
    await open_shop(tx, {"MUG": 2})
    kept = await keep(tx, draft(MUG=5))
    assert (kept.short, await stock(tx)) == ({("draft", 0): 3}, {"MUG": (2, 0, 2)})


async def test_a_draft_saved_again_asks_for_what_it_says_now_and_no_more(tx: Tx) -> None:
    await open_shop(tx, {"MUG": 10, "TEA": 5})
    for each in (draft(MUG=3), draft(MUG=1, TEA=2), draft(MUG=1, TEA=2)):
        await keep(tx, each)
    assert await rows(tx, KEPT) == [("draft", "MUG", MAIN, 1), ("draft", "TEA", MAIN, 2)]


async def test_every_save_begins_the_time_anew(tx: Tx) -> None:
    await open_shop(tx, {"MUG": 10})
    await keep(tx, draft(MUG=3))
    await keep(tx, draft(MUG=3), at=NOON + timedelta(minutes=10))
    assert (await expire(tx, at=LATER), await stock(tx)) == (set(), {"MUG": (10, 0, 3)})


async def test_what_another_draft_has_is_not_there_for_anybody_else(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 4}, promises=True)
    await keep(tx, draft("one", MUG=3))
    other = await keep(tx, draft("two", MUG=3))
    with pytest.raises(OutOfStockError):
        await take(tx, seller, order("three"))
    assert other.short == {("two", 0): 2}


async def test_reserving_tells_the_channels_and_so_does_giving_back(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 4})
    kept, same = await keep(tx, draft(MUG=3)), await keep(tx, draft(MUG=3))
    dropped = await drop_drafts(tx, ["draft"], at=NOON)
    assert (kept.touched, same.touched, dropped) == ({seller.id}, set(), {seller.id})


async def test_what_runs_out_is_given_back_once_and_goes_to_the_order_that_waited(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 2})
    await keep(tx, draft(MUG=2))
    await take(tx, seller, order("1"))
    told = await expire(tx, at=LATER)
    await fill_waiting(tx, actor="hub", at=LATER)
    assert (told, await expire(tx, at=LATER), await stock(tx)) == ({seller.id}, set(), {"MUG": (2, 1, 0)})
    assert await rows(tx, "SELECT holds FROM orders") == [([],)]


async def test_an_accepted_draft_takes_over_its_own_units_exactly_once(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 3}, promises=True)
    await keep(tx, draft("7", MUG=3))
    await take(tx, seller, order("7", line("MUG", 3)))
    assert (await stock(tx), await rows(tx, KEPT)) == ({"MUG": (3, 3, 0)}, [])
    assert await rows(tx, "SELECT id FROM order_drafts") == []


async def test_two_lines_of_one_draft_share_what_is_reserved_for_it(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 5}, promises=True)
    await keep(tx, draft("7", MUG=4))
    two = [line("MUG", 3), line("MUG", 2, channel_line_id="again")]
    await take(tx, seller, order("7", *two))
    assert await stock(tx) == {"MUG": (5, 5, 0)}


async def test_what_the_accepted_order_does_not_want_comes_free(tx: Tx) -> None:
    web = await open_shop(tx, {"MUG": 4}, slug="web")
    phone = await open_shop(tx, {"MUG": 0}, promises=True, slug="phone")
    await keep(tx, draft("7", MUG=4, TEA=0))
    await take(tx, web, order("1"))
    taken = await take(tx, phone, order("7", line("MUG", 1)))
    assert (taken.freed, await stock(tx)) == ({"MUG"}, {"MUG": (4, 1, 0)})


async def test_c20_a_refused_acceptance_leaves_the_draft_with_its_time_and_nothing_else(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 3}, promises=True)
    await keep(tx, draft("7", MUG=3))
    with pytest.raises(OutOfStockError):
        async with tx.begin_nested():
            await take(tx, seller, order("7", line("MUG", 5)))
    assert (await stock(tx), await rows(tx, KEPT)) == ({"MUG": (3, 0, 3)}, [("7", "MUG", MAIN, 3)])
    await expire(tx, at=LATER)
    assert await stock(tx) == {"MUG": (3, 0, 0)}


async def test_c20_no_reservation_outlives_its_owner(tx: Tx) -> None:
    await open_shop(tx, {"MUG": 3})
    await keep(tx, draft(MUG=3))
    with pytest.raises(IntegrityError, match="fk_reservations_draft_id"):
        await tx.execute(text("DELETE FROM order_drafts"))


async def test_c19_what_is_reserved_is_never_below_zero(tx: Tx) -> None:
    await open_shop(tx, {"MUG": 3})
    await keep(tx, draft(MUG=3))
    with pytest.raises(IntegrityError, match="reserved_not_negative"):
        await tx.execute(text("UPDATE levels SET reserved = reserved - 4"))


@pytest.mark.parametrize("units", [0, -1])
async def test_c19_no_reservation_is_of_nothing_or_less(tx: Tx, units: int) -> None:
    await open_shop(tx, {"MUG": 3})
    await keep(tx, draft(MUG=3))
    with pytest.raises(IntegrityError, match="units_positive"):
        await tx.execute(text(f"UPDATE reservations SET units = {units}"))


async def test_a_till_that_sells_from_its_own_shelf_reserves_there(tx: Tx) -> None:
    await open_shop(tx, {"MUG": 3})
    await put_stock(tx, {"MUG": 1}, SHOP)
    await keep(tx, draft(MUG=2))
    kept = await keep(tx, draft(MUG=2, place=SHOP))
    assert (kept.short, await rows(tx, KEPT)) == ({("draft", 0): 1}, [("draft", "MUG", SHOP, 1)])


async def test_a_draft_that_became_an_order_is_never_kept_again(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 3}, promises=True)
    taken = await take(tx, seller, order("7"))
    late = await keep(tx, draft("7", MUG=1), seller=seller)
    assert (late.accepted, await stock(tx)) == ({"7": taken.orders[0].number}, {"MUG": (3, 1, 0)})


async def test_what_was_typed_is_sealed_and_bound_to_its_draft(tx: Tx) -> None:
    await open_shop(tx, {})
    await keep(tx, draft("one"), draft("two"))
    ((sealed,),) = await rows(tx, "SELECT sealed FROM order_drafts WHERE id = 'one'")
    assert isinstance(sealed, bytes)
    assert (open_draft(VAULT, "one", sealed), b"typed" in sealed) == (b"typed", False)
    with pytest.raises(InputError):
        open_draft(VAULT, "two", sealed)


async def test_a_draft_nobody_came_back_to_for_a_month_is_forgotten(tx: Tx) -> None:
    await open_shop(tx, {})
    await keep(tx, draft("old"))
    await keep(tx, draft("new"), at=NOON + timedelta(days=20))
    await forget_drafts(tx, at=NOON + timedelta(days=31))
    assert await rows(tx, "SELECT id FROM order_drafts") == [("new",)]


@pytest.mark.parametrize(
    "bad", [draft(""), draft("x" * 201), draft("a\0"), draft(minutes=0), draft(minutes=11_000)]
)
async def test_a_draft_that_cannot_be_kept_is_refused_before_anything_is_written(tx: Tx, bad: object) -> None:
    await open_shop(tx, {"MUG": 3})
    with pytest.raises(InputError):
        await keep(tx, draft("good", MUG=1), bad)  # type: ignore[arg-type]
    assert await stock(tx) == {"MUG": (3, 0, 0)}


async def statements_of(tx: Tx, count: int, seller: Seller) -> list[int]:
    """How many statements it takes to keep, accept and expire so many drafts."""
    numbers, ids = [0, 0, 0], [f"{count}-{n}" for n in range(count)]
    for place, story in enumerate(
        (
            lambda: keep(tx, *(draft(each, MUG=2, TEA=1) for each in ids)),
            lambda: take(tx, seller, *(order(each, line("MUG", 2)) for each in ids[: count // 2 + 1])),
            lambda: expire(tx, at=LATER),
        )
    ):

        def note(*_facts: object, place: int = place) -> None:
            numbers[place] += 1

        event.listen(tx.sync_connection, "before_cursor_execute", note)
        await story()
        event.remove(tx.sync_connection, "before_cursor_execute", note)
        if place == 1:
            await keep(tx, draft("one more", MUG=1))
    return numbers


async def test_the_number_of_statements_does_not_grow_with_the_drafts(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 1000, "TEA": 1000}, promises=True)
    await take(tx, seller, order("0"))
    one, fifty = await statements_of(tx, 1, seller), await statements_of(tx, 50, seller)
    assert one == fifty
    assert max(one) <= 20
