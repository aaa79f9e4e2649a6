"""What is refused for many listings at once is tried for its halves, so that one costs one (L5)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from hub.model.stock.visibility import SHOWN_MAX
from hub.spec import MalformedError, ReadsStock, RejectedError

T = TypeVar("T")
R = TypeVar("R")
REFUSALS = (RejectedError, MalformedError)


async def by_halves(
    items: Sequence[T],
    call: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
    alone: Callable[[T, Exception], Sequence[R]],
    refusals: tuple[type[Exception], ...] = REFUSALS,
) -> list[R]:
    """What the call answers for all of them; of one that is refused by itself, what `alone` says."""
    try:
        return [*await call(items)]
    except refusals as error:
        if len(items) == 1:
            return [*alone(items[0], error)]
    half = len(items) // 2
    first = await by_halves(items[:half], call, alone, refusals)
    return [*first, *await by_halves(items[half:], call, alone, refusals)]


async def read_by_halves(
    channel: ReadsStock, ids: Sequence[str], unread: Callable[[str], object] = lambda _id: None
) -> dict[str, int]:
    """What a channel shows of these listings; of one that it refuses to read, nothing, and `unread` hears of it.

    A number beyond all that the hub keeps counts as the greatest it keeps: it is wrong all the same.
    """

    async def read(some: Sequence[str]) -> list[tuple[str, int]]:
        shows = await channel.read_stock(some)
        return [(listing, max(-SHOWN_MAX, min(units, SHOWN_MAX))) for listing, units in shows.items()]

    def skip(listing: str, _error: Exception) -> list[tuple[str, int]]:
        unread(listing)
        return []

    return dict(await by_halves(ids, read, skip))
