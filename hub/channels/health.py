"""The health of a channel: failures become named states with a next action, never a silent flag (L13)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from math import isfinite

import structlog
from msgspec import Struct

from hub.channels.budgets import BudgetSpentError
from hub.channels.bugs import fault_of
from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.model.errors import HubError, InputError, StaleError
from hub.spec import MalformedError, RejectedError, RetryLaterError, UnauthorizedError
from hub.store import accounts, channels
from hub.store.channels import ChannelRow

PAUSE_S_MIN, PAUSE_S_MAX = 1.0, 3600.0
log = structlog.get_logger()


def may_be_called(row: ChannelRow, *, at: datetime) -> bool:
    """Whether the hub may talk to the channel now: active, logged in, and not in a pause after failures."""
    if row.state != "active" or row.account_state != "ok":
        return False
    return row.paused_until is None or row.paused_until <= at


def may_be_told(row: ChannelRow, *, at: datetime) -> bool:
    """As may_be_called, and it has no sales of the time when it was closed that would make our numbers old."""
    return row.reopened_at is None and may_be_called(row, at=at)


class Watch(Struct):
    """`asked` False: nothing was asked of the channel after all, so that nothing is known of its health."""

    asked: bool = True


@asynccontextmanager
async def watched(ctx: HubContext, row: ChannelRow, task: str) -> AsyncIterator[Watch]:
    """Run calls to a channel: what goes wrong pauses it by its kind and ends here, what goes well heals it."""
    watch = Watch()
    try:
        yield watch
    except HubError as error:
        if not await _ends_here(ctx, row, task, error):
            raise
    except Exception as error:
        await _pause(ctx, row, task, f"{fault_of('the connector', error)}; the hub tries again", None)
        raise
    else:
        if row.failures and watch.asked:
            async with ctx.db.transaction() as tx:
                others = await accounts.lock_sharing(tx, row.id)
                await channels.recover(tx, row.id)
                await accounts.go_on(tx, others)
            await ctx.bell.announce("channels")


async def cannot_open(ctx: HubContext, row: ChannelRow, error: InputError) -> None:
    """Nothing here can call it, so nothing else would tell anybody; a process that can may go on."""
    log.warning("channel_cannot_open", channel=row.slug, error=type(error.__cause__ or error).__name__)
    async with ctx.db.transaction() as tx:
        is_new = await channels.note_problem(tx, row.id, f"it cannot be opened: {error}; the hub tries again")
    if is_new:
        await ctx.bell.announce("channels")


async def _ends_here(ctx: HubContext, row: ChannelRow, task: str, error: HubError) -> bool:
    """Whether the channel's state now says all there is to do; what nobody expects is named there, and raised too."""
    match error:
        case BudgetSpentError(for_all=False):
            log.info("put_off", channel=row.slug, task=task)  # by itself: those before it go on
        case BudgetSpentError(after_s=after_s):
            async with ctx.db.transaction() as tx:
                await channels.rest(tx, row.id, after_s=_bounded(after_s) or PAUSE_S_MIN, at=now())
        case RetryLaterError(after_s=after_s, too_many=too_many):
            shared = too_many and not ctx.registry.connector(row.kind).manifest.budgets  # these hold all back
            await _pause(ctx, row, task, str(error), after_s, shared=shared)
        case UnauthorizedError(forbidden=alone):
            log.warning("channel_needs_login", channel=row.slug, task=task)
            async with ctx.db.transaction() as tx:
                login = row.keys.login
                await accounts.needs_login(tx, row.account_id, login=login, problem=str(error), alone=alone)
            await ctx.bell.announce("channels")
        case RejectedError() | MalformedError():
            await _pause(ctx, row, task, str(error), None)
        case StaleError():
            return False  # two changes of ours met: nothing is wrong with the channel
        case _:
            problem = f"{task.replace('_', ' ')} failed: {error}; the hub tries again"
            await _pause(ctx, row, task, problem, None)
            return False
    return True


async def _pause(
    ctx: HubContext, row: ChannelRow, task: str, problem: str, after_s: float | None, *, shared: bool = False
) -> None:
    log.warning("channel_paused", channel=row.slug, task=task, failures=row.failures + 1)
    async with ctx.db.transaction() as tx:
        others = await accounts.lock_sharing(tx, row.id) if shared else []
        await channels.pause_after_failure(tx, row.id, problem=problem, after_s=_bounded(after_s), at=now())
        if others:
            await accounts.wait_behind(tx, row.id, others)
    await ctx.bell.announce("channels")


def _bounded(after_s: float | None) -> float | None:
    """A channel that names no pause at all would be asked without end, and one that names a century never again."""
    if after_s is None or not isfinite(after_s):
        return None
    return min(max(after_s, PAUSE_S_MIN), PAUSE_S_MAX)
