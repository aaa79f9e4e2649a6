"""Errors named by what happens next. Every message says what, which, and what to do."""

from collections.abc import Mapping
from typing import Any


class HubError(Exception):
    """The root of all errors the hub raises on purpose."""


class InputError(HubError):
    """The caller can fix it: `field` names the part of the input that is wrong."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class NotFoundError(HubError):
    """There is no such thing."""


class WrongStateError(HubError):
    """The table of states has no such row; the message says what is allowed."""


class StaleError(HubError):
    """It changed since it was read. `changed` has both values of each field that did: what was seen, what is there."""

    def __init__(self, message: str, *, changed: Mapping[str, tuple[Any, Any]] | None = None) -> None:
        super().__init__(message)
        self.changed = dict(changed or {})


class OutOfStockError(HubError):
    """A promise cannot be kept. `short` maps each order line's position to the units that are missing."""

    def __init__(self, message: str, short: Mapping[int, int]) -> None:
        super().__init__(message)
        self.short = dict(short)
