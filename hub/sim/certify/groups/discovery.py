"""Discovery: every listing and every place is listed once, however many there are."""

from collections import Counter
from functools import partial

from hub.sim.certify import flaws
from hub.sim.certify.flaws import must, untried
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.shop import PAGES_MAX, Shop
from hub.sim.certify.stage import Stage, sku_of, some_goods
from hub.spec import Capability, ChannelListing, ChannelLocation
from hub.spec.testing import HasPlaces, KnowsSkus, SimItem

COUNTS = (0, 1, 5, 6, 120, 250)


def scenarios() -> list[Scenario]:
    return [
        *(
            _made(f"listings-{n}", f"{n} listings are listed, each once", partial(listings, n=n))
            for n in COUNTS
        ),
        _made("duplicate-skus", "two listings with one SKU stay two", duplicates),
        _made("titles-and-skus", "each listing has the SKU and the title the channel shows", titles),
        _made("no-sku", "a listing without a SKU is listed all the same", no_sku),
        Scenario(
            "discovery/locations",
            Tier.GOLD,
            "every place is listed, each once",
            places,
            (Capability.LIST_LOCATIONS,),
        ),
        *(
            Scenario(
                f"discovery/locations-{n}",
                Tier.GOLD,
                "every place of stock is listed once, however many there are",
                partial(so_many_places, n=n),
                (Capability.LIST_LOCATIONS,),
            )
            for n in (0, 1, 120)
        ),
    ]


def _made(what: str, says: str, run: Run, *plays: str) -> Scenario:
    return Scenario(
        f"discovery/{what}", Tier.SILVER, says, run, (Capability.LIST_LISTINGS,), frozenset(plays)
    )


async def all_listings(shop: Shop) -> list[ChannelListing]:
    found: list[ChannelListing] = []
    cursor: str | None = None
    for _ in range(PAGES_MAX):
        page = await shop.ask("list_listings", shop.channel.list_listings(cursor))
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found
    raise flaws.BrokenRuleError(
        flaws.NEVER_ENDS, f"after {PAGES_MAX} pages of listings there was still a next_cursor"
    )


async def listings(stage: Stage, *, n: int) -> None:
    shop = await stage.open(n)
    found = await all_listings(shop)
    twice = [each for each, times in Counter(one.channel_listing_id for one in found).items() if times > 1]
    must(not twice, flaws.WRONG_LISTINGS, f"listing {twice[:1]} is listed more than once")
    missing = {sku_of(each) for each in range(1, n + 1)} - {each.channel_sku for each in found}
    must(
        not missing,
        flaws.WRONG_LISTINGS,
        f"{len(missing)} of {n} are not listed, such as {sorted(missing)[:1]}",
    )


async def duplicates(stage: Stage) -> None:
    _beside_skus(await stage.opened())
    goods = some_goods(3)
    shop = await stage.open([*goods, SimItem(goods[0].sku, "The same again", goods[0].price, 7)])
    ids = {each.channel_listing_id for each in await all_listings(shop) if each.channel_sku == goods[0].sku}
    must(len(ids) == 2, flaws.WRONG_LISTINGS, f"a SKU offered twice is listed as {len(ids)} listing(s)")


async def titles(stage: Stage) -> None:
    shop = await stage.open(3)
    shown = {each.channel_sku: each.title for each in await all_listings(shop)}
    wrong = [sku for n in (1, 2, 3) if f"Thing {n}" not in shown.get(sku := sku_of(n), "")]
    must(
        not wrong, flaws.WRONG_LISTINGS, f"{wrong[:1]} is listed as {shown.get(wrong[0]) if wrong else ''!r}"
    )


async def no_sku(stage: Stage) -> None:
    _beside_skus(await stage.opened())
    shop = await stage.open([*some_goods(2), SimItem("", "Without a code", some_goods(1)[0].price, 3)])
    found = await all_listings(shop)
    must(
        any("Without a code" in each.title for each in found),
        flaws.WRONG_LISTINGS,
        "a listing without a SKU is missing",
    )


def _beside_skus(shop: Shop) -> None:
    if isinstance(shop.simulator, KnowsSkus) and shop.simulator.skus_only:
        untried("its vendor knows SKUs and no listings beside them")


async def places(stage: Stage) -> None:
    shop = await stage.open()
    ids = [each.channel_location_id for each in await all_places(shop)]
    must(bool(ids) and len(set(ids)) == len(ids), flaws.WRONG_LISTINGS, f"the places listed are {ids}")


async def so_many_places(stage: Stage, *, n: int) -> None:
    shop = await stage.open()
    if not isinstance(shop.simulator, HasPlaces):
        untried("its simulator has always the same places: give it put_places")
    shop.simulator.put_places(n)
    ids = {each.channel_location_id for each in await all_places(shop)}
    must(len(ids) == n, flaws.WRONG_LISTINGS, f"of {n} places {len(ids)} are listed")


async def all_places(shop: Shop) -> list[ChannelLocation]:
    found: list[ChannelLocation] = []
    cursor: str | None = None
    for _ in range(PAGES_MAX):
        page = await shop.ask("list_locations", shop.channel.list_locations(cursor))
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found
    raise flaws.BrokenRuleError(
        flaws.NEVER_ENDS, f"after {PAGES_MAX} pages of places there was still a next_cursor"
    )
