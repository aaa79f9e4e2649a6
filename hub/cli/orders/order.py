"""hub order: list orders, show one in full, type one in."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click
import msgspec
from msgspec import UNSET, Struct

from hub.channels.context import HubContext
from hub.channels.forms import take_form
from hub.channels.opening import find_channel
from hub.cli.orders import allocating, editing, refunding, shipping, splitting
from hub.cli.orders.drafts import drafts, drop, duplicate
from hub.cli.orders.field import read_value
from hub.cli.orders.order_page import page_json, print_order
from hub.cli.orders.unpaid import keep
from hub.cli.output import (
    Cell,
    age,
    bold,
    json_option,
    lang_option,
    left,
    money,
    print_json,
    show_list,
    tone,
)
from hub.cli.session import in_hub
from hub.flows.orders.own_fields import read_filter
from hub.flows.orders.take_orders import TakenOrder
from hub.flows.orders.versions import open_values
from hub.kit.clock import now
from hub.kit.ids import uuid7
from hub.kit.language import Language, locale_of
from hub.model.errors import InputError, NotFoundError
from hub.model.incoming import Person, Pickup
from hub.model.orders.states import fulfillment_of
from hub.model.stock.backorders import Backordered, in_words
from hub.model.telling.tell import tell, tell_each
from hub.store import channels
from hub.store.api.orders import OrderHead, orders
from hub.store.desk.order import show_order
from hub.store.desk.stock import Suggestion, find_items, usual_currency
from hub.store.timeline import timeline_of
from hub.web.api.forms import OrderIn, OrderLineIn
from hub.web.api.timeline import entries_of

UNITS_MAX = 1_000_000
THEIR_NUMBER_MAX = 16


class Wanted(Struct, frozen=True):
    """One --line: `price` None takes the SKU's own."""

    sku: str
    quantity: int
    price: str | None


class OrderItem(Struct, frozen=True):
    """One order as `hub order list --json` gives it: the head, and where its fulfillment stands."""

    number: int
    channel: str
    channel_order_id: str
    channel_order_number: str
    placed_at: str
    total: Decimal
    currency: str
    payment: str
    fulfillment: str
    holds: list[str]
    ship_by: str
    units: int


@click.group()
def order() -> None:
    """List, show and enter orders."""


order.add_command(drafts)
order.add_command(drop)
order.add_command(duplicate)
order.add_command(keep)
for command in (
    editing.edit,
    editing.cancel,
    editing.reopen,
    refunding.refund,
    editing.list_edits,
    editing.undo,
    editing.settle,
    splitting.split,
    splitting.merge,
):
    order.add_command(command)
for command in (allocating.plan, allocating.reallocate, allocating.priority, shipping.ship, shipping.parcels):
    order.add_command(command)


