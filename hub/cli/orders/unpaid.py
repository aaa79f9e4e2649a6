"""hub channel unpaid, hub order keep: how long unpaid orders keep their stock, for a channel and for one order."""

from collections.abc import Sequence

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.channels.opening import find_channel
from hub.cli.output import count_of
from hub.cli.session import in_hub
from hub.flows.orders.end_unpaid import keep_unpaid, set_patience
from hub.kit.clock import now
from hub.model.errors import InputError
from hub.model.orders.paying import Patience

ACTOR = "command line"

for_ever_option = click.option("--for-ever", is_flag=True, help="As long as it is open: nothing ends it.")


@click.command()
@click.argument("slug")
@click.option("--hours", type=int, help="How long from the moment an order was placed.")
@for_ever_option
@click.option(
    "--but",
    "but",
    multiple=True,
    metavar="METHOD",
    help="A payment method that is paid on arrival; repeat it.",
)
@in_hub
async def unpaid(
    ctx: HubContext, slug: str, *, hours: int | None, for_ever: bool, but: Sequence[str]
) -> None:
    """Say how long unpaid orders of a channel keep their stock; without it, as long as they are open."""
    if (hours is None) != for_ever:
        msg = f"say how long: hub channel unpaid {slug} --hours 48, or --for-ever"
        raise InputError(msg, field="hours")
    row = await find_channel(ctx, slug)
    patience = Patience(hours, tuple(but) or tuple(row.unpaid_but))
    async with ctx.db.transaction() as tx:
        done = await set_patience(tx, row.id, patience, actor=ACTOR, at=now())
    await ctx.bell.announce("orders")
    if for_ever:
        click.echo(f"unpaid orders of {slug} keep their stock as long as they are open")
        return
    click.echo(
        f"unpaid orders of {slug} keep their stock for {hours} h, but not those paid by {', '.join(patience.but)}"
    )
    if done.over:
        click.echo(
            f"{count_of(done.over, 'order')} of {done.open} unpaid ones had longer: a worker gives their stock back"
        )


@click.command()
@click.argument("numbers", nargs=-1, required=True, type=int, metavar="NUMBER…")
@click.option("--hours", type=int, help="How long from now.")
@for_ever_option
@in_hub
async def keep(ctx: HubContext, numbers: Sequence[int], *, hours: int | None, for_ever: bool) -> None:
    """Keep the stock of unpaid orders longer; what one has lost already is promised to it again."""
    if (hours is None) != for_ever:
        msg = f"say how long: hub order keep {numbers[0]} --hours 48, or --for-ever"
        raise InputError(msg, field="hours")
    async with ctx.db.transaction() as tx:
        touched = await keep_unpaid(tx, numbers, hours=hours, actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    how_long = "as long as they are open" if for_ever else f"for {hours} h from now"
    click.echo(f"{count_of(len(set(numbers)), 'order')}: unpaid or not, the stock is kept {how_long}")
