"""hub channel handling: how long orders of a channel may take to leave."""

from datetime import time

import click

from hub.channels.context import HubContext
from hub.channels.opening import find_channel
from hub.cli.output import count_of
from hub.cli.session import in_hub
from hub.flows.fulfillment.keep_time import set_handling
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.fulfillment.ship_by import Handling

ACTOR = "command line"


@click.command()
@click.argument("slug")
@click.option("--hours", type=int, help="How many hours an order may take to leave.")
@click.option(
    "--cutoff", metavar="HH:MM", help="They begin at this hour of the day; what comes later, the next day."
)
@click.option(
    "--days", default="12345", show_default=True, help="The days you work: 1 is Monday, 7 is Sunday."
)
@click.option(
    "--time-zone", default="UTC", show_default=True, help="Whose day and hour, such as Europe/Berlin."
)
@click.option("--none", "nothing", is_flag=True, help="Promise nothing any more.")
@in_hub
async def handling(
    ctx: HubContext,
    slug: str,
    *,
    hours: int | None,
    cutoff: str | None,
    days: str,
    time_zone: str,
    nothing: bool,
) -> None:
    """Say how fast orders of a channel must leave: hub channel handling shop-de --hours 4 --cutoff 14:00"""
    if (hours is None) != nothing:
        msg = f"say how long: hub channel handling {slug} --hours 24, or --none"
        raise InputError(msg, field="hours")
    row = await find_channel(ctx, slug)
    wanted = Handling() if nothing else Handling(hours, _hour(cutoff), read_days(days), time_zone)
    async with ctx.db.transaction() as tx:
        promised = await set_handling(tx, row.id, wanted, actor=ACTOR, at=now())
    await ctx.bell.announce("orders")
    if nothing:
        click.echo(f"no time is set any more for orders of {slug} to leave by; those that have one keep it")
        return
    click.echo(
        f"orders of {slug} leave within {hours} h; {count_of(promised, 'open order')} got a time to leave by"
    )


def read_days(written: str) -> tuple[int, ...]:
    return tuple(sorted({int(each) for each in written if each.isascii() and each.isdigit()}))


def _hour(written: str | None) -> time | None:
    if not written:
        return None
    try:
        return time.fromisoformat(written)
    except ValueError as error:
        msg = f"{written[:20]!r} is no hour of the day: write it as 14:00"
        raise InputError(msg, field="cutoff") from error