@order.command("list")
@click.option("--held", is_flag=True, help="Only those that wait for a person.")
@click.option("--late", is_flag=True, help="Only those that should have left by now.")
@click.option("--channel", help="Only those of one channel.")
@click.option("--field", metavar="KEY=VALUE", help="Only those with this value of a field of your own.")
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1), help="How many at most.")
@json_option
@in_hub
async def list_orders(
    ctx: HubContext,
    *,
    held: bool,
    late: bool,
    channel: str | None,
    field: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List orders, the newest first."""
    if channel is not None:
        await find_channel(ctx, channel)
    async with ctx.db.transaction() as tx:
        custom = await read_filter(tx, field) if field is not None else None
        late_at = now() if late else None
        found = await orders(
            tx, channel=channel, held=held or None, late_at=late_at, custom=custom, limit=limit + 1
        )
    columns = [
        "Order",
        "Channel",
        "Their number",
        "Placed",
        ">Total",
        "",
        "Payment",
        "Fulfillment",
        ">Leaves in",
        ">Units",
        "Waits for",
    ]
    empty = (
        "No order waits for a person."
        if held
        else "No order is late."
        if late
        else "No orders yet. Pull them: hub channel pull CHANNEL, or add files: hub inbox add CHANNEL FILE…"
    )
    items = [_item(each) for each in found[:limit]]
    ages = {each.number: age(each.placed_at, now()) for each in found}
    leaves = {each.number: _leaves(each, now()) for each in found}

    def row(each: OrderItem) -> list[Cell]:
        return _row(each, ages[each.number], leaves[each.number])

    show_list(items, as_json=as_json, columns=columns, row=row, empty=empty)
    if len(found) > limit and not as_json:
        click.echo(f"\nThere are more; these are the newest {limit}. See more with: --limit {limit * 10}")


@order.command()
@click.argument("number", type=int)
@lang_option
@json_option
@in_hub
async def show(ctx: HubContext, number: int, *, lang: str, as_json: bool) -> None:
    """Show one order by our number: its lines, its money, where its stock comes from, all that happened."""
    async with ctx.db.transaction() as tx:
        page = await show_order(tx, number)
        if page is None:
            msg = f"there is no order {number}: see hub order list"
            raise NotFoundError(msg)
        happened = await timeline_of(tx, page.head.id)
    person = msgspec.json.decode(ctx.vault.open(page.head.personal, page.head.id.bytes), type=Person)
    fields = page.head.custom | open_values(ctx.vault, page.head.id, page.head.custom_personal)
    language = Language(locale_of(lang))
    if as_json:
        print_json(page_json(page, person, fields, entries_of(tell_each(happened), language)))
    else:
        print_order(page, person, fields, tell(happened), language)


@order.command()
@click.option(
    "--channel",
    help="A channel where the hub itself sells, such as phone; needed only where there are several.",
)
@click.option("--file", "file", metavar="FILE", help="The whole order as JSON; - reads stdin.")
@click.option(
    "--line",
    "lines",
    multiple=True,
    metavar="SKU:QTY[:PRICE]",
    help="Repeat it; without PRICE, the SKU's own.",
)
@click.option("--customer", default="", help="The customer's name.")
@click.option("--email", default="", help="The customer's address for mail.")
@click.option("--phone", default="", help="The customer's number.")
@click.option("--pickup", metavar="PLACE", default="", help="The customer collects it at this location.")
@click.option("--note", default="", help="What the customer asked for.")
@click.option("--field", "fields", multiple=True, metavar="KEY=VALUE", help="A field of your own; repeat it.")
@click.option("--currency", help="Without it, the one most SKUs are priced in.")
@click.option("--id", "command_id", help="An id of your own: the same id again is the same order.")
@json_option
@in_hub
async def new(
    ctx: HubContext,
    /,
    *,
    channel: str | None,
    file: str | None,
    lines: Sequence[str],
    fields: Sequence[str],
    currency: str | None,
    command_id: str | None,
    note: str,
    as_json: bool,
    **customer: str,
) -> None:
    """Type in an order. Its stock is promised at once, or the order is refused with what is short."""
    slug = channel or await _only_form(ctx)
    if (file is None) == (not lines):
        msg = "give the order as --line SKU:QTY:PRICE (repeat it), or as --file ORDER.json"
        raise InputError(msg, field="line")
    if file is not None:
        body = _read(file)
    else:
        person = Person(name=customer["customer"], email=customer["email"], phone=customer["phone"])
        form = await _form(ctx, slug, [read_line(each) for each in lines], person, currency)
        pickup = Pickup(name=customer["pickup"]) if customer["pickup"] else None
        own = {key: value for key, value in map(read_value, fields) if value}
        chosen = command_id or form.command_id
        body = msgspec.structs.replace(form, note=note, pickup=pickup, fields=own, command_id=chosen).form()
    taken = await take_form(ctx, slug, body, at=now())
    _print_taken(taken, as_json=as_json)


def read_line(text: str) -> Wanted:
    """Read SKU:QTY or SKU:QTY:PRICE; a SKU may hold colons itself."""
    sku, quantity, price = _cut(text)
    units = int(quantity) if quantity.isascii() and quantity.isdecimal() else 0
    if (
        not sku
        or sku.startswith(":")
        or not 0 < units <= UNITS_MAX
        or (price is not None and not _is_amount(price))
    ):
        msg = f"--line {text!r} is not SKU:QTY:PRICE, for example MUG-BLUE:2:12.50"
        raise InputError(msg, field="line")
    return Wanted(sku, units, price)


def _cut(text: str) -> tuple[str, str, str | None]:
    head, _, last = text.rpartition(":")
    sku, _, middle = head.rpartition(":")
    if sku and middle.isdecimal():
        return sku, middle, last
    return head, last, None


def _is_amount(text: str) -> bool:
    try:
        return Decimal(text).is_finite() and Decimal(text) >= 0
    except InvalidOperation:
        return False


async def _only_form(ctx: HubContext) -> str:
    """The one channel on which the hub itself makes the promise."""
    async with ctx.db.transaction() as tx:
        rows = await channels.all_channels(tx)
    kinds = ctx.registry.kinds
    own = [
        each.slug for each in rows if each.kind in kinds and not kinds[each.kind].manifest.orders_are_facts
    ]
    if len(own) == 1:
        return own[0]
    if own:
        msg = f"orders can be typed on {', '.join(own)}: say which with --channel"
        raise InputError(msg, field="channel")
    msg = "no channel takes typed orders yet: add one with: hub channel add manual phone"
    raise NotFoundError(msg)


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        msg = f"cannot read {file} ({error.strerror}): check the name and who may read it"
        raise InputError(msg, field="file") from error


async def _form(
    ctx: HubContext, slug: str, wanted: Sequence[Wanted], person: Person, currency: str | None
) -> OrderIn:
    async with ctx.db.transaction() as tx:
        items = await find_items(tx, [each.sku for each in wanted])
        usual = await usual_currency(tx)
    chosen = (currency or usual).upper()
    return OrderIn(
        channel=slug,
        command_id=str(uuid7()),
        placed_at=now(),
        currency=chosen,
        lines=[_line(each, items, chosen) for each in wanted],
        customer=person if person != Person() else UNSET,
    )


def _line(wanted: Wanted, items: Mapping[str, Suggestion], currency: str) -> OrderLineIn:
    item = items.get(wanted.sku)
    if item is None:
        msg = f"there is no SKU {wanted.sku!r}: see hub stock show"
        raise NotFoundError(msg)
    price = wanted.price
    if price is None and item.price is not None and item.currency == currency:
        price = str(item.price)
    if price is None:
        msg = f"{item.sku} has no price in {currency}: write it as --line {item.sku}:{wanted.quantity}:PRICE"
        raise InputError(msg, field="line")
    return OrderLineIn(title=item.name, quantity=wanted.quantity, unit_price=price, sku=item.sku)


def _print_taken(taken: TakenOrder, *, as_json: bool) -> None:
    if as_json:
        print_json(taken)
        return
    if sys.stdout.isatty():
        rule = "─" * (len(str(taken.number)) + 10)
        click.echo(f"\n  ╭{rule}╮\n  │  {bold(f'Order {taken.number}')}  │\n  ╰{rule}╯\n")
    else:
        click.echo(f"order {taken.number} is taken")
    for late in taken.backordered:
        click.echo(f"{late.sku}: {in_words(Backordered(late.units, late.expected, late.kind), at=now())}")
    if taken.holds:
        click.echo(f"It waits for: {', '.join(taken.holds)}")
    click.echo(f"See it: hub order show {taken.number}")


def _item(head: OrderHead) -> OrderItem:
    return OrderItem(
        number=head.number,
        channel=head.channel,
        channel_order_id=head.channel_order_id,
        channel_order_number=head.channel_order_number,
        placed_at=head.placed_at.isoformat(),
        total=head.total,
        currency=head.currency,
        payment=head.payment,
        fulfillment="canceled" if head.canceled_at else fulfillment_of(head.counts),
        holds=head.holds,
        ship_by=head.ship_by.isoformat() if head.ship_by else "",
        units=head.counts.ordered - head.counts.canceled,
    )


def _leaves(head: OrderHead, at: datetime) -> Cell:
    """How long it still may take to leave."""
    if head.ship_by is None or head.canceled_at or not head.counts.due:
        return ""
    return tone("late") if head.ship_by <= at else left(head.ship_by, at)


def _row(each: OrderItem, placed: str, leaves: Cell) -> list[Cell]:
    return [
        each.number,
        each.channel,
        _cut_short(each.channel_order_number),
        placed,
        money(each.total, each.currency),
        each.currency,
        tone(each.payment),
        tone(each.fulfillment),
        leaves,
        each.units,
        tone(", ".join(each.holds)),
    ]


def _cut_short(text: str) -> str:
    """A list is for looking over; `hub order show` and --json have the whole of it."""
    return text if len(text) <= THEIR_NUMBER_MAX else f"{text[: THEIR_NUMBER_MAX - 1]}…"
