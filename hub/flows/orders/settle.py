"""Settle: the last step of RMAs: money goes back, new goods go out in exchange, or neither; each once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from hub.flows.orders.ask_return import lock_named
from hub.flows.orders.edit import lock_numbers
from hub.flows.orders.give_back import GiveBack, GivenBack, note_refunds, refuse_bad
from hub.kit.secrets import Vault
from hub.model.errors import InputError
from hub.model.orders.payments import Tender
from hub.model.orders.refunds import NOTHING, Bill, Swap
from hub.model.orders.rmas import Rma, Step, Wish, after
from hub.store import refunds, rmas
from hub.store.db import Tx


class Settlement(Struct, frozen=True):
    """What a customer gets for what came back; `units` by line of the order, None: all that came back and was not
    refunded before. The rest is as in GiveBack; `id` is the caller's.
    """

    id: UUID
    rma: int
    units: Mapping[UUID, int] | None = None
    shipping: Decimal = NOTHING
    amount: Decimal | None = None
    swaps: Sequence[Swap] = ()
    tender: Tender | None = None
    reference: str = ""
    reason: str = ""


async def settle(
    tx: Tx, vault: Vault, wanted: Sequence[Settlement], *, actor: str, at: datetime
) -> GivenBack:
    """Settle RMAs; one that was settled by this command before stays as it is.

    Raises InputError, NotFoundError, WrongStateError or OutOfStockError with nothing written.
    """
    by_rma = {each.rma: each for each in wanted}
    if len(by_rma) < len(wanted):
        msg = "an RMA is settled once: name each once"
        raise InputError(msg, field="rma")
    held = await lock_named(tx, list(by_rma))
    known = await refunds.known(tx, [each.id for each in wanted])
    fresh = [each for each in held if by_rma[each.number].id not in known]
    states = {each.id: after(each.number, each.state, Step.SETTLE) for each in fresh}
    bills = await refunds.bills_of(tx, [each.order_id for each in fresh])
    gives = [_gives(by_rma[each.number], each, bills[each.order_id]) for each in fresh]
    numbers = {by_rma[each.number].id: each.number for each in fresh}
    refuse_bad(gives, numbers)
    await rmas.set_states(tx, states, at=at)
    orders = await lock_numbers(tx, [each.order for each in gives])
    return await note_refunds(tx, vault, gives, orders, bills, rmas=numbers, actor=actor, at=at)


def _gives(asked: Settlement, rma: Rma, bill: Bill) -> GiveBack:
    return GiveBack(
        asked.id,
        rma.order,
        _chosen(asked, rma) if asked.units is not None else default_units(rma, bill),
        asked.shipping,
        asked.amount,
        None,
        asked.swaps,
        frozenset(line.line_id for line in rma.lines if line.wish is Wish.EXCHANGE),
        asked.tender,
        asked.reference,
        asked.reason,
    )


def _back(rma: Rma) -> dict[UUID, int]:
    back: dict[UUID, int] = {}
    for line in rma.lines:
        back[line.line_id] = back.get(line.line_id, 0) + line.received
    return back


def _chosen(asked: Settlement, rma: Rma) -> dict[UUID, int]:
    """Raises InputError for more than came back."""
    back = _back(rma)
    chosen = {line_id: units for line_id, units in (asked.units or {}).items() if units}
    for line_id, units in chosen.items():
        if not 1 <= units <= back.get(line_id, 0):
            msg = (
                f"{units} units cannot be settled by RMA {rma.number}: {back.get(line_id, 0)} came back by it"
            )
            raise InputError(msg, field="lines")
    return chosen


def default_units(rma: Rma, bill: Bill) -> dict[UUID, int]:
    """All that came back and was not refunded before, by line of the order."""
    back = _back(rma)
    left = {
        line_id: min(units, bill.lines[line_id].left)
        for line_id, units in back.items()
        if line_id in bill.lines
    }
    return {line_id: units for line_id, units in left.items() if units > 0}
