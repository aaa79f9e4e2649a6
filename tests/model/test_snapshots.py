"""The same snapshots of an order, in any sequence and however often, end in the same order (L2)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.model.incoming import IncomingOrder, IncomingParcel
from hub.model.orders.drafts import draft_lines, fact_lines, moved_by_line, outcomes
from hub.model.orders.snapshots import snapshot_key
from hub.model.orders.taking import HeldLine, Match
from hub.model.stock.allocation import plan_allocation
from hub.model.stock.levels import Level
from hub.model.stock.locations import Location
from tests.builders import NOON, line, order

PLACES = [Location("main", "Main")]
Held = tuple[str, bool, dict[str, HeldLine]]
Story = list[IncomingOrder]


@st.composite
def stories(draw: st.DrawFn, *, leaves: bool = True) -> Story:
    """An order as its channel tells it: quantities vary, what left grows, the end may be a cancel that tells less."""
    left, told = 0, []
    for minute in range(draw(st.integers(1, 5))):
        quantity = draw(st.integers(left, 8))
        left = draw(st.integers(left, quantity)) if leaves else 0
        canceled = draw(st.integers(0, quantity - left))
        told.append(order("1", line("MUG", quantity, fulfilled=left, canceled=canceled), minute=minute))
    end = replace(told[-1], canceled=draw(st.booleans()))
    if end.canceled and draw(st.booleans()):
        end = replace(end, lines=[replace(each, fulfilled=0) for each in end.lines])
    return [*told[:-1], end]


def fold(arrivals: Sequence[IncomingOrder]) -> tuple[bool, int, int, int, int, int]:
    """Take them one by one as the flow does, over enough stock: canceled, quantity, canceled, alone, promised, left."""
    held: HeldLine | None = None
    key, canceled = "", False
    for each in arrivals:
        newer = snapshot_key(each) > key
        canceled = canceled or each.canceled
        held = _take(each, held, newer=newer, canceled=canceled)
        key = max(key, snapshot_key(each))
    assert held is not None
    return canceled, held.quantity, held.canceled, held.canceled_alone, held.allocated, held.shipped


def _take(snapshot: IncomingOrder, held: HeldLine | None, *, newer: bool, canceled: bool) -> HeldLine:
    was = [held] if held else []
    drafts = fact_lines(UUID(int=9), snapshot, was, {}, canceled=canceled, place=None)
    if newer:
        drafts = draft_lines(
            UUID(int=9),
            snapshot,
            was,
            lambda _: Match("MUG"),
            lambda: UUID(int=1),
            canceled=canceled,
            place=None,
            history=False,
        )
    wants = [draft.want for draft in drafts if draft.want]
    plan = plan_allocation(wants, [Level("MUG", "main", 1_000)], PLACES)
    (after,) = outcomes(drafts, moved_by_line(plan), plan.backordered, canceled=canceled).values()
    quantity = snapshot.lines[0].quantity if newer or held is None else held.quantity
    picks = {"main": after.allocated} if after.allocated else {}
    return HeldLine(
        UUID(int=1),
        "MUG",
        "MUG",
        1,
        "item",
        quantity,
        after.canceled,
        after.allocated,
        after.shipped,
        0,
        0,
        {"MUG": 1},
        picks,
        canceled_with_order=after.canceled_with_order,
    )


def shuffled(story: Story, seed: int) -> Story:
    """Any permutation, some told again."""
    dice = Random(seed)
    again = [*story, *dice.choices(story, k=3)]
    dice.shuffle(again)
    return again


@given(stories(), st.integers())
def test_any_sequence_with_repeats_ends_where_the_story_ends(story: Story, seed: int) -> None:
    assert fold(shuffled(story, seed)) == fold(story)


@given(stories(leaves=False), st.integers(), st.integers(0, 4))
def test_a_cancel_anywhere_in_the_story_is_never_unsaid(story: Story, seed: int, where: int) -> None:
    told = [replace(each, canceled=each.canceled or n == where % len(story)) for n, each in enumerate(story)]
    end = fold(shuffled(told, seed))
    assert (end, end[0], end[4]) == (fold(told), True, 0)


def test_what_left_of_a_canceled_order_counts_in_any_sequence() -> None:
    canceled, left = order("1", canceled=True), order("1", line("MUG", fulfilled=1), minute=1)
    assert fold([canceled, left]) == fold([left, canceled])


def test_a_snapshot_is_as_old_as_its_moment_in_whatever_zone_it_is_written() -> None:
    east = NOON.astimezone(timezone(timedelta(hours=9)))
    earlier = order("1", updated_at=east)
    later = order("1", updated_at=NOON + timedelta(minutes=1))
    assert snapshot_key(earlier) < snapshot_key(later)


def test_the_channels_own_counter_goes_before_its_clock() -> None:
    first = order("1", revision=1, updated_at=datetime(2030, 1, 1, tzinfo=UTC))
    assert snapshot_key(first) < snapshot_key(order("1", revision=2))


def test_of_two_snapshots_of_one_moment_the_canceled_one_is_the_later() -> None:
    left = order("1", line("MUG", fulfilled=1))
    assert snapshot_key(order("1")) < snapshot_key(left) < snapshot_key(order("1", canceled=True))


def test_of_two_snapshots_of_one_moment_the_one_that_tells_of_more_parcels_is_the_later() -> None:
    told = [order("1", parcels=[IncomingParcel(str(each)) for each in range(count)]) for count in (0, 1, 2)]
    keys = [snapshot_key(each) for each in (*told, order("1", canceled=True))]
    assert keys == sorted(keys)
