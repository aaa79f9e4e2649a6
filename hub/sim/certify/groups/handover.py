"""Orders beyond goods and money: collected, paid at the door, sent in parcels, deleted, sold as a bundle."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from hub.model.incoming import LineKind
from hub.sim.certify import flaws
from hub.sim.certify.flaws import must, untried
from hub.sim.certify.groups.orders import judged
from hub.sim.certify.groups.paging import complete
from hub.sim.certify.judge import judge
from hub.sim.certify.people import CANARY
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.stage import Stage, sku_of
from hub.spec import Capability
from hub.spec.testing import DeletesOrders, LetsCollect, SellsBundles, SendsParcels

A, B, C = sku_of(1), sku_of(2), sku_of(3)
MANY = 12
NUMBERS = ("00340434161094042557", "1Z999AA10123456784")


def scenarios() -> list[Scenario]:
    return [
        _made("collected", "an order that the buyer collects says so, and no other", collected),
        _made(
            "paid-at-the-door", "an order that is paid at the door says so, and no other", paid_at_the_door
        ),
        _made("parcels", "each parcel is there with its number, and all has left", parcels),
        _made("deleted-by-id", "an order that was deleted is left out, its neighbors come", deleted_by_id),
        _made("deleted-in-mid-scan", "an order deleted in mid-scan hides no other", deleted_in_mid_scan),
        _made("bundle", "a bundle takes its parts or itself, never both, and costs its price", bundle),
    ]


def _made(what: str, says: str, run: Run) -> Scenario:
    return Scenario(f"orders/{what}", Tier.BRONZE, says, run, (Capability.FETCH_ORDERS,))


async def collected(stage: Stage) -> None:
    shop = await stage.open()
    if not isinstance(shop.simulator, LetsCollect):
        untried("its simulator lets nobody collect: give it collect")
    sold = shop.sell({A: 1, B: 2}, {A: 1})
    shop.simulator.collect(sold[0], at=shop.channel_clock())
    must(shop.truth(sold[0]).collected is True, flaws.SIMULATOR, "its sale does not say that it is collected")
    await judged(shop, sold)


async def paid_at_the_door(stage: Stage) -> None:
    shop = await stage.open()
    sold = shop.sell(*({A: 1} if n % 2 else {A: 1, B: 1} for n in range(MANY)))
    if {shop.truth(each).at_the_door for each in sold} != {True, False}:
        untried("its simulator sells nothing that is paid at the door")
    await judged(shop, sold)


async def parcels(stage: Stage) -> None:
    shop = await stage.open()
    if not isinstance(shop.simulator, SendsParcels):
        untried("its simulator sends nothing away: give it send_away")
    sold = shop.sell({A: 2, B: 2}, {A: 1})
    shop.simulator.send_away(sold[0], NUMBERS, at=shop.channel_clock())
    shop.pass_time(5)
    held = complete(shop, sold, await shop.scan())
    for each in sold:
        judge(held[each], shop.truth(each), CANARY)
    sent = held[sold[0]]
    here = [each.channel_line_id for each in sent.lines if each.fulfilled < each.quantity]
    must(
        len(sent.parcels) == len(NUMBERS), flaws.WRONG_HANDOVER, f"{len(sent.parcels)} of 2 parcels are there"
    )
    must(not here, flaws.WRONG_STATE, f"all has left, and lines {here} read as not sent")


def _deleting(simulator: object) -> Callable[[str, datetime], None]:
    if not isinstance(simulator, DeletesOrders):
        untried("its vendor deletes no orders")
    deletes: DeletesOrders = simulator
    return lambda order_id, at: deletes.delete_order(order_id, at=at)


async def deleted_by_id(stage: Stage) -> None:
    shop = await stage.open()
    delete = _deleting(shop.simulator)
    sold = shop.sell({A: 1}, {B: 1}, {C: 1})
    delete(sold[1], shop.channel_clock())
    found = await shop.ask("fetch_order_batch", shop.channel.fetch_order_batch(sold))
    ids = [each.channel_order_id for each in found]
    must(
        sorted(ids) == sorted([sold[0], sold[2]]),
        flaws.BLOCKS_NEIGHBORS,
        f"one of three was deleted, {ids} came",
    )


async def deleted_in_mid_scan(stage: Stage) -> None:
    shop = await stage.paged()
    delete = _deleting(shop.simulator)
    sold = shop.sell(*({A: 1} for _ in range(3 * stage.page_size)))
    shop.pass_time(5)
    first = await shop.fetch(None)
    delete(sold[0], shop.channel_clock())
    rest = await shop.scan(first.next_cursor)
    came = {each.channel_order_id for each in (*first.items, *rest.messages)}
    missing = sorted(set(sold[1:]) - came)
    must(
        not missing,
        flaws.SKIPS_ORDERS,
        f"one order was deleted in mid-scan, and {len(missing)} others are missing",
    )


async def bundle(stage: Stage) -> None:
    shop = await stage.open()
    if not isinstance(shop.simulator, SellsBundles):
        untried("its vendor lists no bundle with its parts")
    parts = {A: 2, B: 1}
    sold = shop.simulator.sell_bundle(parts, at=shop.channel_clock(), buyer=CANARY)
    shop.pass_time(5)
    order = complete(shop, [sold], await shop.scan())[sold]
    judge(order, None, CANARY)
    total = shop.truth(sold).total
    must(order.total == total, flaws.WRONG_MONEY, f"the bundle costs {total}, the order {order.total}")
    items = [each for each in order.lines if each.kind is LineKind.ITEM]
    units: Counter[str] = Counter()
    for each in items:
        units[each.channel_sku or each.channel_listing_id] += each.quantity
    whole = [each.quantity for each in items] == [1]
    seen = f"a bundle of {parts} takes {dict(units)}"
    must(whole or sum(units.values()) == sum(parts.values()), flaws.WRONG_LINES, seen)
