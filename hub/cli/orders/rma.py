"""hub rma: returns as documents, from the wish to what became of goods and money."""

from collections.abc import Sequence
from uuid import UUID

import click

from hub.channels.context import HubContext
from hub.channels.returning import (
    ask_for_returns,
    decide_over_goods,
    decide_over_returns,
    receive_goods,
    settle_returns,
)
from hub.cli.orders.payment import TENDERS
from hub.cli.orders.refunding import chosen, read_account, read_amount, read_bill, say_account
from hub.cli.output import Cell, age, count_of, json_option, print_json, print_table, show_list, tone
from hub.cli.session import in_hub
from hub.flows.orders.settle import Settlement
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.orders.payments import Tender
from hub.model.orders.refunds import Swap
from hub.model.orders.returns import Decision, Disposition
from hub.model.orders.rmas import Arrival, Asked, Request, Rma, RmaLine, State, Step, Wish
from hub.store import returns, rmas
from hub.store.returns import Return
from hub.store.rmas import RmaBrief

ACTOR = "command line"
GOODS_MAX = 500
_EMPTY = "Nothing is to come back. Ask for a return: hub rma ask ORDER --line SKU:UNITS"
_COLUMNS = ["RMA", "Order", "Channel", "State", ">Units", ">Back", "Note", "By", ">Age"]
_NEXT = {
    State.REQUESTED: "approve it: hub rma approve {0}; or: hub rma decline {0} --reason …",
    State.APPROVED: "when the goods arrive: hub rma receive {0}",
    State.RECEIVED: "look at the goods: hub rma inspect {0} restock --to LOCATION, or scrap",
    State.INSPECTED: "settle it: hub rma settle {0}",
}
number_argument = click.argument("number", type=int)
reason_option = click.option("--reason", default="", help="Why.")
_BECOMES = click.Choice([str(each) for each in Disposition])


@click.group("rma")
def rma() -> None:
    """Returns as documents: ask, approve, receive, inspect, settle."""


@rma.command("list")
@click.option("--order", type=int, help="Only of this order.")
@click.option("--state", type=click.Choice([str(each) for each in State]), help="Only in this state.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def list_rmas(
    ctx: HubContext, *, order: int | None, state: str | None, limit: int, as_json: bool
) -> None:
    """List RMAs, the newest first."""
    states = [State(state)] if state else None
    async with ctx.db.transaction() as tx:
        found = await rmas.list_rmas(tx, order=order, states=states, limit=limit)
    show_list(found, as_json=as_json, columns=_COLUMNS, row=_row, empty=_EMPTY)


@rma.command()
@number_argument
@json_option
@in_hub
async def show(ctx: HubContext, number: int, *, as_json: bool) -> None:
    """Show an RMA: its lines, the goods that came back, and what to do next."""
    held, goods = await _read(ctx, number)
    if as_json:
        print_json({"rma": held, "goods": goods})
        return
    click.echo(_said(held))
    print_table(["Item", ">Units", ">Back", ">Aside", "Wish", "Reason"], map(_line, held.lines))
    if goods:
        click.echo("")
        print_table(["Goods", "Item", ">Units", "State", "Location"], map(_goods, goods))


@rma.command()
@click.argument("order", type=int)
@click.option(
    "--line", "lines", multiple=True, required=True, metavar="SKU[:UNITS]", help="What is to come; repeat it."
)
@click.option("--exchange", is_flag=True, help="The customer wants other goods for it, not the money.")
@click.option("--approved", is_flag=True, help="It is granted at once.")
@reason_option
@in_hub
async def ask(
    ctx: HubContext, order: int, *, lines: Sequence[str], exchange: bool, approved: bool, reason: str
) -> None:
    """Ask for a return of what an order had shipped: hub rma ask 1042 --line MUG-BLUE:1 --reason chipped."""
    wish = Wish.EXCHANGE if exchange else Wish.REFUND
    units = chosen(await read_bill(ctx, order), lines)
    wanted = [Asked(line_id, count, wish, reason) for line_id, count in units.items()]
    (number,) = await ask_for_returns(ctx, [Request(uuid7(), wanted, approved)], actor=ACTOR, at=now())
    await _tell(ctx, number)


@rma.command()
@number_argument
@in_hub
async def approve(ctx: HubContext, number: int) -> None:
    """Approve a return: the customer may send it."""
    await _decide(ctx, number, Step.APPROVE, "")


@rma.command()
@number_argument
@reason_option
@in_hub
async def decline(ctx: HubContext, number: int, *, reason: str) -> None:
    """Decline a return that was asked for."""
    await _decide(ctx, number, Step.DECLINE, reason)


@rma.command()
@number_argument
@reason_option
@in_hub
async def cancel(ctx: HubContext, number: int, *, reason: str) -> None:
    """Call a return off before anything of it has arrived."""
    await _decide(ctx, number, Step.CANCEL, reason)


