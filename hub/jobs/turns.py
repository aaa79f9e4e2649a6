"""Turns: of one kind of job, one at a time for each channel in this process.

Two would wait for the same rows and share the one processor. What arrives meanwhile is one batch for the next look:
the busier the hub, the greater its batches, and the less each order costs.
"""

import asyncio
from collections.abc import Awaitable, Callable

TURN_S = 60.0  # so long a job goes on while more comes; then it rings, and stands in line with the others


def turn_over() -> float:
    """When a job that begins now should let others go first, by the clock of the loop."""
    return asyncio.get_running_loop().time() + TURN_S


def is_over(end: float) -> bool:
    return asyncio.get_running_loop().time() >= end


class Turns:
    """Of one kind of job."""

    def __init__(self) -> None:
        self._rung: dict[str, bool] = {}

    async def take(self, channel_id: str, look: Callable[[], Awaitable[None]]) -> bool:
        """Look until nobody has rung meanwhile, or leave it to whoever is looking.

        Return True where the turn is over and somebody has rung after the last look began.
        """
        if channel_id in self._rung:
            self._rung[channel_id] = True
            return False
        end, self._rung[channel_id] = turn_over(), True
        try:
            while self._rung[channel_id] and not is_over(end):
                self._rung[channel_id] = False
                await look()
        finally:
            rung = self._rung.pop(channel_id)
        return rung
