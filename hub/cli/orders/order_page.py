"""One order in full, as a page of text or one JSON document."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import click
import msgspec

from hub.cli.output import Cell, bold, money, print_table
from hub.kit.clock import now
from hub.kit.language import Language
from hub.model.incoming import Address, Person
from hub.model.orders.paying import FOR_GOOD
from hub.model.orders.states import add_up, counts_of, fulfillment_of, waits_for
from hub.model.stock.backorders import AheadKind, Backordered, in_words, when_all
from hub.model.telling.tell import Told
from hub.store.desk.order import Line, LineMovement, OrderHead, OrderPage, own_movements
from hub.web.api.timeline import Entry

ZERO = Decimal(0)
PRIORITY = 100  # as an order begins
SEALED = {"personal", "custom", "custom_personal"}
MOMENT = "%Y-%m-%d %H:%M:%S UTC"
INDENT = 27  # as wide as a moment, and what stands around it


def page_json(
    page: OrderPage, person: Person, fields: Mapping[str, str], happened: Sequence[Entry]
) -> dict[str, object]:
    """Every field of the order by its name; `stock` says where each line's units come from."""
    head = {name: value for name, value in msgspec.structs.asdict(page.head).items() if name not in SEALED}
    lines = [msgspec.structs.asdict(each) | {"stock": _picks(each, page.movements)} for each in page.lines]
    said = {"fulfillment": _state(page), "fields": fields, "customer": person}
    return head | said | {"lines": lines, "timeline": happened}


def print_order(
    page: OrderPage, person: Person, fields: Mapping[str, str], told: Sequence[Told], language: Language
) -> None:
    head = page.head
    click.echo(f"{bold(f'Order {head.number}')}  {_state(page)}, {head.payment}  on {head.channel_name}")
    at = now()
    for title, value in (*_facts_of(page, person, at), *fields.items()):
        if value:
            click.echo(f"  {title:<12} {value}")
    click.echo()
    _print_lines(page, at)
    click.echo()
    _print_money(head, page.lines)
    click.echo(f"\n{bold(language.word('Timeline'))}")
    for each in told:
        print_entry(each, language)


def print_entry(told: Told, language: Language, *, about: str = "") -> None:
    """The sentence with who and why, and below it what was before and after."""
    because = language.say(told.because) if told.because else ""
    reasons = " · ".join(filter(None, (language.write(told.by), because)))
    click.echo(f"  {told.at.strftime(MOMENT)}  {about}{language.say(told.says)}  ({reasons})")
    for each in told.details:
        click.echo(f"{' ' * INDENT}{language.write(each)}")


def _kept_until(head: OrderHead) -> str:
    if head.pay_by is None or head.pay_by >= FOR_GOOD:
        return ""
    return f"until {head.pay_by.strftime(MOMENT)}, unpaid"


def _facts_of(page: OrderPage, person: Person, at: datetime) -> list[tuple[str, str]]:
    head = page.head
    expected = when_all((line.expected for line in page.lines), at)
    waits = waits_for(_counts(page), head.holds, canceled=head.canceled_at is not None, expected=expected)
    return [
        ("waits for", "; ".join(f"{each.need} ({each.reason})" for each in waits)),
        ("their order", _their_order(head)),
        ("placed", head.placed_at.strftime(MOMENT)),
        ("canceled", head.canceled_at.strftime(MOMENT) if head.canceled_at else ""),
        ("priority", "" if head.priority == PRIORITY else str(head.priority)),
        ("paid by", _paid_by(head)),
        ("stock kept", _kept_until(head)),
        ("sent by", head.shipping_method),
        ("leaves by", head.ship_by.strftime(MOMENT) if head.ship_by else ""),
        ("collected", _collected(head)),
        ("customer", ", ".join(filter(None, (person.name, person.email, person.phone)))),
        ("bill to", _address(person.billing)),
        ("ship to", _address(person.shipping)),
        ("says", person.note),
        ("notes", "; ".join(head.notes)),
        ("tags", ", ".join(head.tags)),
    ]


def _paid_by(head: OrderHead) -> str:
    at_the_door = "at the door" if head.cash_on_delivery else ""
    return ", ".join(filter(None, (head.payment_method, at_the_door)))


