"""Import the catalog: add SKUs and change those that are there. Nothing is ever deleted."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hub.flows.imports.taking import Around, By, Taken, lines_of, to_write
from hub.flows.stock.name_lots import track_many
from hub.model.imports import catalog
from hub.model.imports.known import Skus
from hub.model.imports.lines import Line
from hub.model.imports.rows import Given
from hub.store import publications
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.imports.skus import known_skus, put_catalog
from hub.store.stock import levels

Judged = tuple[Line, catalog.CatalogRow | None]
NAMED_MAX = 20  # of one event; it says how many there were


async def look(tx: Tx, rows: Sequence[Given], around: Around) -> list[Judged]:  # noqa: ARG001 -- as all kinds
    """What each row would change; nothing is written."""
    known = await known_skus(tx, [given.text("sku") for given in rows], alike=False)
    return [catalog.judge(given, known) for given in rows]


async def take(tx: Tx, rows: Sequence[Given], around: Around, by: By, *, at: datetime) -> Taken:  # noqa: ARG001
    """Levels are locked before SKUs, as a first count locks them."""
    await levels.lock_levels(tx, [given.text("sku") for given in rows if given.text("tracking")])
    known = await known_skus(tx, [given.text("sku") for given in rows], lock=True, alike=False)
    judged = [catalog.judge(given, known) for given in rows]
    changed = sorted(to_write(judged), key=lambda row: row.sku)
    await put_catalog(tx, changed, at=at)
    if changed:
        facts = {"count": len(changed), "skus": [row.sku for row in changed[:NAMED_MAX]]}
        await add_events(tx, [Event("catalog imported", by.actor, facts=facts)], at=at)
    return Taken(lines_of(judged), await _pass_on(tx, changed, known, by, at=at))


async def _pass_on(
    tx: Tx, changed: Sequence[catalog.CatalogRow], known: Skus, by: By, *, at: datetime
) -> set[UUID]:
    """What follows of a row: how units are told apart, and what channels may see of another group."""
    tracked = {row.sku: row.tracking for row in changed if row.tracking is not known.tracking_of(row.sku)}
    if tracked:
        await track_many(tx, tracked, actor=by.actor, at=at)
    regrouped = [
        row.sku for row in changed if row.sku in known.known and known.known[row.sku].group != row.group
    ]
    return await publications.mark(tx, regrouped, at=at)
