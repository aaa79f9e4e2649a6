"""A retailer is told of trouble once: an alarm opens when it begins, closes when it ends, and is new when it is new."""

import asyncio
from datetime import date, datetime, timedelta

from sqlalchemy import text

from hub.flows.orders.take_orders import Seller
from hub.flows.stock.adjust_stock import Adjustment, Count, adjust_stock, count_stock
from hub.flows.stock.name_lots import track
from hub.flows.stock.receive_stock import Delivery, receive_stock
from hub.flows.stock.set_alarms import set_bounds, set_thresholds
from hub.flows.stock.set_components import set_components
from hub.flows.stock.watch_stock import AT_ONCE, ROUND_EVERY, SETTLES, TELL_EVERY, Watched, watch_stock
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.stock.alarms import Bounds
from hub.model.stock.bundles import Kind, Recipe
from hub.model.stock.lines import Units
from hub.model.stock.lots import Batch, Tracking
from hub.store.db import Database, Tx
from hub.store.stock.alarms import Threshold
from tests.builders import MAIN, NOON, SHOP, line, open_shop, order, put_stock, take
from tests.flows.test_batches import statements
from tests.flows.test_concurrency import together

ALARMS = "SELECT kind, sku, location, units, closed_at IS NULL FROM alarms ORDER BY id"
TOLD = "SELECT severity, title FROM notices ORDER BY id"
DAY = timedelta(days=1)


async def query(tx: Tx, statement: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(statement))]


async def opened(tx: Tx) -> list[tuple[object, ...]]:
    return [row[:4] for row in await query(tx, ALARMS) if row[4]]


async def look(tx: Tx, at: datetime = NOON) -> Watched:
    return await watch_stock(tx, at=at)


async def adjust(tx: Tx, sku: str, change: int) -> None:
    await adjust_stock(tx, [Adjustment(sku, MAIN, change, "test", str(uuid7()))], actor="ada", at=NOON)


async def sold(tx: Tx, stock: int, units: int, *, left: bool = False) -> Seller:
    """A shop that sold so many mugs; `left`: they are gone already."""
    seller = await open_shop(tx, {"MUG": stock})
    await take(tx, seller, order("1", line("MUG", units, fulfilled=units if left else 0)))
    return seller


async def told_and_settled(tx: Tx, end: datetime) -> None:
    """Look until nothing new could be the old."""
    await look(tx, end)
    await look(tx, end + SETTLES + DAY)


async def test_low_stock_is_told_once_ends_with_stock_and_is_new_the_next_time(tx: Tx) -> None:
    seller = await sold(tx, 5, 3)
    await look(tx)
    assert (await opened(tx), await query(tx, TOLD)) == (
        [("low_stock", "MUG", None, 2)],
        [("warning", "MUG is low")],
    )
    await put_stock(tx, {"MUG": 10})
    await told_and_settled(tx, NOON + DAY)
    await take(tx, seller, order("2", line("MUG", 11)))
    await look(tx, NOON + 3 * DAY)
    assert [row[4] for row in await query(tx, ALARMS)] == [False, True]
    assert len(await query(tx, TOLD)) == 2


async def test_low_stock_lasts_until_what_is_left_exceeds_the_threshold_by_more_than_a_little(tx: Tx) -> None:
    await sold(tx, 5, 3)
    await look(tx)
    await put_stock(tx, {"MUG": 1})
    await look(tx)
    assert await opened(tx) == [("low_stock", "MUG", None, 3)]


async def test_out_of_stock_is_told_once_however_often_the_hub_looks(tx: Tx) -> None:
    await sold(tx, 5, 5)
    for minute in range(5):
        await look(tx, NOON + minute * TELL_EVERY)
    assert await opened(tx) == [("out_of_stock", "MUG", None, 0)]
    assert await query(tx, TOLD) == [("warning", "MUG is out of stock")]


async def test_what_was_low_and_is_out_is_one_alarm_at_a_time(tx: Tx) -> None:
    seller = await sold(tx, 5, 3)
    await look(tx)
    await take(tx, seller, order("2", line("MUG", 2)))
    await look(tx, NOON + TELL_EVERY)
    assert await query(tx, ALARMS) == [
        ("low_stock", "MUG", None, 2, False),
        ("out_of_stock", "MUG", None, 0, True),
    ]


