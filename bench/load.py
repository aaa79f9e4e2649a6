"""Sends requests as fast as a number of clients can, each waiting for its answer; costs little itself."""

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter

from msgspec import Struct

HOST = "127.0.0.1"
READY_S = 30


class Target(Struct, frozen=True):
    """Where a kind of request goes; `headers_of` makes the headers of one body."""

    path: str
    headers_of: Callable[[bytes], dict[str, str]] = lambda _: {}

    def request(self, body: bytes) -> bytes:
        headers = {
            "host": HOST,
            "content-type": "application/json",
            "content-length": str(len(body)),
            **self.headers_of(body),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST {self.path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


async def wait_for(port: int) -> None:
    async with asyncio.timeout(READY_S):
        while True:
            try:
                _, writer = await asyncio.open_connection(HOST, port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


async def rate(port: int, requests: Sequence[bytes], *, clients: int) -> float:
    """Requests answered in a second. Raises RuntimeError at the first answer that is not a success."""
    left = iter(requests)
    started = perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(_client(port, left))
    return len(requests) / (perf_counter() - started)


async def _client(port: int, left: Iterator[bytes]) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    for request in left:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(_length(head))
        if not head.startswith(b"HTTP/1.1 2"):
            message = f"refused: {head[:30].decode()!r} {body[:300].decode()}"
            raise RuntimeError(message)
    writer.close()


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0])
