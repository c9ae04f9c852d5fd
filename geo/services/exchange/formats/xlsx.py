"""Workbooks of spreadsheets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from defusedxml import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from geo.errors import BadValue, Malformed
from geo.services.exchange.formats.cells import PART, cell, joined, parted, texts_of
from geo.services.exchange.formats.source import Source
from geo.services.exchange.limits import archive_members, check_limit
from geo.services.exchange.table import Table, numbered, objects

_LONGEST = 32_767
"""Characters in a cell."""
_FORMULA = ("=", "+", "-", "@")
_TEXT = frozenset({"s", "str", "inlineStr"})
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_UNWRITABLE = re.compile("[\0-\x08\x0b-\x1f\ufffe\uffff]")
_UNREADABLE = (
    BadZipFile,
    InvalidFileException,
    ParseError,
    DefusedXmlException,
    KeyError,
    ValueError,
    TypeError,
)


def read(source: Source) -> Table:
    """Return the rows of a sheet with a row of names.

    Parameters
    ----------
    source : Source
        The file; without a layer, its first sheet.

    Returns
    -------
    Table
        Values as the cells hold them; None for an empty cell, empty text for a cell with empty text. Formulas
        give the value that was computed when the workbook was saved.

    Raises
    ------
    Malformed, LimitExceeded
        If it is no workbook, has no such sheet, or is larger than allowed.
    """
    archive_members(source.path, source.limits)
    try:
        workbook = load_workbook(source.path, read_only=True, data_only=True, keep_links=False)
        try:
            sheet = _sheet(workbook.sheetnames, source.layer)
            return _table(workbook[sheet], source)
        finally:
            workbook.close()
    except _UNREADABLE as error:
        raise Malformed(path=source.name, expected="xlsx") from error


def _sheet(names: list[str], asked: str | None) -> str:
    if not names or (asked is not None and asked not in names):
        raise BadValue(field="layer", value=asked, expected=names)
    return asked or names[0]


def _table(sheet: ReadOnlyWorksheet, source: Source) -> Table:
    rows = _rows(sheet)
    names = [str(name).strip() if name is not None else "" for name in next(rows, [])]
    while names and not names[-1]:
        names.pop()
    if not names or len(set(names)) < len(names):
        raise Malformed(path=sheet.title, expected="distinct-column-names")
    width = len(names)
    values = []
    for number, row in enumerate(rows, start=1):
        check_limit("features", number, source.limits.features)
        values.append((row + [None] * width)[:width])
    while values and all(value is None for value in values[-1]):
        values.pop()
    columns = joined({name: objects(row[at] for row in values) for at, name in enumerate(names)})
    return Table(columns, None, numbered(len(values)))


def _rows(sheet: ReadOnlyWorksheet) -> Iterator[list[Any]]:
    for row in sheet.rows:
        yield [_value(one) for one in row]


def _value(one: Any) -> Any:
    if one.data_type not in _TEXT:
        return one.value
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), str(one.value or ""))


def _escaped(text: str) -> str:
    """Return a text with characters that XML can't carry as ``_xHHHH_``, see ECMA-376, ST_Xstring."""
    marked = _ESCAPE.sub(lambda found: f"_x005F{found[0]}", text)
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", marked)


def write(table: Table, path: Path) -> None:
    """Make a workbook of a table, with geometries as well-known text.

    Parameters
    ----------
    table : Table
        What to write. Text stands in cells of the type text, so that nothing becomes a formula or a number;
        what is too long for a cell goes on in further columns.
    path : Path
        The file.
    """
    columns = dict(table.columns)
    if table.geometries is not None:
        columns["wkt"] = texts_of(table.geometries)
    parts = {
        f"{name}{PART}{part}" if part else name: column
        for name, values in columns.items()
        for part, column in enumerate(parted([cell(value) for value in values], _LONGEST, len))
    }
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("wangge")
    sheet.append([_typed(sheet, name) for name in parts])
    for row in zip(*parts.values(), strict=True):
        sheet.append([_typed(sheet, value) for value in row])
    workbook.save(path)


def _typed(sheet: Any, value: Any) -> Any:
    return text_cell(sheet, value) if isinstance(value, str) else value


def text_cell(sheet: Any, text: str) -> Any:
    """Give a cell that holds a text as it is: a formula never comes of it.

    Parameters
    ----------
    sheet : WriteOnlyWorksheet
        Where it will stand.
    text : str
        What it holds.

    Returns
    -------
    WriteOnlyCell
        Of the type text, and marked as text where editing it would else make a formula of it.
    """
    cell = WriteOnlyCell(sheet, _escaped(text))
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(_FORMULA)
    return cell
