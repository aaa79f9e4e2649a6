"""Assemble: make kits of their parts where these lie, or take kits apart again; one cause, and nothing half done."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from hub.flows.stock.allocate import lock_short
from hub.flows.stock.known import refuse_missing, refuse_strange
from hub.flows.stock.move_stock import record_moves
from hub.kit.ids import uuid7
from hub.model.errors import InputError, OutOfStockError, WrongStateError
from hub.model.stock.bundles import UNITS_MAX, Kind, times
from hub.model.stock.levels import Level
from hub.model.stock.wants import Parts
from hub.store.db import Tx
from hub.store.events import Event
from hub.store.stock import components, levels
from hub.store.stock.levels import Movement

CAUSE = "assembly"


class Work(Struct, frozen=True):
    """So many of a kit assembled at a location, or taken `apart` there. `cause_id` makes it happen only once (L1)."""

    kit: str
    location: str
    count: int
    cause_id: str
    apart: bool = False


async def assemble_kits(tx: Tx, works: Sequence[Work], *, actor: str, at: datetime) -> set[UUID]:
    """Move the parts into kits, or out of them; return the channels to be told. What was done before is passed over.

    Raises InputError, NotFoundError, WrongStateError, or OutOfStockError with what is short by position of the work,
    before anything is written. Promised units stay as they are; safety stock may be used.
    """
    await _refuse_bad(tx, works)
    made_of = await components.kit_parts(tx, [work.kit for work in works])
    changes = [_changes(work, made_of) for work in works]
    named = sorted({sku for each in changes for sku in each})
    short = await lock_short(tx, named)
    locked = await levels.lock_levels(tx, named)
    done = await levels.caused(tx, CAUSE, [work.cause_id for work in works])
    fresh = {place: each for place, each in enumerate(changes) if works[place].cause_id not in done}
    if not fresh:
        return set()
    _refuse_short(works, fresh, locked)
    moves = [
        _movement(works[place], sku, units, actor) for place in fresh for sku, units in changes[place].items()
    ]
    facts = {"says": [_why(works[place]) for place in fresh][:20], "count": len(fresh)}
    return await record_moves(tx, moves, short, event=Event("assembled", actor, facts=facts), at=at)


def _changes(work: Work, made_of: Mapping[str, Parts]) -> Parts:
    """Units by SKU that there are more of afterwards, or fewer."""
    kits = -work.count if work.apart else work.count
    return {work.kit: kits, **times(made_of[work.kit], -kits)}


def _movement(work: Work, sku: str, units: int, actor: str) -> Movement:
    return Movement(
        uuid7(), sku, work.location, CAUSE, units, 0, CAUSE, work.cause_id, None, actor, _why(work)
    )


def _why(work: Work) -> str:
    return f"{work.count} of kit {work.kit} {'taken apart' if work.apart else 'assembled'}"


def _refuse_short(works: Sequence[Work], fresh: Mapping[int, Parts], locked: Sequence[Level]) -> None:
    """One after the other, as they stand: what one work makes, the next may use."""
    free = {(each.sku, each.location): each.on_hand - each.allocated - each.reserved for each in locked}
    for place, changes in fresh.items():
        where = works[place].location
        lacks = {
            sku: -units - max(0, free.get((sku, where), 0))
            for sku, units in changes.items()
            if units < 0 and -units > max(0, free.get((sku, where), 0))
        }
        if lacks:
            msg = f"{_why(works[place])} at {where}: not possible, for {_said(lacks)}; nothing was changed"
            raise OutOfStockError(msg, {place: max(lacks.values())})
        for sku, units in changes.items():
            free[sku, where] = free.get((sku, where), 0) + units


def _said(lacks: Mapping[str, int]) -> str:
    return ", ".join(f"{units} more of {sku} would have to be free" for sku, units in lacks.items())


async def _refuse_bad(tx: Tx, works: Sequence[Work]) -> None:
    for work in works:
        if not 1 <= work.count <= UNITS_MAX:
            msg = f"{work.count} of kit {work.kit} cannot be assembled: it must be from 1 to {UNITS_MAX}"
            raise InputError(msg, field="count")
    kinds = await refuse_missing(tx, [work.kit for work in works])
    other = next((sku for sku, kind in sorted(kinds.items()) if kind is not Kind.KIT), None)
    if other is not None:
        msg = f"{other} is no kit: say first what it is made of, with: hub kit set {other} --part SKU:UNITS"
        raise WrongStateError(msg)
    await refuse_strange(tx, [work.location for work in works])
