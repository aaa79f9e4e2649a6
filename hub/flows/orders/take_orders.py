"""Take: fold snapshots of orders into what the hub holds, promise stock, and mark the listings to be told.

A batch runs a fixed number of statements, however many orders it has (L15); a repeat changes nothing (L1, L2).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.orders.heard import origin_of, put_back
from hub.flows.orders.order_rows import (
    Draft,
    draft_of,
    event_of,
    facts_row,
    holds_with,
    order_row,
    own_holds,
)
from hub.flows.orders.own_fields import personal_keys, with_known_fields
from hub.flows.orders.parcel_rows import parcel_rows
from hub.flows.orders.record_lines import record_lines
from hub.flows.orders.reviewing import as_decided, reviewed_events, to_review
from hub.flows.orders.versions import read_versions
from hub.flows.review.review_orders import review_orders
from hub.flows.stock.allocate import plan_wants, record_plan
from hub.flows.stock.match_lines import find_matches, remember_unmatched
from hub.flows.stock.reserve import TakenOver, plan_accepted
from hub.kit.ids import uuid7s
from hub.kit.secrets import Vault
from hub.model.errors import OutOfStockError, StaleError
from hub.model.fulfillment.ship_by import NO_HANDLING, Handling
from hub.model.incoming import IncomingOrder
from hub.model.orders.drafts import with_all_that_left
from hub.model.orders.paying import Patience
from hub.model.orders.snapshots import snapshot_key
from hub.model.review.verdicts import NO_REVIEW, Review, Verdict
from hub.model.stock.allocation import Plan
from hub.model.stock.backorders import AheadKind
from hub.model.stock.nearness import destination_of
from hub.model.stock.sourcing import Sourcing
from hub.store import inbox, orders, picking, shipments
from hub.store.db import Tx
from hub.store.events import add_events
from hub.store.holds import set_holds
from hub.store.orders import HeldOrder
from hub.store.publications import HERE


class Seller(Struct, frozen=True):
    """The channel orders come from; `actor` is its slug. `promises`: the hub itself does, so it may refuse (L6).

    What had left by orders placed before `joined_at` moves no stock: the opening stock was counted without it.
    `ships_here`: its orders leave from here, so that it knows of what has left by the hub's word.
    """

    id: UUID
    actor: str
    place: str | None = None
    promises: bool = False
    names_our_skus: bool = False
    joined_at: datetime | None = None
    patience: Patience = Patience()
    handling: Handling = NO_HANDLING
    ships_here: bool = False


class Arrival(Struct, frozen=True):
    """One readable message of the inbox."""

    inbox_id: UUID
    order: IncomingOrder


class LateLine(Struct, frozen=True):
    """A line of which `units` are accepted although they are not there yet; `position` counts from 0."""

    position: int
    sku: str
    units: int
    kind: AheadKind
    expected: date | None


class TakenOrder(Struct, frozen=True):
    order_id: UUID
    number: int
    channel_order_id: str
    holds: list[str]
    backordered: list[LateLine] = []


class Taken(Struct, frozen=True):
    """The orders that were new or changed, the channels to be told now, and the SKUs of which units came free.

    Their own channel is among them where more is to be told than of what it has `sold`.
    `verdicts` are what the review said of the new ones, by id.
    """

    orders: list[TakenOrder]
    touched: set[UUID]
    freed: set[str] = set()
    verdicts: Mapping[UUID, Verdict] = {}
    sold: bool = False


class _Written(Struct, frozen=True):
    """The numbers of the new orders, why each order waits for a person whatever stock will say, and the verdicts."""

    numbers: Mapping[UUID, int]
    holds: Mapping[UUID, list[str]]
    verdicts: Mapping[UUID, Verdict]


class _Snapshots(Struct, frozen=True):
    """All arrivals of one order: the newest counts, and one that cancels is never unsaid (L2)."""

    newest: Arrival
    key: str
    canceled: bool
    seen: list[tuple[UUID, str]]  # every message of the batch about it, and its snapshot's key


async def take_orders(
    tx: Tx,
    vault: Vault,
    seller: Seller,
    arrivals: Sequence[Arrival],
    *,
    people: Mapping[str, UUID],
    at: datetime,
    review: Review = NO_REVIEW,
    reread: str = "",
) -> Taken:
    """Take a batch of one channel's orders, steps 3 to 7 of the flow.

    With `reread`, the version of the connector that reads stored messages anew, only orders the hub holds are taken,
    and what they say counts although it is no news.

    `people` are the customers by identity text, kept before and committed: who adds one person in two batches at once
    waits until the other batch has ended.

    Raises OutOfStockError where the seller's own promise cannot be kept, and StaleError where another worker took
    one of these orders at the same moment: roll back and take the batch again.
    """
    folded = _fold(arrivals)
    held = await orders.lock_held(tx, seller.id, list(folded))
    fresh = {key: each for key, each in folded.items() if _counts(each, held.get(key), reread)}
    known = {key: held[key] for key in fresh if key in held}
    picked = await picking.being_picked(tx, [each.id for each in known.values()]) if known else {}
    drafts = await _drafts(tx, vault, seller, fresh, known, picked, at, reread=bool(reread))
    verdicts = await review_orders(tx, to_review(drafts, people, seller, promises=seller.promises), review)
    drafts = [as_decided(draft, verdicts.get(draft.id)) for draft in drafts]
    written = await _record_orders(tx, seller, drafts, verdicts, vault, people, at)
    wants = [line.want for draft in drafts for line in draft.lines if line.want and line.want.ship]
    lists = await picking.lock_lists_of(tx, picked.keys() & {want.line_id for want in wants})
    # Levels are locked from here to the commit: what can be done before is done before.
    plan, kept = await _plan(tx, seller, drafts)
    await picking.note_shipped(tx, lists, plan.left, actor=seller.actor, at=at)
    taken = await _record_plan(tx, seller, drafts, written, plan, kept, at, reread=reread)
    await inbox.settle(tx, _settled(folded, held, fresh, taken.orders), at=at)
    return taken


def _fold(arrivals: Sequence[Arrival]) -> dict[str, _Snapshots]:
    """Bring the arrivals of each order together, keyed by the channel's order id, in a fixed order of ids."""
    groups: dict[str, list[tuple[str, Arrival]]] = {}
    for arrival in arrivals:
        groups.setdefault(arrival.order.channel_order_id, []).append((snapshot_key(arrival.order), arrival))
    folded = {}
    for order_id in sorted(groups):
        group = groups[order_id]
        key, newest = max(group, key=lambda pair: pair[0])
        canceled = any(arrival.order.canceled for _, arrival in group)
        if len(group) > 1:
            newest = replace(
                newest, order=with_all_that_left(newest.order, [each.order for _, each in group])
            )
        folded[order_id] = _Snapshots(
            newest, key, canceled, [(arrival.inbox_id, each) for each, arrival in group]
        )
    return folded


