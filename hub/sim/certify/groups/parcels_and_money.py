"""What only parcels, cancellations, money or returns can get wrong."""

from decimal import Decimal
from typing import cast

from hub.model.incoming import IncomingOrder
from hub.sim.certify import flaws
from hub.sim.certify.deeds import (
    CANCELS,
    DECISIONS,
    PARCELS,
    REFUNDS,
    Cancels,
    Decisions,
    Deed,
    Parcels,
    Refunds,
)
from hub.sim.certify.flaws import must
from hub.sim.certify.groups.writing import Scene, push, scene_of, shows, states_of
from hub.sim.certify.scenario import Run, Scenario, Tier
from hub.sim.certify.stage import Stage
from hub.spec import Capability, OutcomeState

APPLIED, REJECTED = OutcomeState.APPLIED, OutcomeState.REJECTED


def scenarios() -> list[Scenario]:
    return [
        _made(PARCELS, "part-then-rest", "one unit, then what is left", part_then_rest),
        _made(PARCELS, "too-many", "more units than were ordered are rejected", too_many_units),
        _made(PARCELS, "canceled", "nothing leaves of an order that is canceled", canceled_order),
        _made(PARCELS, "unknown-carrier", "a carrier it does not know is sent as its name", odd_carrier),
        _made(PARCELS, "no-number", "a parcel without a number leaves as well", no_number),
        _made(PARCELS, "seen", "what left is read back with the order", seen_shipped),
        _made(CANCELS, "seen", "a canceled order is read back as canceled", seen_canceled),
        _made(
            CANCELS,
            "has-left",
            "what has left is not canceled",
            has_left,
            (Capability.PUSH_CANCEL, Capability.PUSH_FULFILLMENT),
        ),
        _made(REFUNDS, "two-alike", "two wishes for the same amount are two", two_alike),
        _made(REFUNDS, "more-than-paid", "more than was paid is rejected", too_much_money),
        _made(REFUNDS, "other-currency", "money of another currency is rejected", other_currency),
        _made(DECISIONS, "refuse", "a return is refused as well as accepted", refuse),
        _made(DECISIONS, "contrary", "what is decided is not decided otherwise", contrary),
    ]


def _made(deed: Deed, what: str, says: str, run: Run, needs: tuple[Capability, ...] = ()) -> Scenario:
    return Scenario(f"{deed.group}/{what}", Tier.GOLD, says, run, needs or (deed.capability,))


async def _parcels(stage: Stage) -> tuple[Scene, Parcels, IncomingOrder]:
    scene = await scene_of(stage, PARCELS)
    return scene, cast("Parcels", scene.wishes), scene.orders[0]


async def _money(stage: Stage) -> tuple[Scene, Refunds, IncomingOrder]:
    scene = await scene_of(stage, REFUNDS)
    return scene, cast("Refunds", scene.wishes), scene.orders[0]


async def read_again(scene: Scene) -> IncomingOrder:
    scene.shop.pass_time(5)
    ids = [scene.orders[0].channel_order_id]
    [message] = await scene.shop.ask("fetch_order_batch", scene.shop.channel.fetch_order_batch(ids))
    return scene.shop.translate(message)


async def part_then_rest(stage: Stage) -> None:
    scene, wishes, order = await _parcels(stage)
    await push(scene, [wishes.part(order, "k1")])
    first = order.lines[0].channel_line_id
    shows(scene, order, {first: 1}, "after one unit")
    left = {each.channel_line_id: each.quantity for each in order.lines} | {
        first: order.lines[0].quantity - 1
    }
    rest = wishes.parcel(order, "k2", left, last=True)
    states = states_of(await push(scene, [rest]), [rest])
    shows(scene, order, wishes.all_done(order), "after the rest")
    must(states == [APPLIED], flaws.WRONG_WRITE, f"the rest left, the outcome is {states[0]}")


async def too_many_units(stage: Stage) -> None:
    scene, wishes, order = await _parcels(stage)
    wish = wishes.parcel(order, "k1", {order.lines[0].channel_line_id: order.lines[0].quantity + 1})
    states = states_of(await push(scene, [wish]), [wish])
    shows(scene, order, {}, "after more than was ordered")
    must(states == [REJECTED], flaws.WRONG_WRITE, f"more units than ordered: the outcome is {states[0]}")


async def canceled_order(stage: Stage) -> None:
    scene, wishes, order = await _parcels(stage)
    scene.shop.cancel(order.channel_order_id)
    wish = wishes.whole(order, "k1")
    states = states_of(await push(scene, [wish]), [wish])
    shows(scene, order, {}, "after the order was canceled")
    must(states == [REJECTED], flaws.WRONG_WRITE, f"the order is canceled, the outcome is {states[0]}")


