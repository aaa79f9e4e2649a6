"""Single orders over HTTP, from 1, 4 and 16 clients: signed webhooks, and phone orders taken while the caller waits.

Beside each stands a bare app that does one INSERT for each request, fed the same bodies from the same clients. A
real `hub web` answers, in a process of its own. No worker runs: a webhook is answered when it is stored (step 1), a
phone order when all seven steps are committed.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count, islice
from pathlib import Path
from statistics import median

from msgspec import Struct

from bench.bare import TABLE
from bench.load import Target, free_port, rate, wait_for
from bench.orders import payloads, phone_order
from bench.servers import ROOT, Bed
from bench.shop import SECRET, channel_rows
from hub.channels.context import open_context
from hub.cli.serving.processes import TIED
from hub.spec.signing import hmac_sha256_base64

CLIENTS = (1, 4, 16)
KINDS = ("bare", "webhook", "phone")
ROUNDS = 2
WARM_UP = 320  # every connection of the pools is open then, and its statements are prepared
FIRST_WEBHOOK = 10_000_000  # no id of the batches

Rates = dict[str, dict[int, float]]


class _Kind(Struct, frozen=True):
    name: str
    port: int
    target: Target
    bodies: Iterator[bytes]

    def requests(self, number: int) -> list[bytes]:
        return [self.target.request(body) for body in islice(self.bodies, number)]


async def measure(bed: Bed, database: str, requests: int, progress: Callable[[int], object]) -> Rates:
    """Orders in a second by kind and number of clients; medians of rounds taken in turn."""
    found: dict[tuple[str, int], list[float]] = {}
    async with _kinds(bed, database) as kinds:
        for kind in kinds:
            await rate(kind.port, kind.requests(WARM_UP), clients=max(CLIENTS))
        for clients in CLIENTS:
            for kind in kinds * ROUNDS:
                answered = await rate(kind.port, kind.requests(requests), clients=clients)
                found.setdefault((kind.name, clients), []).append(answered)
                progress(requests)
    _prove(bed, database, WARM_UP + requests * ROUNDS * len(CLIENTS))
    return {kind.name: {clients: median(found[kind.name, clients]) for clients in CLIENTS} for kind in kinds}


@asynccontextmanager
async def _kinds(bed: Bed, database: str) -> AsyncIterator[list[_Kind]]:
    hub, bare = free_port(), free_port()
    plain = bed.at(database).database_url.replace("+psycopg", "")
    bed.run(database, TABLE)
    log = bed.config.folder / "hub-web.log"
    async with (
        _listening(hub, ["hub", "web"], environment(bed, database, hub), log),
        _listening(bare, ["bench.bare", str(bare), plain], dict(os.environ), log.with_name("bare.log")),
    ):
        token = await _token(bed, database)
        yield [
            _Kind("bare", bare, Target("/"), payloads(10**6, first=FIRST_WEBHOOK)),
            _Kind("webhook", hub, Target(f"/in/{token}", _signed), payloads(10**6, first=FIRST_WEBHOOK)),
            _Kind("phone", hub, Target("/api/v1/orders"), (phone_order(number) for number in count())),
        ]


def environment(bed: Bed, database: str, port: int) -> dict[str, str]:
    endpoints = bed.at(database)
    ours = {
        "HUB_DATA": str(bed.config.folder),
        "HUB_PORT": str(port),
        "DATABASE_URL": endpoints.database_url,
        "REDIS_URL": endpoints.redis_url,
        TIED: "1",
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | ours


def _signed(body: bytes) -> dict[str, str]:
    signature = hmac_sha256_base64(SECRET, body)
    return {"x-wc-webhook-topic": "order.created", "x-wc-webhook-signature": signature}


async def _token(bed: Bed, database: str) -> str:
    async with open_context(bed.config, bed.at(database)) as ctx:
        return (await channel_rows(ctx))[0].webhook_token


@asynccontextmanager
async def _listening(
    port: int, words: list[str], environment: dict[str, str], log: Path
) -> AsyncIterator[None]:
    async with process(words, environment, log):
        await wait_for(port)
        yield


@asynccontextmanager
async def process(words: list[str], environment: dict[str, str], log: Path) -> AsyncIterator[None]:
    """A process of its own that ends with us; where the bench fails, what it said last is shown."""
    with log.open("wb") as output:
        started = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *words),
            cwd=ROOT,
            env=environment,
            stdin=PIPE,
            stdout=output,
            stderr=output,
        )
    try:
        yield
    except BaseException:
        _show_end(log)
        raise
    finally:
        started.terminate()
        await started.wait()


def _show_end(log: Path) -> None:
    print(log.read_text()[-2000:], file=sys.stderr)


def _prove(bed: Bed, database: str, sent: int) -> None:
    """Every request made exactly one row."""
    rows = {
        "bare": "SELECT count(*) FROM bare",
        "webhook": "SELECT count(*) FROM inbox WHERE source = 'webhook' AND state = 'waiting'",
        "phone": "SELECT count(*) FROM orders WHERE holds = '{}'",
    }
    with bed.connect(database) as connection:
        for kind, query in rows.items():
            (found,) = connection.execute(query.encode()).fetchone() or (None,)
            if found != sent:
                message = f"the bench is wrong: {sent} {kind} requests made {found} rows"
                raise RuntimeError(message)
