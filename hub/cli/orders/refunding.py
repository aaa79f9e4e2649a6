"""hub order refund: money goes back, by line or by amount; and how a command line says either."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from uuid import UUID

import click

from hub.channels.context import HubContext
from hub.channels.editing import edit_and_tell
from hub.channels.returning import refund_orders
from hub.cli.orders.payment import TENDERS
from hub.cli.output import money
from hub.cli.session import in_hub
from hub.flows.orders.edit import Edit
from hub.flows.orders.give_back import GiveBack
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.edits.deeds import Refund
from hub.model.errors import InputError, NotFoundError
from hub.model.orders.payments import Account, Tender
from hub.model.orders.refunds import Bill
from hub.store import orders
from hub.store.payments import accounts_of
from hub.store.refunds import bills_of

ACTOR = "command line"


@click.command()
@click.argument("number", type=int)
@click.argument("amount", required=False)
@click.option("--line", "lines", multiple=True, metavar="LINE[:UNITS]", help="What for; repeat it.")
@click.option("--shipping", default="0", metavar="AMOUNT", help="So much of the shipping as well.")
@click.option("--tender", type=TENDERS, help="It is handed over now, in this way; else it is owed.")
@click.option("--reason", default="", help="Why.")
@in_hub
async def refund(
    ctx: HubContext,
    number: int,
    amount: str | None,
    *,
    lines: Sequence[str],
    shipping: str,
    tender: str | None,
    reason: str,
) -> None:
    """Say that money goes back, whatever has left: hub order refund 1042 --line MUG-BLUE:1, or just 12.50.

    Without an amount, units go back for what was charged for them.
    """
    bill = await read_bill(ctx, number)
    if amount is not None:
        if len(lines) > 1 or tender or shipping != "0":
            msg = "an amount is for one line at most: say it alone, or lines and shipping without an amount"
            raise InputError(msg, field="amount")
        if lines:
            (line,) = chosen(bill, lines)
            wanted = GiveBack(uuid7(), number, amount=read_amount(amount), line=line, reason=reason)
            await refund_orders(ctx, [wanted], actor=ACTOR, at=now())
        else:
            edit = Edit(uuid7(), number, [Refund(read_amount(amount))], reason)
            await edit_and_tell(ctx, [edit], actor=ACTOR, at=now())
    else:
        wanted = GiveBack(
            uuid7(),
            number,
            chosen(bill, lines),
            read_amount(shipping),
            tender=Tender(tender) if tender else None,
            reason=reason,
        )
        await refund_orders(ctx, [wanted], actor=ACTOR, at=now())
    click.echo(say_account(await read_account(ctx, number)))


async def read_bill(ctx: HubContext, number: int) -> Bill:
    async with ctx.db.transaction() as tx:
        ids = await orders.ids_of(tx, [number])
        bills = await bills_of(tx, list(ids.values()))
    if number not in ids:
        msg = f"there is no order {number}: see hub order list"
        raise NotFoundError(msg)
    return bills[ids[number]]


def chosen(bill: Bill, wanted: Sequence[str]) -> dict[UUID, int]:
    """The lines each text names, by SKU or by the channel's id, and how many units; 1 where it does not say."""
    found: dict[UUID, int] = {}
    for words in wanted:
        before, colon, count = words.rpartition(":")
        name = before if colon and count.isdigit() else words
        line = next((each for each in bill.lines.values() if name in {each.name, each.channel_line_id}), None)
        if line is None:
            known = ", ".join(each.name for each in bill.lines.values())
            msg = f"order {bill.order} has no line {name!r}: it has {known}"
            raise InputError(msg, field="line")
        found[line.id] = 1 if name == words else int(count[:9])
    return found


def read_amount(written: str) -> Decimal:
    try:
        return Decimal(written)
    except InvalidOperation as error:
        msg = f"{written[:20]!r} has no amount: write it as 12.50"
        raise InputError(msg, field="amount") from error


async def read_account(ctx: HubContext, number: int) -> Account:
    async with ctx.db.transaction() as tx:
        return (await accounts_of(tx, [number]))[number]


def say_account(account: Account) -> str:
    """Order 1042: 12.50 of 49.90 EUR went back; what is owed, and what is still to pay."""
    total = f"{money(account.total, account.currency)} {account.currency}"
    back = money(max(account.back, account.to_go_back), account.currency)
    words: Mapping[str, Decimal] = {"still to give back": account.owed, "still to pay": account.due}
    rest = "".join(f", {money(amount, account.currency)} {said}" for said, amount in words.items() if amount)
    return f"order {account.order}: {back} of {total} went back{rest}"
