"""hub channel calls: what was said to a channel of late, and what it answered."""

import click
from rich.text import Text

from hub.channels.calls import CALLS_MAX, Call
from hub.channels.context import HubContext
from hub.channels.opening import find_channel
from hub.cli.output import Cell, age, json_option, show_list
from hub.cli.session import in_hub
from hub.kit.clock import now

COLUMNS = ("When", "Call", ">Status", ">Took", ">Sent", ">Answer", "Problem")


@click.command()
@click.argument("slug")
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1, CALLS_MAX), help="How many at most."
)
@json_option
@in_hub
async def calls(ctx: HubContext, slug: str, *, limit: int, as_json: bool) -> None:
    """Show the last calls to a channel's account, the newest first; --json has the bodies, redacted."""
    row = await find_channel(ctx, slug)
    calls_kept = ctx.outside.calls
    found = await calls_kept.latest(str(row.account_id), limit=limit) if calls_kept else []
    empty = f"No call to {slug} is remembered. Make one with: hub channel test {slug}"
    show_list(found, as_json=as_json, columns=COLUMNS, row=_row, empty=empty)


def _row(each: Call) -> list[Cell]:
    status = str(each.status) if each.status else "none"
    return [
        age(each.at, now()),
        f"{each.method} {each.path}{'?' + each.query if each.query else ''}"[:120],
        Text(status, style="" if 200 <= each.status < 400 else "red"),
        f"{each.took_ms} ms",
        size(each.sent_bytes),
        size(each.answer_bytes),
        each.problem,
    ]


def size(count: int) -> str:
    """0, 512 B, 12 kB, 3.4 MB."""
    if count < 1000:
        return f"{count} B" if count else "0"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"
