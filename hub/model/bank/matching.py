"""Which orders a transfer may pay: suggestions with their reasons, for a person to confirm. Pure."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

SHOWN_MAX = 5
LEAST_LETTERS = 3  # of a channel's number: shorter ones stand in any text
_WORD = re.compile(r"[^\W_]+")
_DAY = re.compile(r"(?<!\d)(?:\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}-\d\d-\d\d)(?!\d)")  # its year names no order
_NUMBER, _THEIRS, _AMOUNT, _NAME, _PART = 60, 50, 30, 25, 10


class Unpaid(Struct, frozen=True):
    """An order that waits for money: its number here and in its channel, what is due, and who ordered."""

    order: int
    channel_number: str
    currency: str
    due: Decimal
    name: str = ""


class Money(Struct, frozen=True):
    """What is left of a transfer, and what it says."""

    amount: Decimal
    currency: str
    payer: str = ""
    reference: str = ""


class Suggestion(Struct, frozen=True):
    """`amount` of it would pay the order. `is_sure`: that one's own number, and no other's, and exactly what is due."""

    order: int
    amount: Decimal
    score: int
    reasons: tuple[str, ...]
    is_sure: bool = False


def suggest(money: Money, unpaid: Sequence[Unpaid], ours: Collection[int]) -> list[Suggestion]:
    """The likeliest first; another currency never matches (C53).

    `ours` are the numbers of orders there are, paid ones too: of a text that names two of them nothing is sure.
    """
    spoken = _plain(_DAY.sub(" ", money.reference))
    found = [
        judged
        for each in unpaid
        if each.currency == money.currency and (judged := _judge(money, each, spoken)) is not None
    ]
    found.sort(key=lambda each: (-each.score, each.order))
    if len(numbers_in([money.reference]) & {*ours}) > 1:
        found = [Suggestion(each.order, each.amount, each.score, each.reasons) for each in found]
    return found[:SHOWN_MAX]


def _judge(money: Money, order: Unpaid, spoken: str) -> Suggestion | None:
    words = frozenset(spoken.split())
    ours = str(order.order) in words
    theirs = _plain(order.channel_number)
    names_theirs = len(theirs) >= LEAST_LETTERS and f" {theirs} " in f" {spoken} "
    same = order.due == money.amount
    names = tokens_of(order.name)
    heard = names & (tokens_of(money.payer) | words)
    whole = bool(names) and heard == names
    grounds = [
        (ours, _NUMBER, f"the reference names order {order.order}"),
        (names_theirs and not ours, _THEIRS, f"the reference names {order.channel_number}"),
        (same, _AMOUNT, "exactly what is due"),
        (whole, _NAME, "the customer's name"),
        (
            not whole and any(len(each) >= LEAST_LETTERS for each in heard),
            _PART,
            "a part of the customer's name",
        ),
    ]
    score = sum(points for holds, points, _ in grounds if holds)
    if score < _NAME:
        return None
    reasons = tuple(words for holds, _, words in grounds if holds)
    amount = min(money.amount, order.due) or money.amount
    return Suggestion(order.order, amount, score, reasons, is_sure=ours and same)


def tokens_of(text: str) -> frozenset[str]:
    """Its words and numbers, without accents and case: #1042, and Nr.1042 name 1042."""
    return frozenset(_plain(text).split())


def numbers_in(texts: Iterable[str]) -> set[int]:
    """What may be an order's number in what transfers say."""
    words = {word for text in texts for word in tokens_of(_DAY.sub(" ", text))}
    return {int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 16}


def _plain(text: str) -> str:
    """Words parted by blanks; letters that run into digits are parted as well, as in RE1042."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    words = (piece for word in _WORD.findall(bare.casefold()) for piece in _parted(word))
    return " ".join(words)


def _parted(word: str) -> list[str]:
    return re.findall(r"\d+|[^\W\d_]+", word)
