"""Replay: read stored messages anew with the connector as it is installed now, and bring the orders to what it says.

A page of orders is taken as it would be, looked at, and undone; then only those that differ are taken for good, in the
same transaction. What was recorded is a difference, so the same replay again finds nothing, and nothing moves twice.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from hub.channels.bugs import BUGS, PARKED, fault_of, reason_of
from hub.channels.context import HubContext
from hub.channels.filling import fill_freed
from hub.channels.intake import ring_touched
from hub.channels.opening import OpenedChannel
from hub.flows.orders.keep_people import keep_people
from hub.flows.orders.take_orders import Arrival, Taken, take_orders
from hub.model.errors import InputError
from hub.model.incoming import IncomingOrder, Person
from hub.model.orders.soundness import refuse_unsound
from hub.spec import MalformedError, Message, RejectedError
from hub.store import replays
from hub.store.db import Tx, undone
from hub.store.orders import lock_held
from hub.store.replays import Span, Stored, View

PAGE_MAX = 200
HIDDEN = "…"


class Field(Struct, frozen=True):
    """One field that would differ; "" where there is none. What is personal is named and not shown (L17)."""

    path: str
    before: str
    after: str


class Difference(Struct, frozen=True):
    """One order that would differ, or with a `reason` why it is left as it is."""

    number: int
    channel_order_id: str
    fields: list[Field]
    reason: str = ""


class Page(Struct, frozen=True):
    """What became of one page: how many orders it had, and those that differ."""

    orders: int
    differences: list[Difference]


class _Read(Struct):
    """The page as the connector reads it now: arrivals by order, and the orders that are left alone with the reason."""

    arrivals: dict[str, list[Arrival]]
    left: dict[str, str]


async def replay_pages(
    ctx: HubContext, opened: OpenedChannel, span: Span, *, apply: bool, at: datetime
) -> AsyncIterator[Page]:
    """Page after page, in the order of the channel's order ids; each page is a transaction of its own."""
    after = ""
    while True:
        async with ctx.db.transaction() as tx:
            ids = await replays.next_orders(tx, opened.row.id, span, after=after, limit=PAGE_MAX)
        if not ids:
            return
        yield Page(len(ids), await _replay(ctx, opened, ids, apply=apply, at=at))
        after = ids[-1]


async def _replay(
    ctx: HubContext, opened: OpenedChannel, ids: Sequence[str], *, apply: bool, at: datetime
) -> list[Difference]:
    """Where one order breaks the page, its halves are tried, so that it is found and costs nobody else (L5)."""
    try:
        return await _replay_together(ctx, opened, ids, apply=apply, at=at)
    except PARKED as error:
        if len(ids) == 1:
            async with ctx.db.transaction() as tx:
                view = (await replays.views_of(tx, opened.row.id, ids))[ids[0]]
            return [Difference(view.number, ids[0], [], reason_of(error))]
    half = len(ids) // 2
    first = await _replay(ctx, opened, ids[:half], apply=apply, at=at)
    return first + await _replay(ctx, opened, ids[half:], apply=apply, at=at)


async def _replay_together(
    ctx: HubContext, opened: OpenedChannel, ids: Sequence[str], *, apply: bool, at: datetime
) -> list[Difference]:
    taken = Taken([], set())
    async with ctx.db.transaction() as tx:
        # Before anything is read, and outside what is undone: news that comes meanwhile waits until this is written.
        await lock_held(tx, opened.row.id, ids)
        before = await replays.views_of(tx, opened.row.id, ids)
        read = _read(ctx, opened, await replays.messages_of(tx, opened.row.id, ids), before)
        async with undone(tx):
            await _take(tx, ctx, opened, read, list(read.arrivals), at=at)
            after = await replays.views_of(tx, opened.row.id, ids)
        found = list(_differences(ctx, before, after, read))
        differing = [each.channel_order_id for each in found if not each.reason]
        if apply and differing:
            taken = await _take(tx, ctx, opened, read, differing, at=at)
    touched = taken.touched | await fill_freed(ctx, taken.freed, actor=opened.row.slug, at=at)
    if touched or taken.orders:
        await ring_touched(ctx, touched)
    return found