def _counts(snapshots: _Snapshots, held: HeldOrder | None, reread: str) -> bool:
    return held is not None if reread else _is_news(snapshots, held)


def _is_news(snapshots: _Snapshots, held: HeldOrder | None) -> bool:
    if held is None or snapshots.key > held.snapshot_key:
        return True
    return (snapshots.canceled and not (held.canceled or held.reopened)) or _says_more_left(
        snapshots.newest.order, held
    )


def _says_more_left(order: IncomingOrder, held: HeldOrder) -> bool:
    """An older snapshot, come late, tells of units that have left: a fact is a fact, whenever it is told."""
    shipped = {line.channel_line_id: min(line.shipped, line.quantity) for line in held.lines if line.sku}
    return any(
        min(line.fulfilled, line.quantity) > shipped.get(line.channel_line_id, line.quantity)
        for line in order.lines
    )


async def _drafts(
    tx: Tx,
    vault: Vault,
    seller: Seller,
    fresh: dict[str, _Snapshots],
    held: dict[str, HeldOrder],
    picked: Mapping[UUID, int],
    at: datetime,
    *,
    reread: bool,
) -> list[Draft]:
    told = await with_known_fields(tx, [each.newest.order for each in fresh.values()])
    incoming = dict(zip(fresh, told, strict=True))
    matches = await find_matches(tx, seller.id, told, names_our_skus=seller.names_our_skus)
    versions = await read_versions(tx, vault, [each.id for each in held.values()], to_compare=True)
    new_ids = iter(uuid7s(len(told) + sum(len(order.lines) for order in told)))
    drafts = [
        draft_of(
            incoming[order_id],
            each.key,
            held.get(order_id),
            matches,
            canceled=each.canceled,
            place=seller.place,
            ships_here=seller.ships_here,
            joined_at=seller.joined_at,
            patience=seller.patience,
            handling=seller.handling,
            new_id=partial(next, new_ids),
            at=at,
            reread=reread,
            version=versions.get(held[order_id].id) if order_id in held else None,
            picked=picked,
        )
        for order_id, each in fresh.items()
    ]
    unmatched = [line.line for draft in drafts for line in draft.lines if line.unmatched and line.line]
    if unmatched and not seller.names_our_skus:
        await remember_unmatched(tx, seller.id, unmatched, at=at)
    return drafts


