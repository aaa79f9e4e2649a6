"""The only reader of the clock. Flows and rules get the time as an argument, from the edge."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 -- the one place


def now_ns() -> int:
    """Nanoseconds since 1970, for ids."""
    return time.time_ns()
