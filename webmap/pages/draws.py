"""The pages of the double-random draw, and its list as a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from geo.domain.draws import DrawRecord
from geo.domain.grids import GridName
from webmap.i18n import Translator
from webmap.pages.frame import Frame, render
from webmap.printed import Paper, printed
from webmap.tables import Column, Kind, Table
from webmap.workbooks import workbook

COLUMNS = ("nth", "subject", "address", "grid", "inspectors")
"""Columns of a list, by the last part of the key of their words."""


def draws_page(frame: Frame, draws: Sequence[DrawRecord], grids: Sequence[GridName]) -> str:
    """Give the page of all draws, with the form that commits to a new one.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    draws : sequence of DrawRecord
        The latest first.
    grids : sequence of GridName
        Where the reader may draw; empty for who may not.
    """
    return render("draws.html", frame, draws=draws, grids=grids)


def draw_page(frame: Frame, draw: DrawRecord, *, may_reveal: bool) -> str:
    """Give the page of a draw.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    draw : DrawRecord
        With its list, once it was revealed.
    may_reveal : bool
        Whether the reader may reveal it.
    """
    return render(
        "draw.html", frame, draw=draw, shown=draw_table(frame.translator, draw), may_reveal=may_reveal
    )


def draw_table(words: Translator, draw: DrawRecord) -> Table:
    """Give what was drawn as a table, with all that proves it.

    Parameters
    ----------
    words : Translator
        Language and time zone.
    draw : DrawRecord
        The draw.
    """
    kinds = {"nth": Kind.NUMBER}
    columns = tuple(Column(words.text(f"draws.{key}"), kinds.get(key, Kind.TEXT)) for key in COLUMNS)
    separator = words.text("list.separator")
    rows = [
        (one.drawn.nth, one.name, one.address, one.grid_code, separator.join(one.inspector_names))
        for one in draw.things
    ]
    lines = (words.text("draws.of", size=len(rows), items=len(draw.frame.items)),)
    notes = (
        f"{words.text('draws.digest')}: {draw.digest}",
        f"{words.text('draws.commitment')}: {draw.commitment}",
        f"{words.text('draws.seed')}: {draw.seed or words.text('draws.sealed')}",
    )
    return Table(draw.title, columns, rows, lines=lines, notes=notes)


def draw_file(words: Translator, draw: DrawRecord, kind: str, at: datetime) -> bytes:
    """Give what was drawn as PDF or XLSX.

    Parameters
    ----------
    words : Translator
        Language and time zone.
    draw : DrawRecord
        The draw.
    kind : str
        ``pdf`` or ``xlsx``.
    at : datetime
        When the file is made, aware.
    """
    table = draw_table(words, draw)
    if kind == "xlsx":
        return workbook([table], words)
    return printed("print/table.html", words, Paper.A4, at=at, title=draw.title, tables=[table])
