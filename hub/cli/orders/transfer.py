"""hub payment transfer …: money that came in by bank, and which orders it pays."""

from datetime import datetime
from uuid import UUID

import click
from msgspec import Struct

from hub.channels import banking
from hub.channels.banking import Seen
from hub.channels.context import HubContext
from hub.cli.output import Cell, json_option, money, print_json, show_list, tone
from hub.cli.session import in_hub
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.bank.transfers import Match, Payer, State, Transfer
from hub.model.errors import InputError
from hub.model.imports.cells import read_amount

ACTOR = "command line"
TRANSFER = click.argument("transfer", metavar="TRANSFER", type=click.UUID)
DAY = click.DateTime(["%Y-%m-%d"])


class Plain(Struct, frozen=True):
    """A transfer as --json gives it."""

    id: UUID
    booked_on: str
    amount: str
    currency: str
    left: str
    state: str
    payer: str
    reference: str
    matches: list[object]
    suggestions: list[object]


@click.group()
def transfer() -> None:
    """Bank transfers: record them, see which orders they may pay, match them."""


@transfer.command()
@click.argument("amount")
@click.argument("currency")
@click.option("--on", "booked_on", type=DAY, required=True, help="The day on which it was booked.")
@click.option("--payer", default="", help="Who paid; kept sealed.")
@click.option("--reference", default="", help="What they wrote; kept sealed.")
@click.option("--bank-id", default="", help="The bank's own number of it.")
@click.option("--another", is_flag=True, help="It is another than the one that says the same.")
@in_hub
async def add(
    ctx: HubContext,
    amount: str,
    currency: str,
    *,
    booked_on: datetime,
    payer: str,
    reference: str,
    bank_id: str,
    another: bool,
) -> None:
    """Record one: hub payment transfer add 49.50 EUR --on 2026-11-25 --reference 1042. A file: hub import bank."""
    exact = read_amount(amount, "amount", decimal_comma=False)
    words = Payer(payer, reference)
    given = Transfer(uuid7(), booked_on.date(), exact, currency.upper(), words, bank_id, another)
    done = await banking.record_transfers(ctx, [given], actor=ACTOR, at=now())
    if not done.ids:
        more = "; if this is another, say --another" if done.alike else ""
        click.echo(f"it is known already: nothing was changed{more}")
        return
    _say(await banking.see_transfer(ctx, given.id))


@transfer.command("list")
@click.option("--state", type=click.Choice([each.value for each in State]), help="Only those in this state.")
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def list_them(ctx: HubContext, *, state: str | None, limit: int, as_json: bool) -> None:
    """List transfers, the newest first, with the order that each may pay."""
    found = await banking.see_transfers(ctx, State(state) if state else None, limit=limit)
    if as_json:
        print_json({"items": [_plain(each) for each in found]})
        return
    show_list(
        found,
        as_json=False,
        columns=["Transfer", "Booked", ">Amount", ">Left", "State", "Payer", "Reference", "May pay"],
        row=_row,
        empty="No bank transfers. Take a statement with: hub import bank FILE --apply",
    )


@transfer.command()
@TRANSFER
@click.argument("orders", nargs=-1, required=True, metavar="ORDER[:AMOUNT]…")
@in_hub
async def match(ctx: HubContext, transfer: UUID, orders: tuple[str, ...]) -> None:
    """Say which orders a transfer pays: hub payment transfer match ID 1042, or 1042:20 1043:5 of a larger one."""
    seen = await banking.see_transfer(ctx, transfer)
    left = seen.row.amount - seen.row.matched
    wanted = []
    for each in orders:
        number, _, written = each.partition(":")
        if not (number.isascii() and number.isdigit()):
            msg = f"{each[:20]!r} is no order: write 1042, or 1042:20.00"
            raise InputError(msg, field="orders")
        exact = read_amount(written, "amount", decimal_comma=False) if written else left
        wanted.append(Match(uuid7(), transfer, int(number), exact))
    await banking.match_transfers(ctx, wanted, actor=ACTOR, at=now())
    _say(await banking.see_transfer(ctx, transfer))


@transfer.command()
@TRANSFER
@in_hub
async def undo(ctx: HubContext, transfer: UUID) -> None:
    """Undo all that a transfer was matched with: the orders wait for their money again."""
    seen = await banking.see_transfer(ctx, transfer)
    ids = [each.id for each in seen.matches if each.undone_at is None]
    await banking.undo_matches(ctx, ids, actor=ACTOR, at=now())
    _say(await banking.see_transfer(ctx, transfer))


@transfer.command()
@TRANSFER
@click.option("--back", is_flag=True, help="Take it up again.")
@in_hub
async def aside(ctx: HubContext, transfer: UUID, *, back: bool) -> None:
    """Say that a transfer, or what is left of it, pays no order."""
    await banking.set_aside(ctx, transfer, take_up=back, actor=ACTOR, at=now())
    _say(await banking.see_transfer(ctx, transfer))


@transfer.command()
@click.argument("books", type=click.Choice(["on", "off"]), required=False)
@in_hub
async def rule(ctx: HubContext, books: str | None) -> None:
    """Whether an order's number and exactly what is due are matched as they come in; at first they are not."""
    if books is not None:
        await banking.set_rule(ctx, books=books == "on", actor=ACTOR, at=now())
    on = await banking.books_what_is_sure(ctx)
    click.echo(
        f"transfers with an order's number and its exact amount are {'matched' if on else 'not matched'} by themselves"
    )


def _say(seen: Seen) -> None:
    row = seen.row
    click.echo(f"{row.id}: {money(row.amount, row.currency)} {row.currency}, {seen.state}")
    for each in (each for each in seen.matches if each.undone_at is None):
        click.echo(f"  pays {money(each.amount, row.currency)} of order {each.order}")
    for may in seen.suggestions:
        click.echo(
            f"  may pay {money(may.amount, row.currency)} of order {may.order}: {', '.join(may.reasons)}"
        )


def _row(seen: Seen) -> list[Cell]:
    row = seen.row
    may = ", ".join(str(each.order) for each in seen.suggestions)
    pays = ", ".join(str(each.order) for each in seen.matches if each.undone_at is None)
    exact, left = money(row.amount, row.currency), money(row.amount - row.matched, row.currency)
    return [
        str(row.id),
        str(row.booked_on),
        f"{exact} {row.currency}",
        left,
        tone(seen.state),
        seen.payer.name,
        seen.payer.reference,
        may or pays,
    ]


def _plain(seen: Seen) -> Plain:
    row = seen.row
    return Plain(
        row.id,
        str(row.booked_on),
        str(row.amount),
        row.currency,
        str(row.amount - row.matched),
        seen.state,
        seen.payer.name,
        seen.payer.reference,
        list(seen.matches),
        list(seen.suggestions),
    )
