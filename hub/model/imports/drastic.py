"""What no file does without a second word: empty most of the stock it names, or move a price tenfold (L12). Pure."""

from decimal import Decimal

from hub.model.imports.kinds import Kind
from hub.model.imports.lines import Change, Line

FEW = 10  # rows that go to none and are nothing unusual
FACTOR = 10


def is_drastic(line: Line) -> bool:
    return any(_is_drastic(change) for change in line.changes)


def needs_a_word(kind: Kind, drastic: int, rows: int) -> bool:
    """`rows` are those that are not refused. A slip of the comma moves one price, a wrong file empties the shop."""
    if kind is Kind.PRICES:
        return drastic > 0
    return drastic >= FEW and drastic * 2 > rows


def sentence(kind: Kind, drastic: int, rows: int) -> str:
    of_all = f"{drastic:,} of {rows:,} rows"
    if kind is Kind.PRICES:
        return f"{of_all} say a price that is ten times as high, or a tenth: is the decimal point where it belongs?"
    return (
        f"{of_all} leave nothing of what there is, and channels would show none of it: is it the right file?"
    )


def _is_drastic(change: Change) -> bool:
    if change.what == "on hand":
        return change.new == "0" and change.old.isdigit() and change.old != "0"
    return change.what == "price" and _is_leap(change)


def _is_leap(change: Change) -> bool:
    """In another currency it is another price, and no leap."""
    (old, old_currency), (new, new_currency) = _money(change.old), _money(change.new)
    if not old or old_currency != new_currency:
        return False
    return new >= old * FACTOR or new * FACTOR <= old


def _money(text: str) -> tuple[Decimal, str]:
    amount, _, currency = text.partition(" ")
    return Decimal(amount or 0), currency
