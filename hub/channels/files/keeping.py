"""An import that is kept: handed over once, looked at, applied by a person's word, whoever does it and however often.

How far it is is committed with each batch, so one that was cut off goes on where it was (L3).
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from uuid import UUID

import structlog
from msgspec.structs import replace

from hub.channels.context import HubContext
from hub.channels.files.importing import look_at, take_over
from hub.channels.files.reading import File, read_file, refused_rows
from hub.flows.imports.taking import By
from hub.kit.clock import now
from hub.kit.sheets import Format
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.imports.kinds import Kind
from hub.model.imports.lines import Line, Outcome
from hub.store.db import Tx
from hub.store.imports import kept
from hub.store.imports.kept import Body, Import, NewImport, State
from hub.store.locks import only_worker

AT_ONCE_BYTES_MAX = 50_000  # some 2,000 rows, done within a few seconds: nobody waits for a worker
LINES_MAX = 100_000
JOB = "run_import"

log = structlog.get_logger()


async def hand_over(ctx: HubContext, new: NewImport, *, actor: str) -> Import:
    """Keep the file and look at it: at once if it is small, else a worker does.

    The same id again is the same import; raises InputError where it comes with another file.
    """
    async with ctx.db.transaction() as tx:
        await kept.add_import(tx, replace(new, body=_sealed(ctx, new)), actor=actor, at=now())
        held = await kept.read_import(tx, new.id)
        same = held is not None and held.kind is new.kind
        same = same and await _body_of(ctx, tx, new.id, new.kind) == Body(new.body, new.how, new.encoding)
    if not same:
        msg = f"another file was handed over as {new.id}: give each its own id"
        raise InputError(msg, field="id")
    await _get_on(ctx, new.id, len(new.body))
    return await find_import(ctx, new.id)


async def apply(ctx: HubContext, import_id: UUID) -> Import:
    """Take over what was looked at; one that is applied already stays so. Raises NotFoundError or WrongStateError."""
    held = await find_import(ctx, import_id)
    async with ctx.db.transaction() as tx:
        begun = await kept.begin_to_apply(tx, import_id, at=now())
        size = len((await kept.body_of(tx, import_id)).raw)
    if not begun and held.state in {State.WAITING, State.UNREAD}:
        what = (
            "is still being looked at: wait a moment" if held.is_open else f"cannot be read: {held.problem}"
        )
        msg = f"the import of {held.file_name} {what}"
        raise WrongStateError(msg)
    await _get_on(ctx, import_id, size)
    return await find_import(ctx, import_id)


async def find_import(ctx: HubContext, import_id: UUID) -> Import:
    """Raises NotFoundError."""
    async with ctx.db.transaction() as tx:
        found = await kept.read_import(tx, import_id)
    if found is None:
        msg = f"there is no import {import_id}, or it is more than {kept.KEPT.days} days old: import the file again"
        raise NotFoundError(msg)
    return found


async def refused_file(ctx: HubContext, import_id: UUID) -> tuple[bytes, Format]:
    """Its refused rows as they came, with why. Raises NotFoundError."""
    held = await find_import(ctx, import_id)
    async with ctx.db.transaction() as tx:
        body = await _body_of(ctx, tx, import_id, held.kind)
        bad = await kept.lines_of(tx, import_id, outcome=Outcome.REFUSED, limit=LINES_MAX)
    file = await _read(held, body)
    return await asyncio.to_thread(refused_rows, file.sheet, bad), file.sheet.format


async def run_import(ctx: HubContext, import_id: UUID) -> None:
    """The job: look at what waits, go on with what is being applied. Only one at a time works at one import."""
    await ctx.bell.answered(JOB, import_id)
    async with only_worker(ctx.db, JOB, import_id) as alone:
        if alone:
            await _run(ctx, await find_import(ctx, import_id))


def _sealed(ctx: HubContext, new: NewImport) -> bytes:
    """A statement names people (L17); what is of goods and their numbers stays as it came."""
    return ctx.vault.seal(new.body, new.id.bytes) if new.kind is Kind.BANK else new.body


async def _body_of(ctx: HubContext, tx: Tx, import_id: UUID, kind: Kind) -> Body:
    body = await kept.body_of(tx, import_id)
    return replace(body, raw=ctx.vault.open(body.raw, import_id.bytes)) if kind is Kind.BANK else body


async def _get_on(ctx: HubContext, import_id: UUID, size: int) -> None:
    if size <= AT_ONCE_BYTES_MAX:
        await run_import(ctx, import_id)
    else:
        await ctx.bell.ring(JOB, import_id)


async def _run(ctx: HubContext, held: Import) -> None:
    if not held.is_open:
        return
    async with ctx.db.transaction() as tx:
        body = await _body_of(ctx, tx, held.id, held.kind)
    try:
        file = await _read(held, body)
    except InputError as error:
        async with ctx.db.transaction() as tx:
            await kept.note_unread(tx, held.id, str(error), at=now())
        return
    async with ctx.db.transaction() as tx:
        await kept.note_read(tx, held.id, count=len(file.rows), notes=file.notes, at=now())
    async with aclosing(_steps(ctx, held, file, body)) as steps:
        async for _ in steps:
            await ctx.bell.announce("imports")
    async with ctx.db.transaction() as tx:
        await kept.note_end(tx, held.id, at=now())
    await ctx.bell.announce("imports")
    log.info("import_got_on", import_id=str(held.id), kind=held.kind, was=held.state, rows=len(file.rows))


def _steps(ctx: HubContext, held: Import, file: File, body: Body) -> AsyncGenerator[list[Line], None]:
    async def note(tx: Tx, lines: Sequence[Line]) -> None:
        await kept.note_lines(tx, held.id, lines, at=now())

    if held.state is State.WAITING:
        return look_at(ctx, file, after=held.rows_done, note=note)
    by = By(held.id, held.actor, body.how.reason.strip() or f"import of {held.file_name}")
    return take_over(ctx, file, by, after=held.rows_done, note=note)


async def _read(held: Import, body: Body) -> File:
    """In a thread: a large file takes seconds, and the others do not wait for it."""
    return await asyncio.to_thread(read_file, held.kind, body.raw, body.how, encoding=body.encoding)
