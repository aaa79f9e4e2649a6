"""How fresh the number on a channel is, and when it is late. Pure."""

from datetime import timedelta
from enum import StrEnum

FRESHNESS_GOAL = timedelta(minutes=1)  # a change that waits longer to reach a channel is late (L10)


class Freshness(StrEnum):
    """How a publication stands. The rule itself is SQL (`hub.store.freshness`): it is counted over whole channels."""

    UP_TO_DATE = "up to date"
    SENDING = "sending"
    NOT_SENT = "not sent yet"
    LATE = "late"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    STOPPED = "stopped"
    IN_SHADOW = "in shadow"
    SUSPENDED = "suspended"
    PAUSED = "paused"
