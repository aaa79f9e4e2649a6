"""The limit of one order over HTTP: a bare uvicorn app that does one INSERT and one commit for each request.

It checks nothing, reads nothing and seals nothing. Run it: python -m bench.bare <port> <database address>.
"""

import asyncio
import sys
from typing import Any

import psycopg
import uvicorn

POOL = 20  # as many as hub web opens
TABLE = "CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)"
_INSERT = "INSERT INTO bare (body) VALUES (%s) RETURNING id"
_HEADERS = [(b"content-type", b"application/json")]


class Bare:
    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._free: asyncio.LifoQueue[psycopg.AsyncConnection] = asyncio.LifoQueue()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        answer = f'{{"id":{await self._insert(body)}}}'.encode()
        headers = [*_HEADERS, (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _insert(self, body: bytes) -> int:
        connection = await self._free.get()
        try:
            row = await (await connection.execute(_INSERT, [body])).fetchone()
        finally:
            self._free.put_nowait(connection)
        return int(row[0]) if row else 0

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        opened = [await psycopg.AsyncConnection.connect(self._url, autocommit=True) for _ in range(POOL)]
        for connection in opened:
            self._free.put_nowait(connection)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for connection in opened:
            await connection.close()
        await send({"type": "lifespan.shutdown.complete"})


if __name__ == "__main__":
    uvicorn.run(
        Bare(sys.argv[2]), port=int(sys.argv[1]), http="httptools", log_level="warning", access_log=False
    )
