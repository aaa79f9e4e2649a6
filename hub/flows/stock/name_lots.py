"""Name lots: say how units of a SKU are told apart, and which lots they are of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from hub.flows.stock.known import refuse_stockless
from hub.kit.ids import uuid7
from hub.model.errors import InputError, WrongStateError
from hub.model.stock.lots import UNNAMED, Batch, Spot, Tracking, refuse_bad
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.stock import levels, lots
from hub.store.stock.lots import LineLots, NewShare


class Delivered(Protocol):
    @property
    def reference(self) -> str: ...
    @property
    def batches(self) -> Sequence[Batch]: ...


async def track(tx: Tx, sku: str, tracking: Tracking, *, actor: str, at: datetime) -> None:
    """As track_many, for one SKU."""
    await track_many(tx, {sku: tracking}, actor=actor, at=at)


async def track_many(tx: Tx, wished: Mapping[str, Tracking], *, actor: str, at: datetime) -> None:
    """Tell units of these SKUs apart from now on, or no more; what is there now is of no named lot.

    Raises NotFoundError, or WrongStateError where named lots still lie somewhere.
    """
    await refuse_stockless(tx, wished)
    locked = await levels.lock_levels(tx, [*wished])
    named = [each for each in await lots.lock_lots(tx, [*wished]) if each.lot != UNNAMED and each.on_hand]
    if named:
        first = named[0]
        msg = f"lot {first.lot} of {first.sku} lies at {first.location}: sell, adjust or move its units first"
        raise WrongStateError(msg)
    await lots.set_tracking(tx, wished)
    tracked = [sku for sku, tracking in wished.items() if tracking is not Tracking.NONE]
    if tracked:
        await lots.add_lots(tx, [Batch(sku, UNNAMED) for sku in sorted(tracked)], at=at)
        there = [each for each in locked if each.sku in tracked]
        await lots.record_shares(tx, lots.unnamed(there), actor=actor, at=at)
    events = [
        Event("tracking set", actor, facts={"sku": sku, "by": str(tracking)})
        for sku, tracking in wished.items()
    ]
    await add_events(tx, events, at=at)


async def name_lots(tx: Tx, batches: Sequence[Batch], *, at: datetime) -> None:
    """Make the lots known before units of them arrive; the levels of their SKUs are locked.

    Raises InputError for a lot that expires on another day, or a serial number that lies somewhere already.
    """
    if not batches:
        return
    known = await lots.add_lots(tx, batches, at=at)
    wrong = next((each for each in batches if each.expires_on not in {None, known[each.sku, each.lot]}), None)
    if wrong is not None:
        msg = f"lot {wrong.lot} of {wrong.sku} expires on {known[wrong.sku, wrong.lot]}: correct the day, or the lot"
        raise InputError(msg, field="expires_on")
    tracking = await lots.tracked(tx, [each.sku for each in batches])
    serials = {(each.sku, each.lot) for each in batches if tracking[each.sku] is Tracking.SERIAL}
    for level in await lots.lock_lots(tx, sorted({sku for sku, _ in serials})):
        if (level.sku, level.lot) in serials and level.on_hand > 0:
            msg = f"serial number {level.lot} of {level.sku} is at {level.location} already: check the label"
            raise InputError(msg, field="lot")


class Adjusted(Protocol):
    @property
    def sku(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def lot(self) -> str: ...
    @property
    def change(self) -> int: ...


async def name_adjusted(tx: Tx, adjusted: Sequence[Adjusted], *, at: datetime) -> None:
    """Make lots known that units are found of; raises InputError where units are taken from a lot that lacks them."""
    if not adjusted:
        return
    more = [Batch(each.sku, each.lot, each.change) for each in adjusted if each.change > 0]
    fewer = [each for each in adjusted if each.change < 0]
    tracking = await lots.tracked(tx, [each.sku for each in adjusted])
    refuse_bad([*more, *(Batch(each.sku, each.lot) for each in fewer)], tracking)
    await name_lots(tx, more, at=at)
    books = {each.spot: each.on_hand for each in await lots.lock_lots(tx, [each.sku for each in fewer])}
    for each in fewer:
        there = books.get(Spot(each.sku, each.location, each.lot), 0)
        if there + each.change < 0:
            msg = (
                f"lot {each.lot} of {each.sku} has {there} at {each.location}: {-each.change} cannot be taken"
            )
            raise InputError(msg, field="lot")


async def refuse_bad_batches(
    tx: Tx, deliveries: Sequence[Delivered], units: Mapping[str, Mapping[str, int]]
) -> None:
    """Raises InputError before anything is written."""
    batches = [batch for each in deliveries for batch in each.batches]
    if not batches:
        return
    refuse_bad(batches, await lots.tracked(tx, [each.sku for each in batches]))
    for each in deliveries:
        for sku in {batch.sku for batch in each.batches}:
            named, came = sum(lots_of(each.batches, sku).values()), units[each.reference].get(sku, 0)
            if named > came:
                msg = f"{each.reference} names lots of {named} units of {sku}, and {came} came: correct one of them"
                raise InputError(msg, field="lots")


def lots_of(batches: Sequence[Batch], sku: str) -> dict[str, int]:
    return {batch.lot: batch.units for batch in batches if batch.sku == sku}


async def swap_lot(
    tx: Tx, number: int, sku: str, old: str, new: str, units: int, *, actor: str, at: datetime
) -> int:
    """Give an order other units than the ones it was given: of lot `new` where it had `old`; return how many.

    It is what the packer took from the shelf, or what the parcel really held. Raises InputError.
    """
    await levels.lock_levels(tx, [sku])
    lines = [each for each in await lots.lots_of_order(tx, number, sku) if each.lot == old]
    if sum(max(each.promised, each.shipped) for each in lines) < units or units < 1:
        msg = (
            f"order {number} does not have {units} of lot {old or 'unnamed'} of {sku}: see hub lot list {sku}"
        )
        raise InputError(msg, field="lot")
    books = {each.spot: each for each in await lots.lock_lots(tx, [sku])}
    shares: list[NewShare] = []
    left = units
    for line in lines:
        count = min(left, line.promised or line.shipped)
        free = sum(
            spot.on_hand - spot.allocated
            for spot in books.values()
            if (spot.location, spot.lot) == (line.location, new)
        )
        if count > free:
            msg = f"lot {new} of {sku} has {max(0, free)} free at {line.location}, and {count} are wanted"
            raise InputError(msg, field="new_lot")
        shares += _swapped(line, sku, new, count)
        left -= count
    await lots.record_shares(tx, shares, actor=actor, at=at)
    facts = {"order": number, "sku": sku, "old": old, "new": new, "units": units}
    await add_events(tx, [Event("lot swapped", actor, facts=facts)], at=at)
    return units


def _swapped(line: LineLots, sku: str, new: str, count: int) -> list[NewShare]:
    """Promised units are promised of the other lot; units that have left left from the other one."""
    out, promised = (0, count) if line.promised else (count, 0)
    return [
        NewShare(uuid7(), None, line.line_id, sku, line.location, line.lot, out, -promised),
        NewShare(uuid7(), None, line.line_id, sku, line.location, new, -out, promised),
    ]
