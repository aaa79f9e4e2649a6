"""Imports as they are kept: the file, how far it is, and a line for every row that changes something or is refused."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.imports.drastic import is_drastic, needs_a_word, sentence
from hub.model.imports.kinds import Kind
from hub.model.imports.lines import Change, Line, Outcome, tally
from hub.model.imports.rows import How
from hub.store.db import Tx, page

KEPT = timedelta(days=30)


class State(StrEnum):
    """Waiting to be looked at, looked at, applying, done; or unread, where the file is none."""

    WAITING = "waiting"
    LOOKED_AT = "looked at"
    APPLYING = "applying"
    DONE = "done"
    UNREAD = "unread"


class NewImport(Struct, frozen=True):
    """`id` makes it only once."""

    id: UUID
    kind: Kind
    file_name: str
    body: bytes
    how: How
    encoding: str = ""


class Import(Struct, frozen=True):
    """`rows_done` of `row_count` rows have been looked at, or once it is applied, taken over; each has an outcome."""

    id: UUID
    kind: Kind
    file_name: str
    state: State
    problem: str
    notes: list[str]
    row_count: int
    rows_done: int
    new: int
    changed: int
    unchanged: int
    refused: int
    drastic: int
    actor: str
    created_at: datetime
    applied_at: datetime | None
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it gets on by itself."""
        return self.state in {State.WAITING, State.APPLYING}

    @property
    def warning(self) -> str:
        """Why it needs a second word; empty where it needs none (L12)."""
        rows = self.new + self.changed + self.unchanged
        is_drastic = self.state is State.LOOKED_AT and needs_a_word(self.kind, self.drastic, rows)
        return sentence(self.kind, self.drastic, rows) if is_drastic else ""


_FORGET = text("DELETE FROM imports WHERE created_at < :before AND state NOT IN ('waiting', 'applying')")
_ADD = text("""
INSERT INTO imports (id, kind, file_name, body, how, actor, created_at, seen_at)
VALUES (:id, :kind, :file_name, :body, CAST(:how AS jsonb), :actor, :at, :at) ON CONFLICT (id) DO NOTHING""")


async def add_import(tx: Tx, new: NewImport, *, actor: str, at: datetime) -> None:
    """Keep it, and forget those that are older than KEPT."""
    await tx.execute(_FORGET, {"before": at - KEPT})
    values = {"id": new.id, "kind": new.kind, "file_name": new.file_name, "body": new.body}
    await tx.execute(_ADD, {**values, "how": _how(new), "actor": actor, "at": at})


def _how(new: NewImport) -> str:
    return page({**msgspec.to_builtins(new.how), "encoding": new.encoding})


_FIELDS = ", ".join(Import.__struct_fields__)
_READ = text(f"SELECT {_FIELDS} FROM imports WHERE id = :id")  # noqa: S608 -- constants only
_LIST = text(f"""
SELECT {_FIELDS} FROM imports
WHERE CAST(:at AS timestamptz) IS NULL OR (created_at, id) < (:at, CAST(:id AS uuid))
ORDER BY created_at DESC, id DESC LIMIT :limit""")  # noqa: S608 -- constants only
_BODY = text("SELECT body, how FROM imports WHERE id = :id")


async def read_import(tx: Tx, import_id: UUID) -> Import | None:
    row = (await tx.execute(_READ, {"id": import_id})).mappings().first()
    return msgspec.convert(dict(row), Import) if row else None


async def list_imports(
    tx: Tx, *, before: tuple[datetime | None, UUID | None] = (None, None), limit: int
) -> list[Import]:
    """The newest first; `before` is the moment and the id of the last one on the page before."""
    rows = await tx.execute(_LIST, {"at": before[0], "id": before[1], "limit": limit})
    return msgspec.convert([dict(row) for row in rows.mappings()], list[Import])


class Body(Struct, frozen=True):
    """The file of an import, and how it is read."""

    raw: bytes
    how: How
    encoding: str


async def body_of(tx: Tx, import_id: UUID) -> Body:
    row = (await tx.execute(_BODY, {"id": import_id})).one()
    return Body(row.body, msgspec.convert(row.how, How), row.how["encoding"])


