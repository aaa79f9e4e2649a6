"""Goods that come back: what a person says becomes of them, and how many may come. Pure; counts are units sold."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from hub.model.errors import InputError
from hub.model.stock.wants import Parts

REASON_MAX = 500


class Disposition(StrEnum):
    """`restock`: sold again from where they lie. `scrap`: gone. `inspect`: put aside until a person has looked."""

    RESTOCK = "restock"
    SCRAP = "scrap"
    INSPECT = "inspect"


class ShippedLine(Struct, frozen=True):
    """A line of which units may come back: `parts` is what one unit sold takes of stock, empty without a SKU."""

    id: UUID
    order_id: UUID
    name: str
    kind: str
    shipped: int
    returned: int
    parts: Parts


class Comeback(Struct, frozen=True):
    """`quantity` units of one line have come back. `id` is the caller's: the same one again is the same return.

    `rma_line_id` None: by no RMA that was opened before.
    """

    id: UUID
    line_id: UUID
    quantity: int
    disposition: Disposition
    location: str | None = None
    reason: str = ""
    rma_line_id: UUID | None = None


class Decision(Struct, frozen=True):
    """What becomes of goods that lay aside, by their id."""

    id: UUID
    disposition: Disposition
    location: str | None = None


def refuse_bad(comebacks: Sequence[Comeback], lines: Mapping[UUID, ShippedLine]) -> None:
    """Raises InputError for the first that cannot be: more than left, no line that takes stock, nowhere to lie."""
    left = {line_id: line.shipped - line.returned for line_id, line in lines.items()}
    for each in comebacks:
        line = lines.get(each.line_id)
        if line is None or line.kind != "item":
            msg = "only a line that was shipped can come back: custom lines and fees have no goods"
            raise InputError(msg, field="line")
        if each.quantity < 1:
            msg = f"{each.quantity} units cannot come back: say 1 or more"
            raise InputError(msg, field="quantity")
        if each.quantity > left[each.line_id]:
            msg = f"{each.quantity} of {line.name} cannot come back: {left[each.line_id]} are out"
            raise InputError(msg, field="quantity")
        _refuse_bad_place(each, line)
        left[each.line_id] -= each.quantity


def refuse_bad_decision(decided: Sequence[Comeback], lines: Mapping[UUID, ShippedLine]) -> None:
    """Raises InputError where goods that lay aside cannot become what a person says of them now."""
    for each in decided:
        if each.disposition is Disposition.INSPECT:
            msg = "they lie aside already: say restock or scrap"
            raise InputError(msg, field="disposition")
        _refuse_bad_place(each, lines[each.line_id])


def _refuse_bad_place(each: Comeback, line: ShippedLine) -> None:
    if len(each.reason) > REASON_MAX:
        msg = f"the reason has {len(each.reason)} characters: {REASON_MAX} are enough"
        raise InputError(msg, field="reason")
    if each.disposition is not Disposition.RESTOCK:
        return
    if not each.location:
        msg = "units that are sold again lie somewhere: name the location"
        raise InputError(msg, field="location")
    if not line.parts:
        msg = f"{line.name} has no SKU, so there is no shelf for it: match it first, or scrap it"
        raise InputError(msg, field="line")
