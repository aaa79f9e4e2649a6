"""hub transfer: send stock from one location to another, and say what has come."""

from collections.abc import Sequence
from pathlib import Path

import click

from hub.channels.context import HubContext
from hub.channels.intake import ring_touched
from hub.cli.output import Cell, age, bold, count_of, json_option, print_json, print_table, show_list, tone
from hub.cli.session import in_hub
from hub.cli.stock.words import ACTOR, file_option, lines_of, listed_by, pairs_argument
from hub.flows.stock import transfer_stock as flow
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import NotFoundError
from hub.model.stock.lines import summed
from hub.model.stock.transfers import State
from hub.store.stock.transfers import Arrived, Transfer, TransferLine, list_transfers, read_transfer

number_argument = click.argument("number", type=click.IntRange(1))


@click.group()
def transfer() -> None:
    """Move stock between locations: draft, send, receive."""


@transfer.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@pairs_argument
@file_option
@click.option("--note", default="", help="For whoever packs it.")
@click.option("--send", is_flag=True, help="Send it at once.")
@in_hub
async def new(
    ctx: HubContext,
    source: str,
    target: str,
    pairs: Sequence[str],
    *,
    file: Path | None,
    note: str,
    send: bool,
) -> None:
    """Draft a transfer. Nothing moves until it is sent."""
    touched = set()
    async with ctx.db.transaction() as tx:
        lines = await lines_of(tx, pairs, file)
        draft = flow.Draft(uuid7(), source, target, lines, note)
        number = await flow.draft_transfer(tx, draft, actor=ACTOR, at=now())
        if send:
            touched = await flow.send_transfer(tx, number, actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    next_step = f"receive {number}" if send else f"send {number}"
    state = "sent" if send else "drafted"
    click.echo(f"transfer {number} from {source} to {target} is {state}: hub transfer {next_step}")


@transfer.command()
@number_argument
@pairs_argument
@file_option
@in_hub
async def change(ctx: HubContext, number: int, pairs: Sequence[str], *, file: Path | None) -> None:
    """Give a draft other lines."""
    async with ctx.db.transaction() as tx:
        await flow.change_draft(tx, number, await lines_of(tx, pairs, file), actor=ACTOR, at=now())
    click.echo(f"transfer {number} is changed")


@transfer.command()
@number_argument
@in_hub
async def send(ctx: HubContext, number: int) -> None:
    """Send it: the units leave their location, and nobody sells them until they come. Promised units stay."""
    async with ctx.db.transaction() as tx:
        touched = await flow.send_transfer(tx, number, actor=ACTOR, at=now())
    await ring_touched(ctx, touched)
    click.echo(f"transfer {number} is sent. When it has come: hub transfer receive {number}")


@transfer.command()
@number_argument
@pairs_argument
@file_option
@click.option("--close", is_flag=True, help="What has not come by now is lost.")
@click.option("--reason", default="", help="Why something is missing, or came that was not sent.")
@in_hub
async def receive(
    ctx: HubContext, number: int, pairs: Sequence[str], *, file: Path | None, close: bool, reason: str
) -> None:
    """Receive all of a transfer, or only what you name; the rest stays in transit, or is lost with --close."""
    named = bool(pairs or file)
    async with ctx.db.transaction() as tx:
        lines = await lines_of(tx, pairs, file)
        came = summed(lines, what="delivery") if named else None
        parcel = flow.Parcel(uuid7(), came, close, reason)
        touched = await flow.receive_transfer(tx, number, parcel, actor=ACTOR, at=now())
        found = await read_transfer(tx, number)
    await ring_touched(ctx, touched)
    left = found.in_transit if found else 0
    click.echo(f"transfer {number}: {f'{left} still in transit' if left else 'all of it is accounted for'}")


@transfer.command()
@number_argument
@in_hub
async def cancel(ctx: HubContext, number: int) -> None:
    """Give up a draft."""
    async with ctx.db.transaction() as tx:
        await flow.cancel_transfer(tx, number, actor=ACTOR, at=now())
    click.echo(f"transfer {number} is canceled")


@transfer.command("list")
@listed_by(State, "from or to")
@in_hub
async def list_them(
    ctx: HubContext, *, state: str | None, location: str | None, limit: int, as_json: bool
) -> None:
    """List transfers, the newest first."""
    async with ctx.db.transaction() as tx:
        found = await list_transfers(tx, state=state, location=location, limit=limit)
    columns = [">Number", "From", "To", "State", ">Units", ">In transit", "Drafted", "Sent", "Note"]
    empty = "No transfers. Draft one: hub transfer new FROM TO SKU:UNITS"
    show_list(found, as_json=as_json, columns=columns, row=_row, empty=empty)


@transfer.command()
@number_argument
@json_option
@in_hub
async def show(ctx: HubContext, number: int, *, as_json: bool) -> None:
    """Show one transfer: its lines, what is in transit, and all that happened to it."""
    async with ctx.db.transaction() as tx:
        found = await read_transfer(tx, number)
    if found is None:
        msg = f"there is no transfer {number}: see hub transfer list"
        raise NotFoundError(msg)
    if as_json:
        print_json(found)
        return
    click.echo(f"{bold(f'Transfer {number}')}  {found.source} → {found.target}  {found.state}")
    print_table(
        ["  SKU", "Name", ">Units", ">Received", ">Lost", ">Found", ">In transit"],
        map(_line_row, found.lines),
    )
    click.echo("\n".join(["", *_story(found)]))


def _row(found: Transfer) -> list[Cell]:
    at = now()
    sent = age(found.sent_at, at) if found.sent_at else ""
    drafted = age(found.created_at, at)
    ends = (found.source, found.target)
    return [found.number, *ends, tone(found.state), found.units, found.in_transit, drafted, sent, found.note]


def _line_row(line: TransferLine) -> list[Cell]:
    return [f"  {line.sku}", line.name, line.units, line.received, line.lost, line.found, line.in_transit]


def _story(found: Transfer) -> list[str]:
    note = f": {found.note}" if found.note else ""
    told = [f"{found.created_at:%Y-%m-%d %H:%M} UTC  drafted by {found.created_by}{note}"]
    if found.sent_at:
        told.append(f"{found.sent_at:%Y-%m-%d %H:%M} UTC  sent by {found.sent_by}")
    told += [_came(each) for each in found.arrivals]
    if found.closed_at and found.state is State.CANCELED:
        told.append(f"{found.closed_at:%Y-%m-%d %H:%M} UTC  canceled by {found.closed_by}")
    return told


def _came(arrived: Arrived) -> str:
    sums = {
        name: sum(getattr(line, name) for line in arrived.lines) for name in ("received", "lost", "found")
    }
    said = ", ".join(f"{count_of(units, 'unit')} {name}" for name, units in sums.items() if units)
    why = f": {arrived.reason}" if arrived.reason else ""
    return f"{arrived.at:%Y-%m-%d %H:%M} UTC  {said} by {arrived.actor}{why}"
