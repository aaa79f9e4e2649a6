"""An order as a person types it: texts, checked field by field, all problems at once. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec import Struct, structs

from hub.model.errors import InputError
from hub.model.incoming import NO_MONEY, Address, Payment, Person
from hub.model.money import CURRENCIES
from hub.model.orders.fields import FIELDS_MAX, Field, of_lines, of_order, sound
from hub.store.desk.stock import Suggestion

PAYMENTS = (Payment.PENDING, Payment.PAID)
AT_THE_DOOR = "Cash on delivery"
METHODS = ("", "Card on the phone", "Bank transfer", AT_THE_DOOR, "Pay link", "Cash")
UNITS_MAX = 1_000_000
_TEXT_MAX = 500
_AMOUNT = re.compile(
    r"[0-9]{1,9}(?:[.][0-9]{1,6}|,[0-9]{1,2})?"
)  # 1,250 could be two amounts: it is asked again
_PERSON = ("name", "email", "phone")
PLACE = ("company", "street", "street2", "postcode", "city", "region", "country")
_OTHER = (
    "channel",
    "currency",
    "shipping_method",
    "shipping_price",
    "payment",
    "payment_method",
    "note",
    "keep",
    "pickup",
)
OWN_INPUT = "own-"
"""Begins the name of the input of a field of the retailer's own."""
OWN_LINE_INPUT = "of-line-"
"""The same of lines."""
NO_FIELDS: Mapping[str, Sequence[str]] = {}
_KNOWN = ("customer", "seen")  # who was taken over, and which orders alike the form has shown
_SET_BY_THE_FORM = {"channel", "currency", "payment", "keep", *_KNOWN}
KEEPS = {"120": "2 hours", "1440": "1 day", "4320": "3 days"}  # minutes, beside the hub's own


class DraftLine(Struct, frozen=True):
    """`custom`: `item` is a title of its own, without a SKU; it takes no stock.

    `own` is what was filled in of the retailer's own fields, by key.
    """

    item: str = ""
    quantity: str = ""
    price: str = ""
    custom: bool = False
    own: Mapping[str, str] = {}

    @property
    def is_blank(self) -> bool:
        return not (self.item or self.price)


class Draft(Struct, frozen=True):
    """`fields` hold every single text of the form by its name; blank lines keep their place."""

    command_id: str
    fields: Mapping[str, str]
    lines: list[DraftLine]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def own(self) -> dict[str, str]:
        """What was filled in of the retailer's own fields, by key."""
        own = {name for name, value in self.fields.items() if name.startswith(OWN_INPUT) and value}
        return {name.removeprefix(OWN_INPUT): self.fields[name] for name in sorted(own)}

    @property
    def is_blank(self) -> bool:
        """Whether nobody has typed anything yet."""
        typed = any(value for name, value in self.fields.items() if name not in _SET_BY_THE_FORM)
        return not typed and all(line.is_blank for line in self.lines)

    @property
    def title(self) -> str:
        """What it is about, in one line."""
        return ", ".join(f"{line.quantity or 1} × {line.item}" for line in self.lines if line.item)


def skus_of(draft: Draft, found: Mapping[str, Suggestion]) -> set[str]:
    return {found[line.item].sku for line in draft.lines if line.item in found and not line.custom}


def stock_lines(draft: Draft, found: Mapping[str, Suggestion]) -> dict[int, tuple[str, int]]:
    """By row, the SKU and the quantity of every line that takes stock and can be read."""
    return {
        row: (found[line.item].sku, quantity)
        for row, line in enumerate(draft.lines)
        if line.item in found and not line.custom and (quantity := read_quantity(line.quantity)) is not None
    }


def keep_minutes(draft: Draft, usual: int) -> int:
    """For how long its stock is reserved."""
    return int(draft["keep"]) if draft["keep"] in KEEPS else usual


def new_draft(command_id: str, *, channel: str, currency: str, rows: int = 3) -> Draft:
    return Draft(command_id, {"channel": channel, "currency": currency}, [DraftLine()] * rows)


