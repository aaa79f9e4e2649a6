"""Split by rule: what a rule splits off a new order becomes an order of its own, in the transaction that takes it."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from hub.flows.orders.split import Split, split_orders
from hub.flows.orders.take_orders import Taken, TakenOrder
from hub.flows.orders.versions import read_versions
from hub.kit.ids import uuid7
from hub.kit.secrets import Vault
from hub.model.edits.editing import Edited
from hub.model.edits.splitting import InHand, split
from hub.model.errors import InputError, WrongStateError
from hub.model.orders.holds import BY_STOCK
from hub.model.review.parting import BACKORDERED, Parting, leaves_something
from hub.model.review.verdicts import Failure, Verdict
from hub.store.db import Tx
from hub.store.events import Event, add_events


async def split_by_rule(tx: Tx, vault: Vault, taken: Taken, *, ours: AbstractSet[str], at: datetime) -> Taken:
    """Split what the verdicts say. An order that is held stays whole: somebody looks at it first.

    So does one that cannot be split: it has come, and why it is one order is noted (L6). No statement where no rule
    splits.
    """
    asked = [(order, parting) for order in taken.orders if (parting := _splits(order, taken)) is not None]
    if not asked:
        return taken
    versions = await read_versions(tx, vault, [order.order_id for order, _ in asked])
    wanted, failed = list[Split](), dict[UUID, Failure]()
    for order, parting in asked:
        version = versions[order.order_id]
        units = _units(order, parting, version)
        if why := _why_whole(order, units, version):
            failed[order.order_id] = _failure(taken.verdicts[order.order_id], parting.rule, why)
        elif units:
            wanted.append(Split(uuid7(), order.number, units, f"rule {parting.rule}"))
    done = await split_orders(tx, vault, wanted, ours=ours, actor="hub", at=at)
    await _note_failed(tx, failed, at=at)
    verdicts = {order_id: _with(taken.verdicts[order_id], each) for order_id, each in failed.items()}
    touched, freed = taken.touched | done.touched, taken.freed | done.freed
    return replace(taken, touched=touched, freed=freed, verdicts={**taken.verdicts, **verdicts})


def _splits(order: TakenOrder, taken: Taken) -> Parting | None:
    verdict = taken.verdicts.get(order.order_id)
    return None if verdict is None or set(order.holds) - {*BY_STOCK} else verdict.split


def _units(order: TakenOrder, split: Parting, version: Edited) -> Mapping[str, int]:
    """By the channel's id of a line; of what is backordered, what the plan has put on backorder."""
    late = {each.position: each.units for each in order.backordered}
    going = late if split.what == BACKORDERED else split.units
    lines = version.order.lines
    left = {at: line.quantity - line.canceled - line.fulfilled for at, line in enumerate(lines)}
    units = {at: min(count, left[at]) for at, count in going.items() if left[at]}
    return (
        {lines[at].channel_line_id: count for at, count in units.items()}
        if leaves_something(left, units)
        else {}
    )


def _why_whole(order: TakenOrder, units: Mapping[str, int], version: Edited) -> str:
    """Why these units cannot go; "" where they can, or none would. Nothing of a new order is in hand."""
    if not units:
        return ""
    try:
        split(version, units, in_hand=InHand(), order_id=order.channel_order_id)
    except (InputError, WrongStateError) as error:
        return str(error)
    return ""


def _failure(verdict: Verdict, rule: str, why: str) -> Failure:
    version = next(each.version for each in verdict.decisions if each.rule == rule)
    return Failure(rule, version, why)


def _with(verdict: Verdict, failure: Failure) -> Verdict:
    return replace(verdict, failures=(*verdict.failures, failure))


async def _note_failed(tx: Tx, failed: Mapping[UUID, Failure], *, at: datetime) -> None:
    events = [
        Event("reviewed", "hub", order_id=order_id, facts=Verdict(failures=(each,)).says)
        for order_id, each in failed.items()
    ]
    await add_events(tx, events, at=at)
