"""Workbooks: values stay values, text stays text, and headings stay in sight."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from geo.domain.measures import Share
from webmap.i18n import Language, Translator
from webmap.tables import Column, Kind, Table
from webmap.workbooks import workbook

DAY = datetime(2026, 11, 22)  # noqa: DTZ001 - cells know no time zone
MOMENT = datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001 - the same
WORDS = Translator(Language.CHINESE)
COLUMNS = (
    Column("网格"),
    Column("面积", Kind.NUMBER, "km²", digits=2),
    Column("变化", Kind.CHANGE),
    Column("覆盖率", Kind.SHARE),
    Column("日期", Kind.DAY),
    Column("时间", Kind.MOMENT),
)
ROW = ("=1+1", 1.5, -3, Share(3, 4), date(2026, 11, 22), datetime(2026, 11, 22, 1, 30, tzinfo=UTC))
TABLE = Table(
    "比较",
    COLUMNS,
    [ROW, (None,) * 6],
    totals=("合计", 1.5, -3, 0.75, None, None),
    lines=("现行划分",),
    notes=("估算",),
)


def opened(*tables: Table):
    return load_workbook(BytesIO(workbook(tables, WORDS)))


def test_values_are_values():
    sheet = opened(TABLE).active
    title, line, _, headings, row, *_, note = sheet.iter_rows(values_only=True)
    assert (title[0], line[0], note[0]) == ("比较", "现行划分", "估算")
    assert headings[:2] == ("网格", "面积 (km²)")
    assert row == ("=1+1", 1.5, -3, 0.75, DAY, MOMENT)
    assert [cell.number_format for cell in sheet[5][1:]] == [
        "#,##0.00",
        "+#,##0;-#,##0;0",
        "0.0%",
        "yyyy-mm-dd",
        "yyyy-mm-dd hh:mm",
    ]


@pytest.mark.parametrize("text", ["=1+1", "+86 571", "-1.5", "@SUM(A1)", "\x01\x02", "_x0041_"])
def test_text_never_becomes_a_formula(text):
    cell = opened(Table("t", (Column("a"),), [(text,)])).active["A4"]
    assert cell.data_type == "s"
    assert cell.quotePrefix == text.startswith(("=", "+", "-", "@"))


def test_a_number_written_as_one_would_be_a_formula_otherwise():
    from openpyxl import Workbook  # noqa: PLC0415 - the negative control alone

    book = Workbook(write_only=True)
    book.create_sheet().append(["=1+1"])
    written = BytesIO()
    book.save(written)
    assert load_workbook(written).active["A1"].data_type == "f"


def test_headings_stay_in_sight_and_totals_stand_apart():
    sheet = opened(TABLE).active
    assert sheet.freeze_panes == "A5"
    assert sheet.auto_filter.ref == "A4:F6"
    assert sheet["A7"].font.bold
    assert sheet["A7"].border.top.style == "thin"
    assert sheet.print_title_rows == "$4:$4"


def test_columns_are_as_wide_as_what_they_hold():
    wide = opened(
        Table("t", (Column("a"), Column("b")), [("西溪社区第一网格", "x")])
    ).active.column_dimensions
    assert wide["A"].width >= 16
    assert wide["B"].width < wide["A"].width


def test_sheets_have_names_that_spreadsheets_take():
    names = opened(
        *(Table(title, (Column("a"),), []) for title in ("a/b", "A b", "长" * 40, "长" * 41, ""))
    ).sheetnames
    assert len({name.casefold() for name in names}) == 5
    assert all(0 < len(name) <= 31 and "/" not in name for name in names)


def test_nothing_leads_outside():
    with ZipFile(BytesIO(workbook([TABLE], WORDS))) as archive:
        assert [
            name for name in archive.namelist() if "external" in name.lower() or "vba" in name.lower()
        ] == []


def test_a_deviation_is_a_rate_with_its_sign():
    column = Column("偏差", Kind.DEVIATION)
    assert [column.written(rate, WORDS) for rate in (0.25, -0.1, 0.0, None)] == [
        "+25.0%",
        "-10.0%",
        "0.0%",
        "–",
    ]
    cell = opened(Table("t", (column,), [(0.25,)])).active["A4"]
    assert (cell.value, cell.number_format) == (0.25, "+0.0%;-0.0%;0")
