"""A draft: what taking one order would write, decided from its snapshots and what the hub holds. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from hub.model.incoming import IncomingLine, IncomingOrder, LineKind
from hub.model.orders.taking import HeldLine, Match, fact_of, want_of
from hub.model.stock.allocation import Plan
from hub.model.stock.backorders import Backordered
from hub.model.stock.wants import Parts, Want

FindMatch = Callable[[IncomingLine], Match | None]
NewId = Callable[[], UUID]


class DraftLine(Struct, frozen=True):
    """`line` None: the channel removed it, unless it is `kept`; `held` None: it is new."""

    id: UUID
    line: IncomingLine | None
    held: HeldLine | None
    match: Match | None
    want: Want | None
    left_before: int = 0
    kept: bool = False

    @property
    def sku(self) -> str | None:
        if self.held is not None and self.held.sku is not None:
            return self.held.sku
        return self.match.sku if self.match else None

    @property
    def parts(self) -> Parts:
        """What one unit of it takes of stock; empty where nobody knows its SKU."""
        if self.held is not None and self.held.sku is not None:
            return self.held.parts
        return self.match.parts if self.match else {}

    @property
    def units(self) -> int:
        if self.held is not None and self.held.sku is not None:
            return self.held.units
        return self.match.units if self.match else 1

    @property
    def open_units(self) -> int:
        """What is sold of it and has not left, where it takes stock."""
        if self.line is None or self.line.kind is not LineKind.ITEM:
            return 0
        shipped = self.held.shipped if self.held else self.left_before
        return max(0, self.line.quantity - self.line.canceled - max(shipped, self.line.fulfilled))

    @property
    def exploded(self) -> Parts:
        """The parts a bundle line is to keep from now on; empty where it has its parts, or needs none."""
        if self.match is None or (self.held is not None and self.held.sku is not None):
            return {}
        return self.match.exploded

    @property
    def unmatched(self) -> bool:
        """Whether a person must say which SKU this is: not for what left before the channel was joined."""
        if self.sku is not None or self.line is None or self.line.kind is not LineKind.ITEM:
            return False
        return self.line.quantity - self.line.canceled > self.left_before


class LineOutcome(Struct, frozen=True):
    """A line's quantities after the plan, in units sold."""

    canceled: int
    allocated: int
    shipped: int
    backordered: int = 0
    canceled_with_order: int = 0


def draft_lines(
    order_id: UUID,
    order: IncomingOrder,
    held: Sequence[HeldLine],
    find: FindMatch,
    new_id: NewId,
    *,
    canceled: bool,
    place: str | None,
    history: bool,
    promised: bool = True,
) -> list[DraftLine]:
    """Pair what the channel says with what the hub holds, line by line, and say what each asks of stock.

    `history`: the order was placed before the channel was joined. Not `promised`: its time to pay is over.
    """
    known = {line.channel_line_id: line for line in held}
    pairs: list[tuple[IncomingLine | None, HeldLine | None]] = [
        (line, known.pop(line.channel_line_id, None)) for line in order.lines
    ]
    pairs.extend((None, line) for line in known.values())
    drafts = []
    for line, was in pairs:
        match = find(line) if line is not None and line.kind is LineKind.ITEM else None
        line_id = was.id if was else new_id()
        gone = _left_before(line, was, history=history)
        want = want_of(
            line_id,
            order_id,
            line,
            was,
            match,
            canceled=canceled,
            place=place,
            left_before=gone,
            promised=promised,
        )
        drafts.append(DraftLine(line_id, line, was, match, want, gone))
    return drafts


def _left_before(line: IncomingLine | None, held: HeldLine | None, *, history: bool) -> int:
    if held is not None:
        return held.left_before
    if line is None or line.kind is not LineKind.ITEM or not history:
        return 0
    return min(line.fulfilled, line.quantity - line.canceled)


