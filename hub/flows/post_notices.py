"""Post notices: keep what is to be told, for every notifier that wants to hear it. Telling is a job of its own."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from hub.kit.ids import uuid7
from hub.spec import Severity
from hub.store import notices
from hub.store.db import Tx


class NewNotice(Struct, frozen=True):
    """`key` is what happened, once: the same key again is told to nobody. The rest is as in hub.spec.Notice."""

    key: str
    topic: str
    severity: Severity
    title: str
    text: str = ""
    link: str = ""


async def post_notices(tx: Tx, new: Sequence[NewNotice], *, at: datetime) -> set[UUID]:
    """Return the notifiers to ring, after commit."""
    rows = [
        notices.NoticeRow(uuid7(), each.key, each.topic, each.severity, each.title, each.text, each.link)
        for each in new
    ]
    return await notices.post(tx, rows, at=at) if rows else set()
