"""Recordings: files as the channel really sent them, redacted. Each is cut and read soundly, or says what is wrong."""

from functools import partial

from hub.model.orders.taking import difference
from hub.sim.certify import flaws
from hub.sim.certify.flaws import must
from hub.sim.certify.judge import judge
from hub.sim.certify.scenario import Scenario, Tier
from hub.sim.certify.shop import Recording
from hub.sim.certify.stage import Stage
from hub.spec import MalformedError, RejectedError


def scenarios(recordings: list[Recording]) -> list[Scenario]:
    return [
        Scenario(
            f"recordings/{each.name}",
            Tier.BRONZE,
            "what the channel sent is read",
            partial(read, recording=each),
        )
        for each in recordings
    ]


async def read(stage: Stage, *, recording: Recording) -> None:
    """A file whose name says `unreadable` must be malformed; every other one is sound, or refused in words."""
    shop = stage.offline()
    unreadable = "unreadable" in recording.name
    try:
        messages = shop.pure("split_file", lambda: shop.connector.split_file(recording.raw))
        orders = [shop.translate(each) for each in messages if each.channel_order_id and each.complete]
    except RejectedError as refused:
        must(len(str(refused)) > 8, flaws.WRONG_ERROR, f"{recording.name} was refused without a reason")
        return
    except MalformedError as error:
        must(unreadable, flaws.UNSOUND, f"{recording.name} was malformed: {error}")
        return
    must(not unreadable, flaws.WRONG_ERROR, f"{recording.name} was read although its name says unreadable")
    again = shop.pure("split_file", lambda: shop.connector.split_file(recording.raw))
    must(messages == again, flaws.UNSTABLE_KEY, f"{recording.name} was cut twice, and its messages differ")
    for order in orders:
        judge(order, None)
        if gap := difference(order):
            stage.remarks.append(f"order {order.channel_order_id!r}: its parts miss its total by {gap}")
