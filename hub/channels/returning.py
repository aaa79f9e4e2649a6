"""Goods that come back and money that goes back, for the edges: then what came free goes to orders that wait for it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from hub.channels.context import HubContext
from hub.channels.filling import fill_freed
from hub.channels.intake import ring_touched
from hub.flows.orders.ask_return import ask_returns, decide_returns
from hub.flows.orders.give_back import GiveBack, GivenBack, give_back
from hub.flows.orders.settle import Settlement, settle
from hub.flows.orders.take_back import TakenBack, inspect, receive, take_back
from hub.model.orders.returns import Comeback, Decision
from hub.model.orders.rmas import Arrival, Request, Step
from hub.store.db import Tx


async def take_goods_back(
    ctx: HubContext, comebacks: Sequence[Comeback], *, actor: str, at: datetime
) -> TakenBack:
    """Raises InputError or NotFoundError with nothing written."""
    return await _bring(ctx, lambda tx: take_back(tx, comebacks, actor=actor, at=at), actor, at)


async def receive_goods(
    ctx: HubContext, arrivals: Sequence[Arrival], *, actor: str, at: datetime
) -> TakenBack:
    """Raises InputError, NotFoundError or WrongStateError with nothing written."""
    return await _bring(ctx, lambda tx: receive(tx, arrivals, actor=actor, at=at), actor, at)


async def decide_over_goods(
    ctx: HubContext, decisions: Sequence[Decision], *, actor: str, at: datetime
) -> TakenBack:
    """Raises InputError, NotFoundError or WrongStateError with nothing written."""
    return await _bring(ctx, lambda tx: inspect(tx, decisions, actor=actor, at=at), actor, at)


async def ask_for_returns(
    ctx: HubContext, requests: Sequence[Request], *, actor: str, at: datetime
) -> list[int]:
    """Return the numbers of the RMAs. Raises InputError or NotFoundError with nothing written."""
    async with ctx.db.transaction() as tx:
        numbers = await ask_returns(tx, requests, actor=actor, at=at)
    await ctx.bell.announce("orders")
    return numbers


async def decide_over_returns(
    ctx: HubContext, numbers: Sequence[int], step: Step, *, note: str = "", actor: str, at: datetime
) -> None:
    """Raises InputError, NotFoundError or WrongStateError with nothing written."""
    async with ctx.db.transaction() as tx:
        await decide_returns(tx, numbers, step, note=note, actor=actor, at=at)
    await ctx.bell.announce("orders")


async def refund_orders(
    ctx: HubContext, wanted: Sequence[GiveBack], *, actor: str, at: datetime
) -> GivenBack:
    """Raises InputError, NotFoundError, WrongStateError or OutOfStockError with nothing written."""
    return await _give(ctx, lambda tx: give_back(tx, ctx.vault, wanted, actor=actor, at=at), actor, at)


async def settle_returns(
    ctx: HubContext, wanted: Sequence[Settlement], *, actor: str, at: datetime
) -> GivenBack:
    """Raises InputError, NotFoundError, WrongStateError or OutOfStockError with nothing written."""
    return await _give(ctx, lambda tx: settle(tx, ctx.vault, wanted, actor=actor, at=at), actor, at)


async def _bring(
    ctx: HubContext, story: Callable[[Tx], Awaitable[TakenBack]], actor: str, at: datetime
) -> TakenBack:
    async with ctx.db.transaction() as tx:
        done = await story(tx)
    await ring_touched(ctx, done.touched | await fill_freed(ctx, done.freed, actor=actor, at=at))
    return done


async def _give(
    ctx: HubContext, story: Callable[[Tx], Awaitable[GivenBack]], actor: str, at: datetime
) -> GivenBack:
    async with ctx.db.transaction() as tx:
        given = await story(tx)
    touched = given.done.touched | await fill_freed(ctx, given.done.freed, actor=actor, at=at)
    await ring_touched(ctx, touched, to_tell=given.done.to_tell)
    await ctx.bell.announce("orders")
    return given
