"""hub sync write-backs: what channels are to be told of orders; hub channel tells: of what a channel is told."""

from collections.abc import Sequence

import click

from hub.channels.context import HubContext
from hub.channels.opening import find_channel
from hub.channels.telling import able, decide, set_told
from hub.cli.output import Cell, age, count_of, json_option, print_json, show_list, tone
from hub.cli.session import in_hub
from hub.kit.clock import now
from hub.model.errors import NotFoundError
from hub.model.sync.write_backs import NEXT, Kind, Step
from hub.store.sync import write_backs as switches
from hub.store.sync.write_back_list import WriteBack, list_write_backs

ACTOR = "command line"
OF_ORDER_MAX = 1000
_COLUMNS = ["Channel", "Order", "What", "State", ">Since", ">Sent", "Why"]
_NONE = "Nothing waits: every channel knows what was done to its orders. Of what one is told: hub channel tells CHANNEL"


@click.command("write-backs")
@click.argument("slug", required=False)
@click.option("--all", "settled", is_flag=True, help="Also what the channel has, was undone, or was let be.")
@click.option("--retry", type=int, metavar="ORDER", help="Send what was refused of this order once more.")
@click.option(
    "--dismiss", type=int, metavar="ORDER", help="Let what the channel does not have of this order be."
)
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def write_backs(
    ctx: HubContext,
    slug: str | None,
    *,
    settled: bool,
    retry: int | None,
    dismiss: int | None,
    limit: int,
    as_json: bool,
) -> None:
    """List what channels are to be told of orders: parcels, cancellations, refunds; or decide on what they refused."""
    for number, step in ((retry, Step.RETRY), (dismiss, Step.DISMISS)):
        if number is not None:
            await _decide(ctx, number, step)
            return
    channel_id = (await find_channel(ctx, slug)).id if slug else None
    async with ctx.db.transaction() as tx:
        found = await list_write_backs(tx, channel_id=channel_id, settled=settled, limit=limit)
    show_list(found, as_json=as_json, columns=_COLUMNS, row=_row, empty=_NONE)


async def _decide(ctx: HubContext, number: int, step: Step) -> None:
    async with ctx.db.transaction() as tx:
        found = await list_write_backs(tx, number=number, settled=True, limit=OF_ORDER_MAX)
    chosen = [each.id for each in found if (each.state, step) in NEXT]
    if not chosen:
        msg = f"order {number} has nothing to {step}: see hub sync write-backs --all"
        raise NotFoundError(msg)
    await decide(ctx, chosen, step, actor=ACTOR, at=now())
    word = "sent once more" if step is Step.RETRY else "let be"
    click.echo(f"{count_of(len(chosen), 'write-back')} of order {number} {word}")


@click.command()
@click.argument("slug")
@click.option(
    "--parcels/--no-parcels", default=None, help="Parcels that leave here, with carrier and number."
)
@click.option("--cancels/--no-cancels", default=None, help="What is canceled here.")
@click.option("--refunds/--no-refunds", default=None, help="Money that goes back: the channel pays it back.")
@json_option
@in_hub
async def tells(
    ctx: HubContext,
    slug: str,
    *,
    parcels: bool | None,
    cancels: bool | None,
    refunds: bool | None,
    as_json: bool,
) -> None:
    """Show, or set, of what a channel is told of its orders: hub channel tells shop-de --parcels --cancels"""
    row = await find_channel(ctx, slug)
    async with ctx.db.transaction() as tx:
        told = {*await switches.switches(tx, row.id)}
    given = {Kind.FULFILLMENT: parcels, Kind.CANCELLATION: cancels, Kind.REFUND: refunds}
    wanted = {kind for kind in Kind if (kind in told if given[kind] is None else given[kind])}
    if any(each is not None for each in given.values()):
        await set_told(ctx, slug, wanted, actor=ACTOR, at=now())
    if as_json:
        print_json({"told": sorted(wanted), "able": sorted(able(ctx, row.kind))})
        return
    click.echo(f"{slug} is told of {_named(wanted) or 'nothing that is done to its orders here'}")
    if rest := able(ctx, row.kind) - wanted:
        click.echo(f"  it could be told of {_named(rest)} as well")


def _named(kinds: set[Kind]) -> str:
    return ", ".join(f"{kind}s" for kind in Kind if kind in kinds)


def _row(each: WriteBack) -> Sequence[Cell]:
    return [
        each.channel,
        each.order_number,
        what(each),
        tone(each.state),
        age(each.told_at or each.made_at, now()),
        each.attempts,
        each.reason,
    ]


def what(each: WriteBack) -> str:
    kind = "corrected number" if each.corrects else str(each.kind)
    label = " ".join(part for part in (each.carrier, each.tracking) if part)
    money = f"{each.amount} {each.currency}" if each.amount is not None else ""
    return " ".join(part for part in (kind, label, money) if part)
