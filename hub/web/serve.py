"""Runs the web: one process, uvicorn over uvloop and httptools, a clean end within two seconds."""

import asyncio
import signal
import socket
from types import FrameType

import uvicorn
from litestar import Litestar
from typing_extensions import override
from uvicorn.loops.auto import auto_loop_factory

from hub.channels.context import HubContext, open_context
from hub.kit.config import Config
from hub.kit.embedded import Endpoints
from hub.kit.log import get_logger
from hub.kit.memory import settle_memory
from hub.spec import Secret
from hub.web.address import listen, refuse_open_address
from hub.web.app import create_app
from hub.web.live import LiveFeed

GRACE_S = 2  # what open requests get at the end; the streams of open pages are ended at once
POOL_SIZE = 20

log = get_logger(__name__)


def run(config: Config, endpoints: Endpoints, *, api_key: Secret | None = None) -> None:
    """Serve until told to stop (SIGINT, SIGTERM). Raises InputError where the address is taken or unguarded."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(_open_and_serve(config, endpoints, api_key))


async def serve(ctx: HubContext, *, api_key: Secret | None = None) -> None:
    """Serve an open context until told to stop. Raises InputError where the address is taken or unguarded."""
    refuse_open_address(ctx.config, api_key)
    with listen(ctx.config) as listener:
        app = create_app(ctx, api_key=api_key)
        log.info("web_listens", address=_address(listener), guarded=api_key is not None)
        settle_memory()
        await _Server(app).serve(sockets=[listener])
    log.info("web_stopped")


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _open_and_serve(config: Config, endpoints: Endpoints, api_key: Secret | None) -> None:
    async with open_context(config, endpoints, pool_size=POOL_SIZE) as ctx:
        await serve(ctx, api_key=api_key)


class _Server(uvicorn.Server):
    """Ends the streams of open pages first, and returns after a signal instead of raising it again."""

    def __init__(self, app: Litestar) -> None:
        config = uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        super().__init__(config)
        self._feed: LiveFeed = app.state.live

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._feed.stop()
        await super().shutdown(sockets)