def read_draft(
    single: Mapping[str, str],
    items: Sequence[str],
    quantities: Sequence[str],
    prices: Sequence[str],
    *,
    fresh_id: str,
    custom: AbstractSet[int] = frozenset(),
    own_of_lines: Mapping[str, Sequence[str]] = NO_FIELDS,
) -> Draft:
    """`own_of_lines` are the values of each of the retailer's own fields, by key, a text for each line."""
    own = [name for name in single if name.startswith(OWN_INPUT)][:FIELDS_MAX]
    names = (*_PERSON, *PLACE, *_OTHER, *_KNOWN, *own)
    fields = {name: single.get(name, "").strip()[: _TEXT_MAX + 1] for name in names}
    fields["currency"] = fields["currency"].upper()
    fields["country"] = fields["country"].upper()
    lines = [
        DraftLine(
            item.strip(), quantity.strip(), price.strip(), index in custom, _own_at(own_of_lines, index)
        )
        for index, (item, quantity, price) in enumerate(zip(items, quantities, prices, strict=False))
    ]
    return Draft(single.get("command_id", "").strip()[:200] or fresh_id, fields, lines)


def _own_at(values: Mapping[str, Sequence[str]], index: int) -> dict[str, str]:
    texts = {key: each[index].strip() for key, each in values.items() if index < len(each)}
    return {key: text[: _TEXT_MAX + 1] for key, text in texts.items() if text}


def check_draft(
    draft: Draft, found: Mapping[str, Suggestion], channels: Sequence[str], own: Sequence[Field] = ()
) -> dict[str, str]:
    """Name every field that is wrong and what belongs there; empty where the order can be taken."""
    problems = {name: problem for name, fits, problem in _RULES if not fits(draft[name])}
    long = f"At most {_TEXT_MAX} characters"
    problems |= {name: long for name, value in draft.fields.items() if len(value) > _TEXT_MAX}
    if draft["channel"] not in channels:
        problems["channel"] = "Choose where the order came from"
    if not any(draft[name] for name in _PERSON):
        problems["name"] = "A name, a phone or an e-mail: whom is it for?"
    if all(line.is_blank for line in draft.lines):
        problems["item-0"] = "Add at least one item"
    own_problems = {
        f"{OWN_INPUT}{field.key}": _own_problem(draft[f"{OWN_INPUT}{field.key}"], field)
        for field in of_order(own)
    }
    problems |= {name: problem for name, problem in own_problems.items() if problem}
    for index, line in enumerate(draft.lines):
        wrong = _check_line(line, found, draft["currency"])
        wrong |= {} if line.is_blank else _own_problems(line, of_lines(own))
        problems |= {f"{name}-{index}": problem for name, problem in wrong.items()}
    return problems


def _own_problems(line: DraftLine, own: Sequence[Field]) -> dict[str, str]:
    found = {
        f"{OWN_LINE_INPUT}{field.key}": _own_problem(line.own.get(field.key, ""), field) for field in own
    }
    return {name: problem for name, problem in found.items() if problem}


def _own_problem(value: str, field: Field) -> str:
    if not value:
        return "Fill this in" if field.required else ""
    try:
        sound(field, value)
    except InputError as error:
        return str(error)
    return ""


def _is_like(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


# Each field, what fits it, and what to say where it does not.
_RULES: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    ("currency", CURRENCIES.__contains__, "Three letters, such as EUR"),
    ("country", _is_like("([A-Z]{2})?"), "Two letters, such as DE"),
    ("email", _is_like(r"([^@\s]+@[^@\s]+)?"), "An e-mail has one @, such as ada@example.org"),
    ("shipping_price", lambda text: not text or read_amount(text) is not None, "An amount, such as 4.90"),
)


