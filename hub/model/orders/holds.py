"""Holds: why an order waits for a person, whose they are, and what becomes of its stock meanwhile. Pure."""

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from hub.model.errors import InputError, WrongStateError

BY_STOCK = ("oversold", "unsourced", "unmatched")
"""The holds that stock, or a SKU, ends by itself: goods that are there may leave all the same."""
BY_THE_HUB = (*BY_STOCK, "payment", "conflict")
"""Nobody puts these by hand: each is a fact of its order."""
USUAL = ("review", "address", "fraud")
TEXT_MAX = 500
_REASON = re.compile(r"[a-z][a-z0-9]*( [a-z0-9]+)*")
_REASON_MAX = 40


class Stock(StrEnum):
    """What a hold does to the stock of its order: it stays promised, or is given back until the hold is resolved."""

    KEPT = "kept"
    RELEASED = "released"


class Hold(Struct, frozen=True):
    """Put on the order with this number. `reason` is one of ours or a few words of your own, such as `gift wrap`.

    `owner` is who looks after it, `due_at` until when.
    """

    order: int
    reason: str
    note: str = ""
    owner: str = ""
    due_at: datetime | None = None
    stock: Stock = Stock.KEPT


def refuse_bad(holds: Iterable[Hold]) -> None:
    """Raises InputError, or WrongStateError for a hold that only the hub puts, at the first that cannot be."""
    for each in holds:
        if each.reason in BY_THE_HUB:
            msg = f"the hold {each.reason!r} is put by the hub itself, where it is so: choose another reason"
            raise WrongStateError(msg)
        if len(each.reason) > _REASON_MAX or not _REASON.fullmatch(each.reason):
            msg = (
                f"the reason {each.reason[:20]!r} cannot be: use {', '.join(USUAL)}, or a few words of your own "
                f"in small letters (at most {_REASON_MAX} characters), such as: gift wrap"
            )
            raise InputError(msg, field="reason")
        for name, words in (("note", each.note), ("owner", each.owner)):
            if len(words) > TEXT_MAX or "\0" in words:
                msg = f"the {name} has {len(words)} characters: {TEXT_MAX} are enough"
                raise InputError(msg, field=name)


def can_be_resolved(reason: str) -> bool:
    """Whether a person's word ends it; a conflict is ended field by field."""
    return reason not in (*BY_STOCK, "conflict")


def refuse_facts(reason: str) -> None:
    """Raises WrongStateError for a hold that is a fact about stock: no word makes it go."""
    if not can_be_resolved(reason):
        end = (
            "choose whose word counts, on its page"
            if reason == "conflict"
            else "bring stock or a SKU, or cancel"
        )
        msg = f"the hold {reason!r} ends by itself when its cause is gone: {end}"
        raise WrongStateError(msg)
