"""Put aside: free units of a lot whose last day has passed go to a place beside their location that does not sell."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hub.flows.stock import ledger
from hub.kit.ids import uuid7
from hub.model.stock.locations import Location
from hub.model.stock.lots import LotLevel
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import locations, lots
from hub.store.stock.levels import Movement

SUFFIX = "-expired"
CODE_MAX = 63 - len(SUFFIX)


async def put_aside(tx: Tx, skus: Sequence[str], *, at: datetime) -> list[str]:
    """Take expired units of these SKUs off sale, where their levels are locked; return the SKUs whose available moved.

    Promised units stay: a person gives another lot.
    """
    gone = await lots.expired(tx, skus, at=at) if skus else []
    if not gone:
        return []
    await _open_places(tx, sorted({each.location for each in gone}))
    run = uuid7()
    pairs = [(each, movement) for each in gone for movement in _moves(each, run)]
    facts = {"lots": [f"{each.sku} {each.lot}" for each in gone][:20], "count": len(gone)}
    brings = {movement.id: {each.lot: each.on_hand - each.allocated} for each, movement in pairs}
    moved = await ledger.record(tx, [movement for _, movement in pairs], brings=brings, at=at)
    await add_events(tx, [Event("lots expired", "hub", facts=facts)], at=at)
    return moved


def beside(code: str) -> str:
    """Where the expired units of a location lie: they are there still, and nobody is sold them."""
    return f"{code[:CODE_MAX]}{SUFFIX}"


async def _open_places(tx: Tx, codes: Sequence[str]) -> None:
    known = {each.code: each for each in await locations.all_locations(tx)}
    new = [
        Location(beside(code), f"{known[code].name}, expired", known[code].priority, sellable=False)
        for code in codes
        if beside(code) not in known
    ]
    if new:
        await locations.put_locations(tx, new)


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
