"""Facts: all that a check or a rule may know of one order. Its names are the words of the retailer's rules. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from msgspec import Struct

from hub.model.incoming import Address, IncomingLine, IncomingOrder, LineKind
from hub.model.orders.taking import difference
from hub.model.stock.wants import Parts

NOTHING = Decimal(0)


class OrderFacts(Struct, frozen=True):
    """`units` are those of its items, less canceled ones; `difference` is what its total has beyond its parts."""

    number: str
    placed_at: datetime
    total: Decimal
    currency: str
    shipping_total: Decimal
    discount_total: Decimal
    difference: Decimal
    units: int
    payment: str
    payment_method: str
    shipping_method: str
    state: str
    pickup: bool
    cash_on_delivery: bool
    note: str


class LineFacts(Struct, frozen=True):
    """`sku` is empty while nobody has matched it; `list_price` is 0 where there is none in the order's currency.

    `available` is what all locations that sell could give before this order, in units sold. `price` is that of one unit
    as the channel names it, `paid` what one costs in the end: after discount, with tax.
    """

    sku: str
    channel_sku: str
    title: str
    kind: str
    quantity: int
    price: Decimal
    paid: Decimal
    discount: Decimal
    total: Decimal
    list_price: Decimal
    available: int


class CustomerFacts(Struct, frozen=True):
    """`orders` counts those placed before this one, on all channels; 0 too where nobody knows who it is."""

    name: str
    email: str
    phone: str
    orders: int
    blocked: bool
    tags: tuple[str, ...]


class AddressFacts(Struct, frozen=True):
    given: bool = False
    name: str = ""
    company: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


class FieldFacts(Struct, frozen=True):
    """A field of the retailer's own that is filled in; `number` is 0 where it is no number."""

    key: str
    text: str
    number: Decimal


class LineFieldFacts(Struct, frozen=True):
    """A field of a line that is filled in, beside what it is of: a loop may not go through lists of lists."""

    key: str
    text: str
    number: Decimal
    sku: str
    quantity: int


class ChannelFacts(Struct, frozen=True):
    """`typed_here`: its orders are typed into the hub, as those by phone, so that nobody else talks about them."""

    name: str
    typed_here: bool = False


class Facts(Struct, frozen=True):
    """`findings` are the names of the checks that found something; `same_as` the orders with the same basket."""

    order: OrderFacts
    lines: tuple[LineFacts, ...]
    customer: CustomerFacts
    shipping: AddressFacts
    billing: AddressFacts
    channel: ChannelFacts
    same_as: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    fields: tuple[FieldFacts, ...] = ()
    line_fields: tuple[LineFieldFacts, ...] = ()


class Line(Struct, frozen=True):
    """A line of an order, with the SKU it was matched to and what one unit sold of it takes of stock."""

    line: IncomingLine
    sku: str = ""
    parts: Parts = {}

    @property
    def units(self) -> int:
        return self.line.quantity - self.line.canceled


class Price(Struct, frozen=True):
    amount: Decimal
    currency: str


class Shelves(Struct, frozen=True):
    """List prices, and what is free at all locations that sell, by SKU."""

    prices: Mapping[str, Price] = {}
    free: Mapping[str, int] = {}

    def available(self, parts: Parts) -> int:
        return min((max(0, self.free.get(sku, 0)) // units for sku, units in parts.items()), default=0)


class Past(Struct, frozen=True):
    """What the customer ordered before: how often, and the numbers of those moments ago with the same basket."""

    orders: int = 0
    same: tuple[str, ...] = ()
    blocked: bool = False
    tags: tuple[str, ...] = ()


Basket = tuple[str, ...]


def basket_of(lines: Sequence[Line]) -> Basket:
    """What an order is made of, alike for the same goods whatever the channel calls them."""
    units: dict[str, int] = {}
    for each in lines:
        if each.line.kind is LineKind.ITEM and each.units:
            name = each.sku or each.line.channel_sku
            units[name] = units.get(name, 0) + each.units
    return tuple(sorted(f"{count} {name}" for name, count in units.items()))


def facts_of(
    order: IncomingOrder, lines: Sequence[Line], channel: ChannelFacts, shelves: Shelves, past: Past
) -> Facts:
    person = order.person
    return Facts(
        order=_order(order, lines),
        lines=tuple(_line(each, order.currency, shelves) for each in lines),
        customer=CustomerFacts(person.name, person.email, person.phone, past.orders, past.blocked, past.tags),
        shipping=_address(person.shipping),
        billing=_address(person.billing),
        channel=channel,
        same_as=past.same,
        fields=tuple(FieldFacts(key, value, _number(value)) for key, value in order.custom.items()),
        line_fields=tuple(
            LineFieldFacts(key, value, _number(value), each.sku, each.units)
            for each in lines
            for key, value in each.line.custom.items()
        ),
    )


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return NOTHING
    return number if number.is_finite() else NOTHING


def _order(order: IncomingOrder, lines: Sequence[Line]) -> OrderFacts:
    return OrderFacts(
        number=order.channel_order_number,
        placed_at=order.placed_at,
        total=order.total,
        currency=order.currency,
        shipping_total=order.shipping_total,
        discount_total=order.discount_total,
        difference=difference(order),
        units=sum(each.units for each in lines if each.line.kind is LineKind.ITEM),
        payment=str(order.payment),
        payment_method=order.payment_method,
        shipping_method=order.shipping_method,
        state=order.channel_state,
        pickup=order.pickup is not None,
        cash_on_delivery=order.cash_on_delivery,
        note=order.person.note,
    )


def _line(each: Line, currency: str, shelves: Shelves) -> LineFacts:
    line, listed = each.line, shelves.prices.get(each.sku)
    return LineFacts(
        sku=each.sku,
        channel_sku=line.channel_sku,
        title=line.title,
        kind=str(line.kind),
        quantity=each.units,
        price=line.unit_price,
        paid=(line.total + line.tax) / line.quantity if line.quantity else line.unit_price,
        discount=line.discount,
        total=line.total,
        list_price=listed.amount if listed and listed.currency == currency else NOTHING,
        available=shelves.available(each.parts),
    )


def _address(address: Address | None) -> AddressFacts:
    if address is None:
        return AddressFacts()
    return AddressFacts(
        given=True,
        name=address.name,
        company=address.company,
        street=address.street,
        city=address.city,
        region=address.region,
        postcode=address.postcode,
        country=address.country.upper(),
    )
