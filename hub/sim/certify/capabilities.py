"""The capabilities there are, in the order in which an author gives them to a connector."""

from hub.spec import (
    FetchesOrders,
    ListsListings,
    ListsLocations,
    PushesStock,
    ReadsStock,
    ReceivesWebhooks,
)

PROTOCOLS: tuple[type, ...] = (
    FetchesOrders,
    ReceivesWebhooks,
    PushesStock,
    ReadsStock,
    ListsListings,
    ListsLocations,
)