async def _plan(tx: Tx, seller: Seller, drafts: Sequence[Draft]) -> tuple[Plan, TakenOver]:
    """An order the hub itself promises takes over what was reserved while it was typed, and is whole or refused."""
    wants = {
        draft.order.channel_order_id: [line.want for line in draft.lines if line.want] for draft in drafts
    }
    how = {draft.id: _sourcing(seller, draft) for draft in drafts}
    if not seller.promises:
        return await plan_wants(tx, [want for own in wants.values() for want in own], how), TakenOver()
    plan, kept = await plan_accepted(tx, wants, how)
    _refuse_short(drafts, plan)
    return plan, kept


def _sourcing(seller: Seller, draft: Draft) -> Sourcing:
    used = draft.held.used if draft.held else ()
    to = destination_of(draft.order.person.shipping)
    sourcing = Sourcing(channel=seller.actor, to=to, used=used, pickup=draft.order.pickup)
    return replace(sourcing, fixed_because="a rule says so") if draft.sent_by_rule else sourcing


def _refuse_short(drafts: Sequence[Draft], plan: Plan) -> None:
    """A promise of the hub's own is kept whole or not made. A payment that came late is a fact: its order is held."""
    for draft in (each for each in drafts if not each.paid_late):
        short = {
            position: plan.short[line.id]
            for position, line in enumerate(draft.lines)
            if line.id in plan.short
        }
        if short:
            named = ", ".join(
                f"{draft.lines[position].sku} lacks {count}" for position, count in short.items()
            )
            msg = f"not enough stock: {named}; take fewer, or add stock first"
            raise OutOfStockError(msg, short)


async def _record_orders(
    tx: Tx,
    seller: Seller,
    drafts: Sequence[Draft],
    verdicts: Mapping[UUID, Verdict],
    vault: Vault,
    people: Mapping[str, UUID],
    at: datetime,
) -> _Written:
    """Write all of the orders that no stock decides."""
    own = {draft.id: own_holds(draft, verdicts.get(draft.id)) for draft in drafts}
    personal = await personal_keys(tx, [draft.order for draft in drafts])
    new = [
        order_row(draft, own[draft.id], vault, people, verdicts.get(draft.id), personal=personal)
        for draft in drafts
        if draft.held is None
    ]
    numbers = await orders.insert_orders(tx, seller.id, new, at=at)
    if len(numbers) < len(new):
        msg = f"{len(new) - len(numbers)} orders were taken by another worker meanwhile: take the batch again"
        raise StaleError(msg)
    newer = [
        order_row(draft, own[draft.id], vault, people, personal=personal)
        for draft in drafts
        if draft.replaces
    ]
    await orders.update_orders(tx, newer, at=at)
    await orders.note_facts(tx, [facts_row(draft, vault) for draft in drafts if draft.older], at=at)
    return _Written(numbers, own, verdicts)


