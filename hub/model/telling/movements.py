"""What is said of movements of stock, and of raw messages as they come. Pure."""

from collections.abc import Mapping

from hub.model.telling.sayings import Saying, said

MOVEMENTS: Mapping[str, Saying] = {
    "allocation": said("Allocated {goods}"),
    "release": said("Released {goods}"),
    "shipment": said("Shipped {goods}"),
    "return": said("Took back {goods}"),
    "adjustment": said("Adjusted {goods}"),
    "transfer out": said("Sent to another location: {goods}"),
    "transfer in": said("Came from another location: {goods}"),
    "assembly": said("Assembled {goods}"),
    "receipt": said("Received {goods}"),
    "count": said("Counted {goods}"),
}
GOODS = said("{units} × {sku} ({location})")

MESSAGES: Mapping[str, Saying] = {
    "waiting": said("A message came ({source}) and waits to be read"),
    "taken": said("A message came ({source}) and was taken"),
    "unchanged": said("A message came ({source}) and brought nothing new"),
    "older": said("An older message came ({source}): recorded, not applied"),
    "fetched": said("News came ({source}); the order was fetched"),
    "ignored": said("A message came ({source}) and was ignored"),
    "parked": said("A message came ({source}) and was parked"),
}
