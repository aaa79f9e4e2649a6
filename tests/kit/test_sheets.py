"""A sheet is read as a person wrote it, whatever its encoding and delimiter; what is none is not read as one."""

import io
import warnings
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.kit.sheets import Format, read_sheet, write_sheet
from hub.kit.sheets.rows import BYTES_MAX, ROWS_MAX, guarded, unguarded
from hub.model.errors import InputError

MUG = ("sku", "name"), ("MUG", "Becher, blau")


def cells(raw: bytes, encoding: str = "") -> list[tuple[str, ...]]:
    sheet = read_sheet(raw, encoding=encoding)
    return [sheet.header.cells, *(row.cells for row in sheet.rows)]


def workbook(*rows: list[object]) -> bytes:
    book, written = openpyxl.Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(written)
    return written.getvalue()


def bomb() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 201_000_000)
    return written.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b'sku,name\nMUG,"Becher, blau"\n',
        b"\xef\xbb\xbfsku;name\r\nMUG;Becher, blau\r\n",
        "sku\tname\nMUG\tBecher, blau".encode("utf-16"),
        b'sep=;\n\nsku;name\n;\nMUG;"Becher, blau"',
    ],
)
def test_encoding_and_delimiter_are_found(raw: bytes):
    assert cells(raw) == list(MUG)


@pytest.mark.parametrize(("encoding", "name"), [("cp1252", "Größe"), ("gb18030", "蓝色杯子")])
def test_other_encodings_are_said_and_never_guessed(encoding: str, name: str):
    raw = f"sku,name\nMUG,{name}\n".encode(encoding)
    with pytest.raises(InputError, match="not UTF-8: save it as CSV UTF-8, or say its encoding"):
        read_sheet(raw)
    assert cells(raw, encoding)[1] == ("MUG", name)


def test_a_row_has_the_number_a_spreadsheet_shows():
    sheet = read_sheet(b'sku,name\n\nA,"two\nlines"\n , \nB,b\n')
    assert [(row.number, row.cells[0]) for row in sheet.rows] == [(3, "A"), (5, "B")]


def test_a_number_of_a_workbook_is_written_as_a_person_would_and_known_to_be_one():
    sheet = read_sheet(workbook(["sku", "n"], ["007", 7.0], [4006381333931, 2.5], [7, "=1+1"]))
    assert [row.cells for row in sheet.rows] == [("007", "7"), ("4006381333931", "2.5"), ("7",)]
    assert [row.typed for row in sheet.rows] == [{1}, {0, 1}, {0}]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "the file is empty"),
        (b" \n,,\n", "the file is empty"),
        (b"%PDF-1.7 sku,name", "is a PDF, whatever its name says"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "before 2007"),
        (b"PK\x03\x04 not a workbook", "damaged or locked workbook"),
        (b"s\0k\0u\0,\0a\0\n\0", "NUL"),
        (b"sku\n" + b"x" * 5_000_000, "row 2 cannot be read"),
        (b'sku\n"' + b"x,\n" * 100_000, "row 2 cannot be read"),
        (b"x" * (BYTES_MAX + 1), "more than 20 MB"),
        (b"sku\n" + b"A\n" * (ROWS_MAX + 1), "more than 100,000 rows"),
        (b"sku\n" + b"A," * 200 + b"B", "more than 100 columns"),
    ],
)
def test_what_is_no_sheet_is_refused_with_what_to_do(raw: bytes, says: str):
    with pytest.raises(InputError, match=says):
        read_sheet(raw)


def test_a_workbook_that_unpacks_beyond_bounds_is_refused_before_it_is_unpacked():
    with pytest.raises(InputError, match="more than 200 MB inside"):
        read_sheet(bomb())


def test_a_formula_is_written_as_text_and_a_number_as_a_number():
    risky = ["=1+1", "+49 30", "-5", "@sum", "'=x", "it's"]
    written = write_sheet(Format.CSV, ["a"], [[text] for text in risky] + [[-5]])
    lines = written.decode("utf-8-sig").split()
    assert lines == ["a", "'=1+1", "'+49", "30", "-5", "'@sum", "''=x", "it's", "-5"]


@given(st.text())
def test_a_guarded_text_is_read_back_as_it_was(text: str):
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("format_", list(Format))
@settings(max_examples=25)
@given(rows=st.lists(st.tuples(*[st.text("a0'=+-@;,\t\" ü漢🚀", min_size=1)] * 2), min_size=1))
def test_what_is_written_is_read_back(format_: Format, rows: list[tuple[str, str]]):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of openpyxl, on its writing
        raw = write_sheet(format_, ["a", "b"], rows)
    wanted = [row for row in rows if "".join(row).strip()]
    assert [row.cells for row in read_sheet(raw).rows] == wanted