async def _take(
    tx: Tx, ctx: HubContext, opened: OpenedChannel, read: _Read, ids: Sequence[str], *, at: datetime
) -> Taken:
    arrivals = [arrival for each in ids for arrival in read.arrivals[each]]
    if not arrivals:
        return Taken([], set())
    people = await keep_people(tx, ctx.vault, [each.order.person for each in arrivals], at=at)
    version = opened.connector.manifest.api_version
    return await take_orders(tx, ctx.vault, opened.seller, arrivals, people=people, at=at, reread=version)


def _read(
    ctx: HubContext, opened: OpenedChannel, stored: Sequence[Stored], before: Mapping[str, View]
) -> _Read:
    """An order with one message that cannot be read any more is left alone: an older one must not stand in for it."""
    read = _Read({}, {})
    for each in stored:
        order_id = each.channel_order_id
        order = _translated(ctx, opened, each)
        if isinstance(order, str):
            read.left[order_id] = order
        elif order.channel_order_id != order_id:
            read.left[order_id] = f"it reads as order {order.channel_order_id!r} now"
        else:
            read.arrivals.setdefault(order_id, []).append(Arrival(each.id, order))
    for order_id, arrivals in read.arrivals.items():
        if lost := _lines_lost(arrivals, before[order_id].left):
            read.left.setdefault(order_id, f"line {lost} has left already, and reads as another line now")
    for order_id in read.left:
        read.arrivals.pop(order_id, None)
    return read


def _translated(ctx: HubContext, opened: OpenedChannel, each: Stored) -> IncomingOrder | str:
    """The order, or why it cannot be read."""
    message = Message(
        each.delivery_key, each.topic, each.channel_order_id, ctx.vault.open(each.body, each.id.bytes)
    )
    try:
        order = opened.connector.to_incoming(message, opened.config)
        refuse_unsound(order)
    except (MalformedError, RejectedError, InputError) as error:
        return f"a message of it cannot be read any more: {error}"
    except BUGS as error:
        return fault_of("the connector", error)
    return order


def _lines_lost(arrivals: Sequence[Arrival], left: Sequence[str]) -> str:
    """A line of which units left, and that no message has any more: under another id they would leave twice."""
    known = {line.channel_line_id for each in arrivals for line in each.order.lines}
    return next((each for each in left if each not in known), "")


def _differences(
    ctx: HubContext, before: Mapping[str, View], after: Mapping[str, View], read: _Read
) -> Iterator[Difference]:
    for order_id, was in sorted(before.items()):
        if order_id in read.left:
            yield Difference(was.number, order_id, [], read.left[order_id])
        elif fields := list(_fields(ctx, was, after[order_id])):
            yield Difference(was.number, order_id, fields)


def _fields(ctx: HubContext, was: View, now: View) -> Iterator[Field]:
    old, new = dict(_flat(was.facts)), dict(_flat(now.facts))
    for path in sorted({*old, *new}):
        if old.get(path, "") != new.get(path, ""):
            yield Field(path, old.get(path, ""), new.get(path, ""))
    mine, theirs = (dict(_flat(_person(ctx, each), "person")) for each in (was, now))
    for path in sorted({*mine, *theirs}):
        if mine.get(path, "") != theirs.get(path, ""):
            yield Field(path, HIDDEN if path in mine else "", HIDDEN if path in theirs else "")


def _person(ctx: HubContext, view: View) -> object:
    person = msgspec.json.decode(ctx.vault.open(view.personal, view.id.bytes), type=Person)
    return msgspec.to_builtins(person)


def _flat(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """A document as (path, text) pairs; what is empty is left out."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            inner = f"{path}[{name}]" if path == "lines" else f"{path}.{name}".lstrip(".")
            yield from _flat(each, inner)
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _flat(each, f"{path}[{index}]")
    elif value is not None and value != "":
        yield path, str(value)
