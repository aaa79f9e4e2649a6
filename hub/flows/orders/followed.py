"""What becomes of news after the sale."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from hub.flows.orders.take_back import TakenBack


class Wait(Struct, frozen=True):
    """Why news cannot be followed yet; and `since` when, where it is not as old as the news."""

    why: str
    since: datetime | None = None


class Followed(Struct, frozen=True):
    """What became of goods; and what each of those that cannot be followed yet waits for, by the channel's id of it."""

    done: TakenBack
    waits: Mapping[str, Wait]
