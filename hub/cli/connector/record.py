"""hub connector record: orders of a sandbox or a real account as files, without anybody's name in them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from hub.channels.transport import Line, Outside, Transport, new_client
from hub.cli.output import count_of, progress
from hub.cli.settings import complete, read_pairs
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.sim.recording import Recorded, recorded
from hub.sim.workbench import find_connector
from hub.spec import Capability, ChannelConfig, Connector, Message
from hub.spec.config import read_settings, write_settings

PAGES_MAX = 200


@click.command()
@click.argument("connector")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of the connector; repeat it."
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("recordings"),
    show_default=True,
    help="The folder the files go into.",
)
@click.option(
    "--files", default=20, show_default=True, type=click.IntRange(1, 500), help="At most so many files."
)
def record(connector: str, settings: Sequence[str], into: Path, files: int) -> None:
    """Record orders of an account as files for certification, redacted; secrets are asked for, not shown.

    One file for each kind of order there is, by its fields and states. Whatever names the buyer is replaced, and a file
    is kept only if nothing of the buyer is left and it still reads the same.
    """
    found = find_connector(connector)
    if Capability.FETCH_ORDERS not in found.manifest.capabilities:
        msg = f"{found.manifest.title} cannot be asked for orders: save files as they come, and put them in {into}/"
        raise InputError(msg, field="connector")
    what = f"a {found.manifest.title} channel"
    given = complete(found.config_type, read_pairs(settings), what=what)
    kept, refused = asyncio.run(_record(found, given, files))
    _write(kept, into, found.manifest.kind)
    click.echo(f"{count_of(len(kept), 'recording')} in {into}/")
    for reason, times in refused.items():
        click.echo(f"  {count_of(times, 'order')} not kept: {reason}")
    click.echo(f"Next: read them once, then: hub connector certify {connector} --recordings {into}")


async def _record(
    connector: Connector, given: Mapping[str, str], files: int
) -> tuple[list[Recorded], dict[str, int]]:
    """One recording of each shape, and how many orders were not kept, by reason."""
    config = read_settings(connector.config_type, write_settings(connector.config_type, given))
    kept: dict[str, Recorded] = {}
    refused: Counter[str] = Counter()
    with progress("reading orders") as advance:
        async for message in _messages(connector, config):
            advance(1)
            found = recorded(connector, config, message)
            if found.reason:
                refused[found.reason] += 1
            elif len(kept) < files:
                kept.setdefault(found.shape, found)
    return list(kept.values()), refused


async def _messages(connector: Connector, config: ChannelConfig) -> AsyncIterator[Message]:
    """Every whole order of the account, through the hub's own transport."""
    cursor, until = None, now()
    async with new_client() as client:
        http = Transport(Outside(client), config.base_url, Line())
        channel: Any = connector.open(http, config)
        for _ in range(PAGES_MAX):
            page = await channel.fetch_orders(cursor, until=until)
            for message in filter(_is_whole, page.items):
                yield message
            cursor = page.next_cursor
            if cursor is None:
                return


def _is_whole(message: Message) -> bool:
    return message.complete and bool(message.channel_order_id)


def _write(kept: Sequence[Recorded], into: Path, kind: str) -> None:
    """Numbered on from what is there: a recording is never written over."""
    into.mkdir(parents=True, exist_ok=True)
    free = (each for number in range(1, 100_000) if not (each := into / f"{kind}_{number:03}.json").exists())
    for found, path in zip(kept, free, strict=False):
        path.write_bytes(msgspec.json.format(found.body, indent=2) + b"\n")
