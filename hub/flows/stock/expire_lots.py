"""Expire: free units of a lot whose last day has passed go to a place beside their location that does not sell."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from hub.flows.stock.allocate import lock_short
from hub.flows.stock.move_stock import record_moves
from hub.kit.ids import uuid7
from hub.model.stock.locations import Location
from hub.model.stock.lots import LotLevel
from hub.store.db import Tx
from hub.store.events import Event
from hub.store.stock import locations, lots
from hub.store.stock.levels import Movement

AT_ONCE = 500  # lots; what is left is found at the next look
SUFFIX = "-expired"
CODE_MAX = 63 - len(SUFFIX)


async def expire_lots(tx: Tx, *, today: date, at: datetime) -> set[UUID]:
    """Take expired units off sale; return the channels to be told. Promised units stay: a person gives another lot."""
    found = await lots.expired(tx, today=today, limit=AT_ONCE)
    if not found:
        return set()
    short = await lock_short(tx, [each.sku for each in found])
    still = {each.spot: each for each in await lots.lock_lots(tx, [each.sku for each in found])}
    gone = [still[each.spot] for each in found if still[each.spot].on_hand > still[each.spot].allocated]
    await _open_places(tx, sorted({each.location for each in gone}))
    run = uuid7()
    pairs = [(each, movement) for each in gone for movement in _moves(each, run)]
    facts = {"lots": [f"{each.sku} {each.lot}" for each in gone][:20], "count": len(gone)}
    brings = {movement.id: {each.lot: each.on_hand - each.allocated} for each, movement in pairs}
    moves = [movement for _, movement in pairs]
    return await record_moves(
        tx, moves, short, event=Event("lots expired", "hub", facts=facts), at=at, brings=brings
    )


async def _open_places(tx: Tx, codes: Sequence[str]) -> None:
    known = {each.code: each for each in await locations.all_locations(tx)}
    new = [
        Location(beside(code), f"{known[code].name}, expired", known[code].priority, sellable=False)
        for code in codes
        if beside(code) not in known
    ]
    if new:
        await locations.put_locations(tx, new)


def beside(code: str) -> str:
    """Where the expired units of a location lie: they are there still, and nobody is sold them."""
    return f"{code[:CODE_MAX]}{SUFFIX}"


def _moves(each: LotLevel, run: UUID) -> list[Movement]:
    units = each.on_hand - each.allocated
    return [
        Movement(
            id=uuid7(),
            sku=each.sku,
            location=place,
            kind=kind,
            on_hand_change=change,
            allocated_change=0,
            cause="expiry",
            cause_id=f"{run}/{each.lot}/{each.location}",
            actor="hub",
            reason=f"lot {each.lot} was to be sold by {each.expires_on}",
        )
        for kind, place, change in (
            ("transfer out", each.location, -units),
            ("transfer in", beside(each.location), units),
        )
    ]
