"""Stock read back: what the channel shows now, for the listings it knows."""

from hub.sim.certify import flaws
from hub.sim.certify.flaws import must, untried
from hub.sim.certify.groups.stock import told
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.shop import Shop
from hub.sim.certify.stage import Stage, sku_of
from hub.sim.certify.targets import listings_of
from hub.spec import Capability
from hub.spec.testing import SetsStock

READS = (Capability.READ_STOCK,)
PUSHES = (Capability.READ_STOCK, Capability.PUSH_STOCK)
A, B, C = sku_of(1), sku_of(2), sku_of(3)


def scenarios() -> list[Scenario]:
    return [
        _made("opening", "what the channel shows is read", opening),
        _made("after-a-sale", "a sale there shows", after_a_sale),
        _made("tampered", "numbers changed behind everybody's back show", tampered),
        _made("unknown-listing", "a listing the channel does not know is left out", unknown),
        _made("nothing-to-read", "nothing asked, nothing answered", nothing),
        _made("many", "250 listings are read, whatever fits on a page", many),
        _made(
            "what-was-told",
            "after a push the number told is read",
            what_was_told,
            needs=PUSHES,
        ),
        _made(
            "lagging",
            "a number that shows late is read late, and never wrong",
            lagging,
            "lag_s",
            needs=PUSHES,
        ),
        _made("pages-of-3", "small pages change nothing", small_pages, "page_max"),
    ]


def _made(
    what: str, says: str, run: Run, *plays: str, needs: tuple[Capability, ...] = (Capability.READ_STOCK,)
) -> Scenario:
    return Scenario(f"reading/{what}", Tier.GOLD, says, run, needs, frozenset(plays))


async def read(shop: Shop, *skus: str) -> dict[str, int]:
    """What read_stock answers, by SKU."""
    known = await listings_of(shop)
    shown = await shop.ask("read_stock", shop.channel.read_stock([known[each] for each in skus]))
    return {sku: shown[known[sku]] for sku in skus if known[sku] in shown}


def same(got: dict[str, int], wanted: dict[str, int]) -> None:
    differ = {sku: (got.get(sku), units) for sku, units in wanted.items() if got.get(sku) != units}
    seen = "; ".join(f"{sku}: read {a}, shown {b}" for sku, (a, b) in list(differ.items())[:3])
    must(not differ, flaws.WRONG_STOCK, seen)


async def opening(stage: Stage) -> None:
    shop = await stage.open()
    got = await read(shop, A, B, C)
    same(got, {each: shop.simulator.stock()[each] for each in (A, B, C)})


async def after_a_sale(stage: Stage) -> None:
    shop = await stage.open()
    await listings_of(shop)
    shop.sell({A: 3})
    same(await read(shop, A, B), {each: shop.simulator.stock()[each] for each in (A, B)})


async def tampered(stage: Stage) -> None:
    shop = await stage.open()
    await listings_of(shop)
    if not isinstance(shop.simulator, SetsStock):
        untried("its simulator cannot set stock")
    shop.simulator.set_stock({A: 77, B: 0}, at=shop.channel_clock())
    shop.pass_time(1)
    same(await read(shop, A, B), {A: 77, B: 0})


async def unknown(stage: Stage) -> None:
    shop = await stage.open()
    known = await listings_of(shop)
    asked = [known[A], "987654321", "no such listing/☃"]
    shown = await shop.ask("read_stock", shop.channel.read_stock(asked))
    must(
        set(shown) == {known[A]},
        flaws.BLOCKS_NEIGHBORS,
        f"one known listing of three asked for, {sorted(shown)} came",
    )


async def nothing(stage: Stage) -> None:
    shop = await stage.open()
    must(
        await shop.ask("read_stock", shop.channel.read_stock([])) == {},
        flaws.WRONG_STOCK,
        "nothing was asked, something came",
    )


async def many(stage: Stage) -> None:
    shop = await stage.open(250)
    skus = [sku_of(n) for n in range(1, 251)]
    same(await read(shop, *skus), {each: shop.simulator.stock()[each] for each in skus})


async def small_pages(stage: Stage) -> None:
    shop = await stage.open(20, {"page_max": 3})
    skus = [sku_of(n) for n in range(1, 21)]
    same(await read(shop, *skus), {each: shop.simulator.stock()[each] for each in skus})


async def what_was_told(stage: Stage) -> None:
    shop = await stage.open()
    await told(shop, {A: 5, B: 0})
    shop.pass_time(1)
    same(await read(shop, A, B), {A: 5, B: 0})


async def lagging(stage: Stage) -> None:
    shop = await stage.open(quirks={"lag_s": 10.0})
    before = (await read(shop, A))[A]
    await told(shop, {A: 5})
    shop.pass_time(1)
    soon = (await read(shop, A))[A]
    must(soon in {before, 5}, flaws.WRONG_STOCK, f"{before} shown and 5 told, read was {soon}")
    shop.pass_time(30)
    same(await read(shop, A), {A: 5})
