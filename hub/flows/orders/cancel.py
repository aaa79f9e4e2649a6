"""Cancel many orders at once, as one edit each; one that was canceled before keeps back no other."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.orders.edit import Edit, edit_orders, lock_numbers
from hub.flows.orders.record_edits import Done
from hub.kit.ids import uuid7
from hub.kit.secrets import Vault
from hub.model.edits.deeds import Cancel
from hub.store import edits
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
    tx: Tx,
    vault: Vault,
    numbers: Sequence[int],
    *,
    reason: str = "",
    command: UUID | None = None,
    actor: str,
    at: datetime,
) -> Canceled:
    """Raises InputError or NotFoundError with nothing written; the same again changes nothing.

    What the same `command` canceled, it says again, with the edits that take it back.
    """
    held = sorted(await lock_numbers(tx, sorted(set(numbers))), key=lambda order: order.number)
    ids = {order.id: uuid5(command, str(order.id)) if command else uuid7() for order in held}
    again = await edits.known(tx, list(ids.values()))
    ours = [order for order in held if order.canceled == (ids[order.id] in again)]
    wanted = [Edit(ids[order.id], order.number, [Cancel()], reason) for order in ours]
    done = await edit_orders(tx, vault, wanted, actor=actor, at=at) if wanted else Done([], set(), set())
    return Canceled(
        [order.number for order in ours],
        [order.number for order in held if order.canceled and ids[order.id] not in again],
        [order.number for order in ours if any(line.shipped for line in order.lines)],
        sum(line.allocated for order in ours for line in order.lines),
        replace(done, ids=[each.id for each in wanted]),
    )
