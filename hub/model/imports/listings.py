"""Listings from a file: each row is a person's word that this listing is so many units of that SKU (C57). Pure."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

from hub.model.errors import InputError
from hub.model.imports.cells import CODE_MAX, NAME_MAX, read_text, read_whole
from hub.model.imports.known import Skus, sku_of
from hub.model.imports.lines import Change, Line, Outcome, compared, refused
from hub.model.imports.rows import Given
from hub.model.stock.bundles import UNITS_MAX


class Held(Struct, frozen=True):
    """A listing as it is; `sku` empty: nobody has matched it."""

    sku: str
    units: int


class Shop(Struct, frozen=True):
    """A channel. One `without_catalog` has no list of what it offers, so a file may add to it."""

    id: UUID
    without_catalog: bool


class Offers(Struct, frozen=True):
    skus: Skus
    shops: Mapping[str, Shop]
    held: Mapping[tuple[str, str], Held]


class ListingRow(Struct, frozen=True):
    channel_id: UUID
    listing: str
    channel_sku: str
    title: str
    sku: str
    units: int
    is_new: bool


def judge(given: Given, offers: Offers) -> tuple[Line, ListingRow | None]:
    """A row without a SKU leaves its listing as it is."""
    key = f"{given.text('listing')} on {given.text('channel')}"[:300]
    try:
        shop = _shop(given, offers)
        held = offers.held.get((given.text("channel"), given.text("listing")))
        if held is None and not shop.without_catalog:
            raise InputError(_unknown(given), field="listing")  # noqa: TRY301 -- a row is refused in one place
        if not given.text("sku"):
            return Line(given.row, key, Outcome.UNCHANGED), None
        row = _read(given, shop, held, offers.skus)
    except InputError as error:
        return refused(given.row, key, error), None
    changes = [
        Change("sku", held.sku if held else "", row.sku),
        Change("units", str(held.units) if held and held.sku else "", str(row.units)),
    ]
    return compared(given.row, key, changes, is_new=held is None or not held.sku), row


def _shop(given: Given, offers: Offers) -> Shop:
    found = offers.shops.get(given.text("channel"))
    if found is None:
        known = ", ".join(sorted(offers.shops)[:10]) or "none yet: hub channel add"
        msg = f"there is no channel {given.text('channel')[:60]}: the hub knows {known}"
        raise InputError(msg, field="channel")
    return found


def _unknown(given: Given) -> str:
    channel = given.text("channel")
    return (
        f"{channel} offers no listing {given.text('listing')[:60]}: correct it, or read what it offers, with"
        f" hub channel pull {channel} --listings; a file makes no listings there"
    )


def _read(given: Given, shop: Shop, held: Held | None, skus: Skus) -> ListingRow:
    units = given.text("units")
    row = ListingRow(
        shop.id,
        read_text(given.text("listing"), "listing", longest=NAME_MAX),
        given.text("channel sku") if held else read_text(given.text("channel sku"), "channel sku", longest=CODE_MAX),
        given.text("title") if held else read_text(given.text("title"), "title", longest=NAME_MAX),
        skus.find(sku_of(given)).sku,
        read_whole(units, "units") if units else (held.units if held else 1),
        held is None,
    )  # fmt: skip
    if not 1 <= row.units <= UNITS_MAX and not (held and held.units == row.units):
        msg = f"{row.units} units cannot be in one listing: it must be from 1 to {UNITS_MAX}"
        raise InputError(msg, field="units")
    return row
