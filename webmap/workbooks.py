"""Workbooks for people: typed cells under headings that stay in sight, in the colours of the theme."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from io import BytesIO
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from geo.domain.measures import Share
from geo.services.exchange.formats.xlsx import text_cell
from webmap import theme
from webmap.i18n import Translator
from webmap.tables import Column, Kind, Table, Value

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_NARROWEST, _WIDEST = 9, 48
_MEASURED = 500
"""Rows that the width of a column goes by."""

_A4 = 9
"""What ECMA-376 calls this paper."""

_FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31

_TITLE = Font(bold=True, size=14, color=theme.INK[1:])
_SOFT = Font(color=theme.MUTED[1:])
_HEADING = Font(bold=True, color=theme.PAPER[1:])
_HEADING_FILL = PatternFill("solid", fgColor=theme.ACCENT[1:])
_TOTAL = Font(bold=True)
_TOTAL_BORDER = Border(top=Side(style="thin", color=theme.BORDER[1:]))


def workbook(tables: Sequence[Table], words: Translator) -> bytes:
    """Give a workbook with a sheet for each table.

    Parameters
    ----------
    tables : sequence of Table
        At least one.
    words : Translator
        The time zone of moments.

    Returns
    -------
    bytes
        XLSX. Text stands in cells of the type text, so that nothing becomes a formula; numbers, days and
        moments are values, and headings stay in sight.
    """
    book = Workbook(write_only=True)
    for table, name in zip(tables, _names(tables), strict=True):
        _write(book.create_sheet(name), table, words)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def _write(sheet: Any, table: Table, words: Translator) -> None:
    heading = len(table.lines) + 3
    last = get_column_letter(len(table.columns))
    _set_up(sheet, table, heading, words)
    sheet.append([_styled(sheet, table.title, _TITLE)])
    for line in table.lines:
        sheet.append([_styled(sheet, line, _SOFT)])
    sheet.append([])
    sheet.append([_heading(sheet, column) for column in table.columns])
    for row in table.rows:
        sheet.append(_cells(sheet, table.columns, row, words))
    sheet.auto_filter.ref = f"A{heading}:{last}{heading + len(table.rows)}"
    if table.totals:
        sheet.append([_total(cell) for cell in _cells(sheet, table.columns, table.totals, words)])
    sheet.append([])
    for note in table.notes:
        sheet.append([_styled(sheet, note, _SOFT)])


def _set_up(sheet: Any, table: Table, heading: int, words: Translator) -> None:
    """Set what a sheet that is written from top to bottom must know before its rows."""
    sheet.freeze_panes = f"A{heading + 1}"
    sheet.print_title_rows = f"{heading}:{heading}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.right.text = "&P / &N"
    for place, column in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _width(table, place - 1, column, words)


def _width(table: Table, place: int, column: Column, words: Translator) -> int:
    texts = [column.written(row[place], words) for row in islice(table.rows, _MEASURED)]
    widest = max((_signs(text) for text in (*texts, _titled(column))), default=0)
    return min(max(widest + 3, _NARROWEST), _WIDEST)


def _signs(text: str) -> int:
    """Count signs as wide as a Latin letter: Chinese ones are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _titled(column: Column) -> str:
    return f"{column.title} ({column.unit})" if column.unit else column.title


def _heading(sheet: Any, column: Column) -> Any:
    cell = _styled(sheet, _titled(column), _HEADING)
    cell.fill = _HEADING_FILL
    cell.alignment = Alignment(
        horizontal="left" if column.kind is Kind.TEXT else "right", vertical="center", wrap_text=True
    )
    return cell


def _styled(sheet: Any, text: str, font: Font) -> Any:
    cell = text_cell(sheet, text)
    cell.font = font
    return cell


def _total(cell: Any) -> Any:
    cell.font = _TOTAL
    cell.border = _TOTAL_BORDER
    return cell


def _cells(sheet: Any, columns: Sequence[Column], row: Sequence[Value], words: Translator) -> list[Any]:
    return [_cell(sheet, column, value, words) for column, value in zip(columns, row, strict=True)]


def _cell(sheet: Any, column: Column, value: Value, words: Translator) -> Any:
    if isinstance(value, str):
        return text_cell(sheet, value)
    cell: Any = WriteOnlyCell(sheet)
    cell.value = _plain(value, words)
    cell.number_format = _format(column, value)
    return cell


def _plain(value: float | Share | date | None, words: Translator) -> float | date | None:
    match value:
        case Share():
            return value.rate
        case datetime():
            return value.astimezone(ZoneInfo(words.timezone)).replace(tzinfo=None)
        case _:
            return value


def _format(column: Column, value: Value) -> str:
    match value:
        case datetime():
            return "yyyy-mm-dd hh:mm"
        case date():
            return "yyyy-mm-dd"
        case _:
            return _number_format(column)


def _number_format(column: Column) -> str:
    digits = "." + "0" * column.digits if column.digits else ""
    pattern = "0.0%" if column.kind in {Kind.SHARE, Kind.DEVIATION} else f"#,##0{digits}"
    is_signed = column.kind in {Kind.CHANGE, Kind.DEVIATION}
    return f"+{pattern};-{pattern};0" if is_signed else pattern


def _names(tables: Sequence[Table]) -> Iterator[str]:
    """Give names that spreadsheets take: short, without some signs, each but once."""
    taken: set[str] = set()
    for place, table in enumerate(tables, start=1):
        name = _FORBIDDEN_IN_NAMES.sub(" ", table.title).strip("' ")[:_LONGEST_NAME] or str(place)
        if name.casefold() in taken:
            name = f"{place} {name}"[:_LONGEST_NAME]
        taken.add(name.casefold())
        yield name
