"""A basket: SKUs and how many of each, scanned, typed or pasted into a form that is not sent yet.

It lives in the fields of its form: each scan sends the form and shows it again with one more, also without script.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from itertools import zip_longest

from litestar.datastructures import FormMultiDict
from msgspec import Struct
from msgspec.structs import replace

from hub.model.errors import InputError
from hub.model.stock.lines import LINES_MAX, UNITS_MAX, Units, read_lines
from hub.model.stock.lots import Batch, Tracking
from hub.store.db import Tx
from hub.store.desk.items import Item, items_of
from hub.store.desk.stock import find_items
from hub.store.stock.scanning import find_code


class Row(Struct, frozen=True):
    """One SKU, or one lot of it; `of` are the units that are expected, `free` those that may leave."""

    sku: str
    units: str
    lot: str = ""
    expires_on: str = ""
    name: str = ""
    tracking: Tracking = Tracking.NONE
    free: int = 0
    of: int | None = None
    problem: str = ""

    @property
    def count(self) -> int | None:
        """None where what was typed is no number of units."""
        is_number = self.units.isascii() and self.units.isdigit() and len(self.units) <= len(str(UNITS_MAX))
        return int(self.units) if is_number and int(self.units) <= UNITS_MAX else None


class Basket(Struct, frozen=True):
    """`newest` is the SKU that came last, `code` and `pasted` what could not be understood."""

    rows: list[Row] = []
    newest: str = ""
    code: str = ""
    pasted: str = ""
    problems: dict[str, str] = {}

    @property
    def units(self) -> int:
        return sum(row.count or 0 for row in self.rows)

    @property
    def is_sound(self) -> bool:
        return not self.problems and not any(row.problem for row in self.rows)


_FIELDS = ("sku", "units", "lot", "expires_on")


def rows_typed(form: FormMultiDict) -> list[Row]:
    """The rows of the form as they were sent."""
    columns = [[str(each).strip() for each in form.getall(name, [])] for name in _FIELDS]
    cells = zip_longest(*columns, fillvalue="")
    return [Row(sku, units, lot, expires_on) for sku, units, lot, expires_on in cells if sku]


async def changed(
    tx: Tx, form: FormMultiDict, rows: Sequence[Row], *, alone: bool = False, location: str = ""
) -> Basket:
    """The basket after the button that was pressed; with `alone`, only what stands in it can be added.

    A fixed number of questions, however many rows there are.
    """
    pressed, _, which = str(form.get("do", "")).partition(" ")
    basket = Basket(list(rows))
    if pressed == "drop" and which.isdigit():
        basket = Basket([row for place, row in enumerate(rows) if place != int(which)])
    if pressed == "split" and which.isdigit() and int(which) < len(rows):
        after = int(which) + 1
        basket = Basket([*rows[:after], Row(rows[int(which)].sku, "1"), *rows[after:]])
    if pressed == "add":
        basket = await _added(tx, form, rows, alone=alone)
    return await named(tx, basket, location=location)


async def named(tx: Tx, basket: Basket, *, location: str = "") -> Basket:
    """The basket with what each SKU is called."""
    items = await items_of(tx, [row.sku for row in basket.rows], location=location)
    return replace(basket, rows=[_named(row, items.get(row.sku)) for row in basket.rows])


def _named(row: Row, item: Item | None) -> Row:
    if item is None:
        return replace(row, problem=row.problem or "There is no such SKU")
    return replace(row, name=item.name, tracking=item.tracking, free=item.free)


async def _added(tx: Tx, form: FormMultiDict, rows: Sequence[Row], *, alone: bool) -> Basket:
    code, pasted = str(form.get("code", "")).strip(), str(form.get("pasted", "")).strip()
    try:
        count = _count(str(form.get("count", "")).strip())
        new = [Units(await sku_of(tx, code), count)] if code else []
        new += await _pasted(tx, pasted)
        _refuse_others(rows, new if alone else [])
        items = await items_of(tx, [each.sku for each in new])
        serial = {each.sku for each in items.values() if each.tracking is Tracking.SERIAL}
        _refuse_too_many(rows, new, serial)
    except InputError as error:
        return Basket(list(rows), "", code, pasted, {error.field: str(error)})
    return Basket(_grown(rows, new, serial), new[-1].sku if new else "")


def _grown(rows: Sequence[Row], new: Sequence[Units], serial: AbstractSet[str]) -> list[Row]:
    """Each serial number has a row; all else is added to the last row of its SKU."""
    grown = list(rows)
    last = {row.sku: place for place, row in enumerate(grown)}
    for each in new:
        if each.sku in serial:
            grown += [Row(each.sku, "1")] * each.units
        elif each.sku in last:
            row = grown[last[each.sku]]
            grown[last[each.sku]] = replace(row, units=str((row.count or 0) + each.units))
        else:
            last[each.sku] = len(grown)
            grown.append(Row(each.sku, str(each.units)))
    return grown


async def sku_of(tx: Tx, word: str) -> str:
    """The SKU that a scanned code or a typed word stands for; raises InputError."""
    found = await find_code(tx, word)
    if len(found) > 1 and found[0].sku != word:
        named_skus = ", ".join(each.sku for each in found[:5])
        msg = f"“{word}” is on several SKUs: type {named_skus}"
        raise InputError(msg, field="code")
    if found:
        return found[0].sku
    meant = await find_items(tx, [word])
    if word not in meant:
        msg = f"No SKU, barcode or name is “{word}”" if word else "Scan a barcode, or type a SKU"
        raise InputError(msg, field="code")
    return meant[word].sku


async def _pasted(tx: Tx, pasted: str) -> list[Units]:
    try:
        lines = read_lines(pasted)
    except InputError as error:
        raise InputError(str(error), field="pasted") from error
    if not lines:
        return []
    meant = await find_items(tx, [each.sku for each in lines])
    strange = sorted({each.sku for each in lines} - meant.keys())
    if strange:
        msg = f"No SKU, barcode or name is {', '.join(strange[:5])}"
        raise InputError(msg, field="pasted")
    return [Units(meant[each.sku].sku, each.units) for each in lines]


def _refuse_others(rows: Sequence[Row], new: Sequence[Units]) -> None:
    known = {row.sku for row in rows}
    strange = next((each.sku for each in new if each.sku not in known), None)
    if strange is not None:
        msg = f"{strange} is not on it"
        raise InputError(msg, field="code")


def _refuse_too_many(rows: Sequence[Row], new: Sequence[Units], serial: AbstractSet[str]) -> None:
    """A serial number takes a row for each of its units, so a slip of the finger could be a million rows."""
    known = {row.sku for row in rows}
    more = len({each.sku for each in new} - serial - known)
    more += sum(each.units for each in new if each.sku in serial)
    if len(rows) + more > LINES_MAX:
        msg = f"That would be {len(rows) + more} lines: {LINES_MAX} are the most"
        raise InputError(msg, field="count" if len(new) == 1 else "pasted")


def _count(written: str) -> int:
    counted = Row("", written or "1").count
    if not counted:
        msg = "1 or more"
        raise InputError(msg, field="count")
    return counted


def checked(basket: Basket, *, least: int = 1) -> Basket:
    """The basket with every row that cannot be sent named as such."""
    rows = [replace(row, problem=row.problem or _wrong_with(row, least)) for row in basket.rows]
    problems = (
        dict(basket.problems) if rows else {"lines": "Nothing is on it yet: scan or type the first SKU"}
    )
    return replace(basket, rows=rows, problems=problems)


def _wrong_with(row: Row, least: int) -> str:
    if row.count is None or row.count < least:
        return f"{least} or more"
    if row.tracking is Tracking.SERIAL and row.lot and row.count != 1:
        return "One unit has one serial number"
    try:
        _day(row.expires_on)
    except ValueError:
        return "A day, such as 2027-01-31"
    return ""


def _day(written: str) -> date | None:
    return date.fromisoformat(written) if written else None


def units_in(basket: Basket) -> list[Units]:
    """What a sound basket asks for."""
    return [Units(row.sku, row.count or 0) for row in basket.rows]


def batches_in(basket: Basket) -> list[Batch]:
    """The lots that a sound basket names; rows of one lot are one."""
    batches: dict[tuple[str, str], Batch] = {}
    for row in (each for each in basket.rows if each.lot):
        was = batches.get((row.sku, row.lot), Batch(row.sku, row.lot, 0, _day(row.expires_on)))
        batches[row.sku, row.lot] = replace(was, units=was.units + (row.count or 0))
    return list(batches.values())


def came_in(basket: Basket) -> Mapping[str, int]:
    """Units by SKU, where nothing typed means none."""
    return {row.sku: row.count or 0 for row in basket.rows}
