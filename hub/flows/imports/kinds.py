"""Each kind of import with its two flows: look, and take."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from hub.flows.imports import bank, catalog, listings, parcels, prices, stock
from hub.flows.imports.taking import Around, By, Taken
from hub.model.imports.kinds import Kind
from hub.model.imports.lines import Line
from hub.model.imports.rows import Given
from hub.store.db import Tx

Look = Callable[[Tx, Sequence[Given], Around], Awaitable[Sequence[tuple[Line, Any]]]]


class Take(Protocol):
    def __call__(
        self, tx: Tx, rows: Sequence[Given], around: Around, by: By, *, at: datetime
    ) -> Awaitable[Taken]: ...


LOOK: Mapping[Kind, Look] = {
    Kind.STOCK: stock.look,
    Kind.CATALOG: catalog.look,
    Kind.PRICES: prices.look,
    Kind.LISTINGS: listings.look,
    Kind.PARCELS: parcels.look,
    Kind.BANK: bank.look,
}
TAKE: Mapping[Kind, Take] = {
    Kind.STOCK: stock.take,
    Kind.CATALOG: catalog.take,
    Kind.PRICES: prices.take,
    Kind.LISTINGS: listings.take,
    Kind.PARCELS: parcels.take,
    Kind.BANK: bank.take,
}
