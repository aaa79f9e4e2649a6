"""Tables in files: CSV and XLSX, told apart by their bytes and never by their names, and read within limits."""

from hub.kit.sheets.rows import Format, Row, Sheet
from hub.kit.sheets.tables import read_sheet, write_sheet

__all__ = ["Format", "Row", "Sheet", "read_sheet", "write_sheet"]
