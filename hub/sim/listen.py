"""HTTP for simulators: SimRequest in, SimReply out, or a connection that breaks.

uvicorn speaks HTTP; its Server is left out: it would take over the signals of the process, and stop slowly.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct
from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from hub.spec.testing import SimReply, SimRequest

HOST = "127.0.0.1"
DROP = "sim.drop"  # ASGI extension of ours: cut the connection without an answer

Linger = Callable[[float], Awaitable[None]]
Handle = Callable[[SimRequest, Linger], Awaitable[SimReply | None]]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]


class Bound(Struct, frozen=True):
    """A port that is taken, but not served yet: connections wait in its queue."""

    listener: socket.socket
    url: str


def bind(port: int) -> Bound:
    """Take a port on the loopback interface; 0 takes any free one."""
    listener = socket.create_server((HOST, port))
    # Connections inherit it. asyncio sets it only on sockets that name their protocol, and these do not: head and
    # body of an answer would wait 40 ms for each other.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Bound(listener, f"http://{HOST}:{listener.getsockname()[1]}")


@asynccontextmanager
async def listen(bound: Bound, handle: Handle) -> AsyncIterator[None]:
    """Serve while the block runs. At its end the port is closed and open connections are cut.

    `handle` gets a way to linger that ends early when the client goes away; None drops the connection.
    """
    state = ServerState()
    config = Config(
        partial(_answer, handle),
        interface="asgi3",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
    )
    server = await asyncio.get_running_loop().create_server(
        lambda: _Protocol(config, state, {}), sock=bound.listener
    )
    try:
        yield
    finally:
        server.close()
        await _cut_connections(state)
        await server.wait_closed()


class _Protocol(HttpToolsProtocol):
    """Lets the application cut its connection, which ASGI has no word for."""

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {DROP: {"drop": self.transport.abort}}


async def _cut_connections(state: ServerState) -> None:
    for connection in list(state.connections):
        connection.transport.abort()
    await asyncio.sleep(0)  # an aborted socket closes at the loop's next turn
    if state.tasks:
        await asyncio.wait(state.tasks)


async def _answer(handle: Handle, scope: Event, receive: Receive, send: Send) -> None:
    body = await _read_body(receive)
    linger = partial(_linger, receive)
    reply = await handle(_to_request(scope, body), linger)
    if reply is None:
        scope["extensions"][DROP]["drop"]()
        await linger(1.0)  # until uvicorn has seen the cut; it would answer 500 otherwise
    else:
        await _send_reply(send, reply)


async def _read_body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    return body


async def _linger(receive: Receive, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass


def _to_request(scope: Event, body: bytes) -> SimRequest:
    headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    return SimRequest(
        method=scope["method"],
        path=scope["path"],
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers=headers,
        body=body,
        url=_url(scope, headers.get("host", ""), query),
    )


def _url(scope: Event, host: str, query: str) -> str:
    """Return the address as the client wrote it: some vendors sign it."""
    path = scope["raw_path"].decode("latin-1")
    return f"http://{host}{path}" + (f"?{query}" if query else "")


async def _send_reply(send: Send, reply: SimReply) -> None:
    headers = {**reply.headers, "content-length": str(len(reply.body))}
    wire = [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": wire})
    await send({"type": "http.response.body", "body": reply.body})
