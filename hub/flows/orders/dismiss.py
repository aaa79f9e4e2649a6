"""Dismiss: what waits ends by a person's word: a message nobody needs, a hold somebody has looked into (L13)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hub.flows.orders.end_unpaid import keep_unpaid
from hub.model.errors import InputError, WrongStateError
from hub.store import inbox, orders
from hub.store.db import Tx
from hub.store.events import Event, add_events

RESOLVABLE = ("review", "payment", "address", "fraud")  # the others end when stock, or a SKU, is there
REASON_MAX = 500


async def dismiss_messages(tx: Tx, ids: Sequence[UUID], *, reason: str, actor: str, at: datetime) -> int:
    """Ignore parked messages, with the reason; return how many. One that is not parked any more stays as it is.

    The reason is kept with the message only: an event carries ids (L17).
    """
    if not reason.strip() or len(reason) > REASON_MAX:
        msg = f"say in a few words why nobody needs it, such as: a test of theirs (at most {REASON_MAX} characters)"
        raise InputError(msg, field="reason")
    dismissed = await inbox.dismiss_parked(tx, ids, reason=f"dismissed: {reason.strip()}", at=at)
    events = [
        Event("dismissed", actor, each.order_id, each.channel_id, {"message": str(each.id)})
        for each in dismissed
    ]
    await add_events(tx, events, at=at)
    return len(dismissed)


async def resolve_hold(tx: Tx, numbers: Sequence[int], hold: str, *, actor: str, at: datetime) -> set[UUID]:
    """Take a hold off these orders: a person has looked. Returns the channels to be told.

    An order that lost its stock because it was not paid is promised it again, for good. Raises WrongStateError for a
    hold that is a fact about stock: no word makes it go.
    """
    if hold not in RESOLVABLE:
        msg = f"the hold {hold!r} ends by itself when its cause is gone: only {', '.join(RESOLVABLE)} can be resolved"
        raise WrongStateError(msg)
    touched = await keep_unpaid(tx, numbers, hours=None, actor=actor, at=at) if hold == "payment" else set()
    resolved = await orders.remove_hold(tx, numbers, hold)
    events = [
        Event("resolved", actor, order_id=each.id, channel_id=each.channel_id, facts={"hold": hold})
        for each in resolved
    ]
    await add_events(tx, events, at=at)
    return touched
