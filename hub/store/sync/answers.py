"""Answers: all that is kept of what a channel answered to a push, in one statement."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from hub.store.arrays import columns
from hub.store.db import Tx
from hub.store.events import ADD_IF_WATCHED, Event, as_values
from hub.store.publications import RECORD_TOLD, Told
from hub.store.sync.stages import NOTE_STAGES, Took, stage_page

_KEEP = text(f"WITH recorded AS ({RECORD_TOLD}), noted AS ({NOTE_STAGES}) {ADD_IF_WATCHED}")


async def keep_answers(tx: Tx, told: Sequence[Told], took: Took, event: Event, *, at: datetime) -> None:
    """What each number came to, how long those took that the event's channel applied, and the event for observers."""
    if not told:
        return
    values = {"stages": stage_page(took), "at": at}
    await tx.execute(_KEEP, columns(told) | values | as_values(event))
