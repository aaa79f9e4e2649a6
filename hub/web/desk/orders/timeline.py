"""All that happened to an order as sentences, newest first: events, raw messages and movements of stock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from msgspec import Struct

from hub.store.desk.order import Delivery, Event, LineMovement, OrderPage

_SOURCES = {
    "webhook": "a webhook",
    "poll": "a poll",
    "fetch": "a fetch",
    "file": "a file",
    "form": "the order form",
}
_DELIVERED = {
    "waiting": "A message came by {source} and waits to be read",
    "taken": "A message came by {source} and was taken",
    "unchanged": "A message came by {source} and brought nothing new",
    "older": "An older message came by {source}: recorded, not applied",
    "fetched": "News came by {source}; the order was fetched",
    "ignored": "A message came by {source} and was ignored",
    "parked": "A message came by {source} and was parked",
}
_MOVED = {
    "allocation": "Allocated",
    "release": "Released",
    "shipment": "Shipped",
    "return": "Took back",
    "adjustment": "Adjusted",
    "transfer out": "Sent to another location",
    "transfer in": "Came from another location",
    "assembly": "Assembled",
    "receipt": "Received",
    "count": "Counted",
}
_BECAME = {"restock": "sold again", "scrap": "scrapped", "inspect": "put aside to be looked at"}
_TONES = {
    "parked": "bad",
    "shipment": "good",
    "shipped": "good",
    "picking": "info",
    "picked short": "bad",
    "payment captured": "good",
    "payment refunded": "wait",
    "parcel delivered": "good",
    "parcel lost": "bad",
    "parcel returned to sender": "wait",
    "allocation": "info",
    "canceled": "wait",
    "taken": "info",
    "filled": "good",
    "gone": "bad",
    "held": "wait",
    "resolved": "good",
    "unpaid": "wait",
    "kept unpaid": "info",
    "late": "bad",
}


class Entry(Struct, frozen=True):
    """`details` are further sentences; `message_id` leads to the raw message."""

    at: datetime
    said: str
    actor: str = ""
    tone: str = ""
    details: list[str] = []
    message_id: UUID | None = None


def tell(page: OrderPage) -> list[Entry]:
    """What happened at one moment reads upwards: the message, the decision, the stock."""
    entries = [_of_delivery(delivery) for delivery in page.deliveries]
    entries += [_of_event(event) for event in page.events]
    entries += _of_movements(page.movements)
    return sorted(entries, key=lambda entry: entry.at)[::-1]


def _of_event(event: Event) -> Entry:
    say = _EVENTS.get(event.kind, _any_event)
    return Entry(
        event.at,
        say(event),
        event.actor,
        _TONES.get(event.kind, ""),
        [*_changes(event.facts), *_conditions(event.facts)],
    )


def _of_delivery(delivery: Delivery) -> Entry:
    said = _DELIVERED[delivery.state].format(source=_SOURCES.get(delivery.source, delivery.source))
    tone = _TONES["parked"] if delivery.state == "parked" else ""
    details = [delivery.reason] if delivery.reason else []
    return Entry(delivery.received_at, said, delivery.topic, tone, details, delivery.id)


def _of_movements(movements: Sequence[LineMovement]) -> list[Entry]:
    """Movements of one kind at one moment are one sentence."""

    def together(movement: LineMovement) -> tuple[datetime, str, str, str]:
        return movement.at, movement.kind, movement.actor, movement.reason

    ordered = sorted(movements, key=together)
    return [_of_group(list(group), *key) for key, group in groupby(ordered, key=together)]


def _of_group(group: Sequence[LineMovement], at: datetime, kind: str, actor: str, reason: str) -> Entry:
    parts = ", ".join(f"{_units(each)} × {each.sku} ({each.location_name})" for each in group)
    return Entry(
        at,
        f"{_MOVED.get(kind, kind.capitalize())} {parts}",
        actor,
        _TONES.get(kind, ""),
        [reason] if reason else [],
    )


def _units(movement: LineMovement) -> int:
    return abs(movement.on_hand_change or movement.allocated_change)


def _taken(event: Event) -> str:
    lines, total = event.facts.get("lines"), event.facts.get("total")
    if lines is None:
        return "Order taken"
    return f"Order taken: {lines} {'line' if lines == 1 else 'lines'}, {total}"


def _filled(event: Event) -> str:
    units = event.facts.get("units")
    return f"Filled: {units} {'unit that was' if units == 1 else 'units that were'} short got stock"


def _came_back(said: str, event: Event) -> str:
    facts = event.facts
    return (
        f"{said}: {facts.get('units')} × {facts.get('line')}, {_BECAME.get(facts.get('disposition', ''), '')}"
    )


def _any_event(event: Event) -> str:
    """An event nobody wrote a sentence for yet still says what it knows."""
    facts = ", ".join(f"{name} {value}" for name, value in event.facts.items())
    return event.kind.capitalize() + (f": {facts}" if facts else "")


def _kept_unpaid(event: Event) -> str:
    hours = event.facts.get("hours")
    return f"Kept for {hours} h more although it is unpaid" if hours else "Kept although it is unpaid"


def _left_in_a_parcel(event: Event) -> str:
    by = " ".join(str(event.facts[name]) for name in ("carrier", "tracking") if name in event.facts)
    return f"Left in a parcel{f', {by}' if by else ''}"


def _labeled(event: Event) -> str:
    return f"A parcel got its label: {event.facts.get('carrier')} {event.facts.get('tracking')}".rstrip()


def _money(said: str, event: Event) -> str:
    facts = event.facts
    rest = f", {facts['due']} still to pay" if "due" in facts else ""
    rest += f", {facts['over']} too much" if "over" in facts else ""
    return f"{said}: {facts.get('amount')} by {facts.get('tender')}{rest}"


_EVENTS: Mapping[str, Callable[[Event], str]] = {
    "taken": _taken,
    "reviewed": lambda _: "Reviewed",
    "changed": lambda _: "Changed on the channel",
    "canceled": lambda event: f"Canceled {'by a person' if 'by' in event.facts else 'on the channel'}",
    "reopened": lambda _: "Reopened by a person",
    "edited": lambda _: "Changed by a person",
    "undone": lambda _: "A change was undone",
    "split": lambda _: "Split into two orders",
    "merged": lambda _: "Merged with other orders",
    "gone": lambda _: "The channel has this order no more",
    "held": lambda event: f"Put on hold: {', '.join(event.facts.get('put', []))}",
    "released": lambda event: f"Held, and given back {event.facts.get('units', 0)} of what was promised",
    "assigned": lambda event: (
        f"{event.facts.get('owner') or 'Somebody'} looks after the hold {event.facts.get('hold')}"
    ),
    "resolved": lambda event: f"Looked into and resolved: {event.facts.get('hold')}",
    "dismissed": lambda _: "A parked message was dismissed",
    "unpaid": lambda event: (
        f"Not paid in time: given back {event.facts.get('units', 0)} of what was promised"
    ),
    "kept unpaid": _kept_unpaid,
    "filled": _filled,
    "late": lambda _: "It should have left by now",
    "backordered": lambda _: "Put on backorder",
    "reallocated": lambda _: "Promised anew by a person",
    "prioritized": lambda event: f"Given priority {event.facts.get('priority')}",
    "picking": lambda event: f"Put on pick list {event.facts.get('list')} at {event.facts.get('location')}",
    "picking dropped": lambda event: f"Pick list {event.facts.get('list')} was given up",
    "picked short": lambda event: (
        f"Not found: {event.facts.get('units')} × {event.facts.get('sku')}, {event.facts.get('reason')}"
    ),
    "shipped": _left_in_a_parcel,
    "payment authorized": lambda event: _money("Set aside for us", event),
    "payment captured": lambda event: _money("Paid", event),
    "payment refunded": lambda event: _money("Refunded", event),
    "parcel delivered": lambda _: "A parcel was delivered",
    "parcel lost": lambda _: "A parcel was lost",
    "parcel returned to sender": lambda _: "A parcel came back to its sender",
    "parcel labeled": _labeled,
    "returned": lambda event: _came_back("Came back", event),
    "inspected": lambda event: _came_back("Looked at after it came back", event),
}


def _changes(facts: Mapping[str, Any]) -> Iterable[str]:
    for change in facts.get("changes", []):
        say = _CHANGED.get(change["kind"], _any_change)
        yield say(change.get("name", ""), change.get("before"), change.get("after"))
    for todo in facts.get("todo", []):
        units = f"{todo['units']} × {todo['line']}" if todo.get("units") else ""
        yield f"To do: {todo['work']} {units}".rstrip()
    if "tags" in facts:
        yield f"Tags: {', '.join(facts['tags']) or 'none'}"
    if "refunded" in facts:
        yield f"{facts['refunded']} went back in all"
    if "also" in facts:
        yield f"Changed: {', '.join(facts['also'])}"


def _any_change(name: str, before: Any, after: Any) -> str:
    return f"{name} changed: {before} → {after}".strip()


_CHANGED: Mapping[str, Callable[[str, Any, Any], str]] = {
    "line added": lambda name, _, after: f"{name} added, {after} units",
    "line removed": lambda name, before, _: f"{name} removed, {before} units",
    "more units": lambda name, before, after: f"{name}: {before} → {after} units",
    "fewer units": lambda name, before, after: f"{name}: {before} → {after} units",
    "price": lambda name, before, after: f"{name} costs {after} each, not {before}",
    "address": lambda _name, _before, _after: "Another address",
    "shipping": lambda _, before, after: f"Shipping {' '.join(before)} → {' '.join(after)}",
    "canceled": lambda _name, _before, _after: "What has not left comes free",
    "reopened": lambda _name, _before, _after: "What has not left is promised again",
    "payment": lambda _, before, after: f"Payment {before} → {after}",
    "refund": lambda _, before, after: f"Payment {before} → {after}",
}


def _conditions(facts: Mapping[str, Any]) -> Iterable[str]:
    for each in facts.get("decisions", []):
        does = ", ".join(f"{action['verb']} {action.get('value', '')}".strip() for action in each["actions"])
        yield f"Rule {each['rule']}, version {each['version']}: {does}"
    for each in facts.get("failures", []):
        yield f"Rule {each['rule']}, version {each['version']}, failed: {each['why']}"
    for found in facts.get("findings", []):
        yield f"{found['says'][:1].upper()}{found['says'][1:]}{': held' if found.get('hold') else ''}"
    for sku, units in facts.get("short", {}).items():
        yield f"{units} × {sku} short: no stock to promise"
    for sku, units in facts.get("backordered", {}).items():
        yield f"{units} × {sku} on backorder"
    if facts.get("holds"):
        yield f"Held: {', '.join(facts['holds'])}"
