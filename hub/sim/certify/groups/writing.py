"""Write-back: each wish is carried out once, whatever is lost on the way; what cannot be is refused, in words."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from msgspec import Struct

from hub.model.incoming import IncomingOrder
from hub.sim.certify import flaws
from hub.sim.certify.deeds import DEEDS, LABELS, Deed, Wishes, wishes_of
from hub.sim.certify.flaws import BrokenRuleError, must
from hub.sim.certify.road import Trouble
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.shop import Shop
from hub.sim.certify.stage import Stage, sku_of
from hub.spec import OutcomeState, RetryLaterError, UnauthorizedError, WriteOutcome
from hub.spec.testing import SimReply, SimRequest, sim_json

APPLIED, REJECTED, UNKNOWN = OutcomeState.APPLIED, OutcomeState.REJECTED, OutcomeState.UNKNOWN
ID = re.compile(r"[^/]*\d[^/]*")
LOST = {
    "dropped": ("the wish is carried out and the connection drops", None),
    "502": ("the wish is carried out behind a gateway that answers 502", SimReply(502, b"<html></html>")),
    "unreadable": (
        "the wish is carried out and its answer cannot be read",
        SimReply(200, b"<html>ok</html>"),
    ),
}
TROUBLE = {
    "429": ("too many calls is for later", SimReply(429, b"{}", {"retry-after": "9"}), RetryLaterError),
    "503": ("trouble there is for later", SimReply(503), RetryLaterError),
    "401": ("a refused key is unauthorized", sim_json({"error": "no"}, 401), UnauthorizedError),
}


def scenarios() -> list[Scenario]:
    return [each for deed in DEEDS for each in _of(deed)]


def _of(deed: Deed) -> list[Scenario]:
    def made(what: str, says: str, run: Run) -> Scenario:
        return Scenario(f"{deed.group}/{what}", Tier.GOLD, f"{deed.title}: {says}", run, (deed.capability,))

    def tried(run: Callable[..., Any], **more: object) -> Run:
        return partial(run, deed=deed, **more)

    return [
        made("done", "what is wished is done, and nothing more", tried(done)),
        made("nothing", "nothing wished has no outcomes", tried(nothing)),
        made("again", "the same wish again, an hour later, acts once and is applied", tried(again)),
        made("twice-in-a-batch", "the same wish twice in a batch acts once", tried(twice)),
        made(
            "neighbors",
            "one for what the channel does not know costs its neighbors nothing",
            tried(neighbors),
        ),
        *(
            [made("too-much", "what is done already cannot be done again by another wish", tried(too_much))]
            if deed is not LABELS
            else []
        ),
        *(
            made(
                f"lost-answer-{name}",
                f"{says}: nobody knows, and a repeat acts once",
                tried(lost, reply=reply),
            )
            for name, (says, reply) in LOST.items()
        ),
        *(
            made(
                f"trouble-{name}",
                f"{says}, and nothing is said to be done",
                tried(refused, reply=reply, error=error),
            )
            for name, (says, reply, error) in TROUBLE.items()
        ),
    ]


class Scene(Struct):
    shop: Shop
    orders: list[IncomingOrder]
    wishes: Wishes


async def scene_of(stage: Stage, deed: Deed, count: int = 1) -> Scene:
    """A shop with orders that the hub has taken, and what can be wished of them."""
    shop = await stage.open()
    wishes = wishes_of(deed, shop)
    ids = shop.sell(*[{sku_of(1): 2, sku_of(2): 1}] * count, to_send=True)
    shop.pass_time(5)
    messages = await shop.ask("fetch_order_batch", shop.channel.fetch_order_batch(ids))
    orders = sorted((shop.translate(each) for each in messages), key=lambda each: each.channel_order_id)
    for each in orders:
        await wishes.prepare(each)
    return Scene(shop, orders, wishes)


async def push(scene: Scene, wishes: Sequence[Any]) -> list[WriteOutcome]:
    """What became of each, held to one outcome for each key."""
    deed = scene.wishes.deed
    call = getattr(scene.shop.channel, deed.method)
    outcomes: list[WriteOutcome] = await scene.shop.ask(deed.method, call(wishes))
    keys, wanted = sorted(each.key for each in outcomes), sorted({each.key for each in wishes})
    must(keys == wanted, flaws.LOST_OUTCOME, f"{len(wanted)} wishes, outcomes for {len(keys)}")
    mute = [each for each in outcomes if each.state is REJECTED and not each.reason]
    must(not mute, flaws.LOST_OUTCOME, "a wish is rejected without a reason")
    return outcomes


def states_of(outcomes: Sequence[WriteOutcome], wishes: Sequence[Any]) -> list[OutcomeState]:
    found = {each.key: each.state for each in outcomes}
    return [found[each.key] for each in wishes]


def shows(scene: Scene, order: IncomingOrder, wanted: object, when: str) -> None:
    shown = scene.wishes.effect(order)
    must(shown == wanted, flaws.WRONG_WRITE, f"{when}: the channel has {shown}, wished was {wanted}")


async def done(stage: Stage, *, deed: Deed) -> None:
    scene = await scene_of(stage, deed, 2)
    first, second = scene.orders
    before = scene.wishes.effect(second)
    wish = scene.wishes.whole(first, "k1")
    states = states_of(await push(scene, [wish]), [wish])
    must(states == [APPLIED], flaws.WRONG_WRITE, f"the channel did it, the outcome is {states[0]}")
    shows(scene, first, scene.wishes.all_done(first), "afterwards")
    must(scene.wishes.effect(second) == before, flaws.WRONG_WRITE, "another order was changed as well")


async def nothing(stage: Stage, *, deed: Deed) -> None:
    scene = await scene_of(stage, deed)
    must(await push(scene, []) == [], flaws.LOST_OUTCOME, "nothing was wished, and there are outcomes")


async def again(stage: Stage, *, deed: Deed) -> None:
    scene = await scene_of(stage, deed)
    [order] = scene.orders
    wish = scene.wishes.part(order, "k1")
    await push(scene, [wish])
    once = scene.wishes.effect(order)
    scene.shop.pass_time(3600)
    states = states_of(await push(scene, [wish]), [wish])
    must(scene.wishes.effect(order) == once, flaws.ACTS_TWICE, f"{once} became {scene.wishes.effect(order)}")
    must(states == [APPLIED], flaws.ACTS_TWICE, f"it was done before, and the second outcome is {states[0]}")


async def twice(stage: Stage, *, deed: Deed) -> None:
    scene = await scene_of(stage, deed)
    [order] = scene.orders
    wish = scene.wishes.part(order, "k1")
    await push(scene, [wish, wish])
    alone = await scene_of(stage, deed)
    await push(alone, [alone.wishes.part(alone.orders[0], "k1")])
    wanted = alone.wishes.effect(alone.orders[0])
    must(
        scene.wishes.effect(order) == wanted,
        flaws.ACTS_TWICE,
        f"{wanted} was wished, {scene.wishes.effect(order)} done",
    )


async def neighbors(stage: Stage, *, deed: Deed) -> None:
    scene = await scene_of(stage, deed, 2)
    first, last = scene.orders
    wishes = [
        scene.wishes.whole(first, "k1"),
        scene.wishes.of_nobody(first, "k2"),
        scene.wishes.whole(last, "k3"),
    ]
    states = states_of(await push(scene, wishes), wishes)
    for each in (first, last):
        shown = scene.wishes.effect(each)
        fine = shown == scene.wishes.all_done(each)
        must(fine, flaws.BLOCKS_NEIGHBORS, f"beside one that is unknown, {shown} was done")
    wanted = [APPLIED, REJECTED, APPLIED]
    must(states == wanted, flaws.LOST_OUTCOME, f"of three the second is unknown there: {states}")


async def too_much(stage: Stage, *, deed: Deed) -> None:
    scene = await scene_of(stage, deed)
    [order] = scene.orders
    await push(scene, [scene.wishes.whole(order, "k1")])
    more = scene.wishes.whole(order, "k2")
    states = states_of(await push(scene, [more]), [more])
    shows(scene, order, scene.wishes.all_done(order), "after a second wish")
    must(
        states == [REJECTED],
        flaws.WRONG_WRITE,
        f"it was done by another wish already, the outcome is {states[0]}",
    )


async def lost(stage: Stage, *, deed: Deed, reply: SimReply | None) -> None:
    """A first wish shows which calls write; then the answer to such a call is lost after it was carried out."""
    scene = await scene_of(stage, deed, 2)
    first, order = scene.orders
    await push(scene, [scene.wishes.part(first, "k1")])
    writes = {(method, _shape_of(path)) for method, path in scene.shop.road.writes()}
    wish = scene.wishes.part(order, "k2")

    def is_write(request: SimRequest) -> bool:
        return (request.method, _shape_of(request.path)) in writes

    scene.shop.road.troubles.append(Trouble(reply, carries_out=True, times=1, fits=is_write))
    try:
        states = states_of(await push(scene, [wish]), [wish])
    except RetryLaterError:
        states = [UNKNOWN]
    must(states != [REJECTED], flaws.UNKNOWN_AS_FAILED, "it was carried out and the answer lost: rejected")
    must(states != [APPLIED], flaws.UNKNOWN_AS_APPLIED, "the answer was lost: applied")
    once = scene.wishes.effect(order)
    scene.shop.road.troubles.clear()
    scene.shop.pass_time(60)
    states = states_of(await push(scene, [wish]), [wish])
    must(scene.wishes.effect(order) == once, flaws.ACTS_TWICE, f"{once} became {scene.wishes.effect(order)}")
    must(states == [APPLIED], flaws.ACTS_TWICE, f"it was done before, and the second outcome is {states[0]}")


def _shape_of(path: str) -> str:
    """The path of a call, whatever it is about."""
    return ID.sub("*", path)


async def refused(stage: Stage, *, deed: Deed, reply: SimReply, error: type[Exception]) -> None:
    scene = await scene_of(stage, deed)
    [order] = scene.orders
    before = scene.wishes.effect(order)
    wish = scene.wishes.part(order, "k1")
    scene.shop.road.troubles.append(Trouble(reply))
    try:
        states = states_of(await push(scene, [wish]), [wish])
    except error:
        return
    finally:
        must(
            scene.wishes.effect(order) == before, flaws.WRONG_WRITE, "nothing was let through, and it changed"
        )
    if states != [UNKNOWN]:
        raise BrokenRuleError(flaws.WRONG_ERROR, f"{reply.status} to every call: the outcome is {states[0]}")
