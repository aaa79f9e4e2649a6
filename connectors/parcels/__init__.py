"""Parcel carriers as one table: names and tracking pages, no labels, no network.

Source of the pages and of the numbers that are a carrier's own: WooCommerce, src/Internal/Fulfillments/Providers, the
commit of each beside it.
"""

from collections.abc import Callable

from connectors.parcels.table import CARRIERS
from hub.spec import Carrier, hookimpl


@hookimpl
def register_carriers(register: Callable[[Carrier], None]) -> None:
    for each in CARRIERS:
        register(each)
