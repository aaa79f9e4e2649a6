"""Orders that a person is still typing: kept with every change, their stock reserved, until taken or dropped."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.flows.orders.keep_drafts import KeptDrafts, Typed, drop_drafts, keep_drafts
from hub.store import channels
from hub.store.channels import ChannelRow
from hub.store.db import Tx


async def promising_channels(tx: Tx, ctx: HubContext) -> list[ChannelRow]:
    """The channels on which the hub itself makes the promise: those a person types orders for."""
    promising = {kind for kind, each in ctx.registry.kinds.items() if not each.manifest.orders_are_facts}
    return [row for row in await channels.all_channels(tx) if row.kind in promising and not row.is_closed]


async def keep_form(ctx: HubContext, slug: str, typed: Typed, *, actor: str, at: datetime) -> KeptDrafts:
    """Keep one draft as it stands, commit, and tell the channels what they have left.

    `slug` is the channel it is typed for: where that sells from one place, the stock comes from there.
    """
    async with ctx.db.transaction() as tx:
        rows = await promising_channels(tx, ctx)
        places = {row.slug: row.location for row in rows}
        placed = replace(typed, place=places.get(slug), channel=slug if slug in places else "")
        ids = [row.id for row in rows]
        kept = await keep_drafts(tx, ctx.vault, [placed], channel_ids=ids, actor=actor, at=at)
    if kept.touched:
        await ring_touched(ctx, kept.touched)
    return kept


async def drop_forms(ctx: HubContext, ids: Sequence[str], *, at: datetime) -> None:
    """Forget drafts; their stock is sold again at once. Dropping what is gone changes nothing."""
    async with ctx.db.transaction() as tx:
        touched = await drop_drafts(tx, ids, at=at)
    if touched:
        await ring_touched(ctx, touched)
