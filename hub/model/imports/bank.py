"""A bank statement, row by row: what came in is new, or known; what went out is passed over. Pure."""

import re
from datetime import date
from uuid import UUID

from hub.model.bank.transfers import ID_MAX, TEXT_MAX, Payer, Transfer, refuse_bad
from hub.model.errors import InputError
from hub.model.imports.cells import read_amount, read_code, read_text
from hub.model.imports.lines import Change, Line, Outcome, refused
from hub.model.imports.rows import Given

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def read(given: Given, transfer_id: UUID, *, decimal_comma: bool) -> tuple[Line, Transfer | None]:
    """The row with its transfer, unless it is refused or went out. No line of it names anybody (L17)."""
    key = f"{given.text('bank id') or given.text('date')}"[:200]
    try:
        transfer = _read(given, transfer_id, decimal_comma=decimal_comma)
    except InputError as error:
        return refused(given.row, key, error), None
    if transfer is None:
        return Line(given.row, key, Outcome.UNCHANGED, why="it went out, below 0: passed over"), None
    changes = (
        Change("date", "", str(transfer.booked_on)),
        Change("amount", "", f"{transfer.amount} {transfer.currency}"),
    )
    return Line(given.row, key, Outcome.NEW, changes), transfer


def known(line: Line, *, by_bank_id: bool) -> Line:
    """Of a row that was told before, for sure or as far as anybody can see."""
    why = "recorded before"
    if not by_bank_id:
        why = (
            "one that says the same was recorded before: if this is another, type it in under Bank transfers"
        )
    return Line(line.row, line.key, Outcome.UNCHANGED, why=why)


def doubled(line: Line) -> Line:
    """Of a row that says all that another one says, and that no number of the bank tells apart."""
    msg = "another row says the same, and neither has a bank id: if it came in twice, give each one"
    return refused(line.row, line.key, InputError(msg, field="bank id"))


def _read(given: Given, transfer_id: UUID, *, decimal_comma: bool) -> Transfer | None:
    amount = read_amount(given.text("amount"), "amount", decimal_comma=decimal_comma)
    booked_on = read_date(given.text("date"))
    if amount < 0:
        return None
    name = read_text(given.text("payer"), "payer", longest=TEXT_MAX)
    reference = read_text(given.text("reference"), "reference", longest=TEXT_MAX)
    bank_id = read_code(given.text("bank id"), "bank id", longest=ID_MAX)
    currency = given.text("currency").upper()
    transfer = Transfer(transfer_id, booked_on, amount, currency, Payer(name, reference), bank_id)
    refuse_bad(transfer)
    return transfer


def read_date(text: str) -> date:
    """2026-11-25 or 25.11.2026; 11/12/2026 may be two days. Raises InputError."""
    iso, dotted = _ISO.fullmatch(text), _DOTTED.fullmatch(text)
    parts = iso.groups() if iso else dotted.groups()[::-1] if dotted else None
    try:
        if parts:
            year, month, day = map(int, parts)
            return date(year, month, day)
    except ValueError:
        pass
    msg = f"{text[:20]!r} is no day: write it as 2026-11-25 or 25.11.2026"
    raise InputError(msg, field="date")
