"""Edit: a person changes orders, of whatever channel; stock and money follow, once, and each edit can be undone.

What an edit asks for is a promise: more than there is, is refused. A field that was changed is the person's from then
on; see hub.model.edits.owners.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hub.flows.orders.effects import withdraw
from hub.flows.orders.record_edits import Done, Work, record_works
from hub.flows.orders.versions import read_versions
from hub.kit.secrets import Vault
from hub.model.edits import splitting
from hub.model.edits.deeds import Cancel, Deed, Reopen, SetFields, Settle
from hub.model.edits.editing import (
    Edited,
    all_fields,
    apply,
    refuse_gone,
    refuse_unshipped,
    with_all_fields,
)
from hub.model.edits.owners import LINE, NOTHING, same
from hub.model.edits.seen import Seen, refuse_stale
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.sync.write_backs import effects_of
from hub.store import edits, order_fields, orders, payments, picking
from hub.store.db import Tx
from hub.store.edits import KeptEdit, NewEdit
from hub.store.orders import HeldOrder
from hub.store.sync import write_backs

REASON_MAX = 500
BORN = "split off"
"""The kind of the edit that an order begins with which was split off another."""


class Edit(Struct, frozen=True):
    """What a person does to one order at once. `id` is the caller's: the same one again is the same edit (L1).

    `seen` are fields as they stood where the person looked.
    """

    id: UUID
    order: int
    deeds: Sequence[Deed]
    reason: str = ""
    seen: Seen = {}


class Field(Struct, frozen=True):
    """What a field was and became. `owned`: it was a person's before."""

    before: str
    after: str
    owned: bool = False


class Kept(Struct, frozen=True):
    """An edit as it is sealed: its fields. `born` is all of an order that begins with it."""

    fields: dict[str, Field]
    born: dict[str, str] = {}


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


def _after(before: Edited, edit: Edit) -> Edited:
    refuse_stale(before, edit.seen)
    return apply(before, edit.deeds, edit_id=edit.id)


async def undo_edits(tx: Tx, vault: Vault, ids: Sequence[UUID], *, actor: str, at: datetime) -> Done:
    """Take edits back; a field the channel owned before is as the channel has it now. Once: again changes nothing.

    Raises NotFoundError, OutOfStockError, or WrongStateError where a field was changed again since.
    """
    found = await edits.edits_together(tx, ids)
    strange = [each for each in ids if each not in found]
    if strange:
        msg = f"there is no edit {strange[0]}: see the edits of its order"
        raise NotFoundError(msg)
    by_order = {each.order_id: each for each in found.values()}
    if len(by_order) < len(found):
        msg = "two edits of one order at once: undo the newer one first"
        raise InputError(msg, field="edits")
    held = await orders.lock_all(tx, list(by_order))
    still = await edits.edits_together(tx, ids)  # once the orders are locked
    todo = [order for order in held if still[by_order[order.id].id].undone_at is None]
    before = await read_versions(tx, vault, [order.id for order in todo])
    await _refuse_in_use(tx, [order for order in todo if _parts(by_order[order.id])], before)
    works = [
        Work(
            order,
            before[order.id],
            _undone(vault, before[order.id], by_order[order.id]),
            f"{by_order[order.id].id}/undone",
        )
        for order in todo
    ]
    undone = [by_order[order.id].id for order in todo]
    await withdraw(tx, await write_backs.lock_causes(tx, undone), actor=actor)
    await edits.note_undone(tx, undone, actor=actor, at=at)
    done = await record_works(tx, vault, works, kind="undone", actor=actor, at=at)
    return replace(done, ids=undone)


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


def _parts(edit: KeptEdit) -> bool:
    """Whether it moved units from one order to another."""
    return edit.together != edit.id or edit.kind in {"split", "merge"}


async def _refuse_in_use(tx: Tx, held: Sequence[HeldOrder], versions: Mapping[UUID, Edited]) -> None:
    """A split or a merge is taken back while all of its orders lie still."""
    live = [order for order in held if not order.canceled]
    if not live:
        return
    await refuse_unsound(tx, live, versions)
    if await picking.being_picked(tx, [order.id for order in live]):
        named = ", ".join(str(order.number) for order in live)
        msg = f"order {named} is being picked: give its lists up first"
        raise WrongStateError(msg)


