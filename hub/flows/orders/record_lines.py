"""Record lines: what became of the lines of orders, once it is planned what stock gives them."""

from collections import Counter
from collections.abc import Sequence

from hub.flows.orders.order_rows import Draft, line_rows, line_stock_rows
from hub.model.orders.drafts import moved_by_line, outcomes, taken_ahead
from hub.model.stock.allocation import Plan
from hub.store import order_lines
from hub.store.db import Tx
from hub.store.stock import backorders


async def record_lines(tx: Tx, drafts: Sequence[Draft], plan: Plan) -> list[str]:
    """Return the SKUs of which another number is on backorder now."""
    moved = moved_by_line(plan)
    ahead = Counter[str]()
    inserts: list[order_lines.LineRow] = []
    upserts: list[order_lines.LineRow] = []
    updates: list[order_lines.LineStock] = []
    for draft in drafts:
        after = outcomes(draft.lines, moved, plan.backordered, canceled=draft.canceled)
        ahead.update(taken_ahead(draft.lines, after))
        (upserts if draft.held else inserts).extend(line_rows(draft, after))
        updates.extend(line_stock_rows(draft, after))
    await order_lines.insert_lines(tx, inserts)
    await order_lines.upsert_lines(tx, upserts)
    await order_lines.add_line_parts(tx, {line.id: line.exploded for draft in drafts for line in draft.lines})
    await order_lines.update_line_stock(tx, updates)
    await order_lines.clear_money(tx, [line_id for draft in drafts for line_id in draft.removed])
    await backorders.take_ahead(tx, ahead)
    return [sku for sku, units in ahead.items() if units]
