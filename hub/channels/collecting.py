"""Orders that customers collect, for the edges: with a code to show, kept for a week unless somebody says otherwise."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.notifiers import ring_notifiers
from hub.channels.shipping import shipped_elsewhere
from hub.flows.fulfillment import collect
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.fulfillment.pickup import DAYS, HandOver, Ready
from hub.store.fulfillment.pickups import ToCollect, to_collect

DAYS_MAX = 365


async def make_ready(
    ctx: HubContext,
    numbers: Sequence[int],
    *,
    location: str | None = None,
    days: int = DAYS,
    actor: str,
    at: datetime,
) -> None:
    """Raises InputError, NotFoundError or WrongStateError with nothing written."""
    if not 1 <= days <= DAYS_MAX:
        msg = f"an order is kept for 1 to {DAYS_MAX} days, not {days}"
        raise InputError(msg, field="days")
    until = at + timedelta(days=days)
    wanted = [Ready(number, _code(), until, location) for number in dict.fromkeys(numbers)]
    async with ctx.db.transaction() as tx:
        elsewhere = await shipped_elsewhere(ctx, tx)
        told = await collect.make_ready(
            tx, wanted, elsewhere=elsewhere, url=ctx.config.url, actor=actor, at=at
        )
    await ring_notifiers(ctx, told)
    await ctx.bell.announce("orders")


async def hand_over(ctx: HubContext, given: HandOver, *, actor: str, at: datetime) -> None:
    """Raises InputError, NotFoundError or WrongStateError with nothing written."""
    async with ctx.db.transaction() as tx:
        elsewhere = await shipped_elsewhere(ctx, tx)
        done = await collect.hand_over(tx, ctx.vault, [given], elsewhere=elsewhere, actor=actor, at=at)
    await ring_touched(ctx, done.touched, to_tell=done.to_tell)
    await ctx.bell.announce("orders")


async def give_back(ctx: HubContext, numbers: Sequence[int], *, actor: str, at: datetime) -> None:
    """Raises NotFoundError or WrongStateError with nothing written."""
    async with ctx.db.transaction() as tx:
        touched = await collect.give_back(tx, sorted(set(numbers)), actor=actor, at=at)
    await ring_touched(ctx, touched)
    await ctx.bell.announce("orders")


async def waiting_to_be_collected(
    ctx: HubContext, *, location: str | None = None, limit: int
) -> list[ToCollect]:
    """Canceled ones that wait first, then who was to come first, then what is to be made ready."""
    async with ctx.db.transaction() as tx:
        elsewhere = sorted(await shipped_elsewhere(ctx, tx))
        return await to_collect(tx, elsewhere=elsewhere, location=location, limit=limit)


def _code() -> str:
    """Four digits: enough to tell two customers at one counter apart."""
    return f"{uuid7().int % 10_000:04}"
