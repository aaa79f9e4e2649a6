"""Effects: what was done to an order here, and undone before its channel heard of it, is not told."""

from collections.abc import Sequence

from hub.model.errors import WrongStateError
from hub.model.sync.write_backs import NEXT, ON_ITS_WAY, State, Step
from hub.store.db import Tx
from hub.store.sync import write_backs
from hub.store.sync.write_backs import Held


async def withdraw(tx: Tx, held: Sequence[Held], *, actor: str) -> None:
    """Take back what waits to be told. Raises WrongStateError where it is on its way: nobody knows who is first."""
    for each in held:
        if each.state in ON_ITS_WAY:
            msg = (
                f"the {each.kind} of order {each.number} is on its way to the channel: try again in a minute"
            )
            raise WrongStateError(msg)
    waiting = [each.id for each in held if (each.state, Step.WITHDRAW) in NEXT]
    await write_backs.decide(tx, dict.fromkeys(waiting, State.WITHDRAWN), actor=actor)
