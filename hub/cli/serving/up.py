"""hub up and hub migrate: a whole hub in one command, and its tables."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import click
from msgspec.structs import replace

from hub.channels.context import open_context
from hub.cli.serving.processes import Part, Pids, endpoints_of, keep_running
from hub.kit.config import Config, read_config
from hub.kit.embedded import Endpoints, embedded_servers, refuse_second_hub
from hub.kit.log import configure_logs
from hub.model.errors import InputError
from hub.store import channels
from hub.store.migrate import migrate as migrate_database
from hub.web.address import listen, read_api_key, refuse_open_address

READY_S_MAX = 90.0  # a busy machine takes its time


@click.command()
@click.option("--workers", default=1, show_default=True, help="How many workers to run.")
def up(workers: int) -> None:
    """Start everything in one command: servers, migrations, web and workers. Ctrl-C stops it all."""
    config = read_config(os.environ)
    refuse_second_hub(config)
    config = with_free_port(config)
    configure_logs(level=logging.WARNING)
    asyncio.run(_up(config, workers))


async def _up(config: Config, workers: int) -> None:
    stop = stop_on_signal()
    async with running_hub(config, workers, stop) as endpoints:
        click.echo(welcome(config, endpoints, workers))
        await stop.wait()
        click.echo("\nstopping: open requests and jobs end first")
    click.echo("stopped; your data stays in " + str(config.folder))


@asynccontextmanager
async def running_hub(
    config: Config,
    workers: int,
    stop: asyncio.Event,
    *,
    pids: Pids | None = None,
    worker_module: str = "hub",
) -> AsyncIterator[Endpoints]:
    """A whole hub while the block runs; `stop` is set when it ends. Raises InputError where the port is taken.

    `pids` gets the processes of the web and of each worker. Workers run `worker_module` in the place of `hub`.
    """
    refuse_open_address(config, read_api_key(os.environ))
    async with embedded_servers(config) as endpoints:
        await asyncio.to_thread(migrate_database, endpoints.database_url)
        await refuse_wrong_key(config, endpoints)
        parts = [
            Part("web", ("web",)),
            *(Part(f"worker-{n}", ("work",), worker_module) for n in range(1, workers + 1)),
        ]
        running = asyncio.create_task(
            keep_running(parts, _environment(config, endpoints), _logs(config), stop, pids)
        )
        try:
            await _until_ready(config, stop)
            yield endpoints
        finally:
            stop.set()
            await running


async def refuse_wrong_key(config: Config, endpoints: Endpoints) -> None:
    """Raise InputError where the data was sealed with a key this hub does not have: nobody could read it."""
    async with open_context(config, endpoints, pool_size=1) as ctx:
        async with ctx.db.transaction() as tx:
            rows = await channels.all_channels(tx)
        for row in rows[:1]:
            ctx.vault.open(row.credentials, row.account_id.bytes)


def with_free_port(config: Config) -> Config:
    """Raise InputError where the port is taken, before anything starts; for port 0, choose one that is free."""
    with listen(config) as listener:
        port = int(listener.getsockname()[1])
    return replace(
        config, port=port, url=config.url.removesuffix(":0") + f":{port}" if config.port == 0 else config.url
    )


def _logs(config: Config) -> Path:
    return config.folder / "logs"


def _environment(config: Config, endpoints: Endpoints) -> dict[str, str]:
    found = {"DATABASE_URL": endpoints.database_url, "REDIS_URL": endpoints.redis_url}
    return {**os.environ, **found, "HUB_DATA": str(config.folder), "HUB_PORT": str(config.port)}


async def _until_ready(config: Config, stop: asyncio.Event) -> None:
    """Wait until the web answers; raises InputError with the log's last words where it never does."""
    deadline = asyncio.get_running_loop().time() + READY_S_MAX
    while not stop.is_set() and not await asyncio.to_thread(_answers, config):
        if asyncio.get_running_loop().time() > deadline:
            last = "\n  ".join(_last_lines(_logs(config) / "web.log"))
            msg = f"the web did not start within {READY_S_MAX:.0f} s; the last lines of its log:\n  {last}"
            raise InputError(msg)
        await asyncio.sleep(0.1)


def _answers(config: Config) -> bool:
    """Ask for /health with the standard library: it is one question on loopback."""
    host = "127.0.0.1" if config.host in {"0.0.0.0", "::"} else config.host  # noqa: S104 -- compared, not bound
    asking = HTTPConnection(host, config.port, timeout=2)
    try:
        asking.request("GET", "/health")
        return asking.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        asking.close()


def _last_lines(log_file: Path) -> list[str]:
    return log_file.read_text(errors="replace").splitlines()[-5:] if log_file.exists() else ["(no log)"]


def welcome(config: Config, endpoints: Endpoints, workers: int) -> str:
    own = [
        name
        for name, given in (("PostgreSQL", config.database_url), ("Valkey", config.redis_url))
        if not given
    ]
    servers = f"its own {' and '.join(own)}" if own else "the servers of DATABASE_URL and REDIS_URL"
    del endpoints
    lines = [
        ("Desk", config.url),
        ("API", f"{config.url}/api/v1/docs"),
        ("Webhooks", f"{config.url}/in/…  (hub channel list shows each address)"),
        ("Data", f"{config.folder}  ({servers}, {workers} worker{'s' if workers > 1 else ''})"),
        ("Logs", str(config.folder / "logs")),
        ("Next", "hub channel add woocommerce my-shop   ·   hub --help"),
    ]
    title = click.style("The hub is up.", bold=True)
    rows = "\n".join(f"  {name:<9} {text}" for name, text in lines)
    return f"\n{title}\n\n{rows}\n\nCtrl-C stops everything.\n"


@click.command()
def migrate() -> None:
    """Bring the database to this version's tables; safe to run again."""
    config = read_config(os.environ)
    revision = migrate_database(config.database_url or endpoints_of(config).database_url)
    click.echo(f"migrated to {revision}" if revision else "nothing to do: the tables are up to date")


def stop_on_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
