"""What stands below a sentence: what changed, before and after; what rules decided; what is lacking. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from hub.model.money import Money
from hub.model.orders.changes import Kind
from hub.model.review.rules import Verb
from hub.model.telling.facts import fill, place_of
from hub.model.telling.phrases import recall_finding
from hub.model.telling.sayings import Place, Saying, Sentence, counted, said

Facts = Mapping[str, Any]

CHANGED: Mapping[Kind, Saying] = {
    Kind.LINE_ADDED: counted("after", "{name} added, {after} unit", "{name} added, {after} units"),
    Kind.LINE_REMOVED: counted("before", "{name} removed, {before} unit", "{name} removed, {before} units"),
    Kind.MORE: counted("after", "{name}: {before} → {after} unit", "{name}: {before} → {after} units"),
    Kind.FEWER: counted("after", "{name}: {before} → {after} unit", "{name}: {before} → {after} units"),
    Kind.ADDRESS: said("Another address"),
    Kind.SHIPPING: said("Shipping: {before} → {after}"),
    Kind.CANCEL: said("What has not left comes free"),
    Kind.REOPEN: said("What has not left is promised again"),
    Kind.PAYMENT: said("Payment: {payment_before} → {payment}", payment_before="before", payment="after"),
    Kind.REFUND: said("Payment: {payment_before} → {payment}", payment_before="before", payment="after"),
}
DOES: Mapping[Verb, Saying] = {
    Verb.APPROVE: said("approved"),
    Verb.HOLD: said("held: {hold}", hold="value"),
    Verb.TAG: said("tagged {tag}", tag="value"),
    Verb.LOCATION: said("sent from {location}", location="value"),
    Verb.PRIORITY: said("priority {priority}", priority="value"),
    Verb.SHIPPING: said("shipped by {method}", method="value"),
    Verb.SPLIT: said("split off: {goods}", goods="value"),
    Verb.NOTIFY: said("{notifier} is told", notifier="value"),
    Verb.NOTE: said("noted: {note}", note="value"),
}
_OTHER = said("{name}: {before} → {after}")
_EACH = said("{price} each")
_LESS = said("{price} each, {discount} off the line")
_METHOD = said("{method}, {price}")
_TODO = said("To do: {work}, {units} × {line}")
_TODO_ALL = said("To do: {work}")
_RULE = said("Rule “{rule}”, version {version}: {does}")
_FAILED = said("Rule “{rule}”, version {version}, failed: {why}")
_HELD_FOR = said("{finding}: held")
_SHORT = said("{units} × {sku} short: no stock to promise")
_LATE = said("{units} × {sku} on backorder")
_TAGS, _NO_TAGS = said("Tags: {tags}"), said("No tags any more")
_BACK = said("{refunded} went back in all")
_ALSO = said("Changed: {fields}", fields="also")
_HELD = said("Held: {holds}")


def details_of(facts: Facts, currency: str) -> list[Place]:
    """`currency` is the order's: changes keep bare amounts."""
    return [
        *(_change(each, currency) for each in facts.get("changes", [])),
        *_asked(facts),
        *_decided(facts),
        *_lacking(facts),
    ]


def _change(change: Facts, currency: str) -> Sentence:
    kind = change["kind"]
    told = {"name": "", "before": "", "after": "", **change}
    if kind in _AMOUNTS_OF:
        told |= {name: _AMOUNTS_OF[kind](told[name], currency) for name in ("before", "after")}
    return fill(CHANGED.get(kind, _OTHER), told)


def _price(text: str, currency: str) -> Place:
    """`12.50 − 1.00` is the price of a unit, and what is off the whole line."""
    price, _, discount = text.partition(" − ")
    told = {"price": _money(price, currency), "discount": _money(discount, currency)}
    return fill(_LESS if discount else _EACH, told)


def _shipping(pair: Sequence[str], currency: str) -> Place:
    method, price = pair
    amount = _money(price, currency)
    return fill(_METHOD, {"method": method, "price": amount}) if method else amount


def _money(text: str, currency: str) -> Money | str:
    try:
        return Money(Decimal(text), currency)
    except InvalidOperation:
        return text


_AMOUNTS_OF: Mapping[str, Callable[[Any, str], Place]] = {Kind.PRICE: _price, Kind.SHIPPING: _shipping}


def _asked(facts: Facts) -> Iterator[Place]:
    """What a change asks of those who have the order in their hands, and what else it is about."""
    names = {each.get("line"): each["name"] for each in facts.get("changes", []) if each.get("name")}
    for todo in facts.get("todo", []):
        line = todo.get("line", "")
        yield fill(_TODO if todo.get("units") else _TODO_ALL, {**todo, "line": names.get(line, line)})
    if "tags" in facts:
        yield fill(_TAGS if facts["tags"] else _NO_TAGS, facts)
    if "refunded" in facts:
        yield fill(_BACK, facts)
    if "also" in facts:
        yield fill(_ALSO, facts)


def _decided(facts: Facts) -> Iterator[Place]:
    for each in facts.get("decisions", []):
        does = [fill(DOES[action["verb"]], action) for action in each["actions"]]
        yield fill(_RULE, {**each, "does": does})
    for each in facts.get("failures", []):
        yield fill(_FAILED, each)
    for each in facts.get("findings", []):
        finding = recall_finding(each["says"])
        yield Sentence(_HELD_FOR, {"finding": finding}) if each.get("hold") else finding


def _lacking(facts: Facts) -> Iterator[Place]:
    for sku, units in facts.get("short", {}).items():
        yield fill(_SHORT, {"sku": sku, "units": units})
    for sku, units in facts.get("backordered", {}).items():
        yield fill(_LATE, {"sku": sku, "units": units})
    if facts.get("holds"):
        yield Sentence(_HELD, {"holds": place_of("holds", facts["holds"])})
