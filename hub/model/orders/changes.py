"""Order changes: how one version of an order differs from the next, and what each difference asks for. Pure.

Whoever changed it, the channel by a newer snapshot or a person by an edit, the same rules say what becomes of stock, of
money, and of the work in progress: before picking, being picked, shipped.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from hub.model.incoming import IncomingLine, IncomingOrder, Payment


class Kind(StrEnum):
    LINE_ADDED = "line added"
    LINE_REMOVED = "line removed"
    MORE = "more units"
    FEWER = "fewer units"
    PRICE = "price"
    ADDRESS = "address"
    SHIPPING = "shipping"
    CANCEL = "canceled"
    REOPEN = "reopened"
    PAYMENT = "payment"
    REFUND = "refund"


class Stage(StrEnum):
    """How far units have come on their way out."""

    BEFORE = "before picking"
    PICKING = "being picked"
    SHIPPED = "shipped"


class Stock(StrEnum):
    STAYS = "stays"
    PROMISE = "is promised"
    RELEASE = "comes free"


class Money(StrEnum):
    STAYS = "stays"
    TOTALS = "totals follow"
    BACK = "goes back"


class Work(StrEnum):
    """What somebody has to do whose hands are on it already."""

    NOTHING = "nothing"
    PICK_MORE = "pick more"
    PUT_BACK = "put back"
    RELABEL = "print the label anew"
    CALL_BACK = "call the parcel back"
    SEND_MORE = "send another parcel"


class Effect(Struct, frozen=True):
    stock: Stock = Stock.STAYS
    money: Money = Money.STAYS
    work: Work = Work.NOTHING


_MORE = Effect(Stock.PROMISE, Money.TOTALS)
_FEWER = Effect(Stock.RELEASE, Money.TOTALS)
_PUT_BACK = Effect(Stock.RELEASE, Money.TOTALS, Work.PUT_BACK)
_TOO_LATE = Effect(Stock.STAYS, Money.TOTALS, Work.CALL_BACK)
_TOTALS, _BACK, _NONE = Effect(money=Money.TOTALS), Effect(money=Money.BACK), Effect()

# What has left stays left until it comes back as a return; no change here moves it.
RULES: Mapping[tuple[Kind, Stage], Effect] = {
    (Kind.LINE_ADDED, Stage.BEFORE): _MORE,
    (Kind.LINE_ADDED, Stage.PICKING): Effect(Stock.PROMISE, Money.TOTALS, Work.PICK_MORE),
    (Kind.LINE_ADDED, Stage.SHIPPED): Effect(Stock.PROMISE, Money.TOTALS, Work.SEND_MORE),
    (Kind.MORE, Stage.BEFORE): _MORE,
    (Kind.MORE, Stage.PICKING): Effect(Stock.PROMISE, Money.TOTALS, Work.PICK_MORE),
    (Kind.MORE, Stage.SHIPPED): Effect(Stock.PROMISE, Money.TOTALS, Work.SEND_MORE),
    (Kind.LINE_REMOVED, Stage.BEFORE): _FEWER,
    (Kind.LINE_REMOVED, Stage.PICKING): _PUT_BACK,
    (Kind.LINE_REMOVED, Stage.SHIPPED): _TOO_LATE,
    (Kind.FEWER, Stage.BEFORE): _FEWER,
    (Kind.FEWER, Stage.PICKING): _PUT_BACK,
    (Kind.FEWER, Stage.SHIPPED): _TOO_LATE,
    (Kind.CANCEL, Stage.BEFORE): Effect(Stock.RELEASE),
    (Kind.CANCEL, Stage.PICKING): Effect(Stock.RELEASE, work=Work.PUT_BACK),
    (Kind.CANCEL, Stage.SHIPPED): Effect(work=Work.CALL_BACK),
    (Kind.REOPEN, Stage.BEFORE): Effect(Stock.PROMISE),
    (Kind.REOPEN, Stage.PICKING): Effect(Stock.PROMISE),
    (Kind.REOPEN, Stage.SHIPPED): _NONE,
    (Kind.PRICE, Stage.BEFORE): _TOTALS,
    (Kind.PRICE, Stage.PICKING): _TOTALS,
    (Kind.PRICE, Stage.SHIPPED): _TOTALS,
    (Kind.ADDRESS, Stage.BEFORE): _NONE,
    (Kind.ADDRESS, Stage.PICKING): Effect(work=Work.RELABEL),
    (Kind.ADDRESS, Stage.SHIPPED): Effect(work=Work.CALL_BACK),
    (Kind.SHIPPING, Stage.BEFORE): _TOTALS,
    (Kind.SHIPPING, Stage.PICKING): Effect(money=Money.TOTALS, work=Work.RELABEL),
    (Kind.SHIPPING, Stage.SHIPPED): _TOTALS,
    (Kind.PAYMENT, Stage.BEFORE): _NONE,
    (Kind.PAYMENT, Stage.PICKING): _NONE,
    (Kind.PAYMENT, Stage.SHIPPED): _NONE,
    (Kind.REFUND, Stage.BEFORE): _BACK,
    (Kind.REFUND, Stage.PICKING): _BACK,
    (Kind.REFUND, Stage.SHIPPED): _BACK,
}


class OrderChange(Struct, frozen=True, omit_defaults=True):
    """One difference, with what it was and is; of an address only that it changed (L17).

    `line` is the channel's id of the line, `name` how people know it.
    """

    kind: Kind
    line: str = ""
    name: str = ""
    before: Any = None
    after: Any = None


class Todo(Struct, frozen=True):
    """Work that a change causes; `units` 0: for all of the order."""

    work: Work
    line: str = ""
    units: int = 0


class Progress(Struct, frozen=True):
    """How many units of one line are in hand: being picked, and shipped."""

    picking: int = 0
    shipped: int = 0

    @property
    def stage(self) -> Stage:
        """Where the line stands as a whole: what is in somebody's hands can still be stopped."""
        if self.picking:
            return Stage.PICKING
        return Stage.SHIPPED if self.shipped else Stage.BEFORE


