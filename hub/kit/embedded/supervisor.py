"""Keeps the embedded servers running for as long as the hub runs, and stops them with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.kit.config import Config
from hub.kit.embedded.endpoints import Endpoints
from hub.kit.embedded.errors import ServerStartError
from hub.kit.embedded.servers import Server, Servers
from hub.kit.log import get_logger

_LOOK_S = 0.25
_BACK_OFF_S = 5.0

log = get_logger(__name__)


@asynccontextmanager
async def embedded_servers(config: Config, *, durable: bool = True) -> AsyncIterator[Endpoints]:
    """Run the servers the config gives no address for; a server that dies is back within about a second.

    Raises FolderInUseError where another hub uses the folder, ServerStartError where a server does not come up.
    """
    servers = Servers(config, durable=durable)
    try:
        endpoints = await asyncio.to_thread(servers.start)
        async with _watch(servers):
            yield endpoints
    finally:
        await asyncio.shield(asyncio.to_thread(servers.stop))


@asynccontextmanager
async def _watch(servers: Servers) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(_keep_running(servers, server)) for server in servers.all]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_running(servers: Servers, server: Server) -> None:
    """Never give up: a disk that is full today has room tomorrow."""
    while True:
        await asyncio.sleep(_LOOK_S)
        if server.running():
            continue
        log.warning("server_died", server=server.name)
        try:
            await asyncio.to_thread(servers.restart, server)
            log.info("server_restarted", server=server.name)
        except ServerStartError as error:
            log.error("server_restart_failed", server=server.name, reason=str(error))  # noqa: TRY400 -- its log says more than our stack
            await asyncio.sleep(_BACK_OFF_S)