async def refuse_unsound(tx: Tx, held: Sequence[HeldOrder], versions: Mapping[UUID, Edited]) -> None:
    """Raises WrongStateError for one of which something would be lost if it became two orders, or went into another."""
    paid = await payments.with_payments(tx, [order.id for order in held])
    for order in held:
        has_money = order.id in paid or versions[order.id].refunded > 0
        splitting.refuse_unsound(order.number, order.holds, has_money=has_money)


async def lock_numbers(tx: Tx, numbers: Sequence[int]) -> list[HeldOrder]:
    """Lock these orders, canceled ones included. Raises NotFoundError."""
    ids = await orders.ids_of(tx, numbers)
    strange = [number for number in numbers if number not in ids]
    if strange:
        msg = f"there is no order {strange[0]}: see hub order list; nothing was changed"
        raise NotFoundError(msg)
    return await orders.lock_all(tx, sorted(ids.values()))


async def _refuse_merged(tx: Tx, fresh: Mapping[UUID, Edit]) -> None:
    """Raises WrongStateError for who would reopen an order of which all stands on another one."""
    again = [
        order_id for order_id, each in fresh.items() if any(isinstance(deed, Reopen) for deed in each.deeds)
    ]
    cancels = await edits.last_cancels(tx, again) if again else {}
    gone = [fresh[order_id].order for order_id, each in cancels.items() if _parts(each)]
    if gone:
        msg = (
            f"all of order {gone[0]} is on another order now: undo the merge instead, or split that one again"
        )
        raise WrongStateError(msg)


def open_edit(vault: Vault, edit: KeptEdit) -> Kept:
    """Raises InputError where no key of this hub opens it."""
    return msgspec.json.decode(vault.open(edit.sealed, edit.id.bytes), type=Kept)


def kept_edit(
    vault: Vault, work: Work, edit_id: UUID, *, kind: str = "", reason: str = "", together: UUID | None = None
) -> NewEdit:
    """What an edit changes, sealed; `together` with others it is undone as one. What was born is canceled then."""
    was, now = all_fields(work.before), all_fields(work.after)
    fields = {
        name: Field(was.get(name, NOTHING), now.get(name, NOTHING), name in work.before.owners)
        for name in sorted({*was, *now})
        if was.get(name, NOTHING) != now.get(name, NOTHING)
    }
    born = {}
    if kind == BORN:
        taken = {name: each for name, each in fields.items() if name == "collected"}
        fields, born = {"canceled": Field("true", "false"), **taken}, now
    sealed = vault.seal(msgspec.json.encode(Kept(fields, born)), edit_id.bytes)
    return NewEdit(edit_id, work.held.id, kind, reason.strip(), sealed, together or edit_id)


def _kind(edit: Edit) -> str:
    return "cancel" if any(isinstance(deed, Cancel) and not deed.units for deed in edit.deeds) else ""


def _undone(vault: Vault, now: Edited, edit: KeptEdit) -> Edited:
    """Each field as it was before; of what the channel owned, what it says now."""
    kept = open_edit(vault, edit)
    if edit.kind == BORN and now.shipped:
        msg = f"some of what was split off order {now.order.channel_order_number} has left: it stays an order"
        raise WrongStateError(msg)
    fields, back = all_fields(now), {}
    _refuse_changed(fields, kept)
    for name, each in kept.fields.items():
        owned = now.owners.get(name)
        back[name] = owned.theirs if owned is not None and not each.owned else each.before
    after = with_all_fields(now, back)
    refuse_unshipped(after)
    refuse_gone(now, after)
    return after


def _refuse_changed(fields: Mapping[str, str], kept: Kept) -> None:
    """Raises WrongStateError where a field that the edit wrote is another now."""
    wrote = {name: each.after for name, each in kept.fields.items()}
    if kept.born:
        wrote |= dict.fromkeys(fields, NOTHING) | kept.born
    for name, text in wrote.items():
        if not same(name, fields.get(name, NOTHING), text):
            msg = f"{name.removeprefix(LINE)} was changed again since: undo the newer edit first, or edit it"
            raise WrongStateError(msg)
