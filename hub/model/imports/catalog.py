"""The catalog from a file: SKUs that are new, and what changes of those that are there. Pure."""

from msgspec import Struct

from hub.model.errors import InputError
from hub.model.imports.cells import CODE_MAX, NAME_MAX, read_code, read_text
from hub.model.imports.known import Known, Skus, sku_of
from hub.model.imports.lines import Change, Line, compared, refused
from hub.model.imports.rows import Given
from hub.model.stock.bundles import Kind
from hub.model.stock.lots import Tracking


class CatalogRow(Struct, frozen=True):
    """A SKU as it is after the row: an empty cell, or a column that is not there, leaves what there is."""

    sku: str
    name: str
    barcode: str
    group: str
    tracking: Tracking


def judge(given: Given, skus: Skus) -> tuple[Line, CatalogRow | None]:
    key = given.text("sku")[:300]
    try:
        sku = sku_of(given)
        held = skus.known.get(sku)
        row = _read(given, held or Known(sku, ""))
        _refuse_bad(row, held)
    except InputError as error:
        return refused(given.row, key, error), None
    return compared(given.row, key, _changes(held or Known(sku, ""), row), is_new=held is None), row


def _read(given: Given, held: Known) -> CatalogRow:
    """What stays as it is is not looked at: only what changes must be as the hub wants it today."""
    name, barcode, group = given.text("name"), given.text("barcode"), given.text("group")
    return CatalogRow(
        held.sku,
        held.name if name in {"", held.name.strip()} else read_text(name, "name", longest=NAME_MAX),
        held.barcode
        if barcode in {"", held.barcode.strip()}
        else read_code(barcode, "barcode", longest=CODE_MAX),
        held.group if group in {"", held.group.strip()} else read_text(group, "group", longest=NAME_MAX),
        _tracking(given.text("tracking")) or held.tracking,
    )


def _tracking(text: str) -> Tracking | None:
    word = text.casefold()
    if word and word not in set(Tracking):
        msg = f"{text[:40]!r} is no way to tell units apart: write none, lot or serial"
        raise InputError(msg, field="tracking")
    return Tracking(word) if word else None


def _refuse_bad(row: CatalogRow, held: Known | None) -> None:
    if held is None and not row.name:
        msg = f"{row.sku} is new, and a new SKU needs a name: fill it in"
        raise InputError(msg, field="name")
    if held is None or row.tracking is held.tracking:
        return
    if held.kind is Kind.BUNDLE:
        msg = f"{row.sku} is a bundle and has no units of its own: leave it empty"
        raise InputError(msg, field="tracking")
    if held.has_lots:
        msg = f"lots of {row.sku} still lie somewhere: sell, adjust or move their units first"
        raise InputError(msg, field="tracking")


def _changes(held: Known, row: CatalogRow) -> list[Change]:
    return [
        Change("name", held.name, row.name),
        Change("barcode", held.barcode, row.barcode),
        Change("group", held.group, row.group),
        Change("tracking", held.tracking, row.tracking),
    ]
