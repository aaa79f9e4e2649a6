"""End unpaid: what is not paid in time gives its stock back and waits for the payment; it is never canceled."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.stock.allocate import fill_short, give_back
from hub.model.errors import InputError, NotFoundError
from hub.model.orders.drafts import Moved
from hub.model.orders.paying import FOR_GOOD, HOURS_MAX, Patience, refuse_bad
from hub.store import channels, holds, orders, unpaid
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.order_lines import LineStock
from hub.store.orders import HeldOrder

ENDED_MAX = 500  # in one transaction; the others follow with the next


class PatienceSet(Struct, frozen=True):
    """How many unpaid orders of the channel are open, and for how many of them the time is over already."""

    open: int
    over: int


async def end_unpaid(tx: Tx, *, at: datetime) -> set[UUID]:
    """Give back what unpaid orders hold whose time is over, each once; return the channels to be told.

    What comes free goes to the orders that wait for it by the fill that comes next.
    """
    ids = await unpaid.lapsed(tx, at=at, limit=ENDED_MAX)
    late = [order for order in await orders.lock_open(tx, ids) if "payment" not in order.holds] if ids else []
    if not late:
        return set()
    ended = [replace(order, holds=sorted({*order.holds, "payment"})) for order in late]
    await holds.set_holds(tx, {order.id: order.holds for order in ended}, at=at)
    deadline = {line.id: f"{line.id}/{order.pay_by}" for order in ended for line in order.lines}
    return await give_back(
        tx, ended, cause="unpaid", cause_of=deadline.__getitem__, tell=_ended_event, actor="hub", at=at
    )


def _ended_event(order: HeldOrder, moved: Moved, _changed: Mapping[UUID, LineStock]) -> Event:
    units = -sum(moved.get(line.id, (0, 0))[1] for line in order.lines)
    return Event("unpaid", "hub", order_id=order.id, facts={"units": units})


async def keep_unpaid(
    tx: Tx, numbers: Sequence[int], *, hours: int | None, actor: str, at: datetime
) -> set[UUID]:
    """Keep the stock of these orders for so many hours from now although they are unpaid; None: for good.

    What one has lost is promised again, as far as there is, or it is held for its stock. Returns the channels to be
    told. Raises NotFoundError, InputError.
    """
    if hours is not None and not 1 <= hours <= HOURS_MAX:
        msg = f"an unpaid order may keep its stock for 1 to {HOURS_MAX} hours more, not {hours}"
        raise InputError(msg, field="hours")
    known = await orders.ids_of(tx, numbers)
    missing = sorted({*numbers} - {*known})
    if missing:
        msg = f"there is no order {missing[0]}: see the list of orders; nothing was changed"
        raise NotFoundError(msg)
    held = [order for order in await orders.lock_open(tx, list(known.values())) if order.pay_by is not None]
    pay_by = FOR_GOOD if hours is None else at + timedelta(hours=hours)
    await unpaid.set_pay_by(tx, [order.id for order in held], pay_by)
    kept = [
        replace(order, pay_by=pay_by, holds=[hold for hold in order.holds if hold != "payment"])
        for order in held
    ]
    await holds.set_holds(tx, {order.id: order.holds for order in kept}, at=at)
    facts: dict[str, object] = {} if hours is None else {"hours": hours}
    await add_events(
        tx, [Event("kept unpaid", actor, order_id=order.id, facts=facts) for order in kept], at=at
    )
    return await fill_short(tx, kept, actor=actor, at=at)


async def set_patience(
    tx: Tx, channel_id: UUID, patience: Patience, *, actor: str, at: datetime
) -> PatienceSet:
    """Say how long unpaid orders of a channel keep their stock, those that are open included. Raises InputError."""
    refuse_bad(patience)
    but = [each.strip().lower() for each in patience.but]
    await channels.save_patience(tx, channel_id, hours=patience.hours, but=but)
    late = await unpaid.set_patience(tx, channel_id, hours=patience.hours, but=but, for_good=FOR_GOOD, at=at)
    facts = {"hours": patience.hours, "but": but}
    await add_events(tx, [Event("patience set", actor, channel_id=channel_id, facts=facts)], at=at)
    return PatienceSet(len(late), sum(late))
