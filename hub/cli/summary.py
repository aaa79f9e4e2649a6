"""The live summary a demo shows in the terminal: orders by channel, and what is still to be told to each."""

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hub.channels.context import HubContext
from hub.kit.clock import now
from hub.sim.server import SimServer
from hub.store.reports import ChannelSummary, channel_summaries


async def summary(ctx: HubContext, shows: Mapping[str, SimServer]) -> RenderableType:
    """One table, and the address to open above it. `shows`: the simulated channels by slug."""
    async with ctx.db.transaction() as tx:
        rows = await channel_summaries(tx, at=now())
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("Channel")
    for title in ("Orders", "Last minute", "Waiting for a person", "Listings", "To be told", "Oldest wait"):
        table.add_column(title, justify="right")
    table.add_column("Its own page", style="dim")
    for row in rows:
        table.add_row(*_cells(row), f"{shows[row.slug].url}/_sim" if row.slug in shows else "")
    orders, recent = sum(row.orders for row in rows), sum(row.last_minute for row in rows)
    head = Text.assemble(
        "\nOpen ", (ctx.config.url, "bold cyan underline"), "  to watch orders land and stock fall.\n"
    )
    foot = Text.assemble(
        "\n", (f"{orders} orders", "bold"), f", {recent} in the last minute. ", ("Ctrl-C stops.", "dim")
    )
    return Group(head, table, foot)


def _cells(row: ChannelSummary) -> tuple[Text, ...]:
    late = row.oldest_wait_s is not None and row.oldest_wait_s > 5
    return (
        Text(row.name),
        Text(str(row.orders), style="bold"),
        Text(str(row.last_minute)),
        Text(str(row.held), style="yellow" if row.held else "dim"),
        Text(str(row.listings) if row.listings else "–"),
        Text(str(row.to_tell) if row.listings else "–", style="yellow" if row.to_tell else "dim"),
        Text(
            "–" if row.oldest_wait_s is None else f"{row.oldest_wait_s:.1f} s", style="red" if late else "dim"
        ),
    )
