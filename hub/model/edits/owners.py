"""Owners: which fields of an order people have changed, and what the channel says of them meanwhile. Pure.

A field that a person changed is theirs: a newer snapshot that says something else of it is a conflict, shown with both
values, and overwrites nothing. All other fields follow the channel. What has left is a fact and owned by nobody.

Fields are known by name and compared as text: `address`, `billing`, `contact`, `shipping`, for each line `line/` with
the channel's id of it, `own/` with the key of each of the retailer's own that is filled in, and `own-line/` with the
key and the line of each that is filled in of a line. A line is one field, since its units, its price and its tax cannot
be told apart in what it costs.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, localcontext
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hub.model.incoming import NO_MONEY, Address, IncomingLine, IncomingOrder, Person
from hub.model.orders.taking import EXACT_DIGITS

LINE, OWN = "line/", "own/"
OF_LINE = "own-line/"
"""Begins the name of a field of the retailer's own on a line: its key and the channel's id of the line follow."""
NOTHING = "null"
AMOUNTS = frozenset({"refunded", "collected", "captured", "authorized"})
"""Fields that are one amount each, none of which a channel knows."""
_encode = msgspec.json.Encoder(decimal_format="string").encode


class Contact(Struct, frozen=True):
    name: str
    email: str
    phone: str


class Shipping(Struct, frozen=True):
    """The price is without its tax."""

    method: str
    price: Decimal
    tax: Decimal = NO_MONEY


class Owned(Struct, frozen=True, omit_defaults=True):
    """A field that a person changed: what they said, and what the channel last said.

    `asks`: the channel has changed its mind since, and waits for a choice.
    """

    ours: str
    theirs: str
    asks: bool = False


Owners = Mapping[str, Owned]


def fields_of(order: IncomingOrder) -> dict[str, str]:
    """Every field that can be owned, as text; what has left of a line is no part of it."""
    fields = {name: _encode(read(order)).decode() for name, (read, _) in _HEAD.items()}
    for line in order.lines:
        fields[f"{LINE}{line.channel_line_id}"] = _encode(replace(line, fulfilled=0, custom={})).decode()
        own = {f"{OF_LINE}{key}/{line.channel_line_id}": value for key, value in line.custom.items()}
        fields |= {name: _encode(value).decode() for name, value in own.items()}
    return fields | {f"{OWN}{key}": _encode(value).decode() for key, value in order.custom.items()}


def with_fields(order: IncomingOrder, fields: Mapping[str, str]) -> IncomingOrder:
    """The order with these fields as they are written; totals follow, and the channel's own difference stays (L14)."""
    after = order
    for name, text in sorted(fields.items(), key=lambda field: field[0].startswith(OF_LINE)):
        if name.startswith(OF_LINE):
            after = _with_own_of_line(after, name.removeprefix(OF_LINE), text)
        elif name.startswith(LINE):
            after = _with_line(after, name.removeprefix(LINE), text)
        elif name.startswith(OWN):
            after = _with_own(after, name.removeprefix(OWN), text)
        else:
            after = _HEAD[name][1](after, text)
    return with_totals(order, after)


def with_totals(before: IncomingOrder, after: IncomingOrder) -> IncomingOrder:
    """Carry over to the totals by how much the parts have changed."""
    with localcontext() as exact:
        exact.prec = EXACT_DIGITS
        taxes = _sum(line.tax for line in after.lines) - _sum(line.tax for line in before.lines)
        nets = _sum(line.total for line in after.lines) - _sum(line.total for line in before.lines)
        discounts = _sum(line.discount for line in after.lines) - _sum(line.discount for line in before.lines)
        shipping = after.shipping_total - before.shipping_total
        shipping_tax = after.shipping_tax - before.shipping_tax
        return replace(
            after,
            total=before.total + nets + taxes + shipping + shipping_tax,
            tax_total=before.tax_total + taxes + shipping_tax,
            discount_total=before.discount_total + discounts,
        )


def merged(
    order: IncomingOrder, owners: Owners, *, ships_here: bool = False
) -> tuple[IncomingOrder, dict[str, Owned]]:
    """What counts of a newer snapshot where people own fields, and who owns what after it.

    Where the channel says what the person said, there is nothing left to own. Where it sent more of a line than the
    person kept, that many have left, and it asks; not if it `ships_here`, for then it only repeats that all is done.
    """
    if not owners:
        return order, {}
    said = fields_of(order)
    left = {} if ships_here else {f"{LINE}{line.channel_line_id}": line for line in order.lines}
    after: dict[str, Owned] = {}
    for name, owned in owners.items():
        theirs = said.get(name, NOTHING)
        if same(name, theirs, owned.ours):
            continue
        ours = _with_what_left(owned.ours, left[name]) if name in left else owned.ours
        news = ours != owned.ours or not same(name, theirs, owned.theirs)
        after[name] = Owned(ours, theirs, owned.asks or news)
    return with_fields(order, {name: owned.ours for name, owned in after.items()}), after


