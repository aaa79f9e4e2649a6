"""Watch: look at stock that may have changed, open and close alarms, and tell what is new, once.

Intake marks nothing: the ledger itself says what moved. A movement may be committed after one with a greater id, so
each look goes back a little; and a round over all SKUs, some at a time, finds what no movement tells of.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.flows.post_notices import NewNotice, post_notices
from hub.kit.ids import first_of
from hub.model.stock.alarm_words import Line, headline, letter, says
from hub.model.stock.alarms import Kind
from hub.spec import Severity
from hub.store.db import Tx
from hub.store.stock import watch
from hub.store.stock.conditions import conditions_of
from hub.store.stock.watch import Recorded, ToldBy, Untold, Watch

TOPIC = "stock.alarms"
# So far a movement's commit may lag behind its id; every look takes all of it again.
BACK = timedelta(seconds=10)
BACK_MAX = timedelta(minutes=5)  # what moved before that, while nobody looked, is found by the round
ROUND_EVERY = timedelta(minutes=1)
AT_ONCE = 1_000  # SKUs of the round in one look
SETTLES = timedelta(hours=1)  # what comes back sooner is the same alarm, and was told
TELL_EVERY = timedelta(minutes=1)
NAMED_MAX = 10  # of each kind in one notice

SEVERITIES: Mapping[Kind, Severity] = {
    Kind.OVERSOLD: Severity.CRITICAL,
    Kind.NEGATIVE_ON_HAND: Severity.CRITICAL,
    Kind.OUT_OF_STOCK: Severity.WARNING,
    Kind.LOW_STOCK: Severity.WARNING,
    Kind.AGING: Severity.INFO,
}


class Watched(Struct, frozen=True):
    """What one look came to; `notifiers` are to be rung after commit."""

    looked: int = 0
    opened: int = 0
    closed: int = 0
    notifiers: frozenset[UUID] = frozenset()


async def watch_stock(tx: Tx, *, url: str = "", at: datetime) -> Watched:
    """Look once; nothing is done where somebody looks already. `url` is where the desk stands."""
    found = await watch.try_watch(tx)
    if found is None:
        return Watched()
    marked, after = await _marked(tx, found, at)
    recorded = await look_at(tx, marked, at=at)
    told: set[UUID] = set()
    if found.told_at is None or at - found.told_at >= TELL_EVERY:
        posted = await _tell(tx, url, at)
        after, told = (replace(after, told_at=at), posted) if posted is not None else (after, told)
    await watch.save_watch(tx, after)
    return Watched(len(marked), recorded.opened + recorded.again, recorded.closed, frozenset(told))


async def look_at(tx: Tx, skus: Sequence[str], *, at: datetime) -> Recorded:
    """Open and close the alarms of these SKUs, where the watch is locked."""
    if not skus:
        return Recorded(0, 0, 0)
    found = await conditions_of(tx, skus, at=at)
    return await watch.record_conditions(tx, skus, found, at=at, settled_before=at - SETTLES)


async def _marked(tx: Tx, found: Watch, at: datetime) -> tuple[list[str], Watch]:
    """The SKUs to look at now, and the watch as it stands after it."""
    since = max(min(found.looked_at or at, at) - BACK, at - BACK_MAX)
    runs = found.round_began_at is not None and bool(found.round_after)
    begins = found.round_began_at is None or (not runs and at - found.round_began_at >= ROUND_EVERY)
    limit = AT_ONCE if runs or begins else 0
    marked = await watch.marked(
        tx, since=since, since_id=first_of(since), round_after=found.round_after if runs else "", limit=limit
    )
    after = replace(
        found,
        looked_at=at,
        round_after=marked.round_after if limit else "",
        round_began_at=at if begins else found.round_began_at,
    )
    return marked.skus, after


async def _tell(tx: Tx, url: str, at: datetime) -> set[UUID] | None:
    """One notice for all that is new of one severity; None where nothing is."""
    new = await watch.untold(tx, each=NAMED_MAX)
    if not new:
        return None
    by_severity: dict[Severity, list[Untold]] = {}
    for each in new:
        by_severity.setdefault(SEVERITIES[each.kind], []).append(each)
    notices = [_notice(severity, some, url) for severity, some in by_severity.items()]
    notifiers = await post_notices(tx, notices, at=at)
    keys = {severity: notice.key for severity, notice in zip(by_severity, notices, strict=True)}
    told = [ToldBy(kind, keys[SEVERITIES[kind]]) for kind in dict.fromkeys(each.kind for each in new)]
    await watch.note_told(tx, told, at=at)
    return notifiers


def _notice(severity: Severity, new: Sequence[Untold], url: str) -> NewNotice:
    counts = {
        kind: next(each.of_kind for each in new if each.kind is kind)
        for kind in Kind
        if any(each.kind is kind for each in new)
    }
    lines = [Line(each.kind, each.sku, each.name, says(each.kind, each)) for each in new]
    key = f"alarms/{severity}/{new[0].id}"
    return NewNotice(key, TOPIC, severity, headline(counts, lines), letter(counts, lines), f"{url}/alarms")
