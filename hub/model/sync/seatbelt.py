"""The seatbelt: no push empties most of a channel, or moves its numbers tenfold, without a person (L12). Pure."""

from msgspec import Struct

from hub.model.errors import InputError

LEAP_FROM = 100  # of two numbers below it neither is a leap: from 1 to 12 is a box that was opened
FACTOR_MIN = 2


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """Fewer than `few` drastic changes always go; `most` of them never do, nor more than `share_percent` of what sells.

    A number leaps where it becomes `factor` times as high, or that part of what it was.
    """

    few: int = 10
    share_percent: int = 20
    most: int = 500
    factor: int = 10


class Change(Struct, frozen=True):
    """What a listing shows as far as the hub knows, and would show; orders took `sold` of it since it was told.

    `shown` null: nobody told or read it, so it may sell.
    """

    shown: int | None
    would: int
    sold: int = 0


def is_drastic(change: Change, limits: Limits) -> bool:
    """Whether it goes to none or leaps, and orders alone do not say why: a sell-out is never held back."""
    shown, would = change.shown, change.would
    if shown is None:
        return would == 0
    if not shown or 0 < shown - would <= change.sold:
        return False
    return would == 0 or _leaps(shown, would, limits.factor)


_STRICTEST = Limits(factor=FACTOR_MIN)


def may_be_drastic(shown: int | None, would: int) -> bool:
    """Whether it could be by any limits, whatever orders took: where it cannot, nobody need look further."""
    return shown != would and is_drastic(Change(shown, would), _STRICTEST)


def _leaps(shown: int, would: int, factor: int) -> bool:
    least, most = sorted((shown, would))
    return most >= max(LEAP_FROM, least * factor)


def must_wait(limits: Limits, *, drastic: int, of: int) -> bool:
    """Whether so many drastic changes, of so many listings that sell, wait for a person."""
    if drastic < limits.few:
        return False
    return drastic >= limits.most or drastic * 100 > limits.share_percent * of


def headline(channel: str, drastic: int, of: int, to_none: int) -> str:
    """shop-de: 480 of 1,200 listings would change at once, 470 of them to 0; they wait for a person."""
    how = f", {to_none:,} of them to 0" if to_none else ""
    return f"{channel}: {drastic:,} of {of:,} listings would change at once{how}; they wait for a person"


def refuse_bad(limits: Limits) -> None:
    """Raises InputError naming the field that cannot be so."""
    for field, says, least, most in (
        ("few", "the number of changes below which all go", 1, 1_000_000),
        ("share_percent", "the share of what sells, in percent,", 1, 100),
        ("most", "the number of changes that always wait", 1, 1_000_000),
        ("factor", "the factor by which a number leaps", FACTOR_MIN, 1_000),
    ):
        if not least <= getattr(limits, field) <= most:
            msg = f"{says} is {getattr(limits, field)}: it must be from {least} to {most:,}"
            raise InputError(msg, field=field)
