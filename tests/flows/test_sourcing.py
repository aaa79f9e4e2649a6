"""Each channel's policy decides which locations fill its orders; the reason of each is kept with its movement."""

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from hub.flows.orders.take_orders import Seller
from hub.flows.stock.allocate import fill_waiting
from hub.flows.stock.set_sourcing import clear_policy, set_policies
from hub.model.errors import InputError, NotFoundError, OutOfStockError
from hub.model.incoming import Address, IncomingOrder, Person, Pickup
from hub.model.stock.locations import Location
from hub.model.stock.policies import Policy, Strategy
from hub.store.db import Tx
from hub.store.stock import locations
from tests.builders import MAIN, NOON, SHOP, line, open_shop, order, put_stock, take

MOVES = "SELECT sku, location, allocated_change, reason FROM movements WHERE kind = 'allocation' ORDER BY id"
HOLDS = "SELECT holds FROM orders ORDER BY number"


async def rows(tx: Tx, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(query))]


async def open_two(tx: Tx, *, promises: bool = False, **units: tuple[int, int]) -> Seller:
    """A channel with units at main and at the shop."""
    seller = await open_shop(tx, {sku: main for sku, (main, _) in units.items()}, promises=promises)
    await put_stock(tx, {sku: other for sku, (_, other) in units.items()}, SHOP)
    return seller


async def put(tx: Tx, policy: Policy, channel: str | None = None) -> None:
    await set_policies(tx, {channel: policy}, actor="ada", at=NOON)


def to(country: str, postcode: str = "", **more: object) -> Person:
    return Person("Ada", shipping=Address(country=country, postcode=postcode, **more))  # type: ignore[arg-type]


def basket(number: str, **units: int) -> IncomingOrder:
    return order(number, *(line(sku, count) for sku, count in units.items()))


async def test_without_a_policy_the_whole_line_comes_first_and_then_the_priority(tx: Tx) -> None:
    seller = await open_two(tx, MUG=(2, 5), TEA=(4, 9))
    await take(tx, seller, basket("1", MUG=3, TEA=3))
    assert await rows(tx, MOVES) == [
        ("MUG", SHOP, 3, "the only location with the whole line"),
        ("TEA", MAIN, 3, "priority 1"),
    ]


async def test_a_channels_own_policy_comes_before_the_one_for_all(tx: Tx) -> None:
    seller = await open_two(tx, MUG=(5, 5), TEA=(1, 5))
    await put(tx, Policy((Strategy.PRIORITY,)))
    await put(tx, Policy((Strategy.SINGLE,)), "web")
    await take(tx, seller, basket("1", MUG=1, TEA=2))
    assert {(location, why) for _, location, _, why in await rows(tx, MOVES)} == {
        (SHOP, "the only location with all 2 lines")
    }
    await clear_policy(tx, "web", actor="ada", at=NOON)
    await take(tx, seller, basket("2", MUG=1))
    assert (await rows(tx, MOVES))[-1] == ("MUG", MAIN, 1, "priority 1")


async def open_counter(tx: Tx, main: int, shop: int) -> Seller:
    """So many mugs at main and at the shop, where customers collect, and which sends no parcels."""
    seller = await open_two(tx, MUG=(main, shop))
    counter = Location(SHOP, "Shop floor", 2, ships=False, pickup=True)
    await locations.put_locations(tx, [Location(MAIN, "Main", 1), counter])
    return seller


@pytest.mark.parametrize(
    ("pickup", "place"),
    [
        (Pickup(), SHOP),
        (Pickup(name="SHOP FLOOR"), SHOP),
        (Pickup("main"), MAIN),
        (Pickup(name="Moon"), SHOP),
    ],
)
async def test_what_is_collected_comes_from_the_place_that_is_named_or_where_customers_collect(
    tx: Tx, pickup: Pickup, place: str
) -> None:
    seller = await open_counter(tx, 5, 5)
    await take(tx, seller, order("1", line("MUG", 2), person=to("DE"), pickup=pickup))
    assert [each[1:3] for each in await rows(tx, MOVES)] == [(place, 2)]


async def test_what_is_collected_waits_for_its_place_and_is_filled_when_stock_comes_there(tx: Tx) -> None:
    seller = await open_counter(tx, 5, 0)
    await take(tx, seller, order("1", line("MUG", 2), person=to("DE"), pickup=Pickup()))
    assert (await rows(tx, HOLDS), await fill_waiting(tx, actor="hub", at=NOON)) == (
        [(["unsourced"],)],
        set(),
    )
    await tx.execute(text("INSERT INTO levels (sku, location, on_hand) VALUES ('MUG', 'shop', 2)"))
    await fill_waiting(tx, actor="hub", at=NOON)
    assert [each[1:3] for each in await rows(tx, MOVES)] == [(SHOP, 2)]


async def test_while_no_location_says_that_customers_collect_it_comes_from_anywhere(tx: Tx) -> None:
    seller = await open_two(tx, MUG=(5, 5))
    await take(tx, seller, order("1", line("MUG", 2), pickup=Pickup()))
    assert [each[1:3] for each in await rows(tx, MOVES)] == [(MAIN, 2)]


