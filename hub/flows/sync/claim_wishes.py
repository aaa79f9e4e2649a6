"""Claim what a channel is to be told now, as it may hear of it: of a line that a person raised, what it sold itself."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from hub.flows.orders.versions import readable_versions
from hub.kit.secrets import Vault
from hub.model.edits.owners import LINE, Owners, read_line
from hub.model.sync.write_backs import Kind, Wish, as_sold
from hub.store.db import Tx
from hub.store.sync import write_backs


async def claim_wishes(
    tx: Tx, vault: Vault, channel_id: UUID, *, claim: UUID, limit: int, at: datetime
) -> list[Wish]:
    """Those that wait longest, one of each order; nobody else has them until their lease is over."""
    wishes = await write_backs.claim_due(tx, channel_id, claim=claim, limit=limit, at=at)
    of_goods = [each.order_id for each in wishes if each.kind is not Kind.REFUND]
    owners = {key: each.owners for key, each in (await readable_versions(tx, vault, of_goods)).items()}
    return [as_sold(each, dict(_sold(owners.get(each.order_id, {})))) for each in wishes]


def _sold(owners: Owners) -> Iterator[tuple[str, int]]:
    """By the channel's own word, of the lines that people changed."""
    for name, owned in owners.items():
        line = read_line(owned.theirs) if name.startswith(LINE) else None
        if line is not None:
            yield line.channel_line_id, line.quantity
