"""What somebody saw of an order before they changed it: an edit overwrites no news that nobody has seen. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from hub.model.edits.editing import Edited, all_fields
from hub.model.edits.owners import AMOUNTS, LINE, OF_LINE, OWN
from hub.model.edits.words import label_of
from hub.model.errors import InputError, StaleError

THEIRS = "theirs/"
"""Begins the name of the channel's word in a conflict, as `theirs/line/1`."""
_AMOUNTS = {"unit_price", "total", "tax", "discount", "price", *AMOUNTS}

Seen = Mapping[str, Any]
"""Fields by name, as somebody saw them; of one with members, those that were shown."""


def shown_fields(edited: Edited) -> dict[str, Any]:
    """Every field as it stands, the channel's word in each conflict included."""
    theirs = {f"{THEIRS}{name}": each.theirs for name, each in edited.owners.items() if each.asks}
    return {name: msgspec.json.decode(text) for name, text in {**all_fields(edited), **theirs}.items()}


def refuse_stale(edited: Edited, seen: Seen) -> None:
    """Raises InputError for what is no field, or StaleError with both values of each that has moved.

    Its sentence names no value (L17).
    """
    now = shown_fields(edited) if seen else {}
    strange = [name for name in seen if name not in now and not name.startswith((LINE, OF_LINE, OWN, THEIRS))]
    if strange:
        msg = f"an order has no field {strange[0][:50]!r}: send back those that its edits show"
        raise InputError(msg, field="was")
    moved = {name: (was, now.get(name)) for name, was in seen.items() if not _alike(was, now.get(name), name)}
    if moved:
        named = ", ".join(label_of(name.removeprefix(THEIRS), edited) for name in moved)
        msg = (
            f"{named} changed since you looked, so nothing is changed: see what is there now, and decide anew"
        )
        raise StaleError(msg, changed={name: _differing(*both) for name, both in moved.items()})


def both_in_words(error: StaleError) -> Iterator[str]:
    """What was seen and what is there now, for the person who is refused; never for a log."""
    for was, now in error.changed.values():
        if isinstance(was, dict) and isinstance(now, dict):
            yield from (f"{name.replace('_', ' ')}: {was[name]}, now {now[name]}" for name in was)
        else:
            yield f"{_plain(was)}, now {_plain(now)}"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{each}" for each in value.values() if each)
    return "nothing" if value is None else str(value) or "nothing"


def _alike(was: Any, now: Any, name: str = "") -> bool:
    if isinstance(was, dict) and (now is None or isinstance(now, dict)):
        there = now or {}
        return all(_alike(text, there.get(key, ""), key) for key, text in was.items())
    return bool(_amount(was) == _amount(now) if name in _AMOUNTS else was == now)


def _amount(words: Any) -> Any:
    try:
        amount = Decimal(str(words))
    except InvalidOperation:
        return words
    return amount if amount.is_finite() else words


def _differing(was: Any, now: Any) -> tuple[Any, Any]:
    """Of what has members, those that differ."""
    if not (isinstance(was, dict) and isinstance(now, dict)):
        return was, now
    names = [name for name, text in was.items() if not _alike(text, now.get(name, ""), name)]
    return {name: was[name] for name in names}, {name: now.get(name) for name in names}
