"""Sell a SKU ahead of its stock, from the desk: a limit, and when the stock is expected."""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct

from hub.model.stock.backorders import LIMIT_MAX, AheadKind, Terms, is_over
from hub.store.db import Tx
from hub.store.stock.backorders import read_ahead


class AheadForm(Struct, frozen=True):
    """What the form shows, typed words and problems included; `taken` of the limit, `left` still to be had."""

    limit: str = ""
    expected: str = ""
    kind: AheadKind = AheadKind.BACKORDER
    taken: int = 0
    left: int = 0
    problems: dict[str, str] = {}


async def load_ahead(tx: Tx, sku: str, typed: AheadForm | None = None) -> AheadForm:
    """The form as it stands for a SKU; what was typed comes before what is set."""
    there = (await read_ahead(tx, [sku])).get(sku)
    if there is None:
        return typed or AheadForm()
    terms = there.terms
    form = typed or AheadForm(str(terms.limit), str(terms.expected or ""), terms.kind)
    return AheadForm(form.limit, form.expected, form.kind, there.taken, there.left, form.problems)


def read_form(given: Mapping[str, str], *, at: datetime) -> tuple[AheadForm, Terms | None]:
    """What was typed, with every field that is wrong; the terms where none is."""
    kind = AheadKind.PREORDER if given.get("kind") == AheadKind.PREORDER else AheadKind.BACKORDER
    limit, expected = given.get("limit", ""), given.get("expected", "")
    problems = {}
    if not (limit.isascii() and limit.isdigit()) or int(limit[:9]) > LIMIT_MAX:
        problems["limit"] = "How many more than there are, such as 20; 0 for none"
    try:
        day = date.fromisoformat(expected) if expected else None
    except ValueError:
        day, problems["expected"] = None, "A day, such as 2026-12-10"
    if day and is_over(day, at):
        problems["expected"] = "That day is over: say one to come, or none"
    terms = None if problems else Terms(int(limit), day, kind)
    return AheadForm(limit, expected, kind, problems=problems), terms
