"""Who is told first where not all can be told at once: what would be oversold soonest. Pure."""

MUST_GO = 1e9  # it sells what is not there


def risk_of(*, shows: int | None, would: int, sold: int) -> float:
    """What must go to none comes first, then what falls: the lower and the faster it sells, the sooner. Rises wait.

    `sold` are the units orders took of it in a week.
    """
    if would == 0:
        return 0.0 if shows == 0 else MUST_GO
    if shows is not None and would >= shows:
        return 0.0
    return (1 + sold) / would
