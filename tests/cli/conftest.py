"""Commands run in this process, on a database of the test's own; what they print is what a person reads."""

import asyncio
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import psycopg
import pytest
import structlog
from click.testing import CliRunner
from msgspec import Struct

from hub.cli import cli
from hub.model.errors import HubError
from hub.model.stock.locations import Location
from hub.store.db import Database, Tx
from hub.store.stock import locations, skus
from tests.builders import MAIN, NOON, SHOP, put_stock

ROOT = Path(__file__).parent.parent.parent
T = TypeVar("T")


class Said(Struct, frozen=True):
    """What a command answered: its exit code, standard output and standard error."""

    code: int
    out: str
    error: str

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.out)

    @property
    def items(self) -> list[Any]:
        found: list[Any] = self.json["items"]
        return found


class Hub:
    """Call it with the words of a command: hub("order", "list")."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)

    def __call__(self, *words: str, stdin: bytes = b"") -> Said:
        answer = CliRunner().invoke(cli, words, input=stdin, env=self.environment)
        error = answer.exception
        if isinstance(error, HubError):  # main() says it so
            return Said(1, answer.stdout, f"{answer.stderr}hub: {error}")
        if error is not None and not isinstance(error, SystemExit):
            raise error
        return Said(answer.exit_code, answer.stdout, answer.stderr)

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        url = self.environment["DATABASE_URL"].replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            found = connection.execute(query.encode())
            return found.fetchall() if found.description else []

    def arrange(self, story: Callable[[Tx], Awaitable[T]]) -> T:
        """Run a builder in one transaction, and commit."""

        async def told() -> T:
            database = Database(self.environment["DATABASE_URL"])
            try:
                async with database.transaction() as tx:
                    return await story(tx)
            finally:
                await database.close()

        return asyncio.run(told())


@pytest.fixture
def hub(emptied_db_url: str, valkey_url: str, tmp_path: Path) -> Iterator[Hub]:
    key = b64encode(bytes(range(32))).decode()
    yield Hub(
        {
            "DATABASE_URL": emptied_db_url,
            "REDIS_URL": valkey_url,
            "HUB_DATA": str(tmp_path),
            "HUB_SECRET_KEY": key,
            "HUB_URL": "http://127.0.0.1:8700",
        }
    )
    structlog.reset_defaults()


@pytest.fixture
def shop(hub: Hub) -> Hub:
    """A hub with a WooCommerce channel `web` whose shop cannot be reached."""
    closed = ("base_url=http://127.0.0.1:9", "consumer_key=ck_1", "consumer_secret=cs_1")
    assert hub("channel", "add", "woocommerce", "web", *sets(*closed)).code == 0
    return hub


def sets(*pairs: str) -> list[str]:
    return [word for pair in pairs for word in ("--set", pair)]


class Simulated(Struct, frozen=True):
    url: str
    settings: list[str]


@pytest.fixture(scope="session")
def simulated() -> Iterator[Simulated]:
    """A WooCommerce shop, as `hub sim up` serves it, in a process of its own."""
    command = [sys.executable, "-m", "hub", "sim", "up", "woocommerce"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=dict(os.environ)
    ) as running:
        assert running.stdout is not None
        yield read_welcome(running.stdout)
        running.terminate()


def read_welcome(lines: Iterator[str]) -> Simulated:
    settings: list[str] = []
    for line in lines:
        words = line.replace("\\\n", "").split()
        if words[:1] == ["--set"]:
            settings += words
        if "_sim" in line:
            return Simulated(words[-1].removesuffix("/_sim"), settings)
    pytest.fail("hub sim up said nothing of its address")


async def goods(tx: Tx) -> None:
    """Ten mugs and no lamp at the main location, with prices."""
    await locations.put_locations(tx, [Location(MAIN, "Main", 1), Location(SHOP, "Shop", 2)])
    rows = [
        skus.Sku("MUG", "Mug", price=Decimal("12.5"), currency="EUR"),
        skus.Sku("LAMP", "Lamp", price=Decimal(64), currency="EUR"),
    ]
    await skus.put_skus(tx, rows, at=NOON)
    await put_stock(tx, {"MUG": 10})


@pytest.fixture
def phone(hub: Hub) -> Hub:
    """A hub with goods, and a channel `phone` for typed orders."""
    hub.arrange(goods)
    assert hub("channel", "add", "manual", "phone").code == 0
    return hub
