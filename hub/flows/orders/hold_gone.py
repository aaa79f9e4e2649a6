"""Hold gone: an order the channel no longer has waits for a person; it is never canceled on a silence."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hub.store import holds, orders
from hub.store.db import Tx
from hub.store.events import Event, add_events


async def hold_gone(
    tx: Tx, channel_id: UUID, channel_order_ids: Sequence[str], *, actor: str, at: datetime
) -> dict[str, UUID]:
    """Hold those of these orders that the hub holds open, for review; return their ids by the channel's.

    A deleted order and a channel that answers wrongly look alike, so its stock stays promised until a person says.
    """
    if not channel_order_ids:
        return {}
    held = await orders.lock_held(tx, channel_id, channel_order_ids)
    fresh = [order for order in held.values() if not order.canceled and "review" not in order.holds]
    await holds.set_holds(tx, {order.id: sorted({*order.holds, "review"}) for order in fresh}, at=at)
    await add_events(
        tx, [Event("gone", actor, order_id=order.id, channel_id=channel_id) for order in fresh], at=at
    )
    return {order.channel_order_id: order.id for order in held.values()}