def fact_lines(
    order_id: UUID,
    order: IncomingOrder,
    held: Sequence[HeldLine],
    overtaken: Mapping[str, IncomingLine],
    *,
    canceled: bool,
    place: str | None,
) -> list[DraftLine]:
    """Take over from an older snapshot what is never unsaid: what has left, and a cancel. Its words are passed over.

    `overtaken` are lines that a person changed and of which more has left than they kept, as they are now.
    """
    told = {line.channel_line_id: line for line in order.lines}
    drafts = []
    for line in held:
        now = overtaken.get(line.channel_line_id)
        counts = (
            replace(line, quantity=now.quantity, canceled=now.canceled, canceled_with_order=0)
            if now
            else line
        )
        fact = fact_of(counts, order_id, told.get(line.channel_line_id), canceled=canceled, place=place)
        drafts.append(DraftLine(line.id, now, line, None, fact, kept=not canceled))
    return drafts


def with_all_that_left(newest: IncomingOrder, others: Sequence[IncomingOrder]) -> IncomingOrder:
    """Fold what has left by the word of any snapshot into the newest one (L2)."""
    left: dict[str, int] = {}
    for line in (line for order in others for line in order.lines):
        left[line.channel_line_id] = max(left.get(line.channel_line_id, 0), line.fulfilled)
    lines = [
        replace(line, fulfilled=max(line.fulfilled, left.get(line.channel_line_id, 0)))
        for line in newest.lines
    ]
    return replace(newest, lines=lines)


Moved = Mapping[UUID, tuple[int, int]]
"""By line, in units sold: the change of on hand, and of allocated."""
Late = Mapping[UUID, Backordered]


def outcomes(
    drafts: Sequence[DraftLine], moved: Moved, late: Late, *, canceled: bool
) -> dict[UUID, LineOutcome]:
    """Fold what the plan moved, and what it put on backorder, into each line's quantities."""
    return {
        draft.id: _with_backorder(
            draft, late, _outcome(draft, moved.get(draft.id, (0, 0)), canceled=canceled)
        )
        for draft in drafts
    }


def moved_by_line(plan: Plan) -> Moved:
    """Sum the changes of on hand and of allocated for each line; once for a whole batch."""
    moved: dict[UUID, tuple[int, int]] = {}
    for move in plan.moves:
        on_hand, allocated = moved.get(move.line_id, (0, 0))
        moved[move.line_id] = on_hand + move.on_hand_change, allocated + move.allocated_change
    return moved


def taken_ahead(drafts: Sequence[DraftLine], after: Mapping[UUID, LineOutcome]) -> Counter[str]:
    """How many units more of each SKU are on backorder than before; less where negative."""
    changes: Counter[str] = Counter()
    for draft in drafts:
        more = after[draft.id].backordered - (draft.held.backordered if draft.held else 0)
        if more and draft.sku is not None:
            changes[draft.sku] += more * draft.units
    return changes


def _with_backorder(draft: DraftLine, late: Late, after: LineOutcome) -> LineOutcome:
    """An older snapshot takes no place in the queue away, but for what has left meanwhile."""
    if not draft.kept:
        return replace(after, backordered=late[draft.id].units) if draft.id in late else after
    was = draft.held
    if was is None or not was.backordered:
        return after
    due = was.quantity - after.canceled - after.shipped - after.allocated
    return replace(after, backordered=max(0, min(was.backordered, due)))


def _outcome(draft: DraftLine, moved: tuple[int, int], *, canceled: bool) -> LineOutcome:
    was = draft.held
    shipped = (was.shipped if was else draft.left_before) - moved[0]
    allocated = (was.allocated if was else 0) + moved[1]
    quantity, alone = _said(draft)
    if canceled:
        every = max(0, quantity - shipped)
        return LineOutcome(every, allocated, shipped, canceled_with_order=max(0, every - alone))
    if draft.line is None and not draft.kept:
        alone = max(alone, quantity - shipped)
    return LineOutcome(alone, allocated, shipped)


def _said(draft: DraftLine) -> tuple[int, int]:
    """How many units the line has, and how many of them were canceled without the order."""
    if draft.line is not None:
        return draft.line.quantity, draft.line.canceled
    return (draft.held.quantity, draft.held.canceled_alone) if draft.held else (0, 0)
