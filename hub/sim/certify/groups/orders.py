"""Orders translated: money exact, times with their zone, people in one place, lines that can be matched."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

from hub.model.incoming import Person
from hub.sim.certify import flaws
from hub.sim.certify.flaws import must, untried
from hub.sim.certify.groups.paging import complete
from hub.sim.certify.judge import judge
from hub.sim.certify.people import BUYERS, CANARY
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.shop import Shop
from hub.sim.certify.stage import Stage, sku_of, some_goods
from hub.spec import Capability, TimeZones
from hub.spec.testing import SimItem

PRICES = {
    "EUR": ("12.90", "0.01", "0.00", "1999.99"),
    "JPY": ("1290", "1", "0", "199999"),
    "KWD": ("12.905", "0.001", "0.000", "1999.995"),
}
LARGE = {"EUR": "90071992547409.93", "KWD": "9007199254740.993"}
TWICE = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 2:30 in Berlin, as it was an hour before
MOMENTS = {
    "spring-forward": datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
    "spring-after": datetime(2026, 3, 29, 1, 0, 1, tzinfo=UTC),
    "autumn-first": datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    "autumn-second": TWICE,
    "new-year": datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    "leap-day": datetime(2028, 2, 29, 12, tzinfo=UTC),
}
BASKETS: Mapping[str, Mapping[str, int]] = {
    "one-unit": {sku_of(1): 1},
    "many-units": {sku_of(2): 999},
    "three-lines": {sku_of(1): 1, sku_of(2): 2, sku_of(3): 3},
    "fifty-lines": {sku_of(n): 1 + n % 3 for n in range(1, 51)},
}


def scenarios() -> list[Scenario]:
    return [
        *(
            _made(f"buyer-{_slug(name)}", f"an order of a buyer is read: {name}", partial(by, buyer=buyer))
            for name, buyer in BUYERS.items()
        ),
        *(
            _made(f"basket-{name}", "each line has the units that were sold", partial(of, basket=basket))
            for name, basket in BASKETS.items()
        ),
        *(
            _made(f"moment-{name}", "placed_at is the moment of the sale", partial(sold_at, at=at))
            for name, at in MOMENTS.items()
        ),
        *(
            _made(
                f"prices-{code}",
                "amounts are exact in this currency",
                partial(priced, code=code),
                *_turned(code),
            )
            for code in PRICES
        ),
        *(
            _made(
                f"large-{code}",
                "an amount larger than a float can hold is exact",
                partial(large, code=code),
                *_turned(code),
            )
            for code in LARGE
        ),
        _made("arithmetic", "sums of many odd prices miss the total by no part of a coin", arithmetic),
        _made("canceled", "a canceled order says so", canceled),
        _made("two-listings-one-sku", "a SKU offered twice is sold from the right listing", twins),
        _made("pure", "the same message gives the same order, and nobody is called", pure),
        _made("batch-by-id", "orders asked for by id are the same as polled", batch),
        _made("batch-unknown-id", "an id the channel does not know is left out", unknown_id),
        _made(
            "batch-repeated-id", "an id asked for twice comes at least once, and nothing else", repeated_id
        ),
    ]


def _made(what: str, says: str, run: Run, *plays: str) -> Scenario:
    return Scenario(f"orders/{what}", Tier.BRONZE, says, run, (Capability.FETCH_ORDERS,), frozenset(plays))


def _turned(code: str) -> tuple[str, ...]:
    """The vendor's own currency needs no turning."""
    return () if code == "EUR" else ("currency",)


def _slug(name: str) -> str:
    return name.replace(" ", "-")


async def judged(shop: Shop, sold: Sequence[str], buyer: Person | None = CANARY) -> None:
    shop.pass_time(5)
    held = complete(shop, sold, await shop.scan())
    for each in sold:
        judge(held[each], shop.truth(each), buyer)


async def by(stage: Stage, *, buyer: Person) -> None:
    shop = await stage.open()
    await judged(shop, shop.sell({sku_of(1): 2}, {sku_of(2): 1}, buyer=buyer), buyer)


async def of(stage: Stage, *, basket: Mapping[str, int]) -> None:
    shop = await stage.open(60)
    await judged(shop, shop.sell(basket))