def overtaken(order: IncomingOrder, owners: Owners) -> dict[str, Owned]:
    """The people's lines of which more has left, by the word of this older snapshot, than they kept; each asks."""
    after = {}
    for line in order.lines:
        name = f"{LINE}{line.channel_line_id}"
        owned = owners.get(name)
        if owned is not None and (ours := _with_what_left(owned.ours, line)) != owned.ours:
            after[name] = Owned(ours, owned.theirs, asks=True)
    return after


def _with_what_left(ours: str, told: IncomingLine) -> str:
    """A person's line with the units that have left by the channel's word, for the money that the person said."""
    unpaid = dict.fromkeys(("total", "tax", "discount"), NO_MONEY)
    line = read_line(ours) or replace(told, quantity=0, canceled=0, **unpaid)
    if told.fulfilled <= line.quantity - line.canceled:
        return ours
    canceled = min(line.canceled, max(0, line.quantity - told.fulfilled))
    units = max(line.quantity, told.fulfilled)
    return _encode(replace(line, quantity=units, canceled=canceled, fulfilled=0, custom={})).decode()


def owned_after(owners: Owners, before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Owned]:
    """Who owns what once a person has changed fields; one that is as the channel has it belongs to the channel."""
    owned = dict(owners)
    for name in {**before, **after}:
        was, now = before.get(name, NOTHING), after.get(name, NOTHING)
        if same(name, was, now):
            continue
        theirs = owned[name].theirs if name in owned else was
        if same(name, now, theirs):
            owned.pop(name, None)
        else:
            owned[name] = Owned(now, theirs)
    return owned


def same(name: str, one: str, other: str) -> bool:
    """Whether both texts say the same of a field: 2 and 2.00 are one price."""
    if one == other or NOTHING in {one, other}:
        return one == other
    if name.startswith(LINE):
        return read_line(one) == read_line(other)
    if name in AMOUNTS:
        return Decimal(msgspec.json.decode(one)) == Decimal(msgspec.json.decode(other))
    return name == "shipping" and _read_shipping(one) == _read_shipping(other)


def read_line(text: str) -> IncomingLine | None:
    """The line of a field; None where there is none."""
    return msgspec.json.decode(text, type=IncomingLine | None)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, NO_MONEY)


def _with_line(order: IncomingOrder, line_id: str, text: str) -> IncomingOrder:
    line = read_line(text)
    lines = list(order.lines)
    at = next((place for place, each in enumerate(lines) if each.channel_line_id == line_id), None)
    if at is None:
        lines += [line] if line is not None else []
    elif line is None:
        del lines[at]
    else:
        lines[at] = replace(line, fulfilled=lines[at].fulfilled, custom=lines[at].custom)
    return replace(order, lines=lines)


def _with_own_of_line(order: IncomingOrder, name: str, text: str) -> IncomingOrder:
    key, _, line_id = name.partition("/")
    value = msgspec.json.decode(text, type=str | None)
    lines = [
        replace(line, custom=_with_value(line.custom, key, value))
        if line.channel_line_id == line_id
        else line
        for line in order.lines
    ]
    return replace(order, lines=lines)


def _with_own(order: IncomingOrder, key: str, text: str) -> IncomingOrder:
    value = msgspec.json.decode(text, type=str | None)
    return replace(order, custom=_with_value(order.custom, key, value))


def _with_value(values: Mapping[str, str], key: str, value: str | None) -> dict[str, str]:
    others = {name: each for name, each in values.items() if name != key}
    return others if value is None else {**others, key: value}


Read = Callable[[IncomingOrder], Any]
Write = Callable[[IncomingOrder, str], IncomingOrder]


def _person(order: IncomingOrder, **changed: Any) -> IncomingOrder:
    return replace(order, person=replace(order.person, **changed))


def _contact(person: Person) -> Contact:
    return Contact(person.name, person.email, person.phone)


def _address(text: str) -> Address | None:
    return msgspec.json.decode(text, type=Address | None)


def _read_shipping(text: str) -> Shipping:
    return msgspec.json.decode(text, type=Shipping)


def _write_contact(order: IncomingOrder, text: str) -> IncomingOrder:
    contact = msgspec.json.decode(text, type=Contact)
    return _person(order, name=contact.name, email=contact.email, phone=contact.phone)


def _write_shipping(order: IncomingOrder, text: str) -> IncomingOrder:
    to = _read_shipping(text)
    return replace(order, shipping_method=to.method, shipping_total=to.price, shipping_tax=to.tax)


_HEAD: Mapping[str, tuple[Read, Write]] = {
    "address": (lambda o: o.person.shipping, lambda o, text: _person(o, shipping=_address(text))),
    "billing": (lambda o: o.person.billing, lambda o, text: _person(o, billing=_address(text))),
    "contact": (lambda o: _contact(o.person), _write_contact),
    "shipping": (lambda o: Shipping(o.shipping_method, o.shipping_total, o.shipping_tax), _write_shipping),
}
