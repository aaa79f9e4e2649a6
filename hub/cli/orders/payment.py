"""hub payment: what was paid for an order, by which tender, and what was given back."""

from decimal import Decimal, InvalidOperation

import click

from hub.channels.context import HubContext
from hub.channels.paying import take_payments
from hub.cli.orders.transfer import transfer
from hub.cli.output import Cell, age, json_option, money, print_json, print_table, tone
from hub.cli.session import in_hub
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.orders.payments import Account, Entry, Step, Tender
from hub.store.payments import PaymentRow, accounts_of, payments_of

ACTOR = "command line"
TENDERS = click.Choice([each.value for each in Tender])


@click.group()
def payment() -> None:
    """Record what was paid for an order, and what was given back."""


payment.add_command(transfer)


@payment.command()
@click.argument("number", type=int)
@click.argument("amount")
@click.option("--tender", type=TENDERS, required=True, help="How it was paid.")
@click.option("--reference", default="", help="What the bank or the terminal calls it.")
@click.option("--authorized", is_flag=True, help="It is only set aside for us, and captured later.")
@in_hub
async def add(
    ctx: HubContext, number: int, amount: str, *, tender: str, reference: str, authorized: bool
) -> None:
    """Record a payment: hub payment add 1042 25.00 --tender cash. Several tenders add up."""
    step = Step.AUTHORIZED if authorized else Step.CAPTURED
    await _record(ctx, Entry(uuid7(), number, Tender(tender), step, _amount(amount), reference))


@payment.command()
@click.argument("number", type=int)
@click.argument("amount")
@click.option("--tender", type=TENDERS, required=True, help="How it was given back.")
@click.option("--reference", default="", help="Why, or what the bank calls it.")
@in_hub
async def refund(ctx: HubContext, number: int, amount: str, *, tender: str, reference: str) -> None:
    """Record money that was given back: never more than was paid. The channel is not asked to pay it."""
    await _record(ctx, Entry(uuid7(), number, Tender(tender), Step.REFUNDED, _amount(amount), reference))


@payment.command("list")
@click.argument("number", type=int)
@json_option
@in_hub
async def list_them(ctx: HubContext, number: int, *, as_json: bool) -> None:
    """List the payments of an order, and what is still due or was paid too much."""
    async with ctx.db.transaction() as tx:
        account = (await accounts_of(tx, [number])).get(number)
        found = await payments_of(tx, number)
    if account is None:
        msg = f"there is no order {number}: see hub order list"
        raise NotFoundError(msg)
    if as_json:
        print_json({"account": account, "due": account.due, "over": account.over, "items": found})
        return
    if found:
        columns = ["What", "Tender", ">Amount", "Reference", "By", ">Age"]
        print_table(columns, [_row(each, account.currency) for each in found])
    click.echo(_said(account))


async def _record(ctx: HubContext, entry: Entry) -> None:
    done = await take_payments(ctx, [entry], actor=ACTOR, at=now())
    click.echo(_said(done.accounts[entry.order]))


def _amount(written: str) -> Decimal:
    try:
        return Decimal(written)
    except InvalidOperation as error:
        msg = f"{written[:20]!r} is no amount: write it with a point, such as 25.00"
        raise InputError(msg, field="amount") from error


def _said(account: Account) -> str:
    """Order 1042 is paid; or what of it is due."""
    words = {
        f"{money(account.due, account.currency)} still to pay": account.due,
        f"{money(account.over, account.currency)} too much": account.over,
        f"{money(account.owed, account.currency)} still to give back": account.owed,
    }
    rest = "".join(f", {said}" for said, amount in words.items() if amount)
    return f"order {account.order} is {account.payment}{rest}"


def _row(each: PaymentRow, currency: str) -> list[Cell]:
    amount = f"{money(each.amount, currency)} {currency}"
    way = each.tender if each.channel_refund_id is None else "by the channel"
    return [
        tone("moved" if each.moved else each.step),
        way,
        amount,
        each.reference,
        each.actor,
        age(each.at, now()),
    ]
