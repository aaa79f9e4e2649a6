"""How old what a channel shows is: the bounds of its histogram, and the goal beyond which a change is late. Pure."""

from hub.model.errors import InputError

GOAL_S_MAX = 86_400
AGES: tuple[tuple[str, int], ...] = (
    ("a minute", 60),
    ("10 minutes", 600),
    ("an hour", 3_600),
    ("6 hours", 21_600),
    ("a day", 86_400),
)
"""Within so many seconds of now; what is older, and what was never confirmed, comes after them."""


def refuse_bad_goal(goal_s: int) -> None:
    """Raises InputError."""
    if not 1 <= goal_s <= GOAL_S_MAX:
        msg = f"a goal of {goal_s} s cannot be: say from 1 to {GOAL_S_MAX:,} seconds"
        raise InputError(msg, field="goal_s")
