"""Import list prices: what the form for phone orders fills in."""

from collections.abc import Sequence
from datetime import datetime

from hub.flows.imports.taking import Around, By, Taken, lines_of, to_write
from hub.model.imports import prices
from hub.model.imports.lines import Line
from hub.model.imports.rows import Given
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.imports.skus import known_skus, put_prices

Judged = tuple[Line, prices.PriceRow | None]
NAMED_MAX = 20  # of one event; it says how many there were


async def look(tx: Tx, rows: Sequence[Given], around: Around, *, lock: bool = False) -> list[Judged]:
    """What each row would change; nothing is written."""
    known = await known_skus(tx, [given.text("sku") for given in rows], lock=lock)
    comma = around.how.decimal_comma
    return [prices.judge(given, known, decimal_comma=comma) for given in rows]


async def take(tx: Tx, rows: Sequence[Given], around: Around, by: By, *, at: datetime) -> Taken:
    judged = await look(tx, rows, around, lock=True)
    changed = to_write(judged)
    await put_prices(tx, changed)
    if changed:
        facts = {"count": len(changed), "skus": [row.sku for row in changed[:NAMED_MAX]]}
        await add_events(tx, [Event("prices imported", by.actor, facts=facts)], at=at)
    return Taken(lines_of(judged), set())