async def sold_at(stage: Stage, *, at: datetime) -> None:
    if at == TWICE and stage.manifest.time_zones is TimeZones.LOCAL:
        untried("its times are local, and this hour comes twice")
    shop = await stage.open(at=at)
    await judged(shop, shop.sell({sku_of(1): 1}))


async def priced(stage: Stage, *, code: str) -> None:
    prices = [Decimal(each) for each in PRICES[code]]
    items = [SimItem(sku_of(n), f"Thing {n}", price, 1000) for n, price in enumerate(prices, 1)]
    shop = await stage.open(items, {"currency": code} if _turned(code) else {})
    each_alone = [{item.sku: 3} for item in items]
    await judged(shop, shop.sell(*each_alone, {item.sku: 7 for item in items}))


async def large(stage: Stage, *, code: str) -> None:
    items = [SimItem(sku_of(1), "Thing 1", Decimal(LARGE[code]), 1000)]
    shop = await stage.open(items, {"currency": code} if _turned(code) else {})
    await judged(shop, shop.sell({sku_of(1): 1}, {sku_of(1): 3}))


async def arithmetic(stage: Stage) -> None:
    items = [
        SimItem(sku_of(n), f"Thing {n}", Decimal(stage.random.randrange(1, 99_999)).scaleb(-2), 10_000)
        for n in range(1, 13)
    ]
    shop = await stage.open(items)
    baskets = [
        {each.sku: stage.random.randint(1, 9) for each in stage.random.sample(items, 4)} for _ in range(20)
    ]
    await judged(shop, shop.sell(*baskets))


async def canceled(stage: Stage) -> None:
    shop = await stage.open()
    sold = shop.sell({sku_of(1): 1}, {sku_of(2): 1})
    shop.cancel(sold[0])
    await judged(shop, sold)


async def twins(stage: Stage) -> None:
    """Channels let two listings have one SKU; an order of it must still be read."""
    goods = some_goods(3)
    shop = await stage.open([*goods, SimItem(goods[0].sku, "The same again", goods[0].price, 7)])
    await judged(shop, shop.sell({goods[0].sku: 2, goods[1].sku: 1}))


async def pure(stage: Stage) -> None:
    shop = await stage.open()
    shop.sell({sku_of(1): 1}, {sku_of(2): 4})
    shop.pass_time(5)
    messages = (await shop.scan()).messages
    asked = len(shop.http.asked)
    first = [shop.translate(each) for each in messages]
    shop.pass_time(86_400)
    again = [shop.translate(each) for each in messages]
    must(first == again, flaws.IMPURE, "to_incoming gave another order for the same message a day later")
    must(len(shop.http.asked) == asked, flaws.IMPURE, "to_incoming called the channel")


async def batch(stage: Stage) -> None:
    shop = await stage.open()
    sold = shop.sell({sku_of(1): 1}, {sku_of(2): 2}, {sku_of(3): 1})
    shop.pass_time(5)
    polled = {each.channel_order_id: shop.translate(each) for each in (await shop.scan()).messages}
    fetched = await shop.ask("fetch_order_batch", shop.channel.fetch_order_batch(sold))
    orders = {each.channel_order_id: shop.translate(each) for each in fetched}
    must(set(orders) == set(sold), flaws.SKIPS_ORDERS, f"asked for {len(sold)} orders, {len(orders)} came")
    differ = [each for each in sold if orders[each] != polled.get(each)]
    must(not differ, flaws.WRONG_STATE, f"order {differ[:1]} reads differently by id than by poll")


async def unknown_id(stage: Stage) -> None:
    shop = await stage.open()
    [sold] = shop.sell({sku_of(1): 1})
    for unknown in ("999999999", "no-such-order"):
        found = await shop.ask("fetch_order_batch", shop.channel.fetch_order_batch([sold, unknown]))
        ids = [each.channel_order_id for each in found]
        must(ids == [sold], flaws.BLOCKS_NEIGHBORS, f"asked for a known and an unknown order, {ids} came")


async def repeated_id(stage: Stage) -> None:
    shop = await stage.open()
    sold = shop.sell({sku_of(1): 1}, {sku_of(2): 1})
    found = await shop.ask("fetch_order_batch", shop.channel.fetch_order_batch([sold[0], sold[0]]))
    ids = {each.channel_order_id for each in found}
    must(ids == {sold[0]}, flaws.SKIPS_ORDERS, f"asked for {sold[0]} twice, {sorted(ids)} came")
