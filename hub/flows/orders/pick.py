"""Pick: begin a list for a batch of orders, take what it asks for off the shelves, and give back what nobody asks for.

A list promises nothing: what it asks for was promised before, and stays so when the list is given up.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from hub.flows.stock.known import refuse_strange
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.orders.picking import Entry, Pick, State, entered, refuse_closed
from hub.store import orders, picking
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.picking import HeldList

ORDERS_MAX = 200  # on one list


class NewList(Struct, frozen=True):
    """A list to be begun; `id` makes it only once. `numbers` are the orders, else the most urgent `limit` ones."""

    id: UUID
    location: str
    numbers: Sequence[int] = ()
    limit: int = 20


async def begin_picking(
    tx: Tx, new: NewList, *, elsewhere: Sequence[str], actor: str, at: datetime
) -> HeldList:
    """Put on a list what is promised from a location. `elsewhere` are the channels whose orders are shipped there.

    Raises InputError, NotFoundError or WrongStateError.
    """
    await refuse_strange(tx, [new.location])
    known = await picking.number_of(tx, new.id)
    if known is not None:
        return await hold_list(tx, known)
    if not 1 <= new.limit <= ORDERS_MAX or len(new.numbers) > ORDERS_MAX:
        msg = f"a pick list takes 1 to {ORDERS_MAX} orders"
        raise InputError(msg, field="limit")
    await _refuse_unknown(tx, new.numbers)
    limit = len(set(new.numbers)) or new.limit
    promises = await picking.pickable(
        tx, new.location, elsewhere=elsewhere, numbers=new.numbers or None, limit=limit
    )
    await picking.add_list(tx, new.id, new.location, promises, actor=actor, at=at)
    made = await hold_list(tx, await picking.number_of(tx, new.id) or 0)
    picks = await picking.picks_of(tx, new.id)
    if not picks:
        raise WrongStateError(_nothing(new))
    facts = {"list": made.number, "location": new.location}
    on_it = sorted({each.order_id for each in picks})
    await add_events(tx, [Event("picking", actor, order_id=each, facts=facts) for each in on_it], at=at)
    return made


async def _refuse_unknown(tx: Tx, numbers: Sequence[int]) -> None:
    unknown = sorted({*numbers} - {*await orders.ids_of(tx, numbers)})
    if unknown:
        msg = f"there is no order {unknown[0]}: see the list of orders"
        raise NotFoundError(msg)


def _nothing(new: NewList) -> str:
    if new.numbers:
        named = ", ".join(str(each) for each in new.numbers[:5])
        return (
            f"nothing of {named} can be picked at {new.location}: it is on another list, held, canceled, shipped in its"
            " channel, or nothing is promised to it there"
        )
    return (
        f"nothing is to be picked at {new.location}: all that is promised there is on a list, held, or shipped in its"
        " channel; see hub channel ships"
    )


async def enter_picks(tx: Tx, number: int, entries: Sequence[Entry], *, at: datetime) -> list[Pick]:
    """Enter what was taken off the shelves; an entry that is known counts for nothing. Return the list as it is then.

    Raises InputError, NotFoundError or WrongStateError.
    """
    held = await hold_list(tx, number)
    refuse_closed(number, held.state)
    new = await picking.add_entries(tx, held.id, entries, at=at)
    picks = await picking.picks_of(tx, held.id)
    changed = entered(picks, [each for each in entries if each.id in new])
    await picking.change_picked(tx, held.id, changed)
    return await picking.picks_of(tx, held.id)


async def put_back(tx: Tx, number: int, *, actor: str, at: datetime) -> int:
    """Say that all in hand that no order asks for any more is on its shelf again; return how many units that were."""
    held = await hold_list(tx, number)
    refuse_closed(number, held.state)
    picks = await picking.picks_of(tx, held.id)
    over = {each.line_id: each.open - each.needed for each in picks if each.open > each.needed}
    await picking.change_picked(
        tx, held.id, {(each.line_id, each.sku): -each.surplus for each in picks if each.surplus}
    )
    await picking.end_put_back(tx, held.id, over)
    await picking.close_done(tx, [held.id], actor=actor, at=at)
    return sum(each.surplus for each in picks)


async def drop_list(tx: Tx, number: int, *, actor: str, at: datetime) -> None:
    """Give a list up: what was picked goes back to its shelf, and what was promised to the orders stays so."""
    held = await hold_list(tx, number)
    if held.state is State.DROPPED:
        return
    refuse_closed(number, held.state)
    picks = await picking.picks_of(tx, held.id)
    await picking.change_picked(
        tx, held.id, {(each.line_id, each.sku): -each.picked for each in picks if each.picked}
    )
    await picking.end_put_back(tx, held.id, {each.line_id: each.open for each in picks if each.open})
    await picking.drop(tx, held.id, actor=actor, at=at)
    stopped = sorted({each.order_id for each in picks if each.open})
    facts = {"list": number}
    await add_events(
        tx, [Event("picking dropped", actor, order_id=each, facts=facts) for each in stopped], at=at
    )


async def hold_list(tx: Tx, number: int) -> HeldList:
    """Lock it; raises NotFoundError."""
    held = await picking.lock_list(tx, number)
    if held is None:
        msg = f"there is no pick list {number}: see hub pick list"
        raise NotFoundError(msg)
    return held
