"""A condition is read at once by the names and kinds there are; what is wrong is told with its place; all ends."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from hub.kit.expressions import names_of, read_expression
from hub.model.errors import InputError


class Line(Struct, frozen=True):
    sku: str
    units: int


class Order(Struct, frozen=True):
    total: Decimal
    note: str
    at: datetime


class Sale(Struct, frozen=True):
    order: Order
    lines: tuple[Line, ...]
    tags: tuple[str, ...]
    is_new: bool


SALE = Sale(
    Order(Decimal("0.3"), "A Gift", datetime(2026, 11, 23, 22, tzinfo=UTC)),
    (Line("MUG", 3), Line("TEE", 1)),
    ("duplicate",),
    True,
)
TRUE = [
    "order.total == 0.1 + 0.2",
    "order.total > 0.299 and is_new",
    '"gift" in order.note.as_lower',
    'order.note.starts_with("A")',
    "$any([l.units > 2 for l in lines])",
    '$sum([l.units for l in lines if l.sku != "TEE"]) == 3',
    '"duplicate" in tags and lines.length == 2',
    "order.at.hour == 22",
    "is_new ? order.total < 1 : false",
]
WRONG = [
    ("order.totl > 3", "at character 7, 'totl > 3': there is no 'totl' here: is 'total' meant?"),
    ("sale.total > 3", "at character 1, 'sale.total > 3': there is no 'sale' here"),
    ("is_new and order.total > 'x'", "at character 12, \"order.total > 'x'\": two kinds of value"),
    ("order.total > > 3", "at character 15, '> 3': this cannot stand here"),
    ("order.total >", "at its end: something is missing"),
    ("order.total", "it answers with a number, not with yes or no"),
    ("order.total = 3", "at character 13, '= 3': this is no part of the language"),
    ("order.total > 0 and (1 / 0 > 1)", "at character 21, '(1 / 0 > 1)': arithmetic error: division by zero"),
    (" ", "it needs some, and at most 1000"),
    ("is_new" + " and is_new" * 100, "it needs some, and at most 1000"),
]
ENDLESS = [
    "9 ** 9 > 1",
    "1 << 9 > 1",
    "1e999999999 > 1",
    'order.note =~ "(a+)+b"',
    "$range(99999999).length > 1",
    "$random() > 1",
    "[[l for l in lines] for m in lines].length > 1",
    "[l for l in [m for m in lines]].length > 1",
    "[l for l in lines if (l in lines)].length > 1",
    "[lines.length for l in lines].length > 1",
    "(" * 30 + "is_new" + ")" * 30,
]
FAILS = [
    "1 / (order.total - 0.3) > 1",
    "lines[7].units > 1",
    "$max([l.units for l in lines if l.units > 9]) > 1",
]
REACHES_OUT = [
    '{"a": 1}.a == 1',
    "order.__class__ == 1",
    "order.note.__class__ == 1",
    "order.note.format == 1",
    "__builtins__ == 1",
]


@pytest.mark.parametrize("text", TRUE)
def test_a_condition_holds_where_its_words_are_true_and_numbers_are_exact(text: str):
    assert read_expression(text, Sale).holds(SALE)
    assert not read_expression(f"not ({text})", Sale).holds(SALE)


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_what_is_wrong_is_told_at_once_with_its_place(text: str, says: str):
    with pytest.raises(InputError) as refused:
        read_expression(text, Sale)
    assert (says in str(refused.value), refused.value.field) == (True, "condition")


@pytest.mark.parametrize("text", ENDLESS + REACHES_OUT)
def test_what_has_no_bound_or_reaches_out_is_refused_before_it_is_computed(text: str):
    with pytest.raises(InputError):
        read_expression(text, Sale)


@pytest.mark.parametrize("text", FAILS)
def test_a_condition_that_fails_on_an_order_says_so(text: str):
    with pytest.raises(InputError, match="the condition fails on this order"):
        read_expression(text, Sale).holds(SALE)


@given(st.text("order.total>=<0123456789 ()[]$&|*/+-'\"andornotforinifl,lines?:#", max_size=60))
def test_whatever_is_typed_is_read_or_refused(text: str):
    with suppress(InputError):  # and no other
        assert read_expression(text, Sale).holds(SALE) in {True, False}


def test_every_name_is_told_with_its_kind():
    assert dict(names_of(Sale)) == {
        "order.total": "number",
        "order.note": "text",
        "order.at": "moment",
        "lines[].sku": "text",
        "lines[].units": "number",
        "tags": "list of texts",
        "is_new": "yes or no",
    }
