"""Take what a command has put into the inbox, at once, and say what became of it."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from hub.channels.context import HubContext
from hub.channels.fetching import fetch_waiting
from hub.channels.intake import take_or_park
from hub.channels.opening import OpenedChannel
from hub.cli.output import count_of
from hub.kit.clock import now
from hub.spec import RetryLaterError, UnauthorizedError
from hub.store import inbox
from hub.store.inbox import Letter

LOOKS = 50
LOOK_EVERY_S = 0.1


async def settle_all(
    ctx: HubContext, opened: OpenedChannel, keys: Sequence[str]
) -> tuple[dict[str, Letter], set[UUID]]:
    """Take what waits on the channel; return these messages as they stand then, and the channels to be told."""
    touched: set[UUID] = set()
    letters = await _letters(ctx, opened, keys)
    for _ in range(LOOKS if letters else 0):
        touched |= await _take_everything(ctx, opened, [each.id for each in letters.values()])
        letters = await _letters(ctx, opened, keys)
        if not any(each.state == "waiting" for each in letters.values()):
            break
        await asyncio.sleep(LOOK_EVERY_S)  # a worker is at it
    return letters, touched


async def _take_everything(ctx: HubContext, opened: OpenedChannel, ids: Sequence[UUID]) -> set[UUID]:
    touched: set[UUID] = set()
    while True:
        taken = await take_or_park(ctx, opened, at=now())
        touched |= taken.touched | ({opened.row.id} if taken.orders else set())
        if not taken.messages and not await _fetch(ctx, opened, ids):
            return touched


async def _fetch(ctx: HubContext, opened: OpenedChannel, ids: Sequence[UUID]) -> bool:
    """Fetch what these messages only name; one that the channel does not give is parked with its reason."""
    try:
        return await fetch_waiting(ctx, opened, at=now(), only=ids) > 0
    except (RetryLaterError, UnauthorizedError):
        return True  # parked, or put off, with the reason


async def _letters(ctx: HubContext, opened: OpenedChannel, keys: Sequence[str]) -> dict[str, Letter]:
    async with ctx.db.transaction() as tx:
        return await inbox.letters_by_key(tx, opened.row.id, keys)


def summary(states: Sequence[str]) -> str:
    """12 messages: 10 taken, 2 parked."""
    counted = ", ".join(f"{count} {state}" for state, count in Counter(states).most_common())
    return f"{count_of(len(states), 'message')}: {counted}"
