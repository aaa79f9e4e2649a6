"""Collect: goods wait at a counter, are handed over as a shipment without a carrier, or are given back."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from hub.flows.orders.hold import put_holds
from hub.flows.orders.ship import Shipped, leaves_here, ship
from hub.flows.post_notices import NewNotice, post_notices
from hub.kit.secrets import Vault
from hub.model.errors import NotFoundError, WrongStateError
from hub.model.fulfillment.pickup import (
    NOT_COLLECTED,
    HandOver,
    Kept,
    Ready,
    State,
    after,
    place_of,
)
from hub.model.orders.holds import Hold, Stock
from hub.spec import Severity
from hub.store import orders, shipments
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.fulfillment import pickups
from hub.store.orders import HeldOrder

READY, LATE = "orders.ready", "orders.not_collected"
AT_ONCE = 500


class _Counter(Struct, frozen=True):
    """Orders by number, locked, and those of them that were made ready before, by id."""

    held: Mapping[int, HeldOrder]
    kept: Mapping[UUID, Kept]

    def state_of(self, order: HeldOrder) -> State:
        kept = self.kept.get(order.id)
        return kept.state if kept else State.WAITING


async def _lock(tx: Tx, numbers: Iterable[int]) -> _Counter:
    ids = await orders.ids_of(tx, sorted({*numbers}))
    if unknown := sorted({*numbers} - {*ids}):
        msg = f"there is no order {unknown[0]}: see the list of orders"
        raise NotFoundError(msg)
    held = {order.number: order for order in await orders.lock_all(tx, sorted(ids.values()))}
    return _Counter(held, await pickups.kept_for(tx, list(ids.values())))


async def make_ready(
    tx: Tx, wanted: Sequence[Ready], *, elsewhere: AbstractSet[str], url: str = "", actor: str, at: datetime
) -> set[UUID]:
    """What is promised to these orders waits at the counter now; return the notifiers to ring, after commit.

    Raises InputError, NotFoundError or WrongStateError with nothing written.
    """
    counter = await _lock(tx, [each.order for each in wanted])
    rows, events, notices = [], [], []
    for each in wanted:
        order = counter.held[each.order]
        leaves_here(each.order, order, elsewhere)
        if after(each.order, counter.state_of(order), State.READY) is counter.state_of(order):
            counter.kept[order.id].refuse_elsewhere(each)
            continue
        place = place_of(each, order.pickup, order.lines, order.holds)
        rows.append(Kept(order.id, place, State.READY, each.keep_until, each.code))
        facts: dict[str, object] = {"location": place, "until": f"{each.keep_until:%Y-%m-%d}"}
        events.append(Event("ready", actor, order_id=order.id, facts=facts))
        notices.append(_notice(each, order, place, url, at))
    await pickups.put_ready(tx, rows, actor=actor, at=at)
    await add_events(tx, events, at=at)
    return await post_notices(tx, notices, at=at)


def _notice(ready: Ready, order: HeldOrder, place: str, url: str, at: datetime) -> NewNotice:
    """What a program needs to tell the customer; who that is, it asks the hub (L17)."""
    title = f"Order {order.number} is ready to be collected at {place}"
    words = f"It is kept until {ready.keep_until:%Y-%m-%d}; the customer shows the code {ready.code}."
    key = f"ready/{order.id}/{at.isoformat()}"
    return NewNotice(key, READY, Severity.INFO, title, words, f"{url}/orders/{order.number}")


async def hand_over(
    tx: Tx,
    vault: Vault,
    given: Sequence[HandOver],
    *,
    elsewhere: AbstractSet[str],
    actor: str,
    at: datetime,
) -> Shipped:
    """What waited leaves as a shipment without a carrier; one that has left before changes nothing (L1).

    Raises InputError, NotFoundError or WrongStateError with nothing written.
    """
    counter = await _lock(tx, [each.order for each in given])
    before = await shipments.known(tx, [each.id for each in given])
    parcels, by = [], {}
    for each in given:
        order = counter.held[each.order]
        if each.id in before:
            continue
        if after(each.order, was := counter.state_of(order), State.COLLECTED) is was:
            msg = f"order {each.order} was collected: make the rest of it ready first"
            raise WrongStateError(msg)
        parcels.append(counter.kept[order.id].checked(each))
        by[order.id] = vault.seal(each.by.encode(), name_key(order.id)) if each.by else None
    done = await ship(tx, parcels, elsewhere=elsewhere, actor=actor, at=at)
    await pickups.end(tx, State.COLLECTED, by, actor=actor, at=at)
    return done


def name_key(order_id: UUID) -> bytes:
    """What binds the sealed name of who collected an order to it."""
    return b"collected by" + order_id.bytes


async def give_back(tx: Tx, numbers: Sequence[int], *, actor: str, at: datetime) -> set[UUID]:
    """Nobody came: these orders give their stock back and are held; return the channels to be told.

    Resolve the hold, and it is promised to them anew. One of which nothing waits there any more is not held. Raises
    NotFoundError or WrongStateError.
    """
    counter = await _lock(tx, numbers)
    gone = [
        order
        for number, order in counter.held.items()
        if after(number, was := counter.state_of(order), State.NOT_COLLECTED) is not was
    ]
    await pickups.end(tx, State.NOT_COLLECTED, {order.id: None for order in gone}, actor=actor, at=at)
    await add_events(tx, [Event("not collected", actor, order_id=order.id) for order in gone], at=at)
    holds = [
        Hold(order.number, NOT_COLLECTED, stock=Stock.RELEASED)
        for order in gone
        if not order.canceled and counter.kept[order.id].has_any(order.lines)
    ]
    return (await put_holds(tx, holds, actor=actor, at=at)).touched if holds else set()


async def tell_overdue(tx: Tx, *, url: str = "", at: datetime) -> set[UUID]:
    """Post one notice of all that nobody collected in time; return the notifiers to ring, after commit."""
    late = await pickups.newly_overdue(tx, at=at, limit=AT_ONCE)
    if not late:
        return set()
    named = ", ".join(str(each.number) for each in late[:10])
    title = (
        f"Nobody collected {'order' if len(late) == 1 else 'orders'} {named}{' …' if len(late) > 10 else ''}"
    )
    words = "They still wait at the counter: ask the customers, or give the stock back there."
    key = f"not collected/{late[0].order_id}/{at.isoformat()}"
    return await post_notices(
        tx, [NewNotice(key, LATE, Severity.WARNING, title, words, f"{url}/pickups")], at=at
    )