_BEGIN = text(
    "UPDATE imports SET row_count = :count, notes = CAST(:notes AS jsonb), seen_at = :at WHERE id = :id"
)
_UNREAD = text("UPDATE imports SET state = 'unread', problem = :problem, seen_at = :at WHERE id = :id")
_APPLY = text("""
UPDATE imports SET state = 'applying', applied_at = :at, seen_at = :at, rows_done = 0, new = 0, changed = 0,
  unchanged = 0, refused = 0, drastic = 0
WHERE id = :id AND state = 'looked at' RETURNING id""")
_END = text("""
UPDATE imports SET state = CASE state WHEN 'waiting' THEN 'looked at' ELSE 'done' END, seen_at = :at,
  ended_at = CASE state WHEN 'applying' THEN :at END WHERE id = :id AND state IN ('waiting', 'applying')""")


async def note_read(tx: Tx, import_id: UUID, *, count: int, notes: Sequence[str], at: datetime) -> None:
    await tx.execute(_BEGIN, {"id": import_id, "count": count, "notes": page(notes), "at": at})


async def note_unread(tx: Tx, import_id: UUID, problem: str, *, at: datetime) -> None:
    await tx.execute(_UNREAD, {"id": import_id, "problem": problem, "at": at})


async def begin_to_apply(tx: Tx, import_id: UUID, *, at: datetime) -> bool:
    """Return False where it has not been looked at yet, or is being applied already."""
    return (await tx.execute(_APPLY, {"id": import_id, "at": at})).first() is not None


async def note_end(tx: Tx, import_id: UUID, *, at: datetime) -> None:
    """Its last row has been looked at, or taken over."""
    await tx.execute(_END, {"id": import_id, "at": at})


_CLEAR = text('DELETE FROM import_lines WHERE import_id = :id AND "row" BETWEEN :first AND :last')
_PUT = text("""
INSERT INTO import_lines (import_id, "row", outcome, key, changes, "column", why)
SELECT :id, "row", outcome, key, changes, "column", why FROM json_to_recordset(CAST(:page AS json))
  AS x("row" int, outcome text, key text, changes jsonb, "column" text, why text) ORDER BY "row" """)
_COUNT = text("""
UPDATE imports SET rows_done = rows_done + :rows, new = new + :new, changed = changed + :changed,
  unchanged = unchanged + :unchanged, refused = refused + :refused, drastic = drastic + :drastic, seen_at = :at
WHERE id = :id""")


async def note_lines(tx: Tx, import_id: UUID, lines: Sequence[Line], *, at: datetime) -> None:
    """Note what became of a batch, in the transaction in which it became so: no row is done twice."""
    counts = tally(lines)
    await tx.execute(_CLEAR, {"id": import_id, "first": lines[0].row, "last": lines[-1].row})
    kept = [line for line in lines if line.writes or line.why]
    await tx.execute(_PUT, {"id": import_id, "page": page(kept)})
    values = {name: getattr(counts, name) for name in ("new", "changed", "unchanged", "refused")}
    drastic = sum(map(is_drastic, kept))
    await tx.execute(_COUNT, {"id": import_id, "rows": counts.rows, "drastic": drastic, "at": at, **values})


_LINES = text("""
SELECT "row", key, outcome, changes, "column", why FROM import_lines
WHERE import_id = :id AND "row" > :after AND (CAST(:outcome AS text) IS NULL OR outcome = :outcome)
ORDER BY "row" LIMIT :limit""")


async def lines_of(
    tx: Tx, import_id: UUID, *, outcome: Outcome | None = None, after: int = 0, limit: int
) -> list[Line]:
    """One page of its lines, by row. Rows that change nothing have none, unless they say why."""
    wanted = {"id": import_id, "outcome": outcome, "after": after, "limit": limit}
    rows = await tx.execute(_LINES, wanted)
    return [
        Line(
            row.row,
            row.key,
            Outcome(row.outcome),
            tuple(msgspec.convert(row.changes, list[Change])),
            row.column,
            row.why,
        )
        for row in rows
    ]


_DUE = text("SELECT id FROM imports WHERE state IN ('waiting', 'applying') AND seen_at < :before")


async def imports_due(tx: Tx, *, before: datetime) -> list[UUID]:
    """Those that should get on by themselves, and have not since then."""
    return [row.id for row in await tx.execute(_DUE, {"before": before})]
