"""Read one cell: text, a number of units, an amount. Each refuses what could be read in two ways. Pure."""

import re
from decimal import Decimal

from hub.model.errors import InputError

SKU_MAX, NAME_MAX, CODE_MAX = 200, 500, 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHORTENED = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
_WHOLE = re.compile(r"-?[0-9]{1,12}")
_AMOUNT = {False: re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?"), True: re.compile(r"-?[0-9]{1,15}(,[0-9]+)?")}


def read_text(text: str, column: str, *, longest: int) -> str:
    """Raises InputError where it is too long, or has characters that nobody can see or type."""
    if len(text) > longest:
        msg = f"it has {len(text):,} characters, and {longest} is the most"
        raise InputError(msg, field=column)
    if _CONTROL.search(text):
        msg = "it has a character that cannot be seen, such as a line break or NUL: type it anew"
        raise InputError(msg, field=column)
    return text


def read_code(text: str, column: str, *, longest: int) -> str:
    """As read_text, for what must not lose a digit; raises InputError where a spreadsheet has shortened it."""
    if _SHORTENED.fullmatch(text):
        msg = f"{text} is a long number that a spreadsheet has shortened: format the column as text, and export again"
        raise InputError(msg, field=column)
    return read_text(text, column, longest=longest)


def read_whole(text: str, column: str) -> int:
    """A whole number without separators: 1.000 may be one or a thousand. Raises InputError."""
    if not _WHOLE.fullmatch(text):
        msg = f"{text[:40]!r} is no whole number: write it with digits only, such as 1200"
        raise InputError(msg, field=column)
    return int(text)


def read_amount(text: str, column: str, *, decimal_comma: bool) -> Decimal:
    """An amount of money as it is written, without separators of thousands. Raises InputError."""
    if not _AMOUNT[decimal_comma].fullmatch(text):
        example, other = ("12,50", "a point") if decimal_comma else ("12.50", "a comma")
        hint = (
            f"; where {other} is before the cents, say so beside the file" if set(text) & {",", "."} else ""
        )
        msg = f"{text[:40]!r} is no amount: write it with digits only, such as {example}{hint}"
        raise InputError(msg, field=column)
    return Decimal(text.replace(",", "."))
