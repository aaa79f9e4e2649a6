"""Stories: sales, cancellations, counts, bad roads and crashes at random, from the seed; in the end all is as it is."""

from functools import partial

from msgspec import Struct

from hub.model.incoming import IncomingOrder
from hub.sim.certify import flaws
from hub.sim.certify.flaws import must
from hub.sim.certify.judge import hold, judge
from hub.sim.certify.road import Trouble
from hub.sim.certify.scenario import Scenario, Tier
from hub.sim.certify.shop import Shop
from hub.sim.certify.stage import Stage, sku_of
from hub.sim.certify.targets import targets_for
from hub.spec import Capability, OutcomeState, RetryLaterError, StockTarget
from hub.spec.testing import SimReply, sim_json

STORIES = 10
STEPS = 30
LONG = 100_000
GOODS = 6
REPLIES = (None, SimReply(429, b"{}", {"retry-after": "1"}), sim_json({"error": "oops"}, 500), SimReply(503))


def scenarios() -> list[Scenario]:
    orders = "whatever happens on the road, every order comes in its last state"
    stock = "whatever happens on the road, the channel ends with the numbers told last"
    return [
        *(
            Scenario(
                f"stories/orders-{n:02}",
                Tier.BRONZE,
                orders,
                partial(orders_story, steps=STEPS),
                (Capability.FETCH_ORDERS,),
            )
            for n in range(1, STORIES + 1)
        ),
        *(
            Scenario(
                f"stories/stock-{n:02}",
                Tier.SILVER,
                stock,
                partial(stock_story, steps=STEPS),
                (Capability.PUSH_STOCK,),
            )
            for n in range(1, STORIES + 1)
        ),
        Scenario(
            "stories/100000-steps",
            Tier.PLATINUM,
            orders,
            partial(orders_story, steps=LONG),
            (Capability.FETCH_ORDERS, Capability.PUSH_STOCK),
        ),
    ]


class Story(Struct):
    """What has happened so far, and what the hub would hold."""

    shop: Shop
    sold: list[str] = []
    cursor: str | None = None
    held: dict[str, IncomingOrder] = {}


async def orders_story(stage: Stage, *, steps: int) -> None:
    """Half of the steps are sales, some cancel or let time pass, the rest are polls on a road that may be bad."""
    shop = await stage.paged(10)
    story = Story(shop)
    for _ in range(steps):
        match stage.random.choices(("sell", "cancel", "wait", "poll"), (11, 3, 2, 4))[0]:
            case "sell":
                basket, every_s = {sku_of(stage.random.randint(1, 5)): 1}, stage.random.choice((0, 0, 1, 40))
                story.sold += shop.sell(basket, every_s=every_s)
            case "cancel" if story.sold:
                shop.cancel(stage.random.choice(story.sold[-50:]))
            case "wait":
                shop.pass_time(stage.random.choice((1, 60, 3600)))
            case _:
                await _poll(stage, story)
    shop.pass_time(300)
    await _poll(stage, story, calm=True)
    _all_there(shop, story)


async def _poll(stage: Stage, story: Story, *, calm: bool = False) -> None:
    """One scan; on a bad road it may break off: the next one begins at the cursor kept last, as the hub's does."""
    shop = story.shop
    if not calm and stage.random.random() < 0.4:
        reply = stage.random.choice(REPLIES)
        shop.road.troubles.append(Trouble(reply, carries_out=stage.random.random() < 0.5, times=1))
    try:
        await _scan_on(story)
    except RetryLaterError:
        return
    finally:
        shop.road.troubles.clear()


async def _scan_on(story: Story) -> None:
    """Page after page; each is kept together with its cursor, as the hub does."""
    for _ in range(10_000):
        page = await story.shop.fetch(story.cursor)
        for message in page.items:
            if message.channel_order_id and message.complete:
                hold(story.held, story.shop.translate(message))
        story.cursor = page.next_cursor or page.resume_cursor
        if page.next_cursor is None:
            return
    raise flaws.BrokenRuleError(flaws.NEVER_ENDS, "a scan did not end")


def _all_there(shop: Shop, story: Story) -> None:
    missing = [each for each in story.sold if each not in story.held]
    must(
        not missing,
        flaws.SKIPS_ORDERS,
        f"{len(missing)} of {len(story.sold)} orders never came: {', '.join(missing[:5])}",
    )
    for each in story.sold[-2000:]:
        judge(story.held[each], shop.truth(each))


async def stock_story(stage: Stage, *, steps: int) -> None:
    """Push random numbers over a bad road, telling again what is not known, as the hub does."""
    shop = await stage.open(GOODS)
    wanted: dict[str, StockTarget] = {}
    for _ in range(steps // 4):
        skus = stage.random.sample(range(1, GOODS + 1), stage.random.randint(1, GOODS))
        fresh = await targets_for(shop, {sku_of(n): stage.random.randint(0, 9) for n in skus})
        wanted |= {each.channel_listing_id: each for each in fresh}
        if stage.random.random() < 0.5:
            shop.road.troubles.append(
                Trouble(stage.random.choice(REPLIES), stage.random.random() < 0.5, times=1)
            )
        wanted = await _tell(shop, wanted)
        shop.road.troubles.clear()
        shop.pass_time(stage.random.choice((1, 5, 60)))
    for _ in range(3):
        wanted = await _tell(shop, wanted) if wanted else {}
        shop.pass_time(2)
    must(not wanted, flaws.LOST_OUTCOME, f"{len(wanted)} listings were told on a calm road and never applied")
    _shown_as_told(shop)


async def _tell(shop: Shop, wanted: dict[str, StockTarget]) -> dict[str, StockTarget]:
    """Push; return what must be told again, under a new version."""
    try:
        outcomes = await shop.push(list(wanted.values()))
    except RetryLaterError:
        return _renewed(shop, wanted)
    applied = {each.channel_listing_id for each in outcomes if each.state is OutcomeState.APPLIED}
    shop.told |= {wanted[each].channel_sku: wanted[each].quantity for each in applied if each in wanted}
    return _renewed(shop, {key: each for key, each in wanted.items() if key not in applied})


def _renewed(shop: Shop, wanted: dict[str, StockTarget]) -> dict[str, StockTarget]:
    renewed = {}
    for key, each in wanted.items():
        shop.version += 1
        renewed[key] = StockTarget(key, each.channel_sku, each.quantity, shop.version, shop.at)
    return renewed


def _shown_as_told(shop: Shop) -> None:
    shown = shop.simulator.stock()
    differ = {sku: (units, shown[sku]) for sku, units in shop.told.items() if shown[sku] != units}
    seen = "; ".join(f"{sku} told {a}, shown {b}" for sku, (a, b) in list(differ.items())[:3])
    must(not differ, flaws.WRONG_STOCK, seen)
