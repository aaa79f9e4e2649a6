"""A hub's worker with one safeguard taken out, for bench.mutants: python -m bench.mutant work, with MUTANT its name.

Nothing of the product knows of this module.
"""

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import ModuleType
from uuid import UUID

from sqlalchemy import text

from hub.channels.context import HubContext
from hub.channels.opening import OpenedChannel
from hub.cli import main
from hub.jobs import push_stock, worker
from hub.spec import Outcome
from hub.store.db import Database
from hub.store.publications import Due
from hub.store.sync import answers

CONFIRMS = "greatest(p.confirmed_version, told.version)"
OLDER = "AND told.version >= p.confirmed_version"


def put(by: object, module: ModuleType, name: str) -> None:
    assert name in vars(module)
    setattr(module, name, by)


def without_lock() -> None:
    """Any number of workers tell one channel at once."""

    @asynccontextmanager
    async def everybody(_db: Database, _task: str, _channel_id: UUID) -> AsyncIterator[bool]:
        yield True

    put(everybody, push_stock, "only_worker")


def without_version_check() -> None:
    """An answer clears the mark, whatever has happened since the question."""
    statement = str(answers._KEEP)
    assert CONFIRMS in statement
    assert OLDER in statement
    answers._KEEP = text(statement.replace(CONFIRMS, "p.version").replace(OLDER, ""))


def without_sweep() -> None:
    """What lost its ring waits for the next one."""

    async def look_at_nothing(_ctx: HubContext) -> int:
        return 0

    put(look_at_nothing, worker, "sweep")


def without_read_back() -> None:
    """A call without an answer is believed to have been carried out."""

    async def believe(
        _opened: OpenedChannel, due: Sequence[Due], _outcomes: Sequence[Outcome]
    ) -> Mapping[str, int]:
        return {each.channel_listing_id: each.quantity for each in due}

    put(believe, push_stock, "_read_back")


MUTANTS: dict[str, Callable[[], None]] = {
    "lock": without_lock,
    "version check": without_version_check,
    "sweep": without_sweep,
    "read-back": without_read_back,
}

if __name__ == "__main__":
    MUTANTS[os.environ["MUTANT"]]()
    main()
