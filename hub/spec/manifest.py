"""What a kind of channel declares of itself. Declared is implemented, and the reverse: the hub checks at its start."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from hub.spec.budgets import Budget


class Capability(StrEnum):
    """One group of methods; each switches on its group of certification scenarios."""

    FETCH_ORDERS = "fetch_orders"
    RECEIVE_WEBHOOKS = "receive_webhooks"
    LIST_LISTINGS = "list_listings"
    LIST_LOCATIONS = "list_locations"
    PUSH_STOCK = "push_stock"
    READ_STOCK = "read_stock"
    PUSH_FULFILLMENT = "push_fulfillment"
    PUSH_LABEL = "push_label"
    PUSH_CANCEL = "push_cancel"
    PUSH_REFUND = "push_refund"
    PUSH_RETURN_DECISION = "push_return_decision"
    FETCH_RETURNS = "fetch_returns"
    FETCH_REFUNDS = "fetch_refunds"
    FETCH_SETTLEMENTS = "fetch_settlements"
    LOG_IN = "log_in"
    REDACT = "redact"
    KNOWN_LIMITS = "known_limits"
    NAME_ACCOUNT = "name_account"


WRITES = (
    Capability.PUSH_STOCK,
    Capability.PUSH_FULFILLMENT,
    Capability.PUSH_LABEL,
    Capability.PUSH_CANCEL,
    Capability.PUSH_REFUND,
    Capability.PUSH_RETURN_DECISION,
)


class Idempotency(StrEnum):
    """What a repeated write does: act again, act once for the same key, or set the same once more."""

    NONE = "none"
    KEY = "key"
    ABSOLUTE = "absolute"


class TimeZones(StrEnum):
    """How the channel writes its times: with their zone or in UTC, or local to a zone the setting `time_zone` names."""

    UTC = "utc"
    LOCAL = "local"


class Manifest(Struct, frozen=True, kw_only=True):
    """What a kind is and can do.

    `orders_are_facts`: True where the sale has happened when the hub hears of it (shops, marketplaces, tills), so it
    is never refused; False where the hub itself makes the promise (phone, e-mail). The batch maxima are items per call;
    no `currencies` means any. `idempotency` says of each write what a repeat does; `idempotency_header` names the
    header a call's key goes in, empty where the connector writes the key itself. `token_header` and `token_prefix` are
    how a call of a channel one logs in to carries its token. `compares_stock`: push_stock writes over the number a
    target expects, and over no other; only then is one sent.
    """

    kind: str
    title: str
    api_version: str
    capabilities: frozenset[Capability] = frozenset()
    orders_are_facts: bool = True
    currencies: tuple[str, ...] = ()
    time_zones: TimeZones = TimeZones.UTC
    stock_batch_max: int = 100
    orders_batch_max: int = 100
    writes_batch_max: int = 20
    overlap_s: int = 120
    history_days: int | None = None
    idempotency: Mapping[Capability, Idempotency] = {}
    idempotency_header: str = ""
    compares_stock: bool = False
    budgets: tuple[Budget, ...] = ()
    token_header: str = "authorization"  # noqa: S105 -- the name of a header
    token_prefix: str = "Bearer "  # noqa: S105 -- what stands before the token
