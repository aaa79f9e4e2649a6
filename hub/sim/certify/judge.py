"""Holds one translated order against what was really sold. Pure; the first rule that is broken is raised."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hub.model.errors import InputError
from hub.model.incoming import IncomingOrder, LineKind, Payment, Person
from hub.model.money import minor_digits
from hub.model.orders.soundness import refuse_unsound
from hub.model.orders.taking import difference
from hub.sim.certify import flaws
from hub.sim.certify.flaws import must
from hub.sim.certify.people import personal
from hub.spec.testing import SimSale

DECIMALS_MAX = 6  # the finest amounts any channel writes
CAME = {Payment.PAID, Payment.PARTLY_REFUNDED, Payment.REFUNDED}
_SECOND = timedelta(seconds=1)


def judge(order: IncomingOrder, sale: SimSale | None, buyer: Person | None = None) -> None:
    """Without `sale`, as for a recording, only the order's own soundness is judged."""
    where = f"order {order.channel_order_id!r}"
    _types(order, where)
    _amounts(order, where)
    if buyer is not None:
        _privacy(order, buyer, where)
    if sale is not None:
        _same_money(order, sale, where)
        _same_account(order, sale, where)
        _same_lines(order, sale, where)
        _same_state(order, sale, where)
        _same_handover(order, sale, where)


def _types(order: IncomingOrder, where: str) -> None:
    for path, value in _leaves(replace(order, person=Person())):
        must(not isinstance(value, float), flaws.FLOAT_MONEY, f"{where}: {path} is a float, {value!r}")
        naive = isinstance(value, datetime) and value.tzinfo is None
        must(not naive, flaws.NAIVE_TIME, f"{where}: {path} is {value}, without a zone")
    try:
        msgspec.json.decode(msgspec.json.encode(order), type=IncomingOrder)
        refuse_unsound(order)
    except (msgspec.ValidationError, InputError) as error:
        raise flaws.BrokenRuleError(flaws.UNSOUND, f"{where}: {error}") from error


def _amounts(order: IncomingOrder, where: str) -> None:
    for path, value in _leaves(order):
        if isinstance(value, Decimal):
            fine = -int(value.as_tuple().exponent) <= DECIMALS_MAX
            must(fine, flaws.FLOAT_MONEY, f"{where}: {path} is {value}, finer than any channel writes")
    gap = difference(order)
    coin = Decimal(1).scaleb(-minor_digits(order.currency))
    must(
        gap == 0 or abs(gap) >= coin / 2,
        flaws.FLOAT_MONEY,
        f"{where}: its parts miss its total by {gap}, which is no coin of {order.currency}",
    )


def _privacy(order: IncomingOrder, buyer: Person, where: str) -> None:
    outside = msgspec.json.encode(replace(order, person=Person())).decode()
    shown = sorted(text for text in personal(buyer) if text in outside)
    must(not shown, flaws.LEAKS_PERSON, f"{where}: {shown[:1]} stands outside `person`")


def _same_money(order: IncomingOrder, sale: SimSale, where: str) -> None:
    must(
        order.currency == sale.currency,
        flaws.WRONG_MONEY,
        f"{where}: the currency is {order.currency}, sold in {sale.currency}",
    )
    off = order.total - sale.total
    coin = Decimal(1).scaleb(-minor_digits(sale.currency))
    flaw = (
        flaws.FLOAT_MONEY if abs(off) <= abs(sale.total) * Decimal("1e-12") + coin / 2 else flaws.WRONG_MONEY
    )
    must(off == 0, flaw, f"{where}: the total is {order.total}, sold for {sale.total}")
    must(
        abs(difference(order)) < max(coin * 10, Decimal(1)),
        flaws.WRONG_MONEY,
        f"{where}: its parts miss its total by {difference(order)}",
    )


def _same_account(order: IncomingOrder, sale: SimSale, where: str) -> None:
    """Only what its vendor says of payment and tax is judged."""
    paid = order.payment in CAME
    must(
        sale.paid in {None, paid},
        flaws.WRONG_STATE,
        f"{where}: payment is {order.payment}, at the channel its money {'came' if sale.paid else 'did not come'}",
    )
    must(
        sale.tax in {None, order.tax_total},
        flaws.WRONG_MONEY,
        f"{where}: tax_total is {order.tax_total}, at the channel {sale.tax}",
    )


def _same_lines(order: IncomingOrder, sale: SimSale, where: str) -> None:
    """Lines may name the listing, the SKU or both; one that names neither could never be matched."""
    items = [line for line in order.lines if line.kind is LineKind.ITEM]
    nameless = [line.channel_line_id for line in items if not (line.channel_sku or line.channel_listing_id)]
    must(not nameless, flaws.WRONG_LINES, f"{where}: line {nameless[:1]} names neither listing nor SKU")
    got: Counter[str] = Counter()
    for line in items:
        got[line.channel_sku or line.channel_listing_id] += line.quantity
    if all(line.channel_sku for line in items):
        must(
            dict(got) == dict(sale.units),
            flaws.WRONG_LINES,
            f"{where}: {dict(got)} came, sold were {dict(sale.units)}",
        )
    came, sold = sorted(got.values()), sorted(sale.units.values())
    must(came == sold, flaws.WRONG_LINES, f"{where}: units {came} came, sold were {sold}")


def _same_state(order: IncomingOrder, sale: SimSale, where: str) -> None:
    off = abs(order.placed_at - sale.bought_at)
    must(
        off <= _SECOND,
        flaws.WRONG_TIME,
        f"{where}: placed_at is {order.placed_at}, sold at {sale.bought_at}",
    )
    must(
        order.canceled == sale.canceled,
        flaws.WRONG_STATE,
        f"{where}: canceled is {order.canceled}, at the channel {sale.canceled}",
    )


def _same_handover(order: IncomingOrder, sale: SimSale, where: str) -> None:
    """Only what its vendor says of an order is judged."""
    collected, at_the_door = order.pickup is not None, order.cash_on_delivery
    must(
        sale.collected in {None, collected},
        flaws.WRONG_HANDOVER,
        f"{where}: it reads as {'collected' if collected else 'sent'}, at the channel it is not",
    )
    must(
        sale.at_the_door in {None, at_the_door},
        flaws.WRONG_HANDOVER,
        f"{where}: cash_on_delivery is {at_the_door}, at the channel it is not",
    )
    if sale.parcels is not None:
        numbers = sorted(each.tracking for each in order.parcels)
        seen = f"{where}: its parcels read as {numbers}, at the channel they are {sorted(sale.parcels)}"
        must(numbers == sorted(sale.parcels), flaws.WRONG_HANDOVER, seen)


def newest(orders: list[IncomingOrder]) -> dict[str, IncomingOrder]:
    """The newest snapshot of each order, by revision and time of change, as the hub puts them in order (L2)."""
    held: dict[str, IncomingOrder] = {}
    for order in orders:
        hold(held, order)
    return held


def hold(held: dict[str, IncomingOrder], order: IncomingOrder) -> None:
    """Keep the snapshot, unless the one that is kept is newer."""
    known = held.get(order.channel_order_id)
    if known is None or (order.revision, order.updated_at) >= (known.revision, known.updated_at):
        held[order.channel_order_id] = order


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from _leaves(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _leaves(each, f"{path}[{index}]")
    else:
        yield path, value