async def odd_carrier(stage: Stage) -> None:
    scene, wishes, order = await _parcels(stage)
    wish = wishes.parcel(order, "k1", {order.lines[0].channel_line_id: 1}, carrier="Pigeon & Sons")
    states = states_of(await push(scene, [wish]), [wish])
    parcels = wishes.simulator.written(order.channel_order_id).parcels
    must(states == [APPLIED], flaws.WRONG_WRITE, f"a carrier it does not know: the outcome is {states[0]}")
    must(parcels == (wish.tracking_number,), flaws.WRONG_WRITE, "the number of the parcel did not arrive")


async def no_number(stage: Stage) -> None:
    scene, wishes, order = await _parcels(stage)
    plain = wishes.plain(order, "k1")
    states = states_of(await push(scene, [plain]), [plain])
    must(states == [APPLIED], flaws.WRONG_WRITE, f"a parcel without a number: the outcome is {states[0]}")
    shows(scene, order, wishes.all_done(order), "after a parcel without a number")


async def seen_shipped(stage: Stage) -> None:
    scene, wishes, order = await _parcels(stage)
    await push(scene, [wishes.whole(order, "k1")])
    again = await read_again(scene)
    short = [each.channel_line_id for each in again.lines if each.fulfilled != each.quantity]
    must(not short, flaws.WRONG_STATE, f"all has left, and lines {short} read as not sent")


async def seen_canceled(stage: Stage) -> None:
    scene = await scene_of(stage, CANCELS)
    await push(scene, [scene.wishes.whole(scene.orders[0], "k1")])
    must((await read_again(scene)).canceled, flaws.WRONG_STATE, "it was canceled, and reads as open")


async def has_left(stage: Stage) -> None:
    scene, wishes, order = await _parcels(stage)
    await push(scene, [wishes.whole(order, "k1")])
    canceling = Scene(scene.shop, scene.orders, Cancels(CANCELS, scene.shop, wishes.simulator))
    wish = canceling.wishes.whole(order, "k2")
    states = states_of(await push(canceling, [wish]), [wish])
    must(states == [REJECTED], flaws.WRONG_WRITE, f"it has left, the outcome is {states[0]}")
    must(
        not wishes.simulator.written(order.channel_order_id).canceled,
        flaws.WRONG_WRITE,
        "what left is canceled",
    )


async def two_alike(stage: Stage) -> None:
    scene, wishes, order = await _money(stage)
    pair = [wishes.part(order, "k1"), wishes.part(order, "k2")]
    states = states_of(await push(scene, pair), pair)
    shows(scene, order, 2 * pair[0].amount, "after two wishes for the same amount")
    must(states == [APPLIED, APPLIED], flaws.WRONG_WRITE, f"two of the same amount: {states}")


async def too_much_money(stage: Stage) -> None:
    scene, wishes, order = await _money(stage)
    wish = wishes.money(order, "k1", order.total + 1)
    states = states_of(await push(scene, [wish]), [wish])
    shows(scene, order, Decimal(0), "after more than was paid")
    must(states == [REJECTED], flaws.WRONG_WRITE, f"more than was paid: the outcome is {states[0]}")


async def other_currency(stage: Stage) -> None:
    scene, wishes, order = await _money(stage)
    wish = wishes.money(order, "k1", Decimal(1), currency="CHF" if order.currency != "CHF" else "EUR")
    states = states_of(await push(scene, [wish]), [wish])
    shows(scene, order, Decimal(0), "after money of another currency")
    must(states == [REJECTED], flaws.WRONG_WRITE, f"paid in {order.currency}: the outcome is {states[0]}")


async def refuse(stage: Stage) -> None:
    scene = await scene_of(stage, DECISIONS)
    wish = cast("Decisions", scene.wishes).whole(scene.orders[0], "k1", accepted=False)
    states = states_of(await push(scene, [wish]), [wish])
    shows(scene, scene.orders[0], "refused", "after a no")
    must(states == [APPLIED], flaws.WRONG_WRITE, f"it was refused, the outcome is {states[0]}")


async def contrary(stage: Stage) -> None:
    scene = await scene_of(stage, DECISIONS)
    [order] = scene.orders
    wishes = cast("Decisions", scene.wishes)
    await push(scene, [wishes.whole(order, "k1")])
    no = wishes.whole(order, "k2", accepted=False)
    states = states_of(await push(scene, [no]), [no])
    shows(scene, order, "accepted", "after a yes and then a no")
    must(states == [REJECTED], flaws.WRONG_WRITE, f"a no after a yes: the outcome is {states[0]}")
