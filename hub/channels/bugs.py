"""What breaks over one message or order and stops nobody else: what is refused, and bugs, a connector's or ours."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from hub.model.errors import HubError, InputError, OutOfStockError, WrongStateError
from hub.store.db import RefusedRowsError

BUGS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
PARKED = (
    RefusedRowsError,
    OutOfStockError,
    InputError,
    WrongStateError,
    msgspec.MsgspecError,
    AssertionError,
    *BUGS,
)


def reason_of(error: Exception) -> str:
    """What a person reads. Of a bug only its class: its message may hold anything (L17)."""
    if isinstance(error, HubError):
        return str(error)
    return f"the hub failed with {type(error).__name__}: report it to its authors"


def fault_of(part: str, error: Exception) -> str:
    """The same where the bug is not ours: `part` is whose, such as "the connector"."""
    if isinstance(error, HubError):
        return str(error)
    return f"{part} failed with {type(error).__name__}: report it to its author"


@contextmanager
def opening(part: str, *, settings: str = "its settings", author: str = "its author") -> Iterator[None]:
    """Open what somebody else wrote; its bugs are raised as InputError, with what to look at and whom to tell."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # its text may hold settings, which may be secrets
        msg = (
            f"{part} failed with {type(error).__name__} when it was opened: check {settings}, and report it"
            f" to {author} where they are right"
        )
        raise InputError(msg) from error
