"""What becomes of news after the sale."""

from collections.abc import Mapping

from msgspec import Struct

from hub.flows.orders.take_back import TakenBack


class Followed(Struct, frozen=True):
    """What became of goods; and what each of those that cannot be followed yet waits for, by the channel's id of it."""

    done: TakenBack
    waits: Mapping[str, str]
