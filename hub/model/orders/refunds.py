"""Refunds by line: what the units of an order are worth, so that all of them together are worth what was charged. Pure.

What was charged is the channel's own figure, net and tax as it wrote them (C51), after every discount (C52); nothing is
computed from a rate. Each line has its part of the whole in coins, and its last unit what is left of that: so the parts
add up to the whole, whatever the order they go in (C50). What has gone is what was given for it then, whatever the
line costs since.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from uuid import UUID

from msgspec import Struct

from hub.model.errors import InputError
from hub.model.money import payable
from hub.model.orders.payments import Account
from hub.model.orders.taking import EXACT_DIGITS

NOTHING = Decimal(0)
REASON_MAX = 500


class Charged(Struct, frozen=True):
    """A line as it is charged: `amount` with its tax for `units`, which are not canceled.

    `refunded` units went back before for `given`, and `flat` for no unit in particular.
    """

    id: UUID
    name: str
    units: int
    amount: Decimal
    canceled: int = 0
    refunded: int = 0
    given: Decimal = NOTHING
    flat: Decimal = NOTHING
    channel_line_id: str = ""

    @property
    def back(self) -> int:
        """Units that were refunded and are charged still: what was canceled was refunded first."""
        return max(0, self.refunded - self.canceled)

    @property
    def left(self) -> int:
        return self.units - self.back

    def gone(self, currency: str) -> Decimal:
        """What of its amount has gone back."""
        part = Fraction(self.given) * self.back / self.refunded if self.refunded else Fraction(0)
        return payable(part, currency) + self.flat


class Bill(Struct, frozen=True):
    """All that was charged for an order; `total` is the channel's own, `shipping` with its tax."""

    order: int
    currency: str
    total: Decimal
    lines: Mapping[UUID, Charged]
    shipping: Decimal = NOTHING
    shipping_refunded: Decimal = NOTHING

    @property
    def anything_left(self) -> bool:
        return self.shipping_left > 0 or any(line.left > 0 for line in self.lines.values())

    @property
    def shipping_left(self) -> Decimal:
        return max(NOTHING, payable(self.shipping, self.currency) - self.shipping_refunded)


class Worth(Struct, frozen=True):
    """What goes back, in all and by line; `units` and `shipping` say what for."""

    amount: Decimal
    units: Mapping[UUID, int] = {}
    by_line: Mapping[UUID, Decimal] = {}
    shipping: Decimal = NOTHING


def worth_of(bill: Bill, units: Mapping[UUID, int], shipping: Decimal = NOTHING) -> Worth:
    """What these units, and so much of the shipping, are worth. Raises InputError naming the field that cannot be.

    Once nothing is left to refund, the rest of the total goes with the last part: a difference that the channel's own
    total has beyond its lines is no debt to anybody.
    """
    _refuse_bad(bill, units, shipping)
    coins, by_line, back = _coins(bill), {}, shipping
    gone = {line.id: min(coins[line.id], line.gone(bill.currency)) for line in bill.lines.values()}
    for line_id in sorted(units, key=str):
        left = Fraction(coins[line_id] - gone[line_id])
        by_line[line_id] = payable(left * units[line_id] / bill.lines[line_id].left, bill.currency)
    said = total_of([*gone.values(), bill.shipping_refunded, *by_line.values(), shipping])
    rest = payable(bill.total, bill.currency) - said
    if rest < 0 or _is_all(bill, units, shipping):
        last = max(by_line, key=str, default=None)
        if last is None or shipping:
            back = max(NOTHING, back + rest)
        else:
            by_line[last] = max(NOTHING, by_line[last] + rest)
    return Worth(total_of([*by_line.values(), back]), dict(units), by_line, back)


def flat_worth(bill: Bill, line_id: UUID, amount: Decimal) -> Worth:
    """Just so much for a line, whatever its units are worth. Raises InputError where there is no such line."""
    _find(bill, line_id)
    return Worth(amount, {line_id: 0}, {line_id: amount})


def total_of(amounts: Iterable[Decimal]) -> Decimal:
    with localcontext() as exact:
        exact.prec = EXACT_DIGITS
        return sum(amounts, NOTHING)


