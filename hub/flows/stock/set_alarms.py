"""Set when an alarm is given, and dismiss one that somebody knows of."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hub.flows.stock.known import refuse_missing, refuse_strange
from hub.flows.stock.watch_stock import look_at
from hub.model.errors import InputError, NotFoundError
from hub.model.stock.alarms import THRESHOLD_MAX, Bounds, Kind, refuse_bad
from hub.model.stock.bundles import Kind as SkuKind
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import alarms, watch
from hub.store.stock.alarms import Threshold


async def set_thresholds(tx: Tx, wanted: Sequence[Threshold], *, actor: str, at: datetime) -> None:
    """Set when these SKUs are low, and look at once: alarms open and close before it returns.

    Raises InputError or NotFoundError before anything is written.
    """
    await _refuse_bad(tx, wanted)
    await watch.lock_watch(tx)
    await alarms.put_thresholds(tx, wanted)
    touched = sorted({each.sku for each in wanted})
    facts = {"skus": touched[:20], "count": len(wanted)}
    await add_events(tx, [Event("alarm thresholds set", actor, facts=facts)], at=at)
    await look_at(tx, touched, at=at)


async def _refuse_bad(tx: Tx, wanted: Sequence[Threshold]) -> None:
    kinds = await refuse_missing(tx, [each.sku for each in wanted])
    await refuse_strange(tx, [each.location for each in wanted if each.location is not None])
    if len({(each.sku, each.location) for each in wanted}) < len(wanted):
        msg = "a SKU stands there twice with the same location: name each once"
        raise InputError(msg, field="thresholds")
    for each in wanted:
        if each.units is not None and not 0 <= each.units <= THRESHOLD_MAX:
            msg = f"the threshold of {each.sku} is {each.units}: it must be from 0 to {THRESHOLD_MAX}"
            raise InputError(msg, field="units")
        if each.location is not None and kinds[each.sku] is SkuKind.BUNDLE:
            msg = f"{each.sku} is a bundle and lies at no location: leave the location out, or name one of its parts"
            raise InputError(msg, field="location")


async def set_bounds(tx: Tx, bounds: Bounds, *, actor: str, at: datetime) -> None:
    """Set what holds for every SKU; the worker looks at all of them anew. Raises InputError."""
    refuse_bad(bounds)
    await watch.lock_watch(tx)
    await alarms.put_bounds(tx, bounds)
    await watch.begin_round(tx)
    facts = {name: getattr(bounds, name) for name in Bounds.__struct_fields__}
    await add_events(tx, [Event("alarm bounds set", actor, facts=facts)], at=at)


async def dismiss_alarms(
    tx: Tx,
    *,
    ids: Sequence[UUID] = (),
    sku: str | None = None,
    kind: Kind | None = None,
    actor: str,
    at: datetime,
) -> int:
    """Put open alarms aside until they end; return how many. Raises NotFoundError where none is open."""
    if sku is not None:
        await refuse_missing(tx, [sku])
    dismissed = await alarms.dismiss(tx, ids=ids, sku=sku, kind=kind, actor=actor, at=at)
    if not dismissed:
        of = (
            f"{sku} has no open alarm{f' of kind {kind}' if kind else ''}" if sku else "no such alarm is open"
        )
        msg = f"{of}: see hub alarm list"
        raise NotFoundError(msg)
    facts = {"skus": sorted(set(dismissed))[:20], "count": len(dismissed)}
    await add_events(tx, [Event("alarms dismissed", actor, facts=facts)], at=at)
    return len(dismissed)
