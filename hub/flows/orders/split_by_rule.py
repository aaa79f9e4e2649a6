"""Split by rule: what a rule splits off a new order becomes an order of its own, in the transaction that takes it."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

from msgspec.structs import replace

from hub.flows.orders.split import Split, split_orders
from hub.flows.orders.take_orders import Taken, TakenOrder
from hub.flows.orders.versions import read_versions
from hub.kit.ids import uuid7
from hub.kit.secrets import Vault
from hub.model.edits.editing import Edited
from hub.model.orders.holds import BY_STOCK
from hub.model.review.parting import BACKORDERED, Parting, leaves_something
from hub.store.db import Tx


async def split_by_rule(tx: Tx, vault: Vault, taken: Taken, *, ours: AbstractSet[str], at: datetime) -> Taken:
    """Split what the verdicts say. An order that is held stays whole: somebody looks at it first.

    No statement where no rule splits.
    """
    asked = [(order, split) for order in taken.orders if (split := _splits(order, taken)) is not None]
    if not asked:
        return taken
    versions = await read_versions(tx, vault, [order.order_id for order, _ in asked])
    wanted = [
        Split(uuid7(), order.number, units, f"rule {split.rule}")
        for order, split in asked
        if (units := _units(order, split, versions[order.order_id]))
    ]
    done = await split_orders(tx, vault, wanted, ours=ours, actor="hub", at=at)
    return replace(taken, touched=taken.touched | done.touched, freed=taken.freed | done.freed)


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
