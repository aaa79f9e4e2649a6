"""Keep time: say how fast orders of a channel must leave, and tell once of those that are late."""

from datetime import datetime
from uuid import UUID

from hub.flows.post_notices import NewNotice, post_notices
from hub.flows.zones import refuse_strange_zones
from hub.model.fulfillment.ship_by import Handling, refuse_bad
from hub.spec import Severity
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.fulfillment import ship_by

TOPIC = "orders.late"
AT_ONCE = 500  # in one notice; the others follow with the next
NAMED_MAX = 10


async def set_handling(tx: Tx, channel_id: UUID, handling: Handling, *, actor: str, at: datetime) -> int:
    """Say how long orders of a channel may take to leave, open ones without a time included; return how many those are.

    What was promised before stays. Raises InputError.
    """
    refuse_bad(handling)
    await refuse_strange_zones(tx, [handling.time_zone])
    await ship_by.save_handling(tx, channel_id, handling)
    placed = await ship_by.lock_open_without(tx, channel_id) if handling.hours is not None else {}
    promised = {order_id: by for order_id, moment in placed.items() if (by := handling.ship_by(moment))}
    await ship_by.promise(tx, promised)
    facts = {"hours": handling.hours, "cutoff": str(handling.cutoff or ""), "days": list(handling.days)}
    await add_events(tx, [Event("handling set", actor, channel_id=channel_id, facts=facts)], at=at)
    return len(promised)


async def tell_late(tx: Tx, *, url: str = "", at: datetime) -> set[UUID]:
    """Post one notice of all orders that became late; return the notifiers to ring, after commit."""
    late = await ship_by.newly_late(tx, at=at, limit=AT_ONCE)
    if not late:
        return set()
    await add_events(tx, [Event("late", "hub", order_id=each.id) for each in late], at=at)
    named = ", ".join(str(each.number) for each in late[:NAMED_MAX])
    how_many = "1 order is" if len(late) == 1 else f"{len(late)} orders are"
    title = f"{how_many} late: {named}{' …' if len(late) > NAMED_MAX else ''}"
    words = "By what their channels were promised they should have left. The most urgent stand first on pick lists."
    key = f"late/{late[0].id}/{at.isoformat()}"
    notice = NewNotice(key, TOPIC, Severity.WARNING, title, words, f"{url}/orders?view=late")
    return await post_notices(tx, [notice], at=at)
