"""Picking, for the edges: one transaction each, then the screens and the channels are told."""

from collections.abc import Sequence
from datetime import datetime

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.shipping import shipped_elsewhere
from hub.flows.orders import pick
from hub.flows.orders.pick_short import Short, ShortPicked, pick_short
from hub.model.orders.picking import Entry
from hub.store.api.picking import PickList, list_of


async def begin_picking(ctx: HubContext, new: pick.NewList, *, actor: str, at: datetime) -> PickList:
    """Raises InputError, NotFoundError or WrongStateError with nothing written; so do all of these."""
    async with ctx.db.transaction() as tx:
        elsewhere = sorted(await shipped_elsewhere(ctx, tx))
        held = await pick.begin_picking(tx, new, elsewhere=elsewhere, actor=actor, at=at)
        made = await list_of(tx, held.number)
    await ctx.bell.announce("picks")
    return made


async def enter_picks(ctx: HubContext, number: int, entries: Sequence[Entry], *, at: datetime) -> PickList:
    async with ctx.db.transaction() as tx:
        await pick.enter_picks(tx, number, entries, at=at)
        found = await list_of(tx, number)
    await ctx.bell.announce("picks")
    return found


async def tell_short(ctx: HubContext, number: int, short: Short, *, actor: str, at: datetime) -> ShortPicked:
    async with ctx.db.transaction() as tx:
        done = await pick_short(tx, number, short, actor=actor, at=at)
    await ring_touched(ctx, done.touched)
    await ctx.bell.announce("picks")
    return done


async def put_back(ctx: HubContext, number: int, *, actor: str, at: datetime) -> int:
    """Return how many stock units were in hand for nothing."""
    async with ctx.db.transaction() as tx:
        units = await pick.put_back(tx, number, actor=actor, at=at)
    await ctx.bell.announce("picks")
    return units


async def drop_list(ctx: HubContext, number: int, *, actor: str, at: datetime) -> PickList:
    async with ctx.db.transaction() as tx:
        await pick.drop_list(tx, number, actor=actor, at=at)
        found = await list_of(tx, number)
    await ctx.bell.announce("picks")
    return found