def _collected(head: OrderHead) -> str:
    if head.pickup is None:
        return ""
    place = head.pickup.name or head.pickup.channel_location_id
    return f"by the customer, at {place}" if place else "by the customer"


def _their_order(head: OrderHead) -> str:
    number, order_id = head.channel_order_number, head.channel_order_id
    named = number if number == order_id else f"{number} (id {order_id})"
    return f"{named} {head.channel_state}".strip()


def _address(address: Address | None) -> str:
    if address is None:
        return ""
    town = " ".join(filter(None, (address.postcode, address.city)))
    parts = (
        address.name,
        address.company,
        address.street,
        address.street2,
        town,
        address.region,
        address.country,
    )
    return ", ".join(filter(None, parts))


def _print_lines(page: OrderPage, at: datetime) -> None:
    currency = page.head.currency
    titles = ["SKU", "Title", ">Ordered", ">Canceled", ">Allocated", ">Shipped", "Stock from"]
    late = [f"{line.sku}: {in_words(_late(line), at=at)}" for line in page.lines if line.backordered]
    why = [
        f"{line.sku} from {each['location']}: {each['reason']}"
        for line in page.lines
        for each in _picks(line, page.movements)
        if each["reason"]
    ]
    print_table(
        [*titles, ">Price", ">Discount", ">Net", ">Tax"], (_line(each, page, currency) for each in page.lines)
    )
    _print_parts(page.lines)
    own = [
        f"{line.sku or line.title}, {key}: {text}" for line in page.lines for key, text in line.custom.items()
    ]
    for each in (*late, *why, *own):
        click.echo(f"  {each}")


def _print_parts(lines: Sequence[Line]) -> None:
    """What bundles of this order take, as they did when they were taken."""
    for line in (each for each in lines if each.parts):
        parts = ", ".join(f"{units} × {sku}" for sku, units in line.parts.items())
        click.echo(f"  {line.sku} takes {parts}")


def _late(line: Line) -> Backordered:
    return Backordered(line.backordered, line.expected, AheadKind(line.ahead_kind))


def _line(line: Line, page: OrderPage, currency: str) -> list[Cell]:
    picks = _picks(line, page.movements)
    sku = line.sku or ("" if line.kind != "item" else f"unmatched {line.channel_sku}".strip())
    return [
        sku if line.units == 1 else f"{sku} × {line.units}",
        line.title,
        line.quantity,
        line.canceled,
        line.allocated,
        line.shipped,
        ", ".join(f"{each['location']} {each['allocated'] or each['shipped']}" for each in picks),
        *(money(amount, currency) for amount in (line.unit_price, line.discount, line.total, line.tax)),
    ]


def _picks(line: Line, movements: Sequence[LineMovement]) -> list[dict[str, Any]]:
    """By location: what is promised now, and what has left; stock units, of a bundle units sold."""
    picks: dict[str, dict[str, Any]] = {}
    for each in own_movements(line, movements):
        empty = {"location": each.location, "allocated": 0, "shipped": 0, "reason": ""}
        pick = picks.setdefault(each.location, empty)
        pick["allocated"] += each.allocated_change
        pick["shipped"] -= each.on_hand_change
        pick["reason"] = each.reason if each.kind == "allocation" else pick["reason"]
    return [pick for pick in picks.values() if pick["allocated"] or pick["shipped"]]


def _print_money(head: OrderHead, lines: Sequence[Line]) -> None:
    """All parts and the explicit difference: they add up to the channel's total (L14)."""
    parts = [
        ("lines", sum((each.total for each in lines), ZERO)),
        ("their taxes", sum((each.tax for each in lines), ZERO)),
        ("shipping", head.shipping_total),
        ("its tax", head.shipping_tax),
        ("difference", head.difference),
        ("total", head.total),
    ]
    print_table(
        ["Money", f">{head.currency}"], [(name, money(amount, head.currency)) for name, amount in parts]
    )
    included = "prices include tax" if head.tax_included else "prices are before tax"
    discount, tax = money(head.discount_total, head.currency), money(head.tax_total, head.currency)
    click.echo(f"The channel says: tax {tax}, discount {discount} (lines are after discount); {included}.")


def _counts(page: OrderPage) -> Any:
    return add_up(counts_of(line) for line in page.lines if line.kind == "item")


def _state(page: OrderPage) -> str:
    return "canceled" if page.head.canceled_at else fulfillment_of(_counts(page))
