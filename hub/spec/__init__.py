"""The border: all that the author of a connector imports, with hub.model."""

from hub.spec.capabilities import (
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
    StockTarget,
)
from hub.spec.config import ChannelConfig, Secret, Settings
from hub.spec.errors import MalformedError, RejectedError, RetryLaterError, UnauthorizedError
from hub.spec.hooks import hookimpl, hookspec
from hub.spec.mail import Encryption, Mail, MailServer
from hub.spec.notices import Notice, Notifier, OpenNotifier, Severity
from hub.spec.transport import Http, Reply

__all__ = [
    "ChannelConfig",
    "ChannelListing",
    "ChannelLocation",
    "Connector",
    "Encryption",
    "FetchesOrders",
    "Http",
    "ListsListings",
    "ListsLocations",
    "Mail",
    "MailServer",
    "MalformedError",
    "Manifest",
    "Message",
    "Notice",
    "Notifier",
    "OpenNotifier",
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
    "Settings",
    "Severity",
    "StockTarget",
    "UnauthorizedError",
    "hookimpl",
    "hookspec",
]
