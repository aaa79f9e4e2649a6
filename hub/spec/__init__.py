"""The border: all that the author of a connector imports, with hub.model."""

from hub.spec.capabilities import (
    ChannelConfig,
    ChannelListing,
    ChannelLocation,
    Connector,
    FetchesOrders,
    ListsListings,
    ListsLocations,
    Manifest,
    Message,
    Outcome,
    OutcomeState,
    Page,
    Probe,
    PushesStock,
    ReadsStock,
    ReceivesWebhooks,
    Secret,
    StockTarget,
)
from hub.spec.errors import MalformedError, RejectedError, RetryLaterError, UnauthorizedError
from hub.spec.hooks import hookimpl, hookspec
from hub.spec.transport import Http, Reply

__all__ = [
    "ChannelConfig",
    "ChannelListing",
    "ChannelLocation",
    "Connector",
    "FetchesOrders",
    "Http",
    "ListsListings",
    "ListsLocations",
    "MalformedError",
    "Manifest",
    "Message",
    "Outcome",
    "OutcomeState",
    "Page",
    "Probe",
    "PushesStock",
    "ReadsStock",
    "ReceivesWebhooks",
    "RejectedError",
    "Reply",
    "RetryLaterError",
    "Secret",
    "StockTarget",
    "UnauthorizedError",
    "hookimpl",
    "hookspec",
]
