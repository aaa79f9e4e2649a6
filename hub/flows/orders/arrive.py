"""Arrive: keep the raw messages, exactly as they came, before anything tries to understand them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from hub.kit.ids import uuid7
from hub.kit.secrets import Vault
from hub.spec import Message
from hub.store import inbox
from hub.store.db import Tx

NOT_OURS = "news about something the hub does not follow"
NO_NAME = "it names its order with characters no table can hold: correct the order's number in the channel"


class Arrived(Struct, frozen=True):
    """How many of the messages were new; the others had been here before. `ids` are the new ones."""

    new: int
    repeated: int
    ids: list[UUID]


async def arrive(
    tx: Tx, vault: Vault, channel_id: UUID, messages: Sequence[Message], *, source: str, at: datetime
) -> Arrived:
    """Store each new message, sealed; one that names no order is kept and ignored."""
    rows = [_row(vault, message) for message in messages]
    ids = await inbox.add_messages(tx, channel_id, rows, source=source, at=at) if rows else []
    return Arrived(len(ids), len(messages) - len(ids), ids)


async def arrive_unread(
    tx: Tx, vault: Vault, channel_id: UUID, body: bytes, *, key: str, reason: str, source: str, at: datetime
) -> Arrived:
    """Keep what nobody could read, parked with the reason (L5)."""
    new_id = uuid7()
    row = inbox.NewMessage(new_id, key, "", "", True, vault.seal(body, new_id.bytes), "parked", reason)
    ids = await inbox.add_messages(tx, channel_id, [row], source=source, at=at)
    return Arrived(len(ids), 1 - len(ids), ids)


def can_be_named(message: Message) -> bool:
    """Whether a table can hold what the message is known by: PostgreSQL has no NUL."""
    return "\0" not in f"{message.delivery_key}{message.topic}{message.channel_order_id}"


def _row(vault: Vault, message: Message) -> inbox.NewMessage:
    new_id = uuid7()
    ours = bool(message.channel_order_id)
    return inbox.NewMessage(
        id=new_id,
        delivery_key=message.delivery_key,
        topic=message.topic,
        channel_order_id=message.channel_order_id,
        complete=message.complete,
        body=vault.seal(message.body, new_id.bytes),
        state="waiting" if ours else "ignored",
        reason="" if ours else NOT_OURS,
    )