def _check_line(line: DraftLine, found: Mapping[str, Suggestion], currency: str) -> dict[str, str]:
    if line.is_blank:
        return {}
    problems = {}
    known = None if line.custom else found.get(line.item)
    if not line.item:
        problems["item"] = "Which item?"
    elif known is None and not line.custom:
        problems["item"] = f"No SKU, barcode or name is “{line.item}”"
    elif len(line.item) > _TEXT_MAX:
        problems["item"] = f"At most {_TEXT_MAX} characters"
    if read_quantity(line.quantity) is None:
        problems["quantity"] = "1 or more"
    price = _price_problem(line, known, currency)
    return problems | ({"price": price} if price else {})


def _price_problem(line: DraftLine, known: Suggestion | None, currency: str) -> str:
    if line.price:
        return "" if read_amount(line.price) is not None else "An amount, such as 12.50"
    if line.custom:
        return "What does it cost?"
    lacks = known is not None and (known.price is None or known.currency != currency)
    return f"No price in {currency}: type one" if lacks else ""


def read_quantity(text: str) -> int | None:
    """One where nothing was typed."""
    if not text:
        return 1
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:10]) <= UNITS_MAX:
        return None
    return int(text)


def read_amount(text: str) -> Decimal | None:
    """Exact; a comma counts as the decimal sign only before one or two digits."""
    return Decimal(text.replace(",", ".")) if _AMOUNT.fullmatch(text) else None


def price_of(line: DraftLine, found: Mapping[str, Suggestion]) -> Decimal | None:
    if line.price or line.custom:
        return read_amount(line.price)
    return found[line.item].price if line.item in found else None


def total_of(draft: Draft, found: Mapping[str, Suggestion]) -> Decimal:
    """What the order would cost as far as it can be read."""
    lines = (
        (read_quantity(line.quantity) or 0) * (price_of(line, found) or NO_MONEY)
        for line in draft.lines
        if line.item
    )
    return sum(lines, NO_MONEY) + (read_amount(draft["shipping_price"]) or NO_MONEY)


def with_prices(draft: Draft, found: Mapping[str, Suggestion]) -> Draft:
    """Write out the SKU and the price that were meant, so that the person sees what is going to be taken."""
    lines = [_written(line, None if line.custom else found.get(line.item)) for line in draft.lines]
    return structs.replace(draft, lines=lines)


def _written(line: DraftLine, known: Suggestion | None) -> DraftLine:
    if known is None:
        return line
    price = line.price or (str(known.price) if known.price is not None else "")
    return DraftLine(known.sku, line.quantity or "1", price, own=line.own)


def to_manual_order(draft: Draft, found: Mapping[str, Suggestion], *, at: datetime) -> bytes:
    """The body that the manual connector reads; call it only with a draft without problems."""
    lines = [_manual_line(line, found) for line in draft.lines if not line.is_blank]
    order = {
        "command_id": draft.command_id,
        "placed_at": at,
        "currency": draft["currency"],
        "customer": person_of(draft),
        "lines": lines,
        "shipping": {
            "method": draft["shipping_method"],
            "price": read_amount(draft["shipping_price"]) or NO_MONEY,
        },
        "taxes_included": True,
        "payment": draft["payment"] if draft["payment"] in PAYMENTS else Payment.PENDING,
        "payment_method": draft["payment_method"],
        "cash_on_delivery": draft["payment_method"] == AT_THE_DOOR,
        "pickup": {"name": draft["pickup"]} if draft["pickup"] else None,
        "note": draft["note"],
        "fields": draft.own,
    }
    return msgspec.json.encode(order)


def _manual_line(line: DraftLine, found: Mapping[str, Suggestion]) -> dict[str, object]:
    known = None if line.custom else found[line.item]
    return {
        "sku": known.sku if known else "",
        "title": known.name if known else line.item,
        "quantity": read_quantity(line.quantity),
        "unit_price": price_of(line, found),
        "fields": line.own,
    }


def person_of(draft: Draft) -> Person:
    has_place = any(draft[name] for name in PLACE)
    texts = {name: draft[name] for name in PLACE}
    place = msgspec.convert({"name": draft["name"], **texts}, Address) if has_place else None
    return Person(draft["name"], draft["email"], draft["phone"], shipping=place)
