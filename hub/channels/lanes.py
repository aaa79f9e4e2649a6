"""Lanes: how long a call may wait for its budget, and how much of it must be left to those in a greater hurry."""

from enum import StrEnum

from msgspec import Struct


class Lane(StrEnum):
    """`prompt`: a person waits. `push` and `pull`: the jobs. `reread`: what is read again to be sure."""

    PROMPT = "prompt"
    PUSH = "push"
    PULL = "pull"
    REREAD = "reread"


class Rules(Struct, frozen=True):
    """`leaves`: the share of each bucket that this lane never touches. `tries`: of a call that is safe to repeat."""

    wait_s_max: float
    leaves: float
    tries: int


RULES = {
    Lane.PROMPT: Rules(5.0, 0.0, 2),
    Lane.PUSH: Rules(20.0, 0.0, 3),
    Lane.PULL: Rules(20.0, 0.1, 3),
    Lane.REREAD: Rules(2.0, 0.5, 2),
}
