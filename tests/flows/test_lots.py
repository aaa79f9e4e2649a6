"""Units of a tracked SKU are of a lot from their receipt to their parcel, and expired ones are sold to nobody."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from hub.flows.orders.take_back import take_back
from hub.flows.orders.take_orders import Seller
from hub.flows.stock.adjust_stock import Adjustment, adjust_stock
from hub.flows.stock.expire_lots import expire_lots
from hub.flows.stock.name_lots import swap_lot, track
from hub.flows.stock.place_stock import Wish, place_stock
from hub.flows.stock.receive_stock import Delivery, receive_stock
from hub.flows.stock.transfer_stock import Draft, Parcel, draft_transfer, receive_transfer, send_transfer
from hub.kit.ids import uuid7
from hub.model.errors import InputError, WrongStateError
from hub.model.orders.returns import Comeback, Disposition
from hub.model.stock.lines import Units
from hub.model.stock.lots import Batch, Tracking
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx
from hub.store.returns import lines_out
from tests.builders import MAIN, NOON, SHOP, line, open_shop, order, take

TODAY = NOON.date()
SOON, LATER = TODAY + timedelta(days=5), TODAY + timedelta(days=90)
BOOKS = "SELECT lot, location, on_hand, allocated FROM lot_levels WHERE on_hand <> 0 OR allocated <> 0 ORDER BY 1, 2"


async def books(tx: Tx) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(BOOKS))]


async def dairy(tx: Tx, tracking: Tracking = Tracking.LOT, stock: int = 0) -> Seller:
    seller = await open_shop(tx, {"MILK": stock})
    await track(tx, "MILK", tracking, actor="ada", at=NOON)
    return seller


async def receive(tx: Tx, *batches: Batch, reference: str = "DN-1") -> None:
    lines = [Units(each.sku, each.units) for each in batches]
    delivery = Delivery(uuid7(), reference, MAIN, lines, batches=batches)
    await receive_stock(tx, [delivery], actor="ada", at=NOON)


async def two_lots(tx: Tx) -> Seller:
    """Four units that expire late, and three that came after them and expire soon."""
    seller = await dairy(tx)
    await receive(tx, Batch("MILK", "late", 4, LATER), Batch("MILK", "soon", 3, SOON))
    return seller


async def test_an_order_is_promised_what_expires_first_and_ships_that(tx: Tx) -> None:
    seller = await two_lots(tx)
    await take(tx, seller, order("1", line("MILK", 4)))
    promised = await books(tx)
    await take(tx, seller, order("1", line("MILK", 4, fulfilled=4), minute=1))
    assert promised == [("late", MAIN, 4, 1), ("soon", MAIN, 3, 3)]
    assert await books(tx) == [("late", MAIN, 3, 0)]


async def test_a_canceled_order_gives_back_its_lots(tx: Tx) -> None:
    seller = await two_lots(tx)
    before = await books(tx)
    await take(tx, seller, order("1", line("MILK", 4)))
    await take(tx, seller, order("1", line("MILK", 4), minute=1, canceled=True))
    assert await books(tx) == before


async def test_what_was_there_before_is_of_no_named_lot_and_is_sold_last(tx: Tx) -> None:
    seller = await dairy(tx, stock=2)
    await receive(tx, Batch("MILK", "soon", 1, SOON))
    await take(tx, seller, order("1", line("MILK", 2)))
    assert await books(tx) == [("", MAIN, 2, 1), ("soon", MAIN, 1, 1)]


async def test_the_same_delivery_again_brings_its_lots_once(tx: Tx) -> None:
    await dairy(tx)
    for _ in range(2):
        await receive(tx, Batch("MILK", "late", 4, LATER))
    assert await books(tx) == [("late", MAIN, 4, 0)]


async def test_a_lot_keeps_its_day_of_expiry(tx: Tx) -> None:
    await two_lots(tx)
    with pytest.raises(InputError, match="expires on"):
        await receive(tx, Batch("MILK", "soon", 1, LATER), reference="DN-2")


async def test_free_units_of_an_expired_lot_are_sold_to_nobody_and_channels_are_told(tx: Tx) -> None:
    seller = await two_lots(tx)
    await take(tx, seller, order("1", line("MILK", 1)))
    touched = await expire_lots(tx, at=NOON + timedelta(days=6))
    again = await expire_lots(tx, at=NOON + timedelta(days=6))
    assert (touched, again) == ({seller.id}, set())
    assert await books(tx) == [
        ("late", MAIN, 4, 0),
        ("soon", MAIN, 1, 1),
        ("soon", f"{MAIN}-expired", 2, 0),
    ]


async def test_on_its_last_day_a_lot_is_still_sold_until_that_ends_where_it_lies(tx: Tx) -> None:
    seller = await two_lots(tx)
    found = []
    for zone in ("UTC", "Pacific/Auckland"):  # an hour past midnight
        await place_stock(tx, [Wish(MAIN, time_zone=zone)], at=NOON)
        found.append(await expire_lots(tx, at=NOON + timedelta(days=5)))
    assert found == [set(), {seller.id}]


async def test_no_location_is_in_a_zone_in_which_the_database_cannot_say_when_a_day_ends(tx: Tx) -> None:
    await dairy(tx)
    with pytest.raises(InputError, match="no time zone 'right/Europe/Berlin'"):  # Python may know it
        await place_stock(tx, [Wish(MAIN, time_zone="right/Europe/Berlin")], at=NOON)


async def test_a_zone_that_the_database_has_lost_ends_its_days_as_utc_and_stops_nobody_else(tx: Tx) -> None:
    seller = await two_lots(tx)
    await tx.execute(text("UPDATE locations SET time_zone = 'Mars'"))
    found = [await expire_lots(tx, at=NOON + timedelta(days=days)) for days in (5, 6)]
    assert found == [set(), {seller.id}]


async def test_what_arrives_past_its_day_is_promised_to_nobody_whatever_brings_it(tx: Tx) -> None:
    seller, old = await dairy(tx), TODAY - timedelta(days=1)
    await take(tx, seller, order("1", line("MILK", 5)))
    await receive(tx, Batch("MILK", "old", 3, old), Batch("MILK", "soon", 2, SOON))
    await adjust_stock(tx, [Adjustment("MILK", SHOP, 1, "found", "1", lot="old")], actor="ada", at=NOON)
    aside = [("old", f"{MAIN}-expired", 3, 0), ("old", f"{SHOP}-expired", 1, 0)]
    assert await books(tx) == [*aside, ("soon", MAIN, 2, 2)]


async def test_a_transfer_takes_lots_along(tx: Tx) -> None:
    await two_lots(tx)
    number = await draft_transfer(tx, Draft(uuid7(), MAIN, SHOP, [Units("MILK", 5)]), actor="ada", at=NOON)
    await send_transfer(tx, number, actor="ada", at=NOON)
    for came in (4, 1):
        await receive_transfer(tx, number, Parcel(uuid7(), {"MILK": came}), actor="ada", at=NOON)
    assert await books(tx) == [("late", MAIN, 2, 0), ("late", SHOP, 2, 0), ("soon", SHOP, 3, 0)]


@pytest.mark.parametrize(("days", "place"), [(5, SHOP), (6, f"{SHOP}-expired")])
async def test_what_comes_back_is_of_the_lot_that_left_and_not_sold_past_its_day(
    tx: Tx, days: int, place: str
) -> None:
    seller = await two_lots(tx)
    taken = await take(tx, seller, order("1", line("MILK", 3, fulfilled=3)))
    (out,) = await lines_out(tx, taken.orders[0].number)
    back = Comeback(uuid7(), out.id, 1, Disposition.RESTOCK, SHOP)
    await take_back(tx, [back], actor="ada", at=NOON + timedelta(days=days))
    assert ("soon", place, 1, 0) in await books(tx)


async def test_units_broken_are_of_the_lot_a_person_names(tx: Tx) -> None:
    await two_lots(tx)
    broken = Adjustment("MILK", MAIN, -1, "broken", "1", lot="late")
    await adjust_stock(tx, [broken], actor="ada", at=NOON)
    assert await books(tx) == [("late", MAIN, 3, 0), ("soon", MAIN, 3, 0)]
    with pytest.raises(InputError, match="3 at main"):
        await adjust_stock(
            tx, [Adjustment("MILK", MAIN, -4, "broken", "2", lot="late")], actor="ada", at=NOON
        )


async def test_a_packer_who_took_another_serial_number_says_so(tx: Tx) -> None:
    seller = await dairy(tx, Tracking.SERIAL)
    await receive(tx, Batch("MILK", "SN1"), Batch("MILK", "SN2"))
    taken = await take(tx, seller, order("1", line("MILK", 1)))
    await swap_lot(tx, taken.orders[0].number, "MILK", "SN1", "SN2", 1, actor="ada", at=NOON)
    await take(tx, seller, order("1", line("MILK", 1, fulfilled=1), minute=1))
    assert await books(tx) == [("SN1", MAIN, 1, 0)]


async def test_one_serial_number_is_never_in_two_places(tx: Tx) -> None:
    await dairy(tx, Tracking.SERIAL)
    await receive(tx, Batch("MILK", "SN1"))
    with pytest.raises(InputError, match="is at main already"):
        await receive(tx, Batch("MILK", "SN1"), reference="DN-2")


async def test_lots_that_lie_somewhere_are_not_forgotten_by_a_switch(tx: Tx) -> None:
    await two_lots(tx)
    with pytest.raises(WrongStateError, match="lies at main"):
        await track(tx, "MILK", Tracking.NONE, actor="ada", at=NOON)


async def test_lots_add_up_to_their_levels_and_the_checks_see_when_not(tx: Tx) -> None:
    seller = await two_lots(tx)
    await take(tx, seller, order("1", line("MILK", 2)), order("2", line("MILK", 9, fulfilled=9)))
    kept = await _broken(tx)
    await tx.execute(text("UPDATE lot_levels SET on_hand = on_hand + 1 WHERE lot = 'late'"))
    assert (kept, await _broken(tx)) == ([], ["lots are the sum of their shares, and add up to their level"])


async def _broken(tx: Tx) -> list[str]:
    findings = await run_checks(tx, at=NOON, late_s=3600)
    return [each.name for each in findings if each.verdict is Verdict.BROKEN]
