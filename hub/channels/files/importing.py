"""Look at what a file would change, and take it over: batch by batch, each in a transaction of its own.

A batch that breaks is halved until the row that broke it is found: it is refused, and the others go on (L5).
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from itertools import islice

from hub.channels.context import HubContext
from hub.channels.files.reading import File
from hub.channels.intake import ring_touched
from hub.channels.shipping import our_own
from hub.flows.imports.kinds import LOOK, TAKE
from hub.flows.imports.taking import Around, By
from hub.kit.clock import now
from hub.model.errors import HubError, StaleError
from hub.model.imports.lines import Line, Outcome
from hub.model.imports.rows import Given
from hub.spec.manifest import Capability
from hub.store.db import Tx

BATCH_ROWS = 500

Rows = Sequence[Given | Line]
Note = Callable[[Tx, Sequence[Line]], Awaitable[None]]
"""What else is to be committed with a batch, such as how far an import is."""


async def look_at(
    ctx: HubContext, file: File, *, after: int = 0, note: Note | None = None
) -> AsyncGenerator[list[Line], None]:
    """Yield what each batch of rows would change; nothing of it is written."""
    around = _around(ctx, file)
    for batch in _batches(file.rows[after:]):
        given = [row for row in batch if isinstance(row, Given)]
        async with ctx.db.transaction() as tx:
            judged = await LOOK[file.kind](tx, given, around)
            lines = _in_order(batch, [line for line, _ in judged])
            if note is not None:
                await note(tx, lines)
        yield lines


async def take_over(
    ctx: HubContext, file: File, by: By, *, after: int = 0, note: Note | None = None
) -> AsyncGenerator[list[Line], None]:
    """Write what differs and yield what became of each batch; `after` is how many rows were taken before."""
    around = _around(ctx, file)
    for batch in _batches(file.rows[after:]):
        yield await _take(ctx, file, batch, around, by, note)


async def _take(
    ctx: HubContext, file: File, batch: Rows, around: Around, by: By, note: Note | None
) -> list[Line]:
    try:
        return await _take_again(ctx, file, batch, around, by, note)
    except HubError as error:
        if len(batch) == 1:
            return await _refuse(ctx, batch[0], error, note)
    half = len(batch) // 2
    first = await _take(ctx, file, batch[:half], around, by, note)
    return [*first, *await _take(ctx, file, batch[half:], around, by, note)]


async def _take_again(
    ctx: HubContext, file: File, batch: Rows, around: Around, by: By, note: Note | None
) -> list[Line]:
    """Once more where an order was taken at the same moment and both waited for each other."""
    try:
        return await _take_batch(ctx, file, batch, around, by, note)
    except StaleError:
        return await _take_batch(ctx, file, batch, around, by, note)


async def _take_batch(
    ctx: HubContext, file: File, batch: Rows, around: Around, by: By, note: Note | None
) -> list[Line]:
    given = [row for row in batch if isinstance(row, Given)]
    async with ctx.db.transaction() as tx:
        taken = await TAKE[file.kind](tx, given, around, by, at=now())
        lines = _in_order(batch, taken.lines)
        if note is not None:
            await note(tx, lines)
    if any(line.writes for line in lines):
        await ring_touched(ctx, taken.touched)
    return lines


async def _refuse(ctx: HubContext, row: Given | Line, error: HubError, note: Note | None) -> list[Line]:
    key = row.key if isinstance(row, Line) else row.text("sku")
    lines = [Line(row.row, key, Outcome.REFUSED, (), "", str(error))]
    if note is not None:
        async with ctx.db.transaction() as tx:
            await note(tx, lines)
    return lines


def _around(ctx: HubContext, file: File) -> Around:
    kinds = ctx.registry.kinds.values()
    without = [
        each.manifest.kind for each in kinds if Capability.LIST_LISTINGS not in each.manifest.capabilities
    ]
    return Around(file.how, frozenset(without), our_own(ctx), ctx.vault)


def _batches(rows: Rows) -> Iterator[Rows]:
    left = iter(rows)
    while batch := list(islice(left, BATCH_ROWS)):
        yield batch


def _in_order(batch: Rows, judged: Sequence[Line]) -> list[Line]:
    """The lines of a batch by row: those judged now, and those that were refused as the file was read."""
    refused = [row for row in batch if isinstance(row, Line)]
    return sorted([*judged, *refused], key=lambda line: line.row)
