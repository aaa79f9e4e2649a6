"""Undo: edits are taken back, those that were made together as one; stock, money and holds follow."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from hub.flows.orders.effects import withdraw
from hub.flows.orders.kept_edits import Kept, moves_units, open_edit
from hub.flows.orders.move_money import move_back
from hub.flows.orders.record_edits import Done, Work, record_works
from hub.flows.orders.versions import read_versions
from hub.kit.secrets import Vault
from hub.model.edits.editing import Edited, all_fields, refuse_gone, refuse_unshipped, with_all_fields
from hub.model.edits.owners import NOTHING, same
from hub.model.edits.splitting import BORN, SPLIT
from hub.model.edits.words import label_of
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.orders.holds import BY_THE_HUB
from hub.model.orders.rmas import Step
from hub.model.orders.rmas import after as next_state
from hub.store import edits, holds, orders, picking, refunds, rmas
from hub.store.db import Tx
from hub.store.edits import KeptEdit
from hub.store.orders import HeldOrder
from hub.store.refunds import Settled
from hub.store.sync import write_backs


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
    locked = await orders.lock_all(tx, list(by_order))
    still = await edits.edits_together(tx, ids)  # once the orders are locked
    open_ids = [order.id for order in locked if still[by_order[order.id].id].undone_at is None]
    kept = {order_id: open_edit(vault, by_order[order_id]) for order_id in open_ids}
    parts = [by_order[order_id] for order_id in open_ids if moves_units(by_order[order_id])]
    await _refuse_picked(tx, [order for order in locked if order.id in {each.order_id for each in parts}])
    held = await _with_holds(tx, locked, parts, kept, at=at)
    before = await read_versions(tx, vault, open_ids)
    works = [
        Work(
            order,
            before[order.id],
            _undone(before[order.id], by_order[order.id], kept[order.id]),
            f"{by_order[order.id].id}/undone",
        )
        for order in held
        if order.id in kept
    ]
    undone = [by_order[order_id].id for order_id in open_ids]
    await withdraw(tx, await write_backs.lock_causes(tx, undone), actor=actor)
    await edits.note_undone(tx, undone, actor=actor, at=at)
    await _unsettle(tx, await refunds.undo(tx, undone, at=at), at=at)
    await move_back(tx, [each.together for each in parts], actor=actor, at=at)
    done = await record_works(tx, vault, works, kind="undone", actor=actor, at=at)
    return replace(done, ids=undone)


async def _unsettle(tx: Tx, settled: Sequence[Settled], *, at: datetime) -> None:
    """RMAs that refunds had settled wait to be settled again."""
    states = {each.id: next_state(each.number, each.state, Step.TAKE_UP) for each in settled}
    await rmas.set_states(tx, states, at=at)


async def _refuse_picked(tx: Tx, held: Sequence[HeldOrder]) -> None:
    """Raises WrongStateError where units that were moved are on somebody's list."""
    live = [order for order in held if not order.canceled]
    if live and await picking.being_picked(tx, [order.id for order in live]):
        named = ", ".join(str(order.number) for order in live)
        msg = f"order {named} is being picked: give its lists up first"
        raise WrongStateError(msg)


async def _with_holds(
    tx: Tx, held: Sequence[HeldOrder], parts: Sequence[KeptEdit], kept: Mapping[UUID, Kept], *, at: datetime
) -> Sequence[HeldOrder]:
    """What holds a part holds the order that it goes back to; what came with a merge goes with it."""
    by_id = {order.id: order for order in held}
    first = {each.together: each.order_id for each in parts if each.kind == SPLIT}
    back = [
        (each.order_id, first[each.together])
        for each in parts
        if each.kind == BORN and by_id[each.order_id].holds
    ]
    gained = {each.order_id: {*kept[each.order_id].gained} for each in parts if kept[each.order_id].gained}
    joined = {each.order_id: kept[each.order_id].joined for each in parts if kept[each.order_id].joined}
    if not back and not gained and not joined:
        return held
    await holds.part(tx, joined)
    await holds.take_over(tx, back, but=BY_THE_HUB)
    rest = {
        order_id: [each for each in by_id[order_id].holds if each not in gained[order_id]]
        for order_id in gained
    }
    await holds.set_holds(tx, rest, at=at)
    return await orders.lock_all(tx, list(by_id))


def _undone(now: Edited, edit: KeptEdit, kept: Kept) -> Edited:
    """Each field as it was before; of what the channel owned, what it says now."""
    if edit.kind == BORN and now.shipped:
        msg = f"some of order {now.number}, which was split off, has left: it stays an order"
        raise WrongStateError(msg)
    fields, back = all_fields(now), {}
    _refuse_changed(now, fields, kept)
    for name, each in kept.fields.items():
        owned = now.owners.get(name)
        back[name] = owned.theirs if owned is not None and not each.owned else each.before
    after = with_all_fields(now, back)
    refuse_unshipped(after)
    refuse_gone(now, after)
    return after


def _refuse_changed(now: Edited, fields: Mapping[str, str], kept: Kept) -> None:
    """Raises WrongStateError where a field that the edit wrote is another now."""
    wrote = kept.still | {name: each.after for name, each in kept.fields.items()}
    if kept.born:
        wrote |= dict.fromkeys(fields, NOTHING) | kept.born
    for name, text in wrote.items():
        if not same(name, fields.get(name, NOTHING), text):
            msg = f"{label_of(name, now)} was changed again since: undo the newer edit first, or edit it"
            raise WrongStateError(msg)
