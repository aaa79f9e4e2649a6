"""Payments: what was authorized, captured and refunded of an order, by one tender or several. Exact; pure."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.model.errors import InputError
from hub.model.incoming import Payment
from hub.model.money import minor_digits
from hub.model.orders.paying import UNPAID

NONE = Decimal(0)
WORDS_MAX = 200  # characters of a reference


class Tender(StrEnum):
    CARD = "card"
    ALIPAY = "alipay"
    WECHAT_PAY = "wechat pay"
    PAYPAL = "paypal"
    BANK_TRANSFER = "bank transfer"
    CASH = "cash"
    CASH_ON_DELIVERY = "cash on delivery"
    GIFT_CARD = "gift card"
    MARKETPLACE = "collected by the marketplace"
    OTHER = "other"


class Step(StrEnum):
    """`authorized`: set aside for us; `captured`: ours; `refunded`: given back."""

    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    REFUNDED = "refunded"


class Entry(Struct, frozen=True):
    """One fact about money, in the currency of its order. `id` is the caller's: the same one again is the same fact."""

    id: UUID
    order: int
    tender: Tender
    step: Step
    amount: Decimal
    reference: str = ""


class Account(Struct, frozen=True):
    """What an order costs and what of it was authorized, captured and refunded by the entries; `word` is the channel's.

    What a channel calls paid without an amount was captured there, all of it. `to_go_back` is what a person said goes
    back, whether it went or not.
    """

    order: int
    currency: str
    total: Decimal
    word: str
    authorized: Decimal = NONE
    captured: Decimal = NONE
    refunded: Decimal = NONE
    to_go_back: Decimal = NONE

    @property
    def there(self) -> Decimal:
        """What the channel collected by its word alone, beyond the entries."""
        collected = {Payment.PAID, Payment.PARTLY_REFUNDED, Payment.REFUNDED}
        return max(NONE, self.total - self.captured) if self.word in collected else NONE

    @property
    def due(self) -> Decimal:
        return max(NONE, self.total - self.captured - self.there)

    @property
    def over(self) -> Decimal:
        """What was paid too much, and not given back yet."""
        return max(NONE, self.captured - self.refunded - self.total)

    @property
    def owed(self) -> Decimal:
        """What a person said goes back, and has not gone."""
        return max(NONE, self.to_go_back - self.refunded)

    @property
    def refundable(self) -> Decimal:
        return self.captured + self.there - self.refunded

    @property
    def payment(self) -> Payment:
        """The word for it: as the entries have it, else the channel's."""
        held, back = self.captured + self.there, max(self.refunded, self.to_go_back)
        if (
            back and held >= self.total
        ):  # of a part alone it stays the channel's: `there` takes our word for its own
            return Payment.REFUNDED if back >= held else Payment.PARTLY_REFUNDED
        if self.captured and not self.due:
            return Payment.PAID
        if self.word in UNPAID and self.total and self.captured + self.authorized >= self.total:
            return Payment.AUTHORIZED
        return Payment(self.word)

    def after(self, entry: Entry) -> "Account":
        """Raises InputError for an entry that cannot be: nothing is refunded that was not captured (C40)."""
        _refuse_bad(self, entry)
        sums = {"authorized": self.authorized, "captured": self.captured, "refunded": self.refunded}
        return replace(self, **{entry.step.value: sums[entry.step.value] + entry.amount})


def after_all(account: Account, entries: Iterable[Entry]) -> Account:
    for entry in entries:
        account = account.after(entry)
    return account


def _refuse_bad(account: Account, entry: Entry) -> None:
    digits = minor_digits(account.currency)
    if not entry.amount.is_finite() or entry.amount <= 0:
        msg = f"{entry.amount} is no amount that was paid: write more than 0"
        raise InputError(msg, field="amount")
    if entry.amount != round(entry.amount, digits):
        msg = (
            f"{entry.amount} {account.currency} is no amount anybody can pay: {digits} decimals are the most"
        )
        raise InputError(msg, field="amount")
    if entry.step is Step.REFUNDED and entry.amount > account.refundable:
        msg = (
            f"{entry.amount} {account.currency} cannot be refunded of order {account.order}:"
            f" {account.refundable} was paid and not given back"
        )
        raise InputError(msg, field="amount")
    if len(entry.reference) > WORDS_MAX or not entry.reference.isprintable():
        msg = f"the reference has {WORDS_MAX} printable characters at most"
        raise InputError(msg, field="reference")
