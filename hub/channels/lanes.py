"""Lanes: who goes first where not all can, in the slots of a worker and in the budget of an account.

What is reserved for a lane is free at once when it needs it; what is idle is lent to whoever comes.
"""

from enum import StrEnum

from msgspec import Struct


class Lane(StrEnum):
    """From the greatest hurry to the least. `prompt`: a person waits. `bulk`: all that can wait."""

    PROMPT = "prompt"
    STOCK_DOWN = "stock-down"
    STOCK_UP = "stock-up"
    WRITE_BACK = "write-back"
    INTAKE = "intake"
    BULK = "bulk"


class Rules(Struct, frozen=True):
    """`leaves`: the share of each bucket that this lane leaves to those before it. `tries`: of a call safe to repeat.

    `slots`: so many of its jobs run in each worker, whatever else runs there.
    """

    wait_s_max: float
    leaves: float
    tries: int
    slots: int


RULES = {
    Lane.PROMPT: Rules(5.0, 0.0, 2, 0),
    Lane.STOCK_DOWN: Rules(20.0, 0.0, 3, 3),
    Lane.STOCK_UP: Rules(1.0, 0.1, 3, 2),  # it holds the channel meanwhile: so long what falls waits
    Lane.WRITE_BACK: Rules(20.0, 0.2, 3, 1),
    Lane.INTAKE: Rules(20.0, 0.3, 3, 2),
    Lane.BULK: Rules(2.0, 0.5, 2, 2),
}
SLOTS = 12  # of each worker, lent to whoever comes while fewer jobs run
JOBS = {
    "push_stock": Lane.STOCK_DOWN,
    "push_rises": Lane.STOCK_UP,
    "write_back": Lane.WRITE_BACK,
    "take_inbox": Lane.INTAKE,
    "pull_orders": Lane.INTAKE,
    "keep_webhooks": Lane.INTAKE,
    "pull_listings": Lane.BULK,
    "read_shown": Lane.BULK,
    "reconcile": Lane.BULK,
    "run_import": Lane.BULK,
    "run_exporter": Lane.BULK,
    "tell_observer": Lane.BULK,
    "tell_notices": Lane.BULK,
}


def queue_of(job: str) -> str:
    return queue_of_lane(JOBS[job])


def queue_of_lane(lane: Lane) -> str:
    return f"hub:queue:{lane}"
