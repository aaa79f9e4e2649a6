"""What every import returns, and how it pairs rows with what becomes of them."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from hub.kit.secrets import Vault
from hub.model.imports.lines import Line
from hub.model.imports.rows import How

Row = TypeVar("Row")


class Around(Struct, frozen=True):
    """What rows are read with: what was said beside the file, the kinds of channel that have no catalog, those on which
    the hub itself sells, and what seals the names of people.
    """

    how: How
    without_catalog: frozenset[str] = frozenset()
    our_own: frozenset[str] = frozenset()
    vault: Vault | None = None


class Taken(Struct, frozen=True):
    """What became of each row, and the channels to be told."""

    lines: list[Line]
    touched: set[UUID]


class By(Struct, frozen=True):
    """Who imports, as which import: a movement that it has made before is not made again."""

    import_id: UUID
    actor: str
    reason: str


def to_write(judged: Iterable[tuple[Line, Row | None]]) -> list[Row]:
    return [row for line, row in judged if line.writes and row is not None]


def lines_of(judged: Iterable[tuple[Line, object]]) -> list[Line]:
    return [line for line, _ in judged]
