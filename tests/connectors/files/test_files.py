"""A batch is one file, whole or not there; the same batch again replaces it, and no text runs as a formula."""

import csv
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from connectors.files.exporter import FilesConfig, FilesExporter, OpenFiles
from hub.spec import RetryLaterError
from hub.spec.testing.members import EXPORTS, CannedHttp

ORDERS, STOCK = EXPORTS


def opened(folder: Path, form: str = "jsonl") -> OpenFiles:
    return FilesExporter().open(CannedHttp(), FilesConfig(folder=str(folder), form=form))  # type: ignore[arg-type]


async def test_a_batch_is_one_document_a_line_with_exact_amounts(tmp_path: Path):
    await opened(tmp_path).write(ORDERS)
    [line] = (tmp_path / "orders-000000000007.jsonl").read_bytes().splitlines()
    order = msgspec.json.decode(line)
    assert (order["number"], order["total"], order["lines"][0]["sku"]) == (1001, "19.98", "MUG")
    assert order["fields"] == {"po_number": "4711"}


async def test_the_same_batch_again_replaces_its_file(tmp_path: Path):
    files = opened(tmp_path)
    await files.write(STOCK)
    await files.write(replace(STOCK, levels=[*STOCK.levels, replace(STOCK.levels[0], sku="TEA")]))
    file = tmp_path / "stock-00000001-0001.jsonl"
    assert [msgspec.json.decode(each)["sku"] for each in file.read_bytes().splitlines()] == ["MUG", "TEA"]
    assert sorted(tmp_path.glob(".*")) == []  # noqa: ASYNC240 -- a test may look


async def test_a_row_of_csv_is_one_line_of_an_order_and_no_text_is_a_formula(tmp_path: Path):
    await opened(tmp_path, "csv").write(ORDERS)
    with (tmp_path / "orders-000000000007.csv").open(newline="") as file:
        [row] = csv.DictReader(file)
    wanted = ("number", "total", "collected", "fields", "line_quantity", "line_title")
    assert [row[each] for each in wanted] == [
        "1001",
        "19.98",
        "False",
        '{"po_number":"4711"}',
        "2",
        "'=Mug, blue",
    ]


async def test_levels_are_rows_of_csv_as_well(tmp_path: Path):
    await opened(tmp_path, "csv").write(STOCK)
    text = (tmp_path / "stock-00000001-0001.csv").read_text()
    assert text.splitlines() == ["sku,location,on_hand,allocated", "MUG,MAIN,10,2"]


async def test_a_folder_that_is_not_there_is_told_with_its_remedy(tmp_path: Path):
    away = opened(tmp_path / "away")
    [probe] = await away.check()
    assert (probe.ok, "make the folder" in probe.remedy) == (False, True)
    with pytest.raises(RetryLaterError, match="make the folder"):
        await away.write(STOCK)