def changes_between(
    before: IncomingOrder, after: IncomingOrder, *, was_canceled: bool, is_canceled: bool
) -> list[OrderChange]:
    """Every difference that matters to people, lines first; of a cancel, its lines say nothing more."""
    if is_canceled != was_canceled:
        return [OrderChange(Kind.CANCEL if is_canceled else Kind.REOPEN), *_paid(before, after)]
    lines = [] if is_canceled else _of_lines(before, after)
    return [*lines, *_of_head(before, after), *_paid(before, after)]


def _of_lines(before: IncomingOrder, after: IncomingOrder) -> Iterator[OrderChange]:
    was = {line.channel_line_id: line for line in before.lines}
    now = {line.channel_line_id: line for line in after.lines}
    for line_id, line in was.items():
        if line_id not in now and _live(line):
            yield OrderChange(Kind.LINE_REMOVED, line_id, _name(line), _live(line), 0)
    for line_id, line in now.items():
        if line_id not in was:
            yield OrderChange(Kind.LINE_ADDED, line_id, _name(line), 0, _live(line))
        else:
            yield from _of_line(was[line_id], line)


def _of_line(was: IncomingLine, now: IncomingLine) -> Iterator[OrderChange]:
    units = _live(was), _live(now)
    if units[0] != units[1]:
        kind = Kind.MORE if units[1] > units[0] else Kind.FEWER
        yield OrderChange(kind, now.channel_line_id, _name(now), *units)
    if (was.unit_price, was.discount) != (now.unit_price, now.discount) and (
        was.unit_price != now.unit_price or units[0] == units[1]
    ):
        yield OrderChange(Kind.PRICE, now.channel_line_id, _name(now), _price(was), _price(now))


def _of_head(before: IncomingOrder, after: IncomingOrder) -> Iterator[OrderChange]:
    people = before.person, after.person
    if (people[0].shipping, people[0].billing) != (people[1].shipping, people[1].billing):
        yield OrderChange(Kind.ADDRESS)
    if _shipping(before) != _shipping(after):
        yield OrderChange(Kind.SHIPPING, before=_shipping(before), after=_shipping(after))


def _paid(before: IncomingOrder, after: IncomingOrder) -> Iterator[OrderChange]:
    if before.payment != after.payment:
        back = {Payment.PARTLY_REFUNDED, Payment.REFUNDED}
        kind = Kind.REFUND if after.payment in back else Kind.PAYMENT
        yield OrderChange(kind, before=str(before.payment), after=str(after.payment))


def _name(line: IncomingLine) -> str:
    return line.channel_sku or line.title


def _live(line: IncomingLine) -> int:
    return line.quantity - line.canceled


def _price(line: IncomingLine) -> str:
    return f"{line.unit_price} − {line.discount}" if line.discount else f"{line.unit_price}"


def _shipping(order: IncomingOrder) -> list[str]:
    return [order.shipping_method, f"{order.shipping_total + order.shipping_tax}"]


def work_of(changes: Sequence[OrderChange], lines: Mapping[str, Progress]) -> list[Todo]:
    """What the changes ask of those who have the order in their hands; `lines` by the channel's id."""
    todos: list[Todo] = []
    for change in changes:
        if change.line:
            todos.extend(_line_work(change, lines.get(change.line, Progress()), _order_stage(lines)))
        elif change.kind is Kind.CANCEL:
            for line_id, progress in lines.items():
                todos.extend(_units_work(change.kind, line_id, progress, taken=progress))
        else:
            work = RULES[change.kind, _order_stage(lines)].work
            todos.extend([Todo(work)] if work is not Work.NOTHING else [])
    return todos


def _order_stage(lines: Mapping[str, Progress]) -> Stage:
    return Progress(
        sum(each.picking for each in lines.values()), sum(each.shipped for each in lines.values())
    ).stage


def _line_work(change: OrderChange, progress: Progress, stage: Stage) -> list[Todo]:
    if change.kind in {Kind.MORE, Kind.LINE_ADDED}:
        work = RULES[change.kind, stage].work
        more = change.after - change.before
        return [Todo(work, change.line, more)] if work is not Work.NOTHING else []
    if change.kind in {Kind.FEWER, Kind.LINE_REMOVED}:
        return _units_work(
            change.kind,
            change.line,
            progress,
            taken=less(change.before - change.after, change.before, progress),
        )
    return []


def less(units: int, of: int, progress: Progress) -> Progress:
    """Of the units that are taken off a line of so many, those that are in hand: what nobody has touched goes first."""
    untouched = max(0, of - progress.picking - progress.shipped)
    from_picking = min(progress.picking, max(0, units - untouched))
    return Progress(from_picking, max(0, min(progress.shipped, units - untouched - from_picking)))


def _units_work(kind: Kind, line_id: str, progress: Progress, *, taken: Progress) -> list[Todo]:
    parts = ((Stage.PICKING, taken.picking), (Stage.SHIPPED, min(taken.shipped, progress.shipped)))
    return [Todo(RULES[kind, stage].work, line_id, units) for stage, units in parts if units]
