"""Effects: what was done to an order here, and undone before its channel heard of it, is not told."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from hub.model.errors import WrongStateError
from hub.model.sync.write_backs import NEXT, ON_ITS_WAY, State, Step
from hub.store.db import Tx
from hub.store.sync import write_backs
from hub.store.sync.write_backs import Held

_SURE = (*ON_ITS_WAY, State.WAITING, State.REJECTED, State.DISMISSED)


async def withdraw(tx: Tx, held: Sequence[Held], *, actor: str) -> None:
    """Take back what waits to be told. Raises WrongStateError where it is on its way: nobody knows who is first."""
    for each in held:
        if each.state in ON_ITS_WAY:
            msg = (
                f"the {each.kind} of order {each.number} is on its way to the channel: try again in a minute"
            )
            raise WrongStateError(msg)
        if each.may_be_there and (each.state, Step.WITHDRAW) in NEXT:
            msg = (
                f"nobody knows whether the channel has the {each.kind} of order {each.number}: look there, then try it"
                " again or let it be, on the page of the order or with hub sync write-backs"
                f" --dismiss {each.number}, and go on after that"
            )
            raise WrongStateError(msg)
    waiting = [each.id for each in held if (each.state, Step.WITHDRAW) in NEXT]
    await write_backs.decide(tx, dict.fromkeys(waiting, State.WITHDRAWN), actor=actor)


async def withdraw_paid(tx: Tx, owed: Mapping[UUID, Decimal], *, paid: Collection[UUID], actor: str) -> None:
    """Take back refunds beyond what is still owed of these orders; `paid` are those that were paid by the channel.

    Raises WrongStateError as `withdraw` does.
    """
    held = [each for each in await write_backs.lock_refunds(tx, list(owed)) if each.id not in paid]
    await withdraw(tx, list(_beyond(owed, held)), actor=actor)


def _beyond(owed: Mapping[UUID, Decimal], held: Sequence[Held]) -> Iterator[Held]:
    """What is furthest on its way keeps its money first."""
    left = dict(owed)
    for each in sorted(held, key=lambda held: (_SURE.index(held.state), held.id)):
        amount = each.amount or Decimal(0)
        if amount > left[each.order_id]:
            yield each
        else:
            left[each.order_id] -= amount
