"""The ledger tells the levels of any moment, those of now included, and all that made a number as it stands."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from hub.flows.stock.set_visibility import Wish, set_rules
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.stock.explain import Explanation, explain, recompute
from hub.model.stock.visibility import Rule, Scope
from hub.store.db import Tx
from hub.store.publications import FREE, SHOWN, Told
from hub.store.stock import listings
from hub.store.stock.history import LAST_MAX, StockThen, grounds_of, read_past, stock_then
from hub.store.stock.levels import Movement, record_movements
from tests.builders import MAIN, NOON, SHOP, claim_due, line, open_shop, order, put_stock, record_told, take
from tests.store.test_visibility import GROUPS, SLOW, World, made, worlds

pytestmark = pytest.mark.anyio

EXAMPLES = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Change(NamedTuple):
    minute: int
    sku: str
    location: str
    on_hand: int
    allocated: int


changes = st.lists(
    st.builds(
        Change,
        st.integers(0, 20),
        st.sampled_from(["MUG", "TEA"]),
        st.sampled_from([MAIN, SHOP]),
        st.integers(1, 50),
        st.integers(0, 5),
    ),
    max_size=12,
)


def minute(count: int) -> datetime:
    return NOON + timedelta(minutes=count)


async def record(tx: Tx, given: list[Change]) -> None:
    for change in given:
        movement = Movement(
            uuid7(),
            change.sku,
            change.location,
            "return",
            change.on_hand,
            change.allocated,
            "test",
            str(uuid7()),
        )
        await record_movements(tx, [movement], at=minute(change.minute))


def by_place(found: list[StockThen]) -> dict[tuple[str, str], tuple[int, int]]:
    return {
        (row.sku, level.location): (level.on_hand, level.allocated) for row in found for level in row.levels
    }


async def levels_now(tx: Tx) -> dict[tuple[str, str], tuple[int, int]]:
    rows = await tx.execute(text("SELECT sku, location, on_hand, allocated FROM levels"))
    return {(row.sku, row.location): (row.on_hand, row.allocated) for row in rows}


async def explained(tx: Tx, sku: str = "MUG", channel: str | None = None) -> Explanation:
    return explain(await grounds_of(tx, sku, channel=channel, at=NOON), at=NOON)


@EXAMPLES
@given(changes=changes, at=st.integers(-1, 21))
async def test_the_levels_of_a_moment_are_the_movements_up_to_it(tx: Tx, changes: list[Change], at: int):
    async with tx.begin_nested() as example:
        await open_shop(tx, {"MUG": 0, "TEA": 0})
        await record(tx, changes)
        on_hand: Counter[tuple[str, str]] = Counter()
        allocated: Counter[tuple[str, str]] = Counter()
        for change in (each for each in changes if each.minute <= at):
            on_hand[change.sku, change.location] += change.on_hand
            allocated[change.sku, change.location] += change.allocated
        found = by_place(await stock_then(tx, moment=minute(at), limit=9))
        assert found == {place: (units, allocated[place]) for place, units in on_hand.items()}
        assert by_place(await stock_then(tx, moment=minute(99), limit=9)) == await levels_now(tx)
        await example.rollback()


async def test_the_levels_of_now_are_the_levels_after_sales_cancels_and_counts(tx: Tx):
    seller = await open_shop(tx, {"MUG": 10, "TEA": 5, "LAMP": 0})
    await take(tx, seller, order("1", line("MUG", 3), line("TEA", 1)), order("2", line("MUG", 2)))
    await take(tx, seller, order("2", minute=1, canceled=True), order("3", line("TEA", 9, fulfilled=9)))
    await put_stock(tx, {"LAMP": 4}, SHOP)
    found = await stock_then(tx, moment=NOON, limit=9)
    assert by_place(found) == await levels_now(tx)
    assert [(row.sku, row.on_hand) for row in found] == [("LAMP", 4), ("MUG", 10), ("TEA", -4)]


async def test_before_the_first_movement_there_is_nothing_anywhere(tx: Tx):
    await open_shop(tx, {"MUG": 10})
    (mug,) = await stock_then(tx, moment=NOON - timedelta(microseconds=1), limit=9)
    assert (mug.on_hand, mug.allocated, mug.levels) == (0, 0, [])


async def test_past_levels_come_in_pages_of_the_asked_skus(tx: Tx):
    await open_shop(tx, {"A": 1, "B": 2, "C": 3})
    found = await stock_then(tx, moment=NOON, after="A", skus=["A", "B", "C"], limit=1)
    assert [row.sku for row in found] == ["B"]


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-23T12:00:00+00:00",
        "2026-11-23T13:00+01:00",
        "2026-11-23T12:00:00Z",
        "2026-11-23T12:00:00 00:00",
    ],
)
def test_a_moment_with_its_zone_is_read_to_the_same_instant(written: str):
    assert read_past(written, at=NOON) == datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-11-23T12:00:00", "says no time zone"),
        ("2026-11-23", "says no time zone"),
        ("2026-11-23T12:02:00Z", "lies in the future"),
        ("9999-12-31T23:59:59-14:00", "lies in the future"),
        ("0001-01-01T00:00:00+14:00", "before the year 1"),
        ("yesterday", "is no moment"),
        ("", "is no moment"),
    ],
)
def test_a_moment_nobody_can_be_sure_of_is_refused(written: str, said: str):
    with pytest.raises(InputError, match=said) as refused:
        read_past(written, at=NOON)
    assert refused.value.field == "at"


@SLOW
@given(world=worlds())
async def test_the_steps_lead_to_what_the_push_computes(tx: Tx, world: World):
    async with made(tx, world):
        computed = text(
            f"SELECT l.sku, c.slug, l.channel_listing_id AS id, {SHOWN} AS quantity FROM listings l {FREE}"
            " JOIN channels c ON c.id = l.channel_id"
        )
        pushed = {(row.sku, row.slug, row.id): row.quantity for row in await tx.execute(computed)}
        assert pushed == {
            key: units for sku in GROUPS for key, units in recomputed(await explained(tx, sku)).items()
        }


def recomputed(found: Explanation) -> dict[tuple[str, str, str], int | None]:
    keys = [(found.sku, each.channel, each.channel_listing_id) for each in found.listings]
    return dict(zip(keys, recompute(found), strict=True))


async def test_rules_of_a_channel_not_asked_for_count_all_the_same(tx: Tx):
    await open_shop(tx, {"MUG": 10})
    await open_shop(tx, {"MUG": 0}, slug="till")
    await set_rules(tx, [Wish(Scope("till"), Rule(allotment=4))], actor="ada", at=NOON)
    (web,) = (await explained(tx, channel="web")).listings
    assert (web.should_show, web.steps[1].name, web.steps[1].number) == (6, "allotted to others", 4)


async def test_a_sku_nobody_has_counted_says_so(tx: Tx):
    await open_shop(tx, {"MUG": 0})
    (web,) = (await explained(tx)).listings
    assert [(each.name, each.says.partition("hub ")[2]) for each in web.waits] == [
        ("not counted", "stock adjust MUG main --count N --reason 'opening stock'")
    ]


async def test_what_was_told_and_what_waits_stand_beside_the_number(tx: Tx):
    seller = await open_shop(tx, {"MUG": 10})
    (due,) = await claim_due(tx, seller.id, limit=9, at=NOON)
    await record_told(tx, [Told(due.listing_id, due.version, due.quantity, "applied")], at=NOON)
    await take(tx, seller, order("1", line("MUG", 3)))
    (listing,) = (await explained(tx)).listings
    assert listing.confirmed is not None
    assert (listing.confirmed.version, listing.confirmed.quantity) == (1, 10)
    assert (listing.should_show, listing.version, [each.name for each in listing.waits]) == (
        7,
        2,
        ["to be sent"],
    )


async def test_movements_that_made_on_hand_are_told_however_many_allocations_followed(tx: Tx):
    seller = await open_shop(tx, {"MUG": 50})
    await take(tx, seller, *(order(str(n), line("MUG")) for n in range(LAST_MAX + 3)))
    found = await explained(tx)
    kinds = Counter(each.kind for each in found.movements)
    (main,) = found.places
    assert kinds == {"receipt": 1, "allocation": LAST_MAX}
    assert (main.earlier_on_hand, main.earlier_allocated, main.agrees_with_ledger) == (0, 3, True)


async def test_a_movement_names_its_order_and_who_made_it(tx: Tx):
    seller = await open_shop(tx, {"MUG": 50})
    await take(tx, seller, order("1", line("MUG", 2)))
    allocation = next(each for each in (await explained(tx)).movements if each.kind == "allocation")
    number = await tx.scalar(text("SELECT number FROM orders"))
    assert (allocation.order_number, allocation.allocated_change, allocation.at) == (number, 2, NOON)


async def test_a_listing_that_only_its_channel_calls_so_is_shown_as_unmatched(tx: Tx):
    seller = await open_shop(tx, {"MUG": 1})
    await listings.add_listings(tx, seller.id, [listings.NewListing(uuid7(), "9", "MUG", "Mug")], at=NOON)
    found = {each.channel_listing_id: each for each in (await explained(tx)).listings}
    assert [each.name for each in found["9"].waits] == ["unmatched"]
    assert found["9"].should_show is None


async def test_a_named_channel_leaves_the_others_out(tx: Tx):
    await open_shop(tx, {"MUG": 1})
    await open_shop(tx, {"MUG": 1}, slug="till")
    found = await explained(tx, channel="till")
    assert ([each.channel for each in found.listings], found.available) == (["till"], 2)


@pytest.mark.parametrize(
    ("sku", "channel", "said"), [("CUP", None, "no SKU CUP"), ("MUG", "moon", "no channel moon")]
)
async def test_an_unknown_sku_or_channel_is_named(tx: Tx, sku: str, channel: str | None, said: str):
    await open_shop(tx, {"MUG": 1})
    with pytest.raises(NotFoundError, match=said):
        await grounds_of(tx, sku, channel=channel, at=NOON)