async def _record_plan(
    tx: Tx,
    seller: Seller,
    drafts: Sequence[Draft],
    written: _Written,
    plan: Plan,
    kept: TakenOver,
    at: datetime,
    *,
    reread: str,
) -> Taken:
    own = written.holds
    holds = {draft.id: holds_with(plan, draft, own[draft.id]) for draft in drafts}
    by_plan = [each.id for each in drafts if not each.older and holds[each.id] != own[each.id]]
    await set_holds(tx, {each: holds[each] for each in by_plan}, at=at)
    ahead = await record_lines(tx, drafts, plan)
    await _record_parcels(tx, seller, drafts)
    causes = {line.id: f"{line.id}/{draft.change}" for draft in drafts for line in draft.lines}
    also = [*kept.skus, *ahead, *put_back(drafts)]
    touched = await record_plan(
        tx,
        plan,
        cause="order",
        cause_of=causes.__getitem__,
        actor=seller.actor,
        at=at,
        also=also,
        origin=HERE if seller.promises else origin_of(seller.id, drafts, counts_down=not reread),
        first=not any(draft.held for draft in drafts),
    )
    events = [event_of(draft, plan, holds[draft.id], seller, reread=reread) for draft in drafts]
    await add_events(tx, [*events, *reviewed_events(written.verdicts, seller)], at=at)
    told = [_taken(draft, holds[draft.id], written.numbers, plan) for draft in drafts]
    freed = {*kept.freed, *plan.freed}
    return Taken(told, touched, freed, written.verdicts, sold=bool(plan.moves or also))


async def _record_parcels(tx: Tx, seller: Seller, drafts: Sequence[Draft]) -> None:
    """The newest snapshot's parcels replace those that an earlier one told of."""
    told = [row for draft in drafts if not draft.older for row in parcel_rows(draft)]
    replaced = [draft.id for draft in drafts if draft.replaces]
    await shipments.drop_channel_parcels(tx, replaced, but=told)
    await shipments.put_channel_parcels(tx, told, actor=seller.actor)


def _taken(draft: Draft, holds: list[str], numbers: Mapping[UUID, int], plan: Plan) -> TakenOrder:
    number = draft.held.number if draft.held else numbers[draft.id]
    late = [
        LateLine(position, line.sku or "", each.units, each.kind, each.expected)
        for position, line in enumerate(draft.lines)
        if (each := plan.backordered.get(line.id))
    ]
    return TakenOrder(draft.id, number, draft.order.channel_order_id, holds, late)


def _settled(
    folded: dict[str, _Snapshots],
    held: dict[str, HeldOrder],
    fresh: dict[str, _Snapshots],
    taken: Sequence[TakenOrder],
) -> list[inbox.Settled]:
    """Say of every message what became of it: taken, unchanged, or older than what the hub holds."""
    ids = {order.channel_order_id: order.order_id for order in taken}
    settled = []
    for order_id, each in folded.items():
        was = held.get(order_id)
        ours = ids.get(order_id) or (was.id if was else None)
        known = was is not None and each.key == was.snapshot_key
        newest = "taken" if order_id in fresh else "unchanged" if known else "older"
        for inbox_id, key in each.seen:
            repeats = key == each.key and inbox_id != each.newest.inbox_id
            state = "unchanged" if repeats else newest if key == each.key else "older"
            settled.append(inbox.Settled(inbox_id, state, "", ours))
    return settled
