"""Dismiss: a message that nobody needs waits no more, by a person's word (L13)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hub.model.errors import InputError
from hub.store import inbox
from hub.store.db import Tx
from hub.store.events import Event, add_events

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
