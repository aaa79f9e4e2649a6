"""Exporters: orders and stock written to where another program reads them, each change at least once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from msgspec import Struct

from hub.spec.capabilities import Probe
from hub.spec.config import Settings
from hub.spec.transport import Http


class ExportedLine(Struct, frozen=True):
    """One line of an order; quantities are units sold, `sku` is ours, or None while nobody has matched it."""

    channel_line_id: str
    channel_sku: str
    sku: str | None
    title: str
    kind: str
    quantity: int
    canceled: int
    allocated: int
    backordered: int
    shipped: int
    returned: int
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    fields: Mapping[str, str] = {}


class ExportedOrder(Struct, frozen=True):
    """An order as the hub holds it now. Nobody's name or address is in it (L17).

    `collected`: the customer comes for the goods; `cash_on_delivery`: it is paid at the door. `fields` are values of
    the retailer's own, by key, without personal ones.
    """

    id: str
    number: int
    channel: str
    channel_order_id: str
    channel_order_number: str
    placed_at: datetime
    canceled: bool
    changes: int
    currency: str
    total: Decimal
    tax_total: Decimal
    shipping_total: Decimal
    discount_total: Decimal
    tax_included: bool
    payment: str
    holds: list[str]
    lines: list[ExportedLine]
    collected: bool = False
    cash_on_delivery: bool = False
    fields: Mapping[str, str] = {}


class ExportedLevel(Struct, frozen=True):
    """What the ledger says of one SKU at one location."""

    sku: str
    location: str
    on_hand: int
    allocated: int


class Export(Struct, frozen=True):
    """One batch: orders or levels that have changed, as they are now.

    A batch of the same `key` may come again, after a kill with more in it: the later one replaces the earlier.
    Keys of later batches sort after those of earlier ones; each begins with `orders-` or `stock-`.
    """

    key: str
    at: datetime
    orders: Sequence[ExportedOrder] = ()
    levels: Sequence[ExportedLevel] = ()


class OpenExporter(Protocol):
    """An exporter with its settings."""

    async def check(self) -> list[Probe]:
        """Named probes, each with its remedy; nothing is written that stays."""

    async def write(self, export: Export) -> None:
        """Write the whole batch so that it stays, or raise: it comes again."""


class Exporter(Protocol):
    """One way to write things out: what `register_exporters` registers. Stateless."""

    @property
    def kind(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def config_type(self) -> type[Settings]: ...

    def open(self, http: Http, config: Any) -> OpenExporter:
        """Bind the hub's transport and the settings; nothing is touched yet. `http` speaks to `config.base_url`."""
