"""What breaks over one message or order and stops nobody else: what is refused, and bugs, a connector's or ours."""

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
