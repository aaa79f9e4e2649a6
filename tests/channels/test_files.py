"""A file is taken over once: again it changes nothing, a bad row stops no other, and stock never doubles."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from hub.channels.files.exporting import export
from hub.channels.files.importing import BATCH_ROWS, look_at, take_over
from hub.channels.files.reading import read_file, refused_rows
from hub.flows.imports.taking import By
from hub.kit.ids import uuid7
from hub.kit.sheets import Format, write_sheet
from hub.model.imports.kinds import EXPORTED, Kind
from hub.model.imports.lines import Line, Tally, tally
from hub.model.imports.rows import How
from hub.store.checks import Verdict, one_moment, run_checks
from hub.store.db import Tx
from tests.builders import NOON
from tests.fake_channel import FakeHub

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
ODD = (
    "UPDATE skus SET price = 1.005, currency = 'EUR', barcode = '007', tracking = 'lot' WHERE sku = 'TEA'",
    "UPDATE levels SET on_hand = -3 WHERE sku = 'MUG'",
    "INSERT INTO skus (sku, name, kind, created_at) VALUES ('=SET', '+49', 'bundle', now())",
    "INSERT INTO skus (sku, name, created_at) VALUES ('-1', '''=', now())",
    """INSERT INTO orders (id, channel_id, channel_order_id, snapshot_key, placed_at, channel_updated_at, taken_at,
         currency, payment, personal)
       SELECT gen_random_uuid(), min(id::text)::uuid, '1', '', now(), now(), now(), 'EUR', 'paid', '' FROM channels""",
    """INSERT INTO shipments (id, order_id, tracking, carrier, at) SELECT gen_random_uuid(), id, each, '=DHL', now()
       FROM orders, generate_series(1, 3) each""",
)
NAMES = TEXTS.filter(lambda text: text == text.strip())


async def take(hub: FakeHub, kind: Kind, text: str | bytes, how: How | None = None) -> list[Line]:
    raw = text.encode() if isinstance(text, str) else text
    file = read_file(kind, raw, how or How())
    steps = take_over(hub.ctx, file, By(uuid7(), "ada", "opening stock"))
    return [line async for batch in steps for line in batch]


async def look(hub: FakeHub, kind: Kind, raw: bytes) -> Tally:
    return tally([line async for batch in look_at(hub.ctx, read_file(kind, raw, How())) for line in batch])


async def on_hand(hub: FakeHub) -> dict[object, object]:
    return {row[0]: row[1] for row in await hub.query("SELECT sku, on_hand FROM levels ORDER BY sku")}


def stock(units: dict[str, int]) -> str:
    return "sku,location,on hand\n" + "".join(f"{sku},main,{count}\n" for sku, count in units.items())


async def test_a_look_writes_nothing(hub: FakeHub):
    counts = await look(hub, Kind.STOCK, stock({"MUG": 3, "TEA": 10, "CUP": 1}).encode())
    assert counts == Tally(changed=1, unchanged=1, refused=1)
    assert await on_hand(hub) == {"MUG": 10, "TEA": 10}


async def test_stock_is_set_and_the_same_file_again_moves_nothing(hub: FakeHub):
    for outcome in (Tally(changed=2), Tally(unchanged=2)):
        assert tally(await take(hub, Kind.STOCK, stock({"MUG": 3, "TEA": 25}))) == outcome
    moved = "SELECT sku, on_hand_change, kind, actor, reason FROM movements WHERE kind = 'count' ORDER BY sku"
    assert await hub.query(moved) == [
        ("MUG", -7, "count", "ada", "opening stock"),
        ("TEA", 15, "count", "ada", "opening stock"),
    ]


async def test_an_import_that_was_killed_and_begun_again_doubles_no_stock(hub: FakeHub):
    await catalog_of(hub, BATCH_ROWS + 20)
    units = dict.fromkeys([f"S{number}" for number in range(BATCH_ROWS + 20)], 7)
    by = By(uuid7(), "ada", "opening stock")
    file = read_file(Kind.STOCK, stock(units).encode(), How())

    async def die(_tx: Tx, lines: Sequence[Line]) -> None:
        if lines[0].row > BATCH_ROWS:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        [batch async for batch in take_over(hub.ctx, file, by, note=die)]
    assert len(await on_hand(hub)) == BATCH_ROWS + 2
    again = [line async for batch in take_over(hub.ctx, file, by) for line in batch]
    assert tally(again) == Tally(new=20, unchanged=BATCH_ROWS)
    assert await on_hand(hub) == units | {"MUG": 10, "TEA": 10}


async def catalog_of(hub: FakeHub, count: int) -> list[Line]:
    rows = "".join(f"S{number},Sample {number}\n" for number in range(count))
    return await take(hub, Kind.CATALOG, "sku,name\n" + rows)


async def test_a_row_that_the_database_refuses_stops_no_other(hub: FakeHub):
    await hub.run("ALTER TABLE skus ADD CONSTRAINT odd CHECK (name <> 'Sample 77')")
    try:
        lines = await catalog_of(hub, 200)
    finally:
        await hub.run("ALTER TABLE skus DROP CONSTRAINT odd")
    assert tally(lines) == Tally(new=199, refused=1)
    (bad,) = [line for line in lines if line.why]
    assert (bad.row, bad.key, "odd" in bad.why) == (79, "S77", True)


async def test_refused_rows_are_mended_and_imported_again(hub: FakeHub):
    text = 'SKU;Lager;Bestand;Notiz\nMUG;main;"4";a\nTAE;main;-2;"b;c"\n'
    file = read_file(Kind.STOCK, text.encode(), How())
    mended = refused_rows(file.sheet, await take(hub, Kind.STOCK, text)).replace(
        b"TAE;main;-2", b"TEA;main;2"
    )
    assert b"SKU;Lager;Bestand;Notiz;why\r\nTEA" in mended
    assert tally(await take(hub, Kind.STOCK, mended)) == Tally(changed=1)
    assert await on_hand(hub) == {"MUG": 4, "TEA": 2}


async def test_a_catalog_changes_only_what_its_columns_say(hub: FakeHub):
    await take(hub, Kind.PRICES, "sku,price,currency\nMUG,12.50,EUR\n")
    await take(hub, Kind.CATALOG, "sku,name,ean,group\nMUG,Becher,4006,fragile\nMILK,Milk,,\n")
    await take(hub, Kind.CATALOG, "sku,tracking,ean\nMILK,lot,\nMUG,,\n")
    known = "SELECT sku, name, barcode, sku_group, tracking, price::text FROM skus WHERE sku <> 'TEA' ORDER BY sku"
    assert await hub.query(known) == [
        ("MILK", "Milk", "", "", "lot", None),
        ("MUG", "Becher", "4006", "fragile", "none", "12.50"),
    ]


async def test_a_new_group_is_told_to_the_channels_that_its_rules_are_about(hub: FakeHub):
    await hub.run("UPDATE publications SET sent_version = version")
    await take(hub, Kind.CATALOG, "sku,group\nMUG,fragile\n")
    told = "SELECT DISTINCT l.sku FROM publications p JOIN listings l ON l.id = listing_id WHERE sent_version < version"
    assert await hub.query(told) == [("MUG",)]


async def test_a_listing_is_matched_by_its_row_and_an_unknown_one_is_refused(hub: FakeHub):
    rows = "listing,sku,units\nlisting-MUG,TEA,6\nlisting-CUP,MUG,1\n"
    lines = await take(hub, Kind.LISTINGS, rows, How(channel="shop"))
    assert tally(lines) == Tally(changed=1, refused=1)
    of_shop = "SELECT channel_listing_id, l.sku, units FROM listings l JOIN channels c ON c.id = channel_id"
    assert await hub.query(f"{of_shop} WHERE slug = 'shop' ORDER BY 1") == [
        ("listing-MUG", "TEA", 6),
        ("listing-TEA", "TEA", 1),
    ]


@pytest.mark.parametrize("kind", EXPORTED)
@pytest.mark.parametrize("format_", list(Format))
async def test_an_exported_file_changes_nothing_when_it_is_imported(
    hub: FakeHub, kind: Kind, format_: Format
):
    for change in ODD:
        await hub.run(change)
    raw, rows = await export(hub.ctx, kind, format_)
    assert await look(hub, kind, raw) == Tally(unchanged=rows)
    assert rows >= 3


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(sku=NAMES, name=NAMES, barcode=st.text("0123456789", max_size=14), units=st.integers(-5, 1_000_000))
async def test_whatever_a_sku_is_called_its_export_changes_nothing(
    hub: FakeHub, sku: str, name: str, barcode: str, units: int
):
    put = "INSERT INTO skus (sku, name, barcode, counted_at, created_at) VALUES (:sku, :name, :barcode, now(), now())"
    await hub.query(f"{put} ON CONFLICT DO NOTHING RETURNING sku", sku=sku, name=name, barcode=barcode)
    level = "INSERT INTO levels (sku, location, on_hand) VALUES (:sku, 'main', :units) ON CONFLICT DO NOTHING"
    await hub.query(f"{level} RETURNING sku", sku=sku, units=units)
    for kind in (Kind.CATALOG, Kind.STOCK):
        raw, rows = await export(hub.ctx, kind, Format.CSV)
        assert await look(hub, kind, raw) == Tally(unchanged=rows)


async def test_twenty_thousand_rows_ask_by_the_batch_and_not_by_the_row(hub: FakeHub):
    asked = [0]
    count = lambda *_: asked.__setitem__(0, asked[0] + 1)  # noqa: E731
    event.listen(hub.ctx.db.engine.sync_engine, "before_cursor_execute", count)
    try:
        await catalog_of(hub, BATCH_ROWS)
        of_one_batch, asked[0] = asked[0], 0
        assert tally(await catalog_of(hub, 20_000)) == Tally(new=19_500, unchanged=500)
    finally:
        event.remove(hub.ctx.db.engine.sync_engine, "before_cursor_execute", count)
    assert asked[0] <= of_one_batch * 20_000 / BATCH_ROWS


def test_a_sku_that_a_workbook_holds_as_a_number_is_warned_of():
    rows: list[list[str | int | None]] = [["0815", 5], ["MUG", 4]]
    raw = write_sheet(Format.XLSX, ["sku", "on hand", "color"], rows)
    file = read_file(Kind.STOCK, raw, How(location="main"))
    assert file.notes == ["This column is not read: color."]
    numbers = write_sheet(Format.XLSX, ["sku", "on hand"], [[815, 5], ["MUG", 4], [4711, 1]])
    (note,) = read_file(Kind.STOCK, numbers, How(location="main")).notes
    assert note.startswith(
        "The sku is a number in 2 rows, the first is row 2: zeros at its beginning are lost."
    )


async def test_the_books_add_up_after_an_import(hub: FakeHub):
    await take(hub, Kind.CATALOG, "sku,name,tracking\nMILK,Milk,lot\nPHONE,Phone,serial\n")
    await take(hub, Kind.STOCK, stock({"MILK": 12, "PHONE": 3, "MUG": 0}))
    await take(hub, Kind.STOCK, stock({"MILK": 2, "PHONE": 5}))
    async with one_moment(hub.ctx.db) as tx:
        findings = await run_checks(tx, at=NOON, late_s=1e9)
    assert [each.name for each in findings if each.verdict is Verdict.BROKEN] == []
