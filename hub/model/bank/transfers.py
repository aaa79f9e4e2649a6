"""Bank transfers: money that came in, and the states it goes through until it is known what it pays. Pure."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from hub.model.errors import InputError, WrongStateError
from hub.model.money import refuse_finer, refuse_strange

TEXT_MAX = 500
ID_MAX = 200
AMOUNT_MAX = Decimal(10) ** 15
NONE = Decimal(0)


class Deed(StrEnum):
    MATCH = "match"
    UNDO = "undo"
    SET_ASIDE = "set aside"
    TAKE_UP = "take up"


class State(StrEnum):
    """`set aside`: it, or the rest of it, pays no order, by a person's word."""

    OPEN = "open"
    PARTLY = "partly matched"
    MATCHED = "matched"
    SET_ASIDE = "set aside"


MAY: Mapping[State, frozenset[Deed]] = {
    State.OPEN: frozenset({Deed.MATCH, Deed.SET_ASIDE}),
    State.PARTLY: frozenset({Deed.MATCH, Deed.UNDO, Deed.SET_ASIDE}),
    State.MATCHED: frozenset({Deed.UNDO}),
    State.SET_ASIDE: frozenset({Deed.TAKE_UP}),
}


class Payer(Struct, frozen=True):
    """All of a transfer that may name somebody, sealed as one value (L17)."""

    name: str = ""
    reference: str = ""


class Transfer(Struct, frozen=True):
    """One line of a statement. `bank_id` is the bank's own; without it, all that it says tells it apart, unless a
    person says that it `is_another` than the one that says the same.
    """

    id: UUID
    booked_on: date
    amount: Decimal
    currency: str
    payer: Payer = Payer()
    bank_id: str = ""
    is_another: bool = False

    @property
    def key_text(self) -> str:
        """What makes it the same transfer when it is told again."""
        if self.bank_id:
            return f"{self.currency} {self.bank_id}"
        exact = f"{self.amount.normalize():f}"
        alike = (str(self.booked_on), exact, self.currency, self.payer.name, self.payer.reference)
        return "\n".join((*alike, str(self.id)) if self.is_another else alike)


class Held(Struct, frozen=True):
    """A transfer as the hub holds it, locked: `matched` is what of it pays orders."""

    id: UUID
    booked_on: date
    amount: Decimal
    currency: str
    matched: Decimal
    is_aside: bool

    @property
    def left(self) -> Decimal:
        return self.amount - self.matched

    @property
    def state(self) -> State:
        return state_of(self.amount, self.matched, is_aside=self.is_aside)

    def refuse(self, deed: Deed) -> None:
        """Raises WrongStateError for a deed that the table does not list."""
        if deed not in MAY[self.state]:
            can = " or ".join(sorted(MAY[self.state]))
            msg = f"the transfer of {self.amount} {self.currency} is {self.state}: you can {can} now"
            raise WrongStateError(msg)


class Match(Struct, frozen=True):
    """So much of a transfer pays an order. `id` is the caller's, and that of the payment (L1)."""

    id: UUID
    transfer: UUID
    order: int
    amount: Decimal


def state_of(amount: Decimal, matched: Decimal, *, is_aside: bool) -> State:
    if is_aside:
        return State.SET_ASIDE
    if not matched:
        return State.OPEN
    return State.PARTLY if matched < amount else State.MATCHED


def refuse_bad(transfer: Transfer) -> None:
    """Raises InputError for the first field that cannot be."""
    refuse_strange(transfer.currency)
    if not transfer.amount.is_finite() or not 0 < transfer.amount < AMOUNT_MAX:
        msg = f"{str(transfer.amount)[:20]} is no amount that came in: write more than 0"
        raise InputError(msg, field="amount")
    refuse_finer(transfer.amount, transfer.currency)
    texts = (("payer", transfer.payer.name, TEXT_MAX), ("reference", transfer.payer.reference, TEXT_MAX))
    for field, words, most in (*texts, ("bank_id", transfer.bank_id, ID_MAX)):
        if len(words) > most or not words.isprintable():
            msg = f"the {field.replace('_', ' ')} has {most} printable characters at most"
            raise InputError(msg, field=field)


def refuse_mismatch(match: Match, held: Held, currency: str) -> None:
    """Raises InputError where the order's currency is another (C53), or more is given than is left."""
    held.refuse(Deed.MATCH)
    if currency != held.currency:
        msg = f"order {match.order} is in {currency} and the transfer in {held.currency}: it cannot pay it"
        raise InputError(msg, field="order")
    if match.amount > held.left:
        msg = f"{match.amount} {currency} is more than is left of the transfer: {held.left} {currency}"
        raise InputError(msg, field="amount")
