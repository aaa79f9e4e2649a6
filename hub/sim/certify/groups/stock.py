"""Stock out: exact numbers, one outcome for each target, and no guess where the answer was lost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from hub.sim.certify import flaws
from hub.sim.certify.flaws import BrokenRuleError, must
from hub.sim.certify.groups.trouble import once
from hub.sim.certify.road import Trouble
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.shop import Shop
from hub.sim.certify.stage import Stage, sku_of
from hub.sim.certify.targets import targets_for
from hub.spec import Capability, Outcome, OutcomeState, RetryLaterError, StockTarget
from hub.spec.testing import SimReply, SimRequest, sim_json

A, B, C = sku_of(1), sku_of(2), sku_of(3)
LEVELS = {"zero": 0, "one": 1, "many": 12_345, "the same as shown": 1000}
LOST = {
    "dropped": ("the write is carried out and the connection drops", None),
    "500": ("the write is carried out and answered 500", sim_json({"error": "oops"}, 500)),
    "502": ("the write is carried out behind a gateway that answers 502", SimReply(502, b"<html></html>")),
    "504": ("the write is carried out behind a gateway that answers 504", SimReply(504)),
    "unreadable": (
        "the write is carried out and its answer cannot be read",
        SimReply(200, b"<html>ok</html>"),
    ),
}


def scenarios() -> list[Scenario]:
    return [
        *(
            _made(
                f"level-{name.replace(' ', '-')}",
                "the channel shows exactly the number told",
                partial(level, units=units),
            )
            for name, units in LEVELS.items()
        ),
        *(
            _made(f"lost-answer-{name}", f"{says}: nobody knows", partial(lost, reply=reply))
            for name, (says, reply) in LOST.items()
        ),
        _made("nothing-to-push", "an empty batch has no outcomes", nothing),
        _made("whole-batch", "a batch of stock_batch_max has an outcome for each", whole_batch),
        _made("5-3-5", "the same number again under a new version is written again", back_again),
        _made("after-a-sale", "the number told replaces what the channel counted itself", after_a_sale),
        _made("same-target-again", "the same target told twice changes nothing", again),
        _made("duplicate-in-batch", "two targets for one listing: the higher version holds", duplicate),
        _made(
            "unknown-listing",
            "a listing the channel does not know is rejected, its neighbors are written",
            unknown,
        ),
        _made(
            "nonsense-listing", "a listing id of no sense is rejected, its neighbors are written", nonsense
        ),
        _made("all-unknown", "a batch of unknown listings is rejected, each with its reason", all_unknown),
        _made(
            "refused-listing",
            "one the channel refuses is rejected with its reason, its neighbors are written",
            refused,
            "refused_skus",
        ),
        _made("too-many-calls", "a 429 writes nothing and says when", too_many),
        _made("nothing-else-moves", "listings that were not told keep their numbers", others_keep),
    ]


def _made(what: str, says: str, run: Run, *plays: str) -> Scenario:
    return Scenario(f"stock/{what}", Tier.SILVER, says, run, (Capability.PUSH_STOCK,), frozenset(plays))


async def told(shop: Shop, levels: Mapping[str, int]) -> list[Outcome]:
    """Push, and hold each outcome against what the channel shows now."""
    targets = await targets_for(shop, levels)
    outcomes = await shop.push(targets)
    one_each(targets, outcomes)
    states = {each.channel_listing_id: each.state for each in outcomes}
    shown = shop.simulator.stock()
    for target in targets:
        state = states[target.channel_listing_id]
        must(
            state is OutcomeState.APPLIED and shown[target.channel_sku] == target.quantity,
            flaws.WRONG_STOCK,
            f"told {target.quantity}: the outcome is {state}, the channel shows {shown[target.channel_sku]}",
        )
    return outcomes


def one_each(targets: Sequence[StockTarget], outcomes: Sequence[Outcome]) -> None:
    wanted = Counter({each.channel_listing_id for each in targets})
    got = Counter({each.channel_listing_id for each in outcomes})
    missing = sorted((wanted - got).elements())
    must(
        not missing,
        flaws.LOST_OUTCOME,
        f"no outcome for {len(missing)} of {len(targets)} targets, such as {missing[:1]}",
    )
    foreign = sorted((got - wanted).elements())
    must(not foreign, flaws.LOST_OUTCOME, f"an outcome for {foreign[:1]}, which nobody told")
    mute = [
        each.channel_listing_id
        for each in outcomes
        if each.state is OutcomeState.REJECTED and not each.reason
    ]
    must(not mute, flaws.LOST_OUTCOME, f"{mute[:1]} is rejected without the channel's reason")


async def level(stage: Stage, *, units: int) -> None:
    await told(await stage.open(), {A: units})


async def nothing(stage: Stage) -> None:
    shop = await stage.open()
    must(await shop.push([]) == [], flaws.LOST_OUTCOME, "an empty batch had outcomes")


async def whole_batch(stage: Stage) -> None:
    size = min(stage.manifest.stock_batch_max, 250)
    shop = await stage.open(size)
    await told(shop, {sku_of(n): n % 90 for n in range(1, size + 1)})


async def back_again(stage: Stage) -> None:
    shop = await stage.open()
    for units in (5, 3, 5):
        shop.pass_time(2)
        await told(shop, {A: units})


async def after_a_sale(stage: Stage) -> None:
    shop = await stage.open()
    await told(shop, {A: 5})
    shop.pass_time(2)
    shop.sell({A: 2})
    shop.pass_time(2)
    await told(shop, {A: 5})


async def again(stage: Stage) -> None:
    shop = await stage.open()
    targets = await targets_for(shop, {A: 5, B: 6})
    for _ in range(2):
        one_each(targets, await shop.push(targets))
    shown = shop.simulator.stock()
    must(
        (shown[A], shown[B]) == (5, 6),
        flaws.WRONG_STOCK,
        f"told 5 and 6 twice, it shows {shown[A]} and {shown[B]}",
    )


async def duplicate(stage: Stage) -> None:
    shop = await stage.open()
    older, other = await targets_for(shop, {A: 7, B: 8})
    [newer] = await targets_for(shop, {A: 9})
    for batch in ([older, other, newer], [newer, other, older]):
        one_each(batch, await shop.push(batch))
        shown = shop.simulator.stock()
        seen = f"of 7 and, later, 9 for one listing it shows {shown[A]}"
        must((shown[A], shown[B]) == (9, 8), flaws.WRONG_STOCK, seen)


async def unknown(stage: Stage) -> None:
    await _one_wrong(stage, "987654321")


async def nonsense(stage: Stage) -> None:
    await _one_wrong(stage, "no such listing/☃")


async def _one_wrong(stage: Stage, listing_id: str) -> None:
    """A batch may be refused whole and then told in halves, as the hub does; in the end the neighbors are written."""
    shop = await stage.open()
    good = await targets_for(shop, {A: 4, B: 5})
    wrong = StockTarget(listing_id, "", 6, shop.version + 1, shop.at)
    outcomes = await in_halves(shop, [good[0], wrong, good[1]])
    states = {each.channel_listing_id: each.state for each in outcomes}
    must(
        states.get(listing_id) is OutcomeState.REJECTED,
        flaws.LOST_OUTCOME,
        f"an unknown listing is {states.get(listing_id)}, not rejected",
    )
    shown = shop.simulator.stock()
    must(
        (shown[A], shown[B]) == (4, 5),
        flaws.BLOCKS_NEIGHBORS,
        f"its neighbors were told 4 and 5, they show {shown[A]} and {shown[B]}",
    )


async def in_halves(shop: Shop, targets: Sequence[StockTarget]) -> list[Outcome]:
    """Push as the hub does: what is not known after a refused batch is told again by itself."""
    outcomes = await shop.push(targets)
    one_each(targets, outcomes)
    unsure = {each.channel_listing_id for each in outcomes if each.state is OutcomeState.UNKNOWN}
    for target in [each for each in targets if each.channel_listing_id in unsure]:
        shop.pass_time(2)
        fresh = StockTarget(
            target.channel_listing_id, target.channel_sku, target.quantity, target.version, shop.at
        )
        outcomes += await shop.push([fresh])
    return outcomes


async def all_unknown(stage: Stage) -> None:
    shop = await stage.open()
    await targets_for(shop, {A: 1})
    wrong = [StockTarget(f"98765432{n}", "", n, n, shop.at) for n in range(1, 4)]
    outcomes = await in_halves(shop, wrong)
    states = Counter(each.state for each in outcomes)
    must(
        states[OutcomeState.REJECTED] >= len(wrong),
        flaws.LOST_OUTCOME,
        f"of {len(wrong)} unknown listings {dict(states)}",
    )


async def refused(stage: Stage) -> None:
    shop = await stage.open(quirks={"refused_skus": [B]})
    targets = await targets_for(shop, {A: 4, B: 5, C: 6})
    outcomes = await in_halves(shop, targets)
    final = {each.channel_listing_id: each.state for each in outcomes}
    states = [final[each.channel_listing_id] for each in targets]
    shown = shop.simulator.stock()
    must(
        (shown[A], shown[C]) == (4, 6),
        flaws.BLOCKS_NEIGHBORS,
        "the neighbors of a refused listing were not written",
    )
    must(
        states == [OutcomeState.APPLIED, OutcomeState.REJECTED, OutcomeState.APPLIED],
        flaws.LOST_OUTCOME,
        f"one of three is refused by the channel, the outcomes are {states}",
    )


async def too_many(stage: Stage) -> None:
    shop = await stage.open()
    targets = await targets_for(shop, {A: 3})
    shop.road.troubles.append(Trouble(SimReply(429, b"{}", {"retry-after": "9"})))
    try:
        outcomes = await shop.push(targets)
    except RetryLaterError as error:
        must(error.after_s == 9.0, flaws.WRONG_ERROR, f"Retry-After said 9 s, the error says {error.after_s}")
        return
    refused = any(each.state is OutcomeState.REJECTED for each in outcomes)
    flaw = flaws.UNKNOWN_AS_FAILED if refused else flaws.WRONG_ERROR
    raise BrokenRuleError(flaw, f"a 429 wrote nothing and says when; push_stock returned {outcomes}")


async def others_keep(stage: Stage) -> None:
    shop = await stage.open()
    before = shop.simulator.stock()
    await told(shop, {A: 5})
    moved = sorted(sku for sku, units in shop.simulator.stock().items() if sku != A and units != before[sku])
    must(not moved, flaws.WRONG_STOCK, f"{moved[:3]} moved although nobody told them")


async def lost(stage: Stage, *, reply: SimReply | None) -> None:
    """The first push shows which calls write; then the answer to such a call is lost after it was carried out."""
    shop = await stage.open()
    await told(shop, {A: 50, B: 60})
    writes = shop.road.writes()
    shop.pass_time(2)
    targets = await targets_for(shop, {A: 51, B: 61})

    def is_write(request: SimRequest) -> bool:
        return (request.method, request.path) in writes

    shop.road.troubles.append(Trouble(reply, carries_out=True, fits=is_write))
    before = len(shop.http.asked)
    try:
        outcomes = await shop.push(targets)
    except RetryLaterError:
        outcomes = []
    asked = shop.http.asked[before:]
    once("push_stock", [call for call in asked if (call[0], shop.heard(call[1])) in writes])
    for each in outcomes:
        must(
            each.state is not OutcomeState.REJECTED,
            flaws.UNKNOWN_AS_FAILED,
            "the write was carried out and its answer lost; the outcome is rejected",
        )
        must(
            each.state is not OutcomeState.APPLIED,
            flaws.UNKNOWN_AS_APPLIED,
            "the answer to the write was lost; the outcome is applied",
        )
