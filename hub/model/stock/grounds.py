"""What is known of one SKU at one moment: its books, its offers, its movements, the promises that end. Pure."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from hub.model.freshness import Freshness
from hub.model.stock.buffers import AdaptiveBuffer
from hub.model.stock.reserving import Lasting
from hub.model.stock.visibility import NO_RULE, NOTHING, Allotted, Rule, Share


class Moved(Struct, frozen=True):
    """One movement; `order_number` where an order caused it."""

    at: datetime
    kind: str
    location: str
    on_hand_change: int
    allocated_change: int
    cause: str
    cause_id: str
    actor: str
    reason: str
    order_number: int | None = None


class Books(Struct, frozen=True):
    """The level at one location, and what all of its `movements` in the ledger add up to: `moved_…`."""

    location: str
    name: str
    sellable: bool
    on_hand: int = 0
    allocated: int = 0
    reserved: int = 0
    safety_stock: int = 0
    movements: int = 0
    moved_on_hand: int = 0
    moved_allocated: int = 0


class Offer(Struct, frozen=True):
    """A listing with its publication and its channel; `version` 0 where nothing was ever to be published.

    `own` is what the listing itself says, `rule` what holds for it in the end, by all rules together. `places` are the
    locations that count: those the rule names that serve the channel. An unmatched one carries the SKU as its channel's
    own word only. Where it is `stopped`, nothing more is to be told: it is gone, unmatched, or nobody has counted it.
    Of a bundle, `shares` say what there is of each part, in place of `allotted`. `adaptive` is what was worked
    out where the rule asks for it.
    """

    channel: str
    channel_listing_id: str
    channel_sku: str = ""
    matched: bool = True
    units: int = 1
    own: Rule = NO_RULE
    rule: Rule = NO_RULE
    allotted: Allotted = NOTHING
    places: Sequence[str] | None = None
    shares: Sequence[Share] = ()
    adaptive: AdaptiveBuffer | None = None
    version: int = 0
    sent_version: int = 0
    sent_quantity: int | None = None
    sent_at: datetime | None = None
    confirmed_version: int = 0
    confirmed_quantity: int | None = None
    confirmed_at: datetime | None = None
    unchanged_at: datetime | None = None
    dirty_since: datetime | None = None
    next_try_at: datetime | None = None
    outcome: str = ""
    problem: str = ""
    freshness: Freshness = Freshness.NOT_SENT
    shadowed: bool = False
    paused: bool = False
    suspended: bool = False
    dismissed_by: str = ""
    channel_state: str = "active"
    account_state: str = "ok"
    paused_until: datetime | None = None
    channel_problem: str = ""
    reopened_at: datetime | None = None
    gone_at: datetime | None = None
    stopped: bool = False


class PartBooks(Struct, frozen=True):
    """One part of a bundle, `units` of which are in each, with the books of it."""

    sku: str
    name: str
    units: int
    books: Sequence[Books]
    counted: bool = True


class Grounds(Struct, frozen=True):
    """All that is known of one SKU at one moment; `movements` are the last ones, newest first.

    A bundle has no books of its own: it has those of its `parts`. Until it, or each of them, is `counted`, no channel
    is told a number.
    """

    sku: str
    name: str
    books: Sequence[Books]
    offers: Sequence[Offer] = ()
    movements: Sequence[Moved] = ()
    counted: bool = True
    lasting: Sequence[Lasting] = ()
    parts: Sequence[PartBooks] = ()