@rma.command()
@number_argument
@click.option(
    "--line",
    "lines",
    multiple=True,
    metavar="SKU[:UNITS]",
    help="Only these; without it, all that is expected.",
)
@click.option(
    "--disposition", type=_BECOMES, default="inspect", show_default=True, help="What becomes of them."
)
@click.option("--to", "location", metavar="LOCATION", help="Where restocked units lie.")
@in_hub
async def receive(
    ctx: HubContext, number: int, *, lines: Sequence[str], disposition: str, location: str | None
) -> None:
    """Receive goods of a return, all that is expected or a part: hub rma receive 1001 --line MUG-BLUE:1."""
    held, _ = await _read(ctx, number)
    expected = {line.line_id: line.expected for line in held.lines if line.expected}
    units = chosen(await read_bill(ctx, held.order), lines) if lines else expected
    became = Disposition(disposition)
    arrivals = [
        Arrival(uuid7(), number, line_id, count, became, location) for line_id, count in units.items()
    ]
    if not arrivals:
        msg = f"RMA {number} expects nothing more: see hub rma show {number}"
        raise InputError(msg, field="line")
    await receive_goods(ctx, arrivals, actor=ACTOR, at=now())
    await _tell(ctx, number)


@rma.command()
@number_argument
@click.argument("disposition", type=click.Choice(["restock", "scrap"]))
@click.option(
    "--goods", multiple=True, type=click.UUID, help="Only these, as hub rma show names them; repeat it."
)
@click.option("--to", "location", metavar="LOCATION", help="Where restocked units lie.")
@in_hub
async def inspect(
    ctx: HubContext, number: int, disposition: str, *, goods: Sequence[UUID], location: str | None
) -> None:
    """Say what becomes of goods that lie aside: hub rma inspect 1001 restock --to main."""
    _, found = await _read(ctx, number)
    aside = [each.id for each in found if each.disposition == Disposition.INSPECT]
    decisions = [Decision(each, Disposition(disposition), location) for each in goods or aside]
    if not decisions:
        msg = f"nothing of RMA {number} lies aside: see hub rma show {number}"
        raise InputError(msg, field="goods")
    await decide_over_goods(ctx, decisions, actor=ACTOR, at=now())
    await _tell(ctx, number)


@rma.command()
@number_argument
@click.option("--amount", help="So much goes back instead of what came back is worth; 0: nothing.")
@click.option(
    "--line", "lines", multiple=True, metavar="SKU:UNITS", help="Only what these are worth; repeat it."
)
@click.option("--shipping", default="0", metavar="AMOUNT", help="So much of the shipping as well.")
@click.option(
    "--exchange", multiple=True, metavar="SKU:UNITS[:PRICE]", help="Goods that go out for it; repeat it."
)
@click.option("--tender", type=TENDERS, help="The money is handed over now, in this way; else it is owed.")
@reason_option
@in_hub
async def settle(
    ctx: HubContext,
    number: int,
    *,
    amount: str | None,
    lines: Sequence[str],
    shipping: str,
    exchange: Sequence[str],
    tender: str | None,
    reason: str,
) -> None:
    """Settle a return: money goes back, new goods go out, or neither: hub rma settle 1001 --exchange MUG-RED:1."""
    held, _ = await _read(ctx, number)
    wanted = Settlement(
        uuid7(),
        number,
        chosen(await read_bill(ctx, held.order), lines) if lines else None,
        read_amount(shipping),
        None if amount is None else read_amount(amount),
        [_swap(each) for each in exchange],
        Tender(tender) if tender else None,
        reason=reason,
    )
    await settle_returns(ctx, [wanted], actor=ACTOR, at=now())
    await _tell(ctx, number)
    click.echo(say_account(await read_account(ctx, held.order)))


async def _read(ctx: HubContext, number: int) -> tuple[Rma, list[Return]]:
    """The RMA, and the goods that came back by it. Raises NotFoundError."""
    async with ctx.db.transaction() as tx:
        held = (await rmas.read_rmas(tx, [number])).get(number)
        if held is None:
            msg = f"there is no RMA {number}: see hub rma list"
            raise NotFoundError(msg)
        return held, await returns.list_returns(tx, rma=number, limit=GOODS_MAX)


async def _decide(ctx: HubContext, number: int, step: Step, reason: str) -> None:
    await decide_over_returns(ctx, [number], step, note=reason, actor=ACTOR, at=now())
    await _tell(ctx, number)


async def _tell(ctx: HubContext, number: int) -> None:
    held, _ = await _read(ctx, number)
    click.echo(_said(held))


def _said(held: Rma) -> str:
    units = sum(line.quantity for line in held.lines)
    back = sum(line.received for line in held.lines)
    first = (
        f"RMA {held.number} of order {held.order} is {held.state}: {back} of {count_of(units, 'unit')} back"
    )
    follows = _NEXT.get(held.state, "").format(held.number)
    return f"{first}\n  {follows}" if follows else first


def _swap(words: str) -> Swap:
    sku, _, rest = words.partition(":")
    count, _, price = rest.partition(":")
    if not count.isdigit() or len(count) > 7:
        msg = f"{words!r} does not say how many: write it as {sku or 'SKU'}:1, or with a price {sku or 'SKU'}:1:9.90"
        raise InputError(msg, field="exchange")
    return Swap(sku, int(count), read_amount(price) if price else None)


def _row(each: RmaBrief) -> list[Cell]:
    return [
        each.number,
        each.order_number,
        each.channel,
        tone(each.state),
        each.units,
        each.received,
        each.note,
        each.actor,
        age(each.at, now()),
    ]


def _line(each: RmaLine) -> list[Cell]:
    return [each.name, each.quantity, each.received, each.aside, each.wish, each.reason]


def _goods(each: Return) -> list[Cell]:
    return [str(each.id), each.sku or each.title, each.quantity, tone(each.disposition), each.location or ""]
