"""Opens the hub for one command: the servers of a hub that runs, or its own for the length of the command."""

import asyncio
import functools
import logging
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlsplit

import structlog

from hub.channels.context import HubContext, open_context
from hub.kit.config import Config, read_config
from hub.kit.embedded import Endpoints, embedded_servers, running_endpoints
from hub.model.errors import HubError, WrongStateError
from hub.store.api.health import DATABASE_AWAY, columns_missing
from hub.store.migrate import migrate

ANSWER_S_MAX = 15.0
POOL_SIZE = 3
T = TypeVar("T")
Options = ParamSpec("Options")


class DatabaseAwayError(HubError):
    """The database cannot be reached."""


def in_hub(
    command: Callable[Concatenate[HubContext, Options], Coroutine[Any, Any, None]],
) -> Callable[Options, None]:
    """Make a plain function of a command that needs an open hub."""

    @functools.wraps(command)
    def run_it(*args: Options.args, **options: Options.kwargs) -> None:
        async def with_hub() -> None:
            async with open_hub() as ctx:
                await command(ctx, *args, **options)

        run(with_hub())

    return run_it


def run(story: Coroutine[Any, Any, T]) -> T:
    """Run a command to its end. What goes wrong is its own to tell: the log speaks only of what nobody expected."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        cache_logger_on_first_use=False,
    )
    return asyncio.run(story)


@asynccontextmanager
async def open_hub() -> AsyncIterator[HubContext]:
    """Raise a HubError that says what to do where the hub cannot be opened, or the database goes away meanwhile."""
    config = read_config(os.environ)
    async with _endpoints(config) as endpoints:
        try:
            async with open_context(config, endpoints, pool_size=POOL_SIZE) as ctx:
                await _refuse_old_tables(ctx)
                yield ctx
        except DATABASE_AWAY as error:
            raise DatabaseAwayError(_away(endpoints, str(error.__cause__ or error))) from error


@asynccontextmanager
async def _endpoints(config: Config) -> AsyncIterator[Endpoints]:
    running = running_endpoints(config)
    if running is not None:
        yield running
        return
    async with embedded_servers(config) as endpoints:
        if config.database_url is None:  # somebody else's database is migrated by hand
            await asyncio.to_thread(migrate, endpoints.database_url)
        yield endpoints


async def _refuse_old_tables(ctx: HubContext) -> None:
    try:
        async with asyncio.timeout(ANSWER_S_MAX), ctx.db.transaction() as tx:
            missing = await columns_missing(tx)
    except TimeoutError as error:
        raise DatabaseAwayError(_away(ctx.endpoints, f"no answer in {ANSWER_S_MAX:.0f} s")) from error
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        msg = f"the database lacks {missing[0]}{more}: bring it to this version's tables with: hub migrate"
        raise WrongStateError(msg)


def _away(endpoints: Endpoints, reason: str) -> str:
    """Name the database without the user and the password it is opened with."""
    url = urlsplit(endpoints.database_url)
    where = f"{url.hostname}:{url.port or 5432}{url.path}" if url.hostname else url.path
    said = next((line.strip() for line in reason.splitlines() if line.strip()), "no reason given")
    return f"cannot reach the database {where} ({said}): start it, or correct DATABASE_URL"
