"""Set checks: the retailer says which findings hold an order, which are noted, and by which figures."""

from collections.abc import Sequence
from datetime import datetime

from hub.model.review.checks import Setting, refuse_bad
from hub.store.db import Tx
from hub.store.events import Event, add_events
from hub.store.review import checks


async def set_checks(tx: Tx, settings: Sequence[Setting], *, actor: str, at: datetime) -> None:
    """Set these checks for all orders taken from now on. Raises InputError before anything is written."""
    for setting in settings:
        refuse_bad(setting)
    await checks.put_settings(tx, list(settings), at=at)
    says = {
        str(each.check): f"{each.does} {'' if each.figure is None else each.figure}".strip()
        for each in settings
    }
    await add_events(tx, [Event("checks set", actor, facts=says)], at=at)
