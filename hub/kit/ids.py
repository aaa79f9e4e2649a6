"""Ids: UUIDv7 (RFC 9562), so that new rows land at the end of an index and sort by the time they were made."""

import secrets
from threading import Lock
from uuid import UUID

from hub.kit.clock import now_ns

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_TICKS_PER_MS = 4096  # RFC 9562, 6.2, method 3: twelve bits below the millisecond

_lock = Lock()
_last_tick = 0


def uuid7() -> UUID:
    """Return an id that is greater than every id this process made before."""
    tick = _next_tick()
    milliseconds, fraction = divmod(tick, _TICKS_PER_MS)
    return UUID(int=milliseconds << 80 | _VERSION | fraction << 64 | _VARIANT | secrets.randbits(62))


def _next_tick() -> int:
    global _last_tick  # noqa: PLW0603 -- the order of ids is a property of the process
    with _lock:
        _last_tick = max(_last_tick + 1, now_ns() * _TICKS_PER_MS // 1_000_000)
        return _last_tick
