"""The statistics of a month: as a page, as a printed form, and as a workbook, all from one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from geo.domain.actors import Action
from geo.domain.grids import Level
from geo.domain.measures import Share
from geo.domain.statistics import Column as Figure
from geo.domain.statistics import Snapshot, Statistics
from webmap.base_map import GridMap, parts
from webmap.i18n import Translator
from webmap.maps import Setting, division_map, statistics_map
from webmap.pages.frame import Frame, render
from webmap.printed import Paper, printed
from webmap.tables import Column, Kind, Table
from webmap.workbooks import workbook


@dataclass(frozen=True, slots=True)
class Books:
    """What stands around the statistics of a month on their page.

    Attributes
    ----------
    levels : sequence of Level
        The levels to choose from.
    grid_code : str or None
        The grid that holds all of them; None for the whole city.
    at : date or None
        By the grids of this day; by those of the end of the month without.
    kept : sequence of Snapshot
        What was kept of this month, the newest first.
    shown : Snapshot or None
        The one that is shown; None for the present state.
    reports : sequence of tuple of str and date
        What is to be reported next, by key, and by when.
    by : str or None
        The figure that the map shows, as `key_of` names it.
    """

    levels: Sequence[Level]
    grid_code: str | None
    at: date | None
    kept: Sequence[Snapshot]
    shown: Snapshot | None
    reports: Sequence[tuple[str, date]]
    by: str | None

    @property
    def query(self) -> str:
        """The part of addresses that names the place, the day and the snapshot."""
        snapshot = {"snapshot": self.shown.id} if self.shown else {}
        return f"&{urlencode({**self.place, **snapshot})}"

    @property
    def place(self) -> dict[str, str]:
        """What addresses say of the place, and of the day whose grids tell."""
        said = {"grid": self.grid_code, "at": self.at and self.at.isoformat(), "by": self.by}
        return {name: value for name, value in said.items() if value}


def statistics_table(words: Translator, statistics: Statistics, kept: Snapshot | None = None) -> Table:
    """Give statistics as a table with its headings in a language.

    Parameters
    ----------
    words : Translator
        Language and time zone.
    statistics : Statistics
        The figures.
    kept : Snapshot or None, optional
        As what they were kept, if they were.
    """
    lines = [
        words.text(
            "statistics.of", month=_month(words, statistics), level=words.text(f"level.{statistics.level}")
        ),
        words.text(
            "statistics.profile", profile=words.choose(statistics.profile_name.zh, statistics.profile_name.en)
        ),
        words.text("statistics.made", time=words.time(statistics.made_at)),
    ]
    if statistics.grids_at:
        lines.append(words.text("statistics.grids_at", day=words.day(statistics.grids_at)))
    if kept:
        lines.append(words.text("statistics.kept", number=kept.id, by=kept.made_by, sha256=kept.sha256[:16]))
    rows = [[row.grid.name, row.grid.code, *row.values] for row in statistics.rows]
    totals = [words.text("statistics.total"), "", *statistics.total] if rows else []
    return Table(
        title=words.text("statistics.title"),
        columns=(
            Column(words.text("column.grid")),
            Column(words.text("column.code")),
            *(_column(words, column, statistics, place) for place, column in enumerate(statistics.columns)),
        ),
        rows=rows,
        totals=totals,
        lines=tuple(lines),
        notes=(words.text("statistics.note"),),
    )


def _month(words: Translator, statistics: Statistics) -> str:
    return words.text("statistics.month", year=statistics.month.year, month=statistics.month.month)


def _column(words: Translator, column: Figure, statistics: Statistics, place: int) -> Column:
    title = column.detail or words.text(f"figure.{column.figure}")
    is_share = bool(statistics.rows) and isinstance(statistics.rows[0].values[place], Share)
    return Column(title, Kind.SHARE if is_share else Kind.NUMBER)


def key_of(figure: Figure) -> str:
    """Give what addresses call a figure.

    Parameters
    ----------
    figure : Figure
        A column of statistics.
    """
    return f"{figure.figure}.{figure.detail}" if figure.detail else figure.figure


def place_of(statistics: Statistics, by: str | None) -> int | None:
    """Give the place of a figure: if none is meant that of a rate, else the first; None without any.

    Parameters
    ----------
    statistics : Statistics
        The figures.
    by : str or None
        As `key_of` names it.
    """
    values = statistics.rows[0].values if statistics.rows else ()
    rates = [place for place, value in enumerate(values) if isinstance(value, Share)]
    named = [place for place, column in enumerate(statistics.columns) if key_of(column) == by]
    return next(iter([*named, *rates, *range(len(values))]), None)


def statistics_page(frame: Frame, statistics: Statistics, books: Books, setting: Setting) -> str:
    """Give the page of the statistics of a month.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    statistics : Statistics
        What is shown.
    books : Books
        What stands around it.
    setting : Setting
        What its map is drawn on.

    Returns
    -------
    str
        HTML.
    """
    place = place_of(statistics, books.by)
    shown = statistics_table(frame.translator, statistics, books.shown)
    figures = shown.columns[-len(statistics.columns) :] if statistics.columns else ()
    return render(
        "statistics.html",
        frame,
        statistics=statistics,
        books=books,
        shown=shown,
        figures=figures,
        keys=tuple(map(key_of, statistics.columns)),
        place=place,
        map=parts(_map(statistics, place, figures, setting, shown.lines[0])),
        sorts_as=_sorts_as,
        may_keep=frame.may(Action.KEEP_STATISTICS),
    )


def _map(
    statistics: Statistics, place: int | None, figures: Sequence[Column], setting: Setting, note: str
) -> GridMap:
    if place is None:
        return division_map(setting)
    return statistics_map(statistics, place, figures[place], setting, note=note)


def _sorts_as(value: int | Share) -> float:
    """Give by what a value is put in order: what has no data comes before all that has."""
    if isinstance(value, int):
        return value
    return -1.0 if value.rate is None else value.rate


def statistics_file(words: Translator, statistics: Statistics, kept: Snapshot | None, kind: str) -> bytes:
    """Give statistics as a file.

    Parameters
    ----------
    words : Translator
        Language and time zone.
    statistics : Statistics
        The figures.
    kept : Snapshot or None
        As what they were kept, if they were.
    kind : str
        ``pdf`` or ``xlsx``.

    Raises
    ------
    LimitExceeded, PrintingNotInstalled, Unavailable
        See `webmap.printed.printed`.
    """
    shown = statistics_table(words, statistics, kept)
    if kind == "xlsx":
        return workbook([shown], words)
    return printed(
        "print/table.html",
        words,
        Paper.A4_LANDSCAPE,
        at=statistics.made_at,
        title=shown.title,
        tables=[shown],
    )
