"""Who is told first where not all can be told at once: what would be oversold soonest. Pure."""

MUST_GO = 1e9  # it sells what is not there
MAY_FALL = 1.0  # it was sold since anybody looked: before all that rises, and behind what is known to fall
MOVED = 0.5  # nobody knows yet which way: before what is known to rise


def falls(*, shows: int | None, would: int) -> bool:
    """Whether more could be sold than there is until it is told. Of what nobody told yet, only that there is none."""
    return would == 0 if shows is None else would < shows


def risk_of(*, shows: int | None, would: int, sold: int) -> float:
    """What must go to none comes first, then what falls: the lower and the faster it sells, the sooner; above MAY_FALL.

    Then what nobody told yet, which a bulk listing brings by the thousand; what rises comes last. `sold` are the units
    orders took of it in a week.
    """
    if falls(shows=shows, would=would):
        return MAY_FALL + (1 + sold) / would if would else MUST_GO
    return (1 + sold) / (1 + sold + would) if shows is None else 0.0
