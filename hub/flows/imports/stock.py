"""Import stock: what is on hand is set, by a count with its reason. The same file again finds nothing to change."""

from collections.abc import Sequence
from datetime import datetime

from hub.flows.imports.taking import Around, By, Taken, lines_of, to_write
from hub.flows.stock.adjust_stock import Count, count_stock
from hub.model.imports import stock
from hub.model.imports.lines import Line
from hub.model.imports.rows import Given
from hub.store.db import Tx
from hub.store.imports.skus import known_skus
from hub.store.stock import levels, locations

Judged = tuple[Line, stock.StockRow | None]


async def look(tx: Tx, rows: Sequence[Given], around: Around) -> list[Judged]:  # noqa: ARG001 -- as all kinds
    """What each row would change; nothing is written."""
    skus = [given.text("sku") for given in rows]
    known = await known_skus(tx, skus)
    places = {place.code for place in await locations.all_locations(tx)}
    held = {(each.sku, each.location): each.on_hand for each in await levels.read_levels(tx, skus)}
    books = stock.Books(known, places, held)
    return [stock.judge(given, books) for given in rows]


async def take(tx: Tx, rows: Sequence[Given], around: Around, by: By, *, at: datetime) -> Taken:
    """Count what differs. Orders that waited for the units get them."""
    judged = await look(tx, rows, around)
    counts = [
        Count(row.sku, row.location, row.on_hand, by.reason, str(by.import_id))
        for row in to_write(judged)
        if row.on_hand is not None
    ]
    touched = await count_stock(tx, counts, actor=by.actor, at=at) if counts else set()
    return Taken(lines_of(judged), touched)