async def test_a_sku_that_never_had_stock_or_that_nobody_sells_is_not_out_of_stock(tx: Tx) -> None:
    await open_shop(tx, {"MUG": 0, "TEA": 5})
    await count_stock(tx, [Count("MUG", MAIN, 0, "inventory", "1")], actor="ada", at=NOON)
    await adjust(tx, "TEA", -5)
    await tx.execute(text("UPDATE listings SET gone_at = now() WHERE sku = 'TEA'"))
    await look(tx)
    assert await opened(tx) == []


async def test_what_comes_back_soon_is_the_same_alarm_and_told_no_second_time(tx: Tx) -> None:
    await sold(tx, 5, 5)
    for minute in range(0, 40, 10):
        at = NOON + timedelta(minutes=minute)
        await look(tx, at)
        await adjust(tx, "MUG", 1)
        await look(tx, at + timedelta(minutes=5))
        await adjust(tx, "MUG", -1)
    await look(tx, NOON + timedelta(minutes=40))
    assert [row[0] for row in await query(tx, ALARMS)] == ["out_of_stock", "low_stock"]
    assert len(await query(tx, TOLD)) == 2


async def test_a_paid_line_that_could_not_be_promised_is_oversold_and_one_on_backorder_is_not(tx: Tx) -> None:
    await sold(tx, 2, 5)
    await look(tx)
    assert ("oversold", "MUG", None, 3) in await opened(tx)
    assert ("critical", "MUG is oversold") in await query(tx, TOLD)
    await tx.execute(text("INSERT INTO backorder_terms VALUES ('MUG', 'backorder', 3, 3, NULL, now())"))
    await tx.execute(text("UPDATE order_lines SET backordered = 3"))
    await look(tx)
    assert [row[0] for row in await opened(tx)] == ["out_of_stock"]


async def test_oversold_ends_with_the_stock_and_begins_anew(tx: Tx) -> None:
    seller = await sold(tx, 2, 5)
    await look(tx)
    await put_stock(tx, {"MUG": 30})
    await told_and_settled(tx, NOON + DAY)
    await take(tx, seller, order("2", line("MUG", 28)))
    await look(tx, NOON + 3 * DAY)
    assert [row[3:] for row in await query(tx, ALARMS) if row[0] == "oversold"] == [(3, False), (1, True)]
    assert [row for row in await query(tx, TOLD) if row[0] == "critical"] == [
        ("critical", "MUG is oversold")
    ] * 2


async def test_what_is_promised_and_is_lost_on_the_shelf_is_oversold(tx: Tx) -> None:
    await sold(tx, 5, 4)
    await adjust(tx, "MUG", -3)
    await look(tx)
    assert ("oversold", "MUG", None, 2) in await opened(tx)


async def test_a_sale_beyond_the_books_is_below_zero_until_somebody_counts(tx: Tx) -> None:
    seller = await sold(tx, 2, 5, left=True)
    await look(tx)
    assert ("negative_on_hand", "MUG", MAIN, -3) in await opened(tx)
    await count_stock(tx, [Count("MUG", MAIN, 9, "inventory", "1")], actor="ada", at=NOON)
    await told_and_settled(tx, NOON + DAY)
    await take(tx, seller, order("2", line("MUG", 10, fulfilled=10)))
    await look(tx, NOON + 3 * DAY)
    negative = [row[3:] for row in await query(tx, ALARMS) if row[0] == "negative_on_hand"]
    assert negative == [(-3, False), (-1, True)]


async def test_stock_that_has_not_moved_out_is_aging_until_some_is_sold(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9})
    await look(tx, NOON + 179 * DAY)
    early = await opened(tx)
    await put_stock(tx, {"MUG": 3})
    await look(tx, NOON + 181 * DAY)
    assert (early, await opened(tx)) == ([], [("aging", "MUG", None, 12)])
    await take(tx, seller, order("1", line("MUG", 1, fulfilled=1)), at=NOON + 182 * DAY)
    await look(tx, NOON + 182 * DAY + ROUND_EVERY)
    assert (await opened(tx), await query(tx, TOLD)) == ([], [("info", "MUG is aging")])


