"""Cancel many orders at once, as one edit each; one that was canceled before keeps back no other."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from hub.flows.orders.edit import Edit, edit_orders, lock_numbers
from hub.flows.orders.record_edits import Done
from hub.kit.ids import uuid7
from hub.kit.secrets import Vault
from hub.model.edits.deeds import Cancel
from hub.store.db import Tx


class Canceled(Struct, frozen=True):
    """The orders that are canceled now, and those that had been `before`; of `partly`, something has left and stays so.

    `units` come free. The edits in `done` take it back.
    """

    numbers: list[int]
    before: list[int]
    partly: list[int]
    units: int
    done: Done


async def cancel_orders(
    tx: Tx, vault: Vault, numbers: Sequence[int], *, reason: str = "", actor: str, at: datetime
) -> Canceled:
    """Raises InputError or NotFoundError with nothing written; the same again changes nothing."""
    held = await lock_numbers(tx, sorted(set(numbers)))
    live = sorted((order for order in held if not order.canceled), key=lambda order: order.number)
    wanted = [Edit(uuid7(), order.number, [Cancel()], reason) for order in live]
    done = await edit_orders(tx, vault, wanted, actor=actor, at=at) if wanted else Done([], set(), set())
    return Canceled(
        [order.number for order in live],
        sorted(order.number for order in held if order.canceled),
        [order.number for order in live if any(line.shipped for line in order.lines)],
        sum(line.allocated for order in live for line in order.lines),
        done,
    )
