"""One raw message of the inbox, still sealed."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from hub.store.db import Tx
from hub.store.desk.rows import row_of


class RawMessage(Struct, frozen=True):
    id: UUID
    channel_name: str
    channel_kind: str
    channel_order_id: str
    order_number: int | None
    source: str
    topic: str
    state: str
    reason: str
    attempts: int
    received_at: datetime
    settled_at: datetime | None
    body: bytes


_MESSAGE = text("""
SELECT i.*, c.name AS channel_name, a.kind AS channel_kind, o.number AS order_number
FROM inbox i JOIN channels c ON c.id = i.channel_id JOIN accounts a ON a.id = c.account_id
LEFT JOIN orders o ON o.id = i.order_id WHERE i.id = :message_id""")


async def find_message(tx: Tx, message_id: UUID) -> RawMessage | None:
    return await row_of(tx, _MESSAGE, RawMessage, message_id=message_id)
