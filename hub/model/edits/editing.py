"""Edits by people: what may be changed of an order, of any channel, and what it costs then. Pure.

A person's word is a promise: more than there is, is refused by whoever plans it. What has left is a fact: no edit takes
it back.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hub.model.edits.deeds import (
    REMARK_MAX,
    AddLine,
    Cancel,
    Deed,
    Refund,
    RemoveLine,
    Reopen,
    SetAddress,
    SetContact,
    SetFields,
    SetPrice,
    SetPriority,
    SetRemark,
    SetShipping,
    SetTags,
    Settle,
    SetUnits,
)
from hub.model.edits.owners import LINE, NOTHING, Owners, fields_of, with_fields, with_totals
from hub.model.edits.pricing import repriced, sound_amount
from hub.model.errors import InputError, WrongStateError
from hub.model.incoming import NO_MONEY, IncomingLine, IncomingOrder, LineKind, Payment
from hub.model.money import payable
from hub.model.orders.fields import Field, filled, of_lines, of_order
from hub.model.orders.payments import Account

OWN_LINE = "hub:"
"""Begins the id of a line that a person added: no channel knows it."""
TAG_MAX, TAGS_MAX = 40, 30
PRIORITY_MAX = 10_000
UNITS_MAX = 1_000_000
LINES_MAX = 500


class Edited(Struct, frozen=True):
    """All of an order that a person may change. `shipped` counts, by the channel's id of a line, what has left.

    `number` is the hub's own; 0: it has none yet.

    Where it is `canceled`, its lines say what they would without that. Money on record was `authorized`, `captured` and
    `given_back`, of which the channel `told` a part; `refunded` is what was said to go back. `channel_payment` is the
    channel's own word, `collected` what it took by that. `fields` are the retailer's own that can be filled in.
    """

    order: IncomingOrder
    number: int = 0
    canceled: bool = False
    refunded: Decimal = NO_MONEY
    priority: int = 100
    tags: tuple[str, ...] = ()
    remark: str = ""
    owners: Owners = {}
    shipped: Mapping[str, int] = {}
    captured: Decimal = NO_MONEY
    given_back: Decimal = NO_MONEY
    authorized: Decimal = NO_MONEY
    channel_payment: Payment = Payment.PENDING
    collected: Decimal = NO_MONEY
    told: Decimal = NO_MONEY
    fields: Sequence[Field] = ()

    @property
    def account(self) -> Account:
        return Account(
            self.number,
            self.order.currency,
            self.order.total,
            self.channel_payment,
            self.authorized,
            self.captured,
            self.given_back,
            self.refunded,
            self.collected,
            self.canceled,
            told=self.told,
        )


_OURS = ("canceled", "refunded", "collected", "captured", "authorized", "priority", "tags", "remark")
"""Fields that no channel knows: nobody else can change them."""
_encode = msgspec.json.Encoder(decimal_format="string").encode


def all_fields(edited: Edited) -> dict[str, str]:
    """Every field as text: what an edit compares, keeps, and gives back."""
    return fields_of(edited.order) | {name: _encode(getattr(edited, name)).decode() for name in _OURS}


def refuse_unshipped(after: Edited) -> None:
    """What has left stays on its line. Raises WrongStateError."""
    live = {line.channel_line_id: line.quantity - line.canceled for line in after.order.lines}
    for line_id, shipped in after.shipped.items():
        if not after.canceled and live.get(line_id, 0) < shipped:
            msg = f"{shipped} units of line {line_id} have left, so it cannot become less: take them back instead"
            raise WrongStateError(msg)


def refuse_gone(now: Edited, after: Edited) -> None:
    """What has been given back stays said. Raises WrongStateError."""
    if after.refunded < min(now.refunded, now.given_back):
        msg = (
            f"{now.given_back} {now.order.currency} went back already, so it stays noted: if the customer pays it"
            " again, record that as a payment"
        )
        raise WrongStateError(msg)


def with_all_fields(edited: Edited, fields: Mapping[str, str]) -> Edited:
    ours = {
        name: msgspec.json.decode(text, type=Edited.__annotations__[name])
        for name, text in fields.items()
        if name in _OURS
    }
    theirs = {name: text for name, text in fields.items() if name not in _OURS}
    return replace(edited, order=with_fields(edited.order, theirs), **ours)


def apply(edited: Edited, deeds: Sequence[Deed], *, edit_id: UUID) -> Edited:
    """Do all of it, one after the other. Raises InputError or WrongStateError at the first that cannot be."""
    before = edited
    for place, deed in enumerate(deeds):
        after = _DO[type(deed)](edited, deed, f"{OWN_LINE}{edit_id}:{place}")
        edited = replace(after, order=with_totals(edited.order, after.order))
    if edited.order.total < before.order.total or edited.refunded > before.refunded:
        _refuse_too_much(edited)
    return edited


def _cancel(edited: Edited, deed: Cancel, _: str) -> Edited:
    if edited.canceled:
        msg = f"order {edited.number} is canceled already"
        raise WrongStateError(msg)
    if deed.units:
        return _each(edited, {line_id: _fewer(edited, units) for line_id, units in deed.units.items()})
    return replace(edited, canceled=True)


def _fewer(edited: Edited, units: int) -> Callable[[IncomingLine], IncomingLine]:
    def change(line: IncomingLine) -> IncomingLine:
        left = line.quantity - line.canceled - edited.shipped.get(line.channel_line_id, 0)
        if not 1 <= units <= left:
            msg = f"{units} of {line.title!r} cannot be canceled: {left} are here; what left comes back as a return"
            raise InputError(msg, field="units")
        return repriced(edited.order, line, line.quantity, line.canceled + units)

    return change


def _reopen(edited: Edited, _deed: Reopen, _: str) -> Edited:
    if not edited.canceled:
        msg = f"order {edited.number} is not canceled: there is nothing to reopen"
        raise WrongStateError(msg)
    return _with_something_left(replace(edited, canceled=False))


def _with_something_left(edited: Edited) -> Edited:
    """A channel that cancels an order line by line leaves nothing on it: then all of it comes back."""
    order = edited.order
    if any(line.quantity > line.canceled for line in order.lines):
        return edited
    return replace(edited, order=replace(order, lines=[_whole(order, line) for line in order.lines]))


def _whole(order: IncomingOrder, line: IncomingLine) -> IncomingLine:
    """All of its units, for what they cost still, else for their price."""
    if line.total:
        return replace(line, canceled=0)
    return repriced(order, replace(line, discount=NO_MONEY), line.quantity, 0)


def _set_units(edited: Edited, deed: SetUnits, _: str) -> Edited:
    def change(line: IncomingLine) -> IncomingLine:
        least = max(1, edited.shipped.get(line.channel_line_id, 0) + line.canceled)
        if not least <= deed.quantity <= UNITS_MAX:
            msg = f"{deed.quantity} of {line.title!r} cannot be: with what left or was canceled, {least} are the least"
            raise InputError(msg, field="quantity")
        return repriced(edited.order, line, deed.quantity, line.canceled)

    return _each(_open(edited), {deed.line: change})


def _set_price(edited: Edited, deed: SetPrice, _: str) -> Edited:
    def change(line: IncomingLine) -> IncomingLine:
        price = line.unit_price if deed.unit_price is None else sound_amount(deed.unit_price, "unit_price")
        discount = line.discount if deed.discount is None else sound_amount(deed.discount, "discount")
        if discount > price * (line.quantity - line.canceled):
            msg = f"the discount of {discount} is more than {line.title!r} costs"
            raise InputError(msg, field="discount")
        return repriced(edited.order, line, line.quantity, line.canceled, price, discount)

    return _each(_open(edited), {deed.line: change})


def _add_line(edited: Edited, deed: AddLine, line_id: str) -> Edited:
    if not 1 <= deed.quantity <= UNITS_MAX or len(edited.order.lines) >= LINES_MAX:
        msg = f"{deed.quantity} units cannot be added: 1 or more of a line, {LINES_MAX} lines at most"
        raise InputError(msg, field="quantity")
    for name in ("unit_price", "discount", "tax"):
        sound_amount(getattr(deed, name), name)
    paid = deed.unit_price * deed.quantity - deed.discount
    if paid < 0:
        msg = f"the discount of {deed.discount} is more than {deed.title!r} costs"
        raise InputError(msg, field="discount")
    line = IncomingLine(
        channel_line_id=line_id,
        title=deed.title,
        quantity=deed.quantity,
        total=paid - deed.tax if edited.order.tax_included else paid,
        kind=LineKind.ITEM if deed.sku else LineKind.CUSTOM,
        channel_sku=deed.sku,
        unit_price=deed.unit_price,
        discount=deed.discount,
        tax=deed.tax,
    )
    order = _open(edited).order
    return replace(edited, order=replace(order, lines=[*order.lines, line]))


def _remove_line(edited: Edited, deed: RemoveLine, _: str) -> Edited:
    _find(edited, deed.line)
    if left := edited.shipped.get(deed.line, 0):
        msg = f"{left} units of the line have left: cancel the others; what left comes back as a return"
        raise InputError(msg, field="line")
    return replace(_open(edited), order=with_fields(edited.order, {f"{LINE}{deed.line}": NOTHING}))


def _set_address(edited: Edited, deed: SetAddress, _: str) -> Edited:
    who = {"billing" if deed.billing else "shipping": deed.address}
    return replace(edited, order=replace(edited.order, person=replace(edited.order.person, **who)))


def _set_contact(edited: Edited, deed: SetContact, _: str) -> Edited:
    person = replace(edited.order.person, **msgspec.structs.asdict(deed.contact))
    return replace(edited, order=replace(edited.order, person=person))


def _set_shipping(edited: Edited, deed: SetShipping, _: str) -> Edited:
    to = deed.shipping
    amounts = {
        "shipping_total": sound_amount(to.price, "price"),
        "shipping_tax": sound_amount(to.tax, "tax"),
    }
    return replace(edited, order=replace(edited.order, shipping_method=to.method, **amounts))


def _refund(edited: Edited, deed: Refund, _: str) -> Edited:
    if deed.line:
        _find(edited, deed.line)
    account = edited.account
    amount = sound_amount(deed.amount, "amount")
    if amount != payable(amount, edited.order.currency):
        msg = f"{amount} {edited.order.currency} is no amount anybody can pay: write it to the smallest coin"
        raise InputError(msg, field="amount")
    left = account.refundable - account.owed
    if not 0 < amount <= left:
        msg = (
            f"{amount} {edited.order.currency} cannot go back: {left} of what was paid have not gone back yet;"
            " write less, or record the payment first"
        )
        raise InputError(msg, field="amount")
    return replace(edited, refunded=edited.refunded + amount)


def _set_tags(edited: Edited, deed: SetTags, _: str) -> Edited:
    added = [each.strip().lower() for each in deed.add]
    tags = sorted({*edited.tags, *added} - {each.strip().lower() for each in deed.remove})
    if len(tags) > TAGS_MAX or any(
        not each or len(each) > TAG_MAX or not each.isprintable() for each in added
    ):
        msg = f"an order has at most {TAGS_MAX} tags, each of 1 to {TAG_MAX} printable characters"
        raise InputError(msg, field="tags")
    return replace(edited, tags=tuple(tags))


def _set_remark(edited: Edited, deed: SetRemark, _: str) -> Edited:
    if len(deed.text) > REMARK_MAX:
        msg = f"the note has {len(deed.text)} characters: {REMARK_MAX} are enough"
        raise InputError(msg, field="remark")
    return replace(edited, remark=deed.text.strip())


def _set_fields(edited: Edited, deed: SetFields, _: str) -> Edited:
    order = edited.order
    if not deed.line:
        custom = filled(of_order(edited.fields), order.custom, deed.values)
        return replace(edited, order=replace(order, custom=custom))
    line = _find(edited, deed.line)
    custom = filled(of_lines(edited.fields), line.custom, deed.values)
    lines = [replace(each, custom=custom) if each is line else each for each in order.lines]
    return replace(edited, order=replace(order, lines=lines))


def _set_priority(edited: Edited, deed: SetPriority, _: str) -> Edited:
    if not 0 <= deed.priority <= PRIORITY_MAX:
        msg = f"the priority {deed.priority} must be from 0 to {PRIORITY_MAX}, 100 is usual"
        raise InputError(msg, field="priority")
    return replace(edited, priority=deed.priority)


def _settle(edited: Edited, deed: Settle, _: str) -> Edited:
    owned = edited.owners.get(deed.field)
    if owned is None or not owned.asks:
        msg = f"nobody asks about {deed.field!r}: it was settled, or never in doubt"
        raise WrongStateError(msg)
    owners = {**edited.owners, deed.field: replace(owned, asks=False)}
    followed = {deed.field: owned.theirs} if deed.follow else {}
    return replace(edited, owners=owners, order=with_fields(edited.order, followed))


_DO: Mapping[type, Callable[..., Edited]] = {
    Cancel: _cancel,
    Reopen: _reopen,
    SetUnits: _set_units,
    SetPrice: _set_price,
    AddLine: _add_line,
    RemoveLine: _remove_line,
    SetAddress: _set_address,
    SetContact: _set_contact,
    SetShipping: _set_shipping,
    Refund: _refund,
    SetTags: _set_tags,
    SetRemark: _set_remark,
    SetFields: _set_fields,
    SetPriority: _set_priority,
    Settle: _settle,
}


def _open(edited: Edited) -> Edited:
    if edited.canceled:
        msg = f"order {edited.number} is canceled: reopen it first"
        raise WrongStateError(msg)
    return edited


def _find(edited: Edited, line_id: str) -> IncomingLine:
    found = next((line for line in edited.order.lines if line.channel_line_id == line_id), None)
    if found is None:
        named = ", ".join(line.channel_line_id for line in edited.order.lines[:20])
        msg = f"the order has no line {line_id[:50]!r}: it has {named or 'none'}"
        raise InputError(msg, field="line")
    return found


def _each(edited: Edited, changes: Mapping[str, Callable[[IncomingLine], IncomingLine]]) -> Edited:
    for line_id in changes:
        _find(edited, line_id)
    lines = [
        changes[line.channel_line_id](line) if line.channel_line_id in changes else line
        for line in edited.order.lines
    ]
    return replace(edited, order=replace(edited.order, lines=lines))


def _refuse_too_much(edited: Edited) -> None:
    if edited.account.owed > edited.account.refundable:
        msg = f"{edited.refunded} went back already: the order cannot cost {edited.order.total}"
        raise InputError(msg, field="amount")
