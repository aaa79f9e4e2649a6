"""Reserve: promise units to a draft until a moment; give them back, or hand them to the order it has become.

A draft's units are its own until then: nobody else is promised them, and the order counts them once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.stock.allocate import lock_stock, plan_over
from hub.kit.ids import uuid7
from hub.model.stock.allocation import Plan
from hub.model.stock.backorders import Backordered
from hub.model.stock.reserving import Basket, given_back, left_over, plan_reservations
from hub.model.stock.sourcing import Sourcing
from hub.model.stock.wants import Want
from hub.store import drafts, publications
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.publications import HERE
from hub.store.stock import backorders, levels, locations, reservations
from hub.store.stock.reservations import Put


class Reserved(Struct, frozen=True):
    """What is lacking, or late, in units sold, by draft and position of the line; and the channels to be told."""

    short: Mapping[tuple[str, int], int] = {}
    late: Mapping[tuple[str, int], Backordered] = {}
    touched: set[UUID] = set()


class TakenOver(Struct, frozen=True):
    """The SKUs that were reserved for what is now an order; of those `freed`, it did not want all."""

    skus: Sequence[str] = ()
    freed: frozenset[str] = frozenset()


async def reserve(tx: Tx, baskets: Sequence[Basket], *, at: datetime) -> Reserved:
    """Reserve what each basket asks for, as far as it goes, the first one first; what it asks no more comes free.

    The drafts must be locked, and kept in the same transaction.
    """
    ids = [basket.draft_id for basket in baskets]
    before = await reservations.kept_for(tx, ids)
    asked_for = [sku for basket in baskets for ask in basket.asks for sku in ask.parts]
    ahead = await backorders.read_ahead(tx, [ask.sku for basket in baskets for ask in basket.asks])
    locked = await levels.lock_levels(tx, [*asked_for, *(each.sku for each in before)])
    kept = await reservations.kept_for(tx, ids)  # some may have run out before the levels were locked
    places = await locations.all_locations(tx)
    after = plan_reservations(baskets, kept, locked, places, uuid7, ahead)
    until = {basket.draft_id: basket.until for basket in baskets}
    rows = [Put(*spot, units, until[spot[0]]) for spot, units in after.units.items()]
    moved = await reservations.put_reservations(tx, rows, at=at)
    touched = await publications.mark(tx, moved, at=at, origin=HERE, falls=True)
    return Reserved(after.short, after.late, touched)


async def release(tx: Tx, draft_ids: Sequence[str], *, at: datetime) -> set[UUID]:
    """Give back all that is reserved for these drafts, which must be locked; return the channels to be told."""
    before = await reservations.kept_for(tx, draft_ids)
    if not before:
        return set()
    await levels.lock_levels(tx, [each.sku for each in before])
    freed = await reservations.release_of(tx, draft_ids)
    return await publications.mark(tx, [each.sku for each in freed], at=at, origin=HERE)


async def expire(tx: Tx, *, at: datetime) -> set[UUID]:
    """Give back what has run out, once, however many look at the same moment; return the channels to be told.

    The orders that wait for these units are filled by the next transaction: orders are locked before levels.
    """
    late = await reservations.skus_expired(tx, at=at)
    if not late:
        return set()
    await levels.lock_levels(tx, late)
    freed = await reservations.release_expired(tx, late, at=at)
    if freed:
        facts = {
            "skus": sorted({each.sku for each in freed})[:20],
            "units": sum(each.units for each in freed),
        }
        await add_events(tx, [Event("reservations ran out", "hub", facts=facts)], at=at)
    return await publications.mark(tx, [each.sku for each in freed], at=at, origin=HERE)


async def plan_accepted(
    tx: Tx, wants: Mapping[str, Sequence[Want]], how: Mapping[UUID, Sourcing]
) -> tuple[Plan, TakenOver]:
    """Plan the wants of orders that were drafts, by draft: what was reserved for them is theirs, exactly once.

    The drafts end here; where the plan falls short, the caller's roll-back gives them back whole. `how` is as
    `plan_wants` takes it.
    """
    ids = sorted(wants)
    await drafts.lock_drafts(tx, ids)
    before = await reservations.kept_for(tx, ids)
    asked = [want for own in wants.values() for want in own]
    there = await lock_stock(tx, asked, [each.sku for each in before])
    kept = await reservations.release_of(tx, ids) if before else []
    await drafts.remove_drafts(tx, ids)
    plan = plan_over(replace(there, levels=given_back(there.levels, kept)), asked, how)
    return plan, TakenOver(sorted({each.sku for each in kept}), frozenset(left_over(kept, plan)))
