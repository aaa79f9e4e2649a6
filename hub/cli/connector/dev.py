"""hub connector dev: orders arrive while the code changes; raw beside what the connector makes of it."""

import asyncio
import contextlib
from collections.abc import Sequence

import click
import msgspec
from rich.columns import Columns
from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from hub.cli.output import terminal
from hub.model.errors import HubError, InputError
from hub.sim.workbench import Change, Seen, Workbench, workbench

LOOK_EVERY_S = 0.3
SIDE_BY_SIDE_MIN = 110  # columns of a terminal
RAW_LINES_MAX = 60


@click.command()
@click.argument("connector")
@click.option("--every", default=4.0, show_default=True, metavar="SECONDS", help="How often somebody buys.")
@click.option(
    "--orders", default=0, metavar="COUNT", help="End after so many orders; 0 goes on until Ctrl-C."
)
@click.option("--seed", default=1, show_default=True, help="The same seed: the same customers.")
def dev(connector: str, every: float, orders: int, seed: int) -> None:
    """See a connector at work: its simulator sells, and each order is shown raw and normalized.

    When you save a file, the code is loaded anew, every order is read again, and what reads differently is shown.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_dev(connector, every, orders, seed))


async def _dev(target: str, every: float, orders: int, seed: int) -> None:
    console, sold, due = terminal(), 0, 0.0
    loop = asyncio.get_running_loop()
    async with workbench(target, seed=seed) as bench:
        console.print(
            Text(f"{bench.connector.manifest.title} is simulated at {bench.sim.url}/_sim", style="dim")
        )
        while True:
            if loop.time() >= due and (not orders or sold < orders):
                sold, due = sold + 1, loop.time() + every
                await bench.sell()
            await _look(console, bench)
            if orders and sold >= orders:
                return
            await asyncio.sleep(min(LOOK_EVERY_S, every))


async def _look(console: Console, bench: Workbench) -> None:
    """Load what changed, then show what is new; what goes wrong is said, and the bench goes on."""
    try:
        if bench.has_changed():
            _show_changes(console, bench.reload(), len(bench.seen))
        for each in await bench.poll():
            _show(console, each)
    except HubError as error:
        kind = "cannot be loaded" if isinstance(error, InputError) else type(error).__name__
        console.print(Text(f"✗ {kind}: {error}", style="red"))


def _show(console: Console, seen: Seen) -> None:
    """Side by side where the terminal is wide enough, one after the other elsewhere; without frames in a file."""
    name = seen.message.channel_order_id or seen.message.topic
    console.print(Text(f"\norder {name}", style="bold"))
    parts = (("raw", _raw(seen.message.body), "dim"), ("what the hub takes", _read(seen), _tone(seen)))
    if not console.is_terminal:
        for title, text, _ in parts:
            console.print(f"{title}:")
            console.print(text)
        return
    panels = [
        Panel(text, title=title, title_align="left", border_style=style) for title, text, style in parts
    ]
    wide = console.width >= SIDE_BY_SIDE_MIN
    console.print(Columns(panels, equal=True, expand=True) if wide else Group(*panels))


def _tone(seen: Seen) -> str:
    return "red" if seen.error else "green"


def _raw(body: bytes) -> Text:
    try:
        text = msgspec.json.format(body, indent=2).decode()
    except msgspec.DecodeError:
        text = body.decode(errors="replace")
    lines = text.splitlines()
    rest = f"\n… {len(lines) - RAW_LINES_MAX} more lines" if len(lines) > RAW_LINES_MAX else ""
    return Text("\n".join(lines[:RAW_LINES_MAX]) + rest)


def _read(seen: Seen) -> Text:
    if seen.error:
        return Text(seen.error, style="red")
    width = max(map(len, seen.fields), default=0)
    return Text("\n".join(f"{path:<{width}}  {value}" for path, value in seen.fields.items()))


def _show_changes(console: Console, changes: Sequence[Change], orders: int) -> None:
    if not changes:
        console.print(Text(f"↻ loaded anew: {orders} orders read the same", style="dim"))
    for each in changes:
        old, new = each.before or "(not there)", each.after or "(gone)"
        line = Text.assemble(
            ("↻ ", "yellow"),
            f"order {each.order_id}  ",
            (each.path, "bold"),
            "  ",
            (old, "red"),
            " → ",
            (new, "green"),
        )
        console.print(line, soft_wrap=True)
