"""Payments: what was authorized, captured and refunded of an order, by one tender or several. Exact; pure."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.model.errors import InputError
from hub.model.incoming import IncomingOrder, Payment
from hub.model.money import payable, refuse_finer
from hub.model.orders.paying import UNPAID

NONE = Decimal(0)
_COLLECTED = frozenset({Payment.PAID, Payment.PARTLY_REFUNDED, Payment.REFUNDED})
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
    """`authorized`: set aside for us; `captured`: ours; `refunded`: given back; `undone`: captured by mistake."""

    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    UNDONE = "undone"


class Entry(Struct, frozen=True):
    """One fact about money, in the currency of its order. `id` is the caller's: the same one again is the same fact.

    `channel_refund_id` is the channel's own of what it gave back, "" where it is not known; None: given back by hand.
    """

    id: UUID
    order: int
    tender: Tender
    step: Step
    amount: Decimal
    reference: str = ""
    channel_refund_id: str | None = None


class Word(Struct, frozen=True):
    """What the channel itself says of the money, and how much it has collected by that."""

    payment: Payment
    collected: Decimal = NONE


def word_of(order: IncomingOrder) -> Word:
    """What a channel calls paid without an amount was collected there, all of it."""
    return Word(order.payment, payable(order.total, order.currency) if order.payment in _COLLECTED else NONE)


class Account(Struct, frozen=True):
    """What an order costs and what of it was authorized, captured and refunded by the entries.

    `word` is the channel's own, and `collected` what it took by that word, whatever the order costs since. `to_go_back`
    is what was said to go back, whether it went or not; `matched` is what of it came by known bank transfers and
    went to no other order, `moved` what came from other orders by a split or a merge, less what went there. `told` is
    what of the refunded money the channel gave back, by the amounts it tells.
    """

    order: int
    currency: str
    total: Decimal
    word: str
    authorized: Decimal = NONE
    captured: Decimal = NONE
    refunded: Decimal = NONE
    to_go_back: Decimal = NONE
    collected: Decimal = NONE
    canceled: bool = False
    matched: Decimal = NONE
    moved: Decimal = NONE
    told: Decimal = NONE

    @property
    def cost(self) -> Decimal:
        """The total as it can be paid: a channel may write fractions of the smallest coin."""
        return payable(self.total, self.currency)

    @property
    def there(self) -> Decimal:
        """What the channel collected by its word alone, beyond the entries.

        An entry is part of it, but for what the order costs more than the channel knows of.
        """
        beyond = max(NONE, self.cost - self.collected)
        return max(NONE, self.collected - max(NONE, self.captured - beyond))

    @property
    def held(self) -> Decimal:
        """All that was paid, whatever went back."""
        return self.captured + self.there

    @property
    def back(self) -> Decimal:
        """What has gone back: by the entries, and the rest of what the channel had where it calls that refunded."""
        rest = max(NONE, self.there - self.told) if self.word == Payment.REFUNDED else NONE
        return min(self.held, self.refunded + rest)

    @property
    def due(self) -> Decimal:
        return NONE if self.canceled else max(NONE, self.cost - self.held)

    @property
    def over(self) -> Decimal:
        """What was paid too much, and not given back yet: of a part that the channel gave back, once it is told."""
        untold = self.word == Payment.PARTLY_REFUNDED and not self.told
        known = self.captured if untold else self.held
        return max(NONE, known - self.back - self.cost)

    @property
    def owed(self) -> Decimal:
        """What was said to go back, and has not gone."""
        return max(NONE, self.to_go_back - max(self.back, self.refunded))

    @property
    def unrecorded(self) -> Decimal:
        """What was said to go back, and no entry says that it went; the channel's word may."""
        return max(NONE, self.to_go_back - self.refunded)

    @property
    def refundable(self) -> Decimal:
        return self.held - self.back

    @property
    def is_vague(self) -> bool:
        """Whether the channel gave back a part that it does not name, and nobody here said one."""
        return self.word == Payment.PARTLY_REFUNDED and not max(self.refunded, self.to_go_back)

    @property
    def payment(self) -> Payment:
        """The word for it: what the sums say, else the channel's."""
        if back := min(self.held, max(self.back, self.to_go_back)):
            return Payment.REFUNDED if back >= self.held else Payment.PARTLY_REFUNDED
        if self.captured and not self.due:
            return Payment.PAID
        if self.word in UNPAID and self.cost and self.captured + self.authorized >= self.cost:
            return Payment.AUTHORIZED
        return Payment.PENDING if self.word == Payment.PAID and self.due else Payment(self.word)

    def after(self, entry: Entry) -> "Account":
        """Raises InputError for an entry that cannot be: nobody here refunds what was not captured (C40).

        What is refunded beyond what is owed is said by that. What a channel gave back is a fact, whatever was paid.
        """
        _refuse_bad(self, entry)
        if entry.step is Step.UNDONE:
            return replace(self, captured=self.captured - entry.amount)
        if entry.step is Step.REFUNDED:
            refunded = self.refunded + entry.amount
            told = self.told + (NONE if entry.channel_refund_id is None else entry.amount)
            return replace(self, refunded=refunded, to_go_back=max(self.to_go_back, refunded), told=told)
        sums = {"authorized": self.authorized, "captured": self.captured}
        return replace(self, **{entry.step.value: sums[entry.step.value] + entry.amount})


def after_all(account: Account, entries: Iterable[Entry]) -> Account:
    for entry in entries:
        account = account.after(entry)
    return account


def _refuse_bad(account: Account, entry: Entry) -> None:
    if not entry.amount.is_finite() or entry.amount <= 0:
        msg = f"{entry.amount} is no amount that was paid: write more than 0"
        raise InputError(msg, field="amount")
    if entry.channel_refund_id is not None:
        return
    refuse_finer(entry.amount, account.currency)
    if entry.step is Step.REFUNDED and entry.amount > account.refundable:
        msg = (
            f"{entry.amount} {account.currency} cannot be refunded of order {account.order}:"
            f" {account.refundable} was paid and not given back"
        )
        raise InputError(msg, field="amount")
    if entry.step is Step.UNDONE:
        _refuse_undone(account, entry.amount)
    if len(entry.reference) > WORDS_MAX or not entry.reference.isprintable():
        msg = f"the reference has {WORDS_MAX} printable characters at most"
        raise InputError(msg, field="reference")


def _refuse_undone(account: Account, amount: Decimal) -> None:
    """What came by a bank transfer, or from another order, is taken back as it came."""
    there = min(account.captured, account.refundable)
    if amount > there:
        msg = (
            f"{amount} {account.currency} cannot be undone of order {account.order}: {there} was recorded and not given"
            " back"
        )
        if account.moved < 0:
            msg += f", and {-account.moved} went to another order: undo that split or merge first"
        raise InputError(msg, field="amount")
    if amount > account.captured - account.matched:
        msg = (
            f"{account.matched} {account.currency} of order {account.order} came by bank transfer: undo that match, on"
            " the page of bank transfers or with hub payment transfer undo"
        )
        raise InputError(msg, field="amount")
    if amount > account.captured - max(NONE, account.moved):
        msg = (
            f"{account.moved} {account.currency} of order {account.order} came from another order: undo that split or"
            " merge first, then the payment there"
        )
        raise InputError(msg, field="amount")
