"""Checks: whether an order is complete and plausible. Each finding says what, which, and what to do. Pure.

An order of a channel is a fact: a finding is noted or holds the order for a person, it never refuses it (L6).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from hub.model.errors import InputError
from hub.model.review.facts import AddressFacts, Facts, LineFacts


class Check(StrEnum):
    ITEMS = "items"
    PRICE = "price"
    QUANTITY = "quantity"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    TOTALS = "totals"
    DUPLICATE = "duplicate"
    FIRST_ORDER = "first-order"
    COUNTRIES = "countries"
    BLOCKED = "blocked"


class Does(StrEnum):
    """What a check does with what it finds: nothing looks, it is noted with the order, or the order waits for it."""

    OFF = "off"
    NOTE = "note"
    HOLD = "hold"


class Setting(Struct, frozen=True):
    """`figure` is what the check measures by; None where it needs none."""

    check: Check
    does: Does
    figure: Decimal | None = None


class About(Struct, frozen=True):
    """What a check looks at, `{}` being its figure; which hold it sets; what it does while nobody has set it."""

    asks: str
    hold: str
    usual: Does
    figure: Decimal | None = None
    unit: str = ""


ABOUT: Mapping[Check, About] = {
    Check.ITEMS: About("no item is ordered", "review", Does.NOTE),
    Check.PRICE: About(
        "an item sells below {} % of its list price", "review", Does.NOTE, Decimal(50), "% of the list price"
    ),
    Check.QUANTITY: About(
        "a line has more than {} units", "review", Does.OFF, Decimal(100), "units of a line"
    ),
    Check.ADDRESS: About("the address lacks what its country needs", "address", Does.NOTE),
    Check.PHONE: About("there is no phone number that could be dialed", "address", Does.OFF),
    Check.EMAIL: About("there is no e-mail address that could be written to", "address", Does.OFF),
    Check.TOTALS: About(
        "its total differs from the sum of its parts by more than {}",
        "review",
        Does.NOTE,
        Decimal("0.05"),
        "of the order's currency",
    ),
    Check.DUPLICATE: About(
        "the same person ordered the same goods within {} minutes",
        "review",
        Does.NOTE,
        Decimal(60),
        "minutes",
    ),
    Check.FIRST_ORDER: About(
        "a first order is above {}", "fraud", Does.OFF, Decimal(1000), "of the order's currency"
    ),
    Check.COUNTRIES: About("it is billed to one country and shipped to another", "fraud", Does.OFF),
    Check.BLOCKED: About("the customer is on the blocked list", "fraud", Does.HOLD),
}
USUAL: Mapping[Check, Setting] = {
    check: Setting(check, about.usual, about.figure) for check, about in ABOUT.items()
}
FIGURE_MAX = Decimal(1_000_000_000)
MINUTES_MAX = 60 * 24 * 7  # further back than a week nobody means the same order


class Finding(Struct, frozen=True):
    """`says` names what and which, `remedy` what to do, `hold` the hold it sets: none where it is only noted."""

    check: Check
    says: str
    remedy: str
    hold: str = ""


def asks(setting: Setting) -> str:
    """The check as a person reads it."""
    return ABOUT[setting.check].asks.format(setting.figure)


def refuse_bad(setting: Setting) -> None:
    """Raises InputError naming the figure that cannot be so."""
    usual, figure = ABOUT[setting.check].figure, setting.figure
    if (usual is None) != (figure is None):
        wanted = "takes no figure" if usual is None else f"needs a figure, such as {usual}"
        msg = f"the check {setting.check!r} {wanted}"
        raise InputError(msg, field="figure")
    most = Decimal(MINUTES_MAX) if setting.check is Check.DUPLICATE else FIGURE_MAX
    if figure is not None and not (figure.is_finite() and 0 <= figure <= most):
        msg = f"the figure of the check {setting.check!r} is {figure}: it must be from 0 to {most}"
        raise InputError(msg, field="figure")


def find(facts: Facts, settings: Sequence[Setting]) -> list[Finding]:
    """What the checks that are on find in one order, in the order of the settings."""
    return [
        Finding(each.check, says, remedy, ABOUT[each.check].hold if each.does is Does.HOLD else "")
        for each in settings
        if each.does is not Does.OFF
        for says, remedy in _FIND[each.check](facts, each.figure or Decimal(0))
    ]


_Found = Iterator[tuple[str, str]]
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_DIALED = 6  # digits: fewer reach nobody
NAMED_MAX = 3  # lines named for one check
_CENT = Decimal("0.01")


def _items(facts: Facts, _figure: Decimal) -> _Found:
    if not _goods(facts):
        yield "no item is ordered", "ask the customer what was meant, or cancel the order"


def _price(facts: Facts, share: Decimal) -> _Found:
    low = [line for line in _goods(facts) if line.paid * 100 < line.list_price * share]
    for line in low[:NAMED_MAX]:
        yield (
            f"{_name(line)} sells at {_plain(line.paid)}, its list price is {_plain(line.list_price)}",
            "look whether the price on the channel is wrong before it ships",
        )


def _quantity(facts: Facts, most: Decimal) -> _Found:
    many = [line for line in _goods(facts) if line.quantity > most]
    if many:
        units = ", ".join(f"{line.quantity} × {_name(line)}" for line in many[:NAMED_MAX])
        yield f"{units}: more than {most:f} units of a line", "ask the customer whether so many are meant"


# Where the post has no postcodes, and where it needs the region: Universal Postal Union, addressing by country.
NO_POSTCODE = frozenset("AE AO AG AW BS BZ BJ BO BW BF BI CM CF KM CG CD CK CI DJ DM GQ ER FJ GM GH GD GY HK"
    " JM KI LY MO MW ML MR NR PA QA RW KN LC ST SC SL SB SR SY TG TO TT TV UG VU YE ZW".split())  # fmt: skip
NEEDS_REGION = frozenset("AU BR CA CN ID IN JP MX MY TH US".split())


def _address(facts: Facts, _figure: Decimal) -> _Found:
    if facts.order.pickup or not (facts.shipping.given or facts.order.shipping_method):
        return  # collected, or nothing is sent
    lacks = _lacking(facts.shipping)
    if lacks:
        yield f"the address has no {' and no '.join(lacks)}", "ask the customer, and correct the address"


def _lacking(to: AddressFacts) -> list[str]:
    needs = {
        "name": to.name or to.company,
        "street": to.street,
        "town": to.city,
        "country": to.country if re.fullmatch("[A-Z]{2}", to.country) else "",
        "postcode": to.postcode or to.country in NO_POSTCODE,
        "region": to.region or to.country not in NEEDS_REGION,
    }
    return [part for part, given in needs.items() if not given]


def _phone(facts: Facts, _figure: Decimal) -> _Found:
    if sum(sign.isdigit() for sign in facts.customer.phone) < _DIALED:
        yield "no phone number that could be dialed", "ask by e-mail for one, where the carrier needs it"


def _email(facts: Facts, _figure: Decimal) -> _Found:
    if not _EMAIL.fullmatch(facts.customer.email.strip()):
        yield (
            "no e-mail address that could be written to",
            "ask by phone for one, if the parcel is to be told of",
        )


def _totals(facts: Facts, most: Decimal) -> _Found:
    order = facts.order
    if abs(order.difference) > most:
        yield (
            f"the total is {order.total:f} {order.currency}, {order.difference:+f} beyond the sum of its parts",
            "compare it with the channel: a fee or a discount is missing there or here",
        )


def _duplicate(facts: Facts, _minutes: Decimal) -> _Found:
    if facts.same_as:
        numbers = ", ".join(facts.same_as)
        yield (
            f"the same person ordered the same goods moments before: {numbers}",
            "ask whether both are meant, and cancel one if not",
        )


def _first_order(facts: Facts, most: Decimal) -> _Found:
    if facts.customer.orders == 0 and facts.order.total > most:
        order = facts.order
        yield (
            f"a first order of {order.total:f} {order.currency}, above {most:f}",
            "look at the payment and call the customer",
        )


def _countries(facts: Facts, _figure: Decimal) -> _Found:
    billed, shipped = facts.billing.country, facts.shipping.country
    if billed and shipped and billed != shipped:
        yield f"billed to {billed}, shipped to {shipped}", "look at the payment; gifts are like this too"


def _blocked(facts: Facts, _figure: Decimal) -> _Found:
    if facts.customer.blocked:
        yield (
            "the customer is on the blocked list",
            "look on the customer's page why, and cancel or let it go",
        )


_FIND: Mapping[Check, Callable[[Facts, Decimal], _Found]] = {
    Check.ITEMS: _items,
    Check.PRICE: _price,
    Check.QUANTITY: _quantity,
    Check.ADDRESS: _address,
    Check.PHONE: _phone,
    Check.EMAIL: _email,
    Check.TOTALS: _totals,
    Check.DUPLICATE: _duplicate,
    Check.FIRST_ORDER: _first_order,
    Check.COUNTRIES: _countries,
    Check.BLOCKED: _blocked,
}


def _goods(facts: Facts) -> list[LineFacts]:
    return [line for line in facts.lines if line.kind == "item" and line.quantity > 0]


def _name(line: LineFacts) -> str:
    return line.sku or line.channel_sku or line.title


def _plain(amount: Decimal) -> str:
    return f"{amount.quantize(_CENT):f}"
