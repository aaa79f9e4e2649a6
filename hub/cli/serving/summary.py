"""The live summary a demo shows in the terminal: orders by channel, and what is still to be told to each."""

from collections.abc import Mapping, Sequence
from shlex import quote

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.sim.server import SimServer
from hub.store.reports import ChannelSummary, channel_summaries

BARS = " ▁▂▃▄▅▆▇█"
LATE_S = 5


async def summary(ctx: HubContext, shows: Mapping[str, SimServer]) -> RenderableType:
    """The address to open, how commands reach the hub, a row for each channel, and the channels' own pages.

    `shows` are the simulators by slug.
    """
    async with ctx.db.transaction() as tx:
        rows = await channel_summaries(tx, at=now())
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column("Channel", no_wrap=True)
    table.add_column("Orders", justify="right")
    table.add_column("Last minute", no_wrap=True)
    for title in ("Held", "Listings", "To tell", "Longest wait"):
        table.add_column(title, justify="right")
    for row in rows:
        table.add_row(*_cells(row))
    return Group(_head(ctx), table, _foot(rows), _pages(rows, shows))


def sparkline(counts: Sequence[int]) -> str:
    """One character for each count, as high as the count is beside the highest."""
    top = max([*counts, 1])
    return "".join(BARS[-(-count * (len(BARS) - 1) // top)] for count in counts)


def _head(ctx: HubContext) -> Text:
    address = (ctx.config.url, "bold cyan underline")
    reach = (f"export HUB_DATA={quote(str(ctx.config.folder))}", "bold")
    return Text.assemble(
        "\nOpen ", address, " and watch orders land and stock fall.\nCommands reach it with: ", reach, "\n"
    )


def _foot(rows: Sequence[ChannelSummary]) -> Text:
    orders, recent = sum(row.orders for row in rows), sum(sum(row.last_minute) for row in rows)
    return Text.assemble(
        "\n",
        (f"{orders} orders", "bold"),
        f", {recent} in the last minute.  ",
        ("Ctrl-C stops.", "dim"),
        "\n",
    )


def _pages(rows: Sequence[ChannelSummary], shows: Mapping[str, SimServer]) -> Text:
    lines = [f"{row.name:<18} {shows[row.slug].url}/_sim" for row in rows if row.slug in shows]
    return Text("What each channel itself shows:\n" + "\n".join(lines) + "\n", style="dim")


def _cells(row: ChannelSummary) -> tuple[Text, ...]:
    late = row.oldest_wait_s is not None and row.oldest_wait_s > LATE_S
    wait = "–" if row.oldest_wait_s is None else f"{row.oldest_wait_s:.1f} s"
    return (
        Text(row.name),
        Text(str(row.orders), style="bold"),
        Text(sparkline(row.last_minute), style="cyan"),
        Text(str(row.held), style="yellow" if row.held else "dim"),
        Text(str(row.listings) if row.listings else "–"),
        Text(str(row.to_tell) if row.listings else "–", style="yellow" if row.to_tell else "dim"),
        Text(wait, style="red" if late else "dim"),
    )
