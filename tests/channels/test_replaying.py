"""Stored messages are read anew by the connector as it is now: what differs is shown by field, and applied once."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from msgspec.structs import replace
from typing_extensions import override

from hub.channels.intake import take_or_park
from hub.channels.replaying import Difference, Field, replay_pages
from hub.kit.clock import now
from hub.model.incoming import IncomingOrder, Person
from hub.spec import MalformedError
from hub.store.replays import Span
from tests.builders import line, order
from tests.fake_channel import FakeConnector, FakeHub
from tests.web.conftest import statements

MOVED = "SELECT kind, sum(on_hand_change), sum(allocated_change), count(*) FROM movements GROUP BY kind ORDER BY kind"
LEVELS = "SELECT sku, on_hand, allocated FROM levels ORDER BY sku"
ALL = Span()
Fix = Callable[[IncomingOrder], IncomingOrder]


class NewVersion(FakeConnector):
    """Reads every order as the older one did, and then corrects it."""

    def __init__(self, fix: Fix) -> None:
        super().__init__("shop")
        self.fix = fix

    @override
    def to_incoming(self, message: Any, config: Any) -> IncomingOrder:
        return self.fix(super().to_incoming(message, config))


async def taken(hub: FakeHub, *orders: IncomingOrder) -> None:
    await hub.arrive(*orders)
    await take_or_park(hub.ctx, await hub.opened(), at=now())


async def replay(hub: FakeHub, fix: Fix, *, apply: bool = True, span: Span = ALL) -> list[Difference]:
    opened = replace(await hub.opened(), connector=NewVersion(fix))
    pages = replay_pages(hub.ctx, opened, span, apply=apply, at=now())
    return [each async for page in pages for each in page.differences]


def more_tax(each: IncomingOrder) -> IncomingOrder:
    lines = [replace(one, tax=Decimal("1.90")) for one in each.lines]
    return replace(each, lines=lines, tax_total=Decimal("1.90"), total=each.total + Decimal("1.90"))


def two_units(each: IncomingOrder) -> IncomingOrder:
    return replace(each, lines=[replace(one, quantity=2) for one in each.lines])


def refuse(each: IncomingOrder) -> IncomingOrder:
    msg = f"order {each.channel_order_id} has no currency"
    raise MalformedError(msg)


async def test_a_dry_run_names_every_field_that_would_differ_and_changes_nothing(hub: FakeHub):
    await taken(hub, order("1"), order("2"))
    before = [
        await hub.query(each)
        for each in (MOVED, LEVELS, "SELECT * FROM orders", "SELECT count(*) FROM events")
    ]
    first, _ = await replay(hub, more_tax, apply=False)
    assert first.fields == [
        Field("lines[MUG].tax", "0", "1.90"),
        Field("tax_total", "0", "1.90"),
        Field("total", "9.99", "11.89"),
    ]
    after = [
        await hub.query(each)
        for each in (MOVED, LEVELS, "SELECT * FROM orders", "SELECT count(*) FROM events")
    ]
    assert after == before


async def test_what_differs_is_applied_once_and_then_nothing_differs(hub: FakeHub):
    await taken(hub, order("1"))
    assert len(await replay(hub, more_tax)) == 1
    assert await hub.query("SELECT total, changes FROM orders") == [(Decimal("11.89"), 1)]
    assert await replay(hub, more_tax) == []
    assert await hub.query("SELECT changes FROM orders") == [(1,)]


async def test_what_reads_the_same_is_not_touched(hub: FakeHub):
    await taken(hub, order("1"), order("2"))
    assert await replay(hub, lambda each: each) == []
    assert await hub.query("SELECT changes FROM orders") == [(0,), (0,)]


async def test_only_the_difference_moves_and_only_once(hub: FakeHub):
    await taken(hub, order("1"))
    [difference] = await replay(hub, two_units)
    assert Field("lines[MUG].allocated", "1", "2") in difference.fields
    await replay(hub, two_units)
    assert await hub.query(LEVELS) == [("MUG", 10, 2), ("TEA", 10, 0)]
    await replay(hub, lambda each: each)
    assert await hub.query(LEVELS) == [("MUG", 10, 1), ("TEA", 10, 0)]


async def test_only_orders_with_messages_of_the_asked_span_are_read(hub: FakeHub):
    await taken(hub, order("1"))
    between = now()
    await taken(hub, order("2"))
    [early] = await replay(hub, more_tax, apply=False, span=Span(until=between))
    [late] = await replay(hub, more_tax, apply=False, span=Span(since=between))
    assert (early.channel_order_id, late.channel_order_id) == ("1", "2")


async def test_units_that_left_do_not_leave_again(hub: FakeHub):
    await taken(hub, order("1", line("MUG", fulfilled=1), placed_at=now()))
    await replay(hub, more_tax)
    assert await hub.query(LEVELS) == [("MUG", 9, 0), ("TEA", 10, 0)]


async def test_a_line_that_left_and_reads_as_another_leaves_its_order_alone(hub: FakeHub):
    await taken(hub, order("1", line("MUG", fulfilled=1), placed_at=now()))
    renamed = [line("MUG", channel_line_id="other", fulfilled=1)]
    [difference] = await replay(hub, lambda each: replace(each, lines=renamed))
    assert "line MUG has left already" in difference.reason
    assert await hub.query(LEVELS) == [("MUG", 9, 0), ("TEA", 10, 0)]


async def test_an_order_that_cannot_be_read_any_more_costs_only_itself(hub: FakeHub):
    await taken(hub, order("1"), order("2"))
    found = await replay(hub, lambda each: refuse(each) if each.channel_order_id == "1" else more_tax(each))
    assert [(each.channel_order_id, bool(each.reason)) for each in found] == [("1", True), ("2", False)]
    assert "has no currency" in found[0].reason
    assert await hub.query("SELECT total FROM orders ORDER BY number") == [
        (Decimal("9.99"),),
        (Decimal("11.89"),),
    ]


async def test_an_older_message_never_stands_in_for_one_that_cannot_be_read(hub: FakeHub):
    await taken(hub, order("1"))
    await taken(hub, order("1", line("MUG", 3), minute=5))
    [difference] = await replay(hub, lambda each: refuse(each) if each.lines[0].quantity == 3 else each)
    assert difference.reason
    assert await hub.query("SELECT quantity FROM order_lines") == [(3,)]


async def test_a_canceled_order_stays_canceled(hub: FakeHub):
    await taken(hub, order("1", canceled=True))
    await replay(hub, lambda each: replace(each, canceled=False))
    assert await hub.query("SELECT canceled_at IS NOT NULL FROM orders") == [(True,)]


async def test_what_is_personal_is_named_and_not_shown(hub: FakeHub):
    await taken(hub, order("1"))
    [difference] = await replay(
        hub, lambda each: replace(each, person=Person(name="Ada King", phone="+1 555")), apply=False
    )
    assert difference.fields == [
        Field("person.email", "…", ""),
        Field("person.name", "…", "…"),
        Field("person.phone", "", "…"),
    ]


async def test_a_newer_message_after_a_replay_is_still_news(hub: FakeHub):
    await taken(hub, order("1"))
    await replay(hub, more_tax)
    await taken(hub, order("1", line("MUG", 4), minute=9))
    assert await hub.query("SELECT quantity FROM order_lines") == [(4,)]


async def test_a_page_asks_as_many_statements_however_many_orders_it_has(hub: FakeHub):
    counted = []
    for count in (1, 7):
        await taken(hub, *(order(f"{count}-{n}") for n in range(count)))
        with statements(hub.ctx) as asked:
            await replay(hub, more_tax, apply=False)
        counted.append(len(asked))
    assert counted[0] == counted[1]
