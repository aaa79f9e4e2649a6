"""Ids: UUIDv7 (RFC 9562), so that new rows land at the end of an index and sort by the time they were made."""

import os
from datetime import datetime
from struct import iter_unpack
from threading import Lock
from uuid import UUID, SafeUUID

from hub.kit.clock import now_ns

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_TICK_BITS = 12  # below the millisecond: RFC 9562, 6.2, method 3

CHANCES = 512

_blank, _put = object.__new__, object.__setattr__
_UNKNOWN = SafeUUID.unknown  # to ask an enum for its member costs a quarter of an id
_lock = Lock()
_last_tick = 0
_chances: list[int] = []


def uuid7() -> UUID:
    """Return an id that is greater than every id this process made before."""
    with _lock:
        tick, chance = _next_tick(), _next_chance()
    return _uuid7(tick, chance)


def uuid7s(count: int) -> list[UUID]:
    """As many ids as a batch needs, each greater than the one before: a third of the cost of asking for each."""
    global _last_tick  # noqa: PLW0603 -- the order of ids is a property of the process
    with _lock:
        first = _next_tick()
        _last_tick += max(0, count - 1)
    chances = _chances_for(count)
    return [_uuid7(first + place, chance) for place, chance in enumerate(chances)]


def _uuid7(tick: int, chance: int) -> UUID:
    """As UUID(int=…), without its checks: they cost more than the number."""
    made = _blank(UUID)
    _put(made, "int", tick >> _TICK_BITS << 80 | _VERSION | (tick & 0xFFF) << 64 | _VARIANT | chance)
    _put(made, "is_safe", _UNKNOWN)
    return made


def first_of(moment: datetime) -> UUID:
    """The least id that a process could make at this moment: all ids made later are greater."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def _next_tick() -> int:
    global _last_tick  # noqa: PLW0603 -- the order of ids is a property of the process
    _last_tick = max(_last_tick + 1, (now_ns() << _TICK_BITS) // 1_000_000)
    return _last_tick


def _next_chance() -> int:
    """62 random bits; the system is asked for many at once, since asking costs more than all the rest of an id."""
    if not _chances:
        _chances.extend(_chances_for(CHANCES))
    return _chances.pop()


def _chances_for(count: int) -> list[int]:
    return [number >> 2 for (number,) in iter_unpack("Q", os.urandom(8 * count))]


def _forget_chances() -> None:
    """A forked process must not make the ids of its parent."""
    _chances.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_chances)