def _coins(bill: Bill) -> dict[UUID, Decimal]:
    """What each line is worth in coins: fractions are rounded once, over all lines before it and itself."""
    coins, exact, before = {}, Fraction(0), NOTHING
    for line in sorted(bill.lines.values(), key=lambda line: str(line.id)):
        exact += Fraction(line.amount)
        now = max(before, payable(exact, bill.currency))
        coins[line.id], before = now - before, now
    return coins


def _find(bill: Bill, line_id: UUID) -> Charged:
    if line_id not in bill.lines:
        msg = f"order {bill.order} has no such line: see hub order show {bill.order}"
        raise InputError(msg, field="lines")
    return bill.lines[line_id]


def _is_all(bill: Bill, units: Mapping[UUID, int], shipping: Decimal) -> bool:
    left = any(line.left > units.get(line.id, 0) for line in bill.lines.values())
    return not left and shipping >= bill.shipping_left


def _refuse_bad(bill: Bill, units: Mapping[UUID, int], shipping: Decimal) -> None:
    for line_id, count in units.items():
        line = _find(bill, line_id)
        if not 1 <= count <= line.left:
            msg = f"{count} of {line.name} cannot be refunded: {line.left} of {line.units} are left to refund"
            raise InputError(msg, field="lines")
    left = bill.shipping_left
    if (
        not shipping.is_finite()
        or shipping < 0
        or shipping != payable(shipping, bill.currency)
        or shipping > left
    ):
        msg = f"{shipping} of the shipping cannot be refunded: {left} {bill.currency} are left, to the smallest coin"
        raise InputError(msg, field="shipping")


def refuse_vague(order: int, account: Account) -> None:
    """Raises InputError where nobody knows how much has gone back: what lines are worth may have gone with it."""
    if account.is_vague:
        msg = (
            f"the channel gave back a part of order {order} and does not say how much: look there, and say the amount"
            " that goes back now"
        )
        raise InputError(msg, field="amount")


def refuse_unpaid(order: int, account: Account, amount: Decimal) -> None:
    """Raises InputError where so much was not paid, or was said to go back before."""
    left = account.refundable - account.owed
    if not amount.is_finite() or amount < 0 or amount != payable(amount, account.currency):
        msg = f"{amount} {account.currency} is no amount that can go back: write 0 or more, to the smallest coin"
        raise InputError(msg, field="amount")
    if amount > left:
        msg = (
            f"{amount} {account.currency} cannot go back of order {order}: {left} of what was paid have not gone back"
            " yet; say that amount, or record the payment first"
        )
        raise InputError(msg, field="amount")


class Swap(Struct, frozen=True):
    """Units of a SKU that the customer gets for what came back; without a price, they are as good as that."""

    sku: str
    quantity: int
    unit_price: Decimal | None = None


class Settled(Struct, frozen=True):
    """What goes back as money, what of the worth pays for the new lines, and what each of these costs less by that."""

    amount: Decimal
    credited: Decimal = NOTHING
    discounts: Sequence[Decimal] = ()


def settle_up(
    worth: Worth, swaps: Sequence[Swap], *, even: Iterable[UUID] = (), amount: Decimal | None = None
) -> Settled:
    """What came back pays for what goes out, as far as it reaches; the rest goes back, or just `amount`.

    Swaps without a price take all that the lines `even` are worth, or everything where none are named. Raises
    InputError where nothing of these is settled: an even exchange for nothing would be a gift.
    """
    free = any(swap.unit_price is None for swap in swaps)
    lines = ({*even} or {*worth.by_line}) & {*worth.by_line}
    if free and not lines:
        msg = "nothing of what is settled was to be exchanged: say what each of the goods that go out costs"
        raise InputError(msg, field="exchange")
    taken = total_of(worth.by_line[each] for each in lines) if free else NOTHING
    costs = [(swap.unit_price or NOTHING) * swap.quantity for swap in swaps]
    rest = max(NOTHING, worth.amount - taken)
    back = max(NOTHING, rest - total_of(costs)) if amount is None else amount
    left, discounts = max(NOTHING, rest - back), []
    for cost in costs:
        discounts.append(min(cost, left))
        left -= discounts[-1]
    return Settled(back, taken + total_of(discounts), discounts)