async def test_lots_that_expire_soon_are_aging(tx: Tx) -> None:
    await open_shop(tx, {"MILK": 0})
    await track(tx, "MILK", Tracking.LOT, actor="ada", at=NOON)
    batch = Batch("MILK", "L1", 9, date(2026, 12, 31))
    delivery = Delivery(uuid7(), "DN-1", MAIN, [Units("MILK", 9)], batches=[batch])
    await receive_stock(tx, [delivery], actor="ada", at=NOON)
    await look(tx, datetime(2026, 11, 30, tzinfo=NOON.tzinfo))
    early = await opened(tx)
    await look(tx, datetime(2026, 12, 1, tzinfo=NOON.tzinfo))
    assert (early, await opened(tx)) == ([], [("aging", "MILK", None, 0)])
    assert await query(tx, "SELECT expiring, expires_on FROM alarms") == [(9, date(2026, 12, 31))]


async def test_a_bundle_is_out_with_its_scarcest_part(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9, "TEA": 1, "PAIR": 0})
    await set_components(tx, [Recipe("PAIR", Kind.BUNDLE, {"MUG": 1, "TEA": 1})], actor="ada", at=NOON)
    await look(tx)
    await take(tx, seller, order("1", line("TEA")))
    await look(tx)
    assert ("out_of_stock", "PAIR", None, 0) in await opened(tx)
    assert await query(tx, "SELECT part FROM alarms WHERE sku = 'PAIR' AND kind = 'out_of_stock'") == [
        ("TEA",)
    ]


async def test_a_batch_of_500_orders_that_empties_20_skus_is_20_alarms_and_one_notice(tx: Tx) -> None:
    skus = [f"S{number:02}" for number in range(20)]
    seller = await open_shop(tx, dict.fromkeys(skus, 25))
    await look(tx)
    await take(tx, seller, *(order(str(number), line(skus[number % 20])) for number in range(500)))
    await look(tx)
    assert await opened(tx) == [("out_of_stock", sku, None, 0) for sku in skus]
    assert await query(tx, TOLD) == [("warning", "20 SKUs are out of stock")]


async def test_what_follows_at_once_is_told_together_a_minute_later(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 1, "TEA": 1, "CUP": 1})
    for second, sku in enumerate(("MUG", "TEA", "CUP")):
        await take(tx, seller, order(sku, line(sku)))
        await look(tx, NOON + timedelta(seconds=second))
    await look(tx, NOON + TELL_EVERY)
    titles = [row[1] for row in await query(tx, TOLD)]
    assert titles == ["MUG is out of stock, 2 SKUs are low", "2 SKUs are out of stock"]


async def test_what_ended_before_it_was_told_is_not_told(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9, "TEA": 9})
    await take(tx, seller, order("1", line("MUG", 9)))
    await look(tx)
    await take(tx, seller, order("2", line("TEA", 9)))
    await look(tx, NOON + timedelta(seconds=5))
    await put_stock(tx, {"TEA": 9})
    await look(tx, NOON + TELL_EVERY)
    assert await query(tx, TOLD) == [("warning", "MUG is out of stock")]


async def test_a_look_asks_as_often_for_a_hundred_skus_as_for_one(tx: Tx) -> None:
    skus = [f"S{number:03}" for number in range(101)]
    seller = await open_shop(tx, dict.fromkeys(skus, 1))
    await tx.execute(
        text("INSERT INTO alarm_bounds (low_stock, unmoved_days, expiry_days) VALUES (0, 180, 30)")
    )
    await look(tx)
    asked = []
    for some, hours in ((skus[:1], 1), (skus[1:], 2)):
        await take(tx, seller, *(order(sku, line(sku)) for sku in some))
        with statements(tx) as seen:
            found = await look(tx, NOON + timedelta(hours=hours))
        asked.append((found.opened, len(seen)))
    assert asked == [(1, asked[0][1]), (100, asked[0][1])]


