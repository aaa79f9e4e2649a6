"""A SKU is sold ahead of its stock up to its limit and never beyond, and nobody loses a place in the queue."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import InputError
from hub.model.stock.allocation import Plan, plan_allocation
from hub.model.stock.backorders import Ahead, AheadKind, Backordered, Terms, in_words, refuse_bad, sentence
from hub.model.stock.levels import Level
from hub.model.stock.locations import Location
from hub.model.stock.policies import Policy
from hub.model.stock.sourcing import Sourcing
from hub.model.stock.wants import Want
from tests.builders import NOON

MAIN, SOON = Location("main", "Main"), date(2026, 12, 10)


def ask(number: int, units: int, *, pack: int = 1, backordered: int = 0) -> Want:
    line, order = UUID(int=number), UUID(int=number % 3)
    return Want(line, order, {"MUG": pack}, allocate=units, sku="MUG", units=pack, backordered=backordered)


def plan(wants: Sequence[Want], free: int, *, limit: int, taken: int = 0) -> Plan:
    ahead = {"MUG": Ahead(Terms(limit, SOON), taken)}
    return plan_allocation(wants, [Level("MUG", "main", free)], [MAIN], ahead=ahead)


lines = st.lists(st.tuples(st.integers(1, 5), st.sampled_from((1, 1, 6)), st.integers(0, 3)), max_size=6).map(
    lambda rows: [ask(n, units, pack=pack, backordered=own) for n, (units, pack, own) in enumerate(rows)]
)


@given(lines, st.integers(0, 20), st.integers(0, 20))
def test_new_backorders_never_exceed_what_is_left_of_the_limit(
    wants: list[Want], free: int, limit: int
) -> None:
    taken = sum(want.backordered * want.units for want in wants)
    made = plan(wants, free, limit=limit, taken=taken)
    units = {want.line_id: want.units for want in wants}
    after = sum(late.units * units[line_id] for line_id, late in made.backordered.items())
    assert after <= max(limit, taken)


@given(lines, st.integers(0, 20), st.integers(0, 20))
def test_what_is_given_on_backorder_and_short_is_what_was_asked(
    wants: list[Want], free: int, limit: int
) -> None:
    made = plan(wants, free, limit=limit, taken=sum(want.backordered * want.units for want in wants))
    for want in wants:
        got = sum(move.allocated_change for move in made.moves if move.line_id == want.line_id)
        late = made.backordered.get(want.line_id, Backordered(0)).units
        assert got + late + made.short.get(want.line_id, 0) == want.allocate


@given(lines, st.integers(0, 20))
def test_a_lowered_limit_takes_no_place_in_the_queue_away(wants: list[Want], free: int) -> None:
    made = plan(wants, free, limit=0, taken=sum(want.backordered * want.units for want in wants))
    for want in wants:
        lacking = want.allocate - sum(m.allocated_change for m in made.moves if m.line_id == want.line_id)
        assert made.backordered.get(want.line_id, Backordered(0)).units == min(want.backordered, lacking)


def test_what_is_short_goes_on_backorder_with_the_day_it_is_expected() -> None:
    made = plan([ask(1, 5)], 2, limit=10)
    assert (made.backordered, made.short) == ({UUID(int=1): Backordered(3, SOON)}, {})


def test_a_pack_takes_its_units_of_the_limit() -> None:
    made = plan([ask(1, 3, pack=6)], 0, limit=13)
    assert (made.backordered[UUID(int=1)].units, made.short) == (2, {UUID(int=1): 1})


def test_an_order_kept_whole_waits_whole_for_what_is_on_backorder() -> None:
    wants = [ask(3, 2), Want(UUID(int=4), UUID(int=0), {"TEA": 1}, allocate=1, sku="TEA")]
    levels = [Level("MUG", "main", 0), Level("TEA", "main", 9)]
    how = {UUID(int=0): Sourcing(Policy(keep_whole=True))}
    made = plan_allocation(wants, levels, [MAIN], how=how, ahead={"MUG": Ahead(Terms(9))})
    assert (made.moves, made.short, made.withheld) == ([], {}, {UUID(int=4): 1})
    assert made.backordered == {UUID(int=3): Backordered(2)}


def test_terms_and_backorders_read_as_sentences() -> None:
    terms = Terms(20, SOON, AheadKind.PREORDER)
    assert sentence("MUG", Ahead(terms, 5), at=NOON) == (
        "MUG takes preorders up to 20, expected 2026-12-10: 5 taken, 15 left"
    )
    assert in_words(Backordered(3, SOON), at=NOON) == "3 on backorder, expected 2026-12-10"


def test_a_day_that_has_ended_everywhere_is_overdue_and_cannot_be_promised() -> None:
    ends = datetime(2026, 12, 11, 12, tzinfo=UTC)  # by UTC-12
    just_before = ends - timedelta(seconds=1)
    refuse_bad("MUG", Terms(20, SOON), at=just_before)
    said = [in_words(Backordered(3, SOON), at=at) for at in (just_before, ends)]
    assert said == ["3 on backorder, expected 2026-12-10", "3 on backorder, expected 2026-12-10, overdue"]
    with pytest.raises(InputError, match="which is over"):
        refuse_bad("MUG", Terms(20, SOON), at=ends)
