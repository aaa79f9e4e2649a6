"""Edit: a person changes orders, of whatever channel; stock and money follow, once, and each edit can be undone.

What an edit asks for is a promise: more than there is, is refused. A field that was changed is the person's from then
on; see hub.model.edits.owners.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.orders.effects import withdraw
from hub.flows.orders.kept_edits import kept_edit, moves_units
from hub.flows.orders.record_edits import Done, Work, record_works
from hub.flows.orders.versions import read_versions
from hub.kit.secrets import Vault
from hub.model.edits.deeds import Cancel, Deed, Refund, Reopen, SetFields, Settle
from hub.model.edits.editing import (
    Edited,
    apply,
)
from hub.model.edits.seen import Seen, refuse_stale
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.incoming import NO_MONEY
from hub.model.orders.refunds import total_of
from hub.model.sync.write_backs import effects_of
from hub.store import edits, order_fields, orders, refunds
from hub.store.db import Tx
from hub.store.orders import HeldOrder
from hub.store.refunds import NewRefund
from hub.store.sync import write_backs

REASON_MAX = 500


class Edit(Struct, frozen=True):
    """What a person does to one order at once. `id` is the caller's: the same one again is the same edit (L1).

    `seen` are fields as they stood where the person looked.
    """

    id: UUID
    order: int
    deeds: Sequence[Deed]
    reason: str = ""
    seen: Seen = {}


async def edit_orders(tx: Tx, vault: Vault, wanted: Sequence[Edit], *, actor: str, at: datetime) -> Done:
    """Change orders; an edit that was made before changes nothing.

    Raises InputError, NotFoundError, WrongStateError, OutOfStockError, or StaleError where a field is another than
    was seen, with nothing written.
    """
    by_order = {each.order: each for each in wanted}
    _refuse_bad(wanted, by_order)
    held = await lock_numbers(tx, list(by_order))
    known = await edits.known(tx, [each.id for each in wanted])
    fresh = {order.id: by_order[order.number] for order in held if by_order[order.number].id not in known}
    before = await read_versions(tx, vault, list(fresh))
    await _refuse_merged(tx, fresh)
    if any(isinstance(deed, SetFields) for each in fresh.values() for deed in each.deeds):
        fields = await order_fields.all_fields(tx)
        before = {order_id: replace(each, fields=fields) for order_id, each in before.items()}
    works = [
        Work(
            order,
            before[order.id],
            _after(before[order.id], fresh[order.id]),
            str(fresh[order.id].id),
            all(isinstance(deed, Settle) and deed.follow for deed in fresh[order.id].deeds),
        )
        for order in held
        if order.id in fresh
    ]
    rows = [
        kept_edit(vault, work, each.id, kind=_kind(each), reason=each.reason)
        for work in works
        for each in (fresh[work.held.id],)
    ]
    await edits.add_edits(tx, rows, actor=actor, at=at)
    done = await record_works(tx, vault, works, kind="edited", actor=actor, at=at)
    back = [row for work in works for row in _refund_of(work.held, fresh[work.held.id])]
    await refunds.add_refunds(tx, back, {}, actor=actor, at=at)
    to_tell = await _tell(tx, fresh, actor=actor, at=at)
    return replace(done, ids=[row.id for row in rows], to_tell=to_tell)


async def _tell(tx: Tx, fresh: Mapping[UUID, Edit], *, actor: str, at: datetime) -> set[UUID]:
    """Return the channels to be told of it; of an order that is reopened they hear no cancel any more."""
    again = [
        order_id for order_id, each in fresh.items() if any(isinstance(deed, Reopen) for deed in each.deeds)
    ]
    await withdraw(tx, await write_backs.lock_cancels(tx, again), actor=actor)
    effects = [
        effect
        for order_id, each in sorted(fresh.items())
        for effect in effects_of(order_id, each.id, each.deeds)
    ]
    return await write_backs.add(tx, effects, at=at)


def _refund_of(order: HeldOrder, edit: Edit) -> Iterator[NewRefund]:
    """What goes back by an edit is a refund as any other: an amount for a line makes that worth less."""
    deeds = [deed for deed in edit.deeds if isinstance(deed, Refund)]
    lines = {line.channel_line_id: line.id for line in order.lines}
    by_line = {
        lines[name]: total_of(deed.amount for deed in deeds if deed.line == name)
        for name in {deed.line for deed in deeds} & {*lines}
    }
    if deeds:
        amount, units = total_of(deed.amount for deed in deeds), dict.fromkeys(by_line, 0)
        yield NewRefund(edit.id, order.id, amount, NO_MONEY, NO_MONEY, edit.reason.strip(), units, by_line)


def _after(before: Edited, edit: Edit) -> Edited:
    refuse_stale(before, edit.seen)
    return apply(before, edit.deeds, edit_id=edit.id)


def _refuse_bad(wanted: Sequence[Edit], by_order: Mapping[int, Edit]) -> None:
    if len(by_order) < len(wanted):
        msg = "two edits of one order at once: send them one after the other"
        raise InputError(msg, field="order")
    for each in wanted:
        if not each.deeds:
            msg = f"nothing is changed of order {each.order}: say what"
            raise InputError(msg, field="changes")
        if len(each.reason) > REASON_MAX:
            msg = f"the reason has {len(each.reason)} characters: {REASON_MAX} are enough"
            raise InputError(msg, field="reason")


async def lock_numbers(tx: Tx, numbers: Sequence[int]) -> list[HeldOrder]:
    """Lock these orders, canceled ones included. Raises NotFoundError."""
    ids = await orders.ids_of(tx, numbers)
    strange = [number for number in numbers if number not in ids]
    if strange:
        msg = f"there is no order {strange[0]}: see the list of orders; nothing was changed"
        raise NotFoundError(msg)
    return await orders.lock_all(tx, sorted(ids.values()))


async def _refuse_merged(tx: Tx, fresh: Mapping[UUID, Edit]) -> None:
    """Raises WrongStateError for who would reopen an order of which all stands on another one."""
    again = [
        order_id for order_id, each in fresh.items() if any(isinstance(deed, Reopen) for deed in each.deeds)
    ]
    cancels = await edits.last_cancels(tx, again) if again else {}
    gone = [fresh[order_id].order for order_id, each in cancels.items() if moves_units(each)]
    if gone:
        msg = (
            f"all of order {gone[0]} is on another order now: undo the merge instead, or split that one again"
        )
        raise WrongStateError(msg)


def _kind(edit: Edit) -> str:
    return "cancel" if any(isinstance(deed, Cancel) and not deed.units for deed in edit.deeds) else ""