async def test_a_movement_that_is_committed_late_is_found_by_the_next_look(many: Database) -> None:
    async with many.transaction() as tx:
        await open_shop(tx, {"MUG": 5})
    async with many.engine.connect() as connection, connection.begin() as slow:
        await adjust(connection, "MUG", -5)
        await look_alone(many, now() + timedelta(seconds=1))
        await slow.commit()
    await look_alone(many, now() + timedelta(seconds=6))
    async with many.transaction() as tx:
        assert await opened(tx) == [("out_of_stock", "MUG", None, 0)]


async def test_a_look_does_nothing_while_somebody_looks(many: Database) -> None:
    async with many.transaction() as tx:
        await open_shop(tx, {"MUG": 5})
        await look(tx)
    async with many.transaction() as first, asyncio.timeout(60):
        assert (await look(first)).looked == 1
        assert (await look_alone(many, NOON)).looked == 0


async def look_alone(many: Database, at: datetime) -> Watched:
    async with many.transaction() as tx:
        return await look(tx, at)


async def test_what_no_movement_tells_of_is_found_by_the_round(tx: Tx) -> None:
    await open_shop(tx, {"MUG": 5})
    later = now() + DAY  # no movement is new then
    await look(tx, later)
    await tx.execute(text("UPDATE levels SET safety_stock = 5"))
    await look(tx, later + ROUND_EVERY / 2)
    early = await opened(tx)
    await look(tx, later + ROUND_EVERY)
    assert (early, await opened(tx)) == ([], [("out_of_stock", "MUG", None, 0)])


async def test_a_round_goes_on_where_the_last_look_ended_and_begins_again_after_the_last_sku(tx: Tx) -> None:
    await open_shop(tx, {})
    numbers = f"generate_series(1, {AT_ONCE + 500}) n"
    await tx.execute(
        text(f"INSERT INTO skus (sku, name, created_at) SELECT 'S' || n, 'S', now() FROM {numbers}")
    )
    looked = [(await look(tx, NOON + second * ROUND_EVERY / 60)).looked for second in (0, 5, 10, 60)]
    assert looked == [AT_ONCE, 500, 0, AT_ONCE]


async def test_a_threshold_for_all_lets_the_round_begin_anew(tx: Tx) -> None:
    await open_shop(tx, {"MUG": 5})
    later = now() + DAY
    await look(tx, later)
    await set_bounds(tx, Bounds(low_stock=9), actor="ada", at=later)
    await look(tx, later + timedelta(seconds=5))
    assert await opened(tx) == [("low_stock", "MUG", None, 5)]


async def test_looks_and_thresholds_at_once_open_each_alarm_once_and_never_wait_in_a_circle(
    many: Database,
) -> None:
    skus = [f"S{number}" for number in range(9)]
    async with many.transaction() as tx:
        await open_shop(tx, dict.fromkeys(skus, 5))

    async def set_alone(number: int) -> None:
        async with many.transaction() as tx:
            some = [Threshold(sku, None, 5 + number % 3) for sku in (skus if number % 2 else skus[::-1])]
            await set_thresholds(tx, some, actor="ada", at=NOON)

    await together(*(set_alone(n) if n % 2 else look_alone(many, NOON) for n in range(20)))
    async with many.transaction() as tx:
        assert await opened(tx) == [("low_stock", sku, None, 5) for sku in skus]
        assert len(await query(tx, ALARMS)) == len(skus)


async def test_a_figure_beyond_what_is_kept_of_it_stops_no_other_alarm(tx: Tx) -> None:
    await open_shop(tx, {"MUG": 1, "TEA": 9})
    for each in (MAIN, SHOP):
        row = f"INSERT INTO levels (sku, location, on_hand) VALUES ('MUG', '{each}', 2000000000)"
        await tx.execute(text(f"{row} ON CONFLICT (sku, location) DO UPDATE SET on_hand = excluded.on_hand"))
    await look(tx, NOON + 181 * DAY)
    assert await opened(tx) == [("aging", "MUG", None, 2**31 - 1), ("aging", "TEA", None, 9)]