async def test_the_nearest_fills_an_order_now_and_when_stock_comes_later(tx: Tx) -> None:
    """Where an order goes is kept roughly, so that it is known when nobody can open the address."""
    seller = await open_two(tx, MUG=(1, 1))
    places = [
        Location(MAIN, "Main", 1, country="FR"),
        Location(SHOP, "Shop", 2, country="DE", postcode="10999"),
    ]
    await locations.put_locations(tx, places)
    await put(tx, Policy((Strategy.NEAREST,)))
    berlin = to("de", "10115", street="Secret 1", latitude=52.5316, longitude=13.3871)
    await take(tx, seller, order("1", line("MUG", 3), person=berlin))
    await put_stock(tx, {"MUG": 1})
    await put_stock(tx, {"MUG": 1}, SHOP)
    assert [each[1] for each in await rows(tx, MOVES)] == [SHOP, MAIN, MAIN]
    assert (await rows(tx, MOVES))[0][3] == "nearest: same country, postcode 10…"
    assert await rows(tx, "SELECT ship_to FROM orders") == [
        ({"country": "DE", "postcode": "10", "latitude": 52.5, "longitude": 13.4},)
    ]


async def test_a_fact_that_may_not_be_given_is_held_as_unsourced_until_the_policy_lets_it(tx: Tx) -> None:
    seller = await open_two(tx, MUG=(2, 2))
    await put(tx, Policy(split_max=1))
    await take(tx, seller, basket("1", MUG=3))
    await fill_waiting(tx, actor="hub", at=NOON)
    assert (await rows(tx, HOLDS), len(await rows(tx, MOVES))) == ([(["unsourced"],)], 1)
    await put(tx, Policy(split_max=2))
    await fill_waiting(tx, actor="hub", at=NOON)
    assert (await rows(tx, HOLDS), len(await rows(tx, MOVES))) == ([([],)], 2)


async def test_a_promise_that_may_not_be_given_is_refused(tx: Tx) -> None:
    seller = await open_two(tx, promises=True, MUG=(2, 2))
    await put(tx, Policy(split_max=1))
    with pytest.raises(OutOfStockError):
        await take(tx, seller, basket("1", MUG=3))
    assert await rows(tx, MOVES) == []


async def test_locations_that_do_not_serve_the_channel_or_send_no_parcels_give_nothing(tx: Tx) -> None:
    seller = await open_two(tx, MUG=(5, 5))
    await open_shop(tx, {"MUG": 0}, slug="till")
    main, shop = Location(MAIN, "Main", 1, channels=("till",)), Location(SHOP, "Shop", 2, ships=False)
    await locations.put_locations(tx, [main, shop])
    await take(tx, seller, order("1", person=to("DE")), basket("2", MUG=1))
    assert (await rows(tx, HOLDS), [each[1] for each in await rows(tx, MOVES)]) == (
        [(["unsourced"],), ([],)],
        [SHOP],
    )
    await fill_waiting(tx, actor="hub", at=NOON)
    assert await rows(tx, HOLDS) == [(["unsourced"],), ([],)]


async def test_a_paid_order_that_is_short_is_held_and_nothing_is_promised_below_zero(tx: Tx) -> None:
    """Also where one location has fewer than none by its books: what lies elsewhere covers that first."""
    seller = await open_two(tx, MUG=(1, 5))
    till = replace(seller, place=MAIN)
    await take(tx, till, order("1", line("MUG", 3, fulfilled=3), payment="paid"))
    await take(tx, seller, order("2", line("MUG", 5), payment="paid"))
    assert await rows(tx, "SELECT allocated FROM order_lines ORDER BY id DESC LIMIT 1") == [(3,)]
    assert (await rows(tx, HOLDS))[1] == (["oversold"],)
    assert await rows(tx, "SELECT sum(on_hand - allocated) FROM levels") == [(0,)]


async def test_a_till_sells_from_its_own_place_whatever_the_policy_says(tx: Tx) -> None:
    seller = await open_two(tx, MUG=(5, 5))
    await put(tx, Policy((Strategy.PRIORITY,)))
    await take(tx, replace(seller, place=SHOP), basket("1", MUG=1))
    assert await rows(tx, MOVES) == [("MUG", SHOP, 1, "the channel's own place")]


async def test_a_policy_that_cannot_be_is_refused_and_nothing_is_kept(tx: Tx) -> None:
    with pytest.raises(InputError):
        await set_policies(tx, {None: Policy(split_max=0)}, actor="ada", at=NOON)
    with pytest.raises(NotFoundError):
        await set_policies(tx, {None: Policy(), "moon": Policy()}, actor="ada", at=NOON)
    with pytest.raises(NotFoundError):
        await clear_policy(tx, None, actor="ada", at=NOON)
    assert await rows(tx, "SELECT id FROM sourcing_policies") == []
