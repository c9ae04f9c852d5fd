"""The ledger of a grid: as a page, as a printed form for the field, and as a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from geo.domain.grids import GridName
from geo.domain.ledgers import Ledger, Tally
from webmap.i18n import Translator
from webmap.pages.choices import DATED, Days
from webmap.pages.frame import Frame, render
from webmap.printed import Paper, printed
from webmap.tables import Column, Kind, Table, Value
from webmap.workbooks import workbook

KEYED = {"subjects": ("kind", "subject_state"), "issues": ("", "map.issue.state")}
"""Prefixes of the words for what tallies count by; without one it is told as it is kept."""


def ledger_tables(words: Translator, ledger: Ledger) -> tuple[Table, ...]:
    """Give the parts of a ledger as tables.

    Parameters
    ----------
    words : Translator
        Language and time zone.
    ledger : Ledger
        The ledger.
    """
    return (
        _basics(words, ledger),
        _responsible(words, ledger),
        _posts(words, ledger),
        _tallied(words, "subjects", ledger.subjects),
        _work(words, ledger),
        _tallied(words, "visits", _named(words, ledger)),
        _tallied(words, "issues", ledger.issues),
        _changes(words, ledger),
        _lineage(words, ledger),
    )


def _basics(words: Translator, ledger: Ledger) -> Table:
    rows = [(words.text(f"ledger.basic.{key}"), ledger.basics.get(key)) for key in ledger.rule.basics]
    return _figures(words, "basics", [*rows, (words.text("ledger.basic.area"), ledger.grid.area_m2 / 10_000)])


def _work(words: Translator, ledger: Ledger) -> Table:
    rows: list[tuple[str, Value]] = [
        (words.text("ledger.visited"), ledger.visited),
        (words.text("issues.unresolved"), ledger.backlog.unresolved),
        (words.text("issues.overdue"), ledger.backlog.overdue_share),
        (words.text("ledger.closed_late"), ledger.backlog.late_share),
    ]
    return _figures(words, "work", rows)


def _changes(words: Translator, ledger: Ledger) -> Table:
    change = ledger.changes
    rows: list[tuple[str, Value]] = [
        (words.text("ledger.subjects_new"), change.subjects_new),
        (words.text("ledger.subjects_closed"), change.subjects_closed),
        (words.text("ledger.people_come"), change.people_come),
        (words.text("ledger.people_gone"), change.people_gone),
    ]
    return _figures(words, "changes", rows)


def _figures(words: Translator, part: str, rows: Sequence[tuple[str, Value]]) -> Table:
    columns = (Column(words.text("ledger.item")), Column(words.text("ledger.figure"), Kind.NUMBER, digits=1))
    return Table(words.text(f"ledger.{part}"), columns, rows)


def _responsible(words: Translator, ledger: Ledger) -> Table:
    columns = tuple(Column(words.text(f"ledger.{key}")) for key in ("grid", "post", "name", "phone"))
    rows = [
        (one.grid_code, words.choose(one.post_zh, one.post_en), one.name, one.phone)
        for one in ledger.responsible
    ]
    return Table(words.text("ledger.responsible"), columns, rows)


def _posts(words: Translator, ledger: Ledger) -> Table:
    columns = (Column(words.text("ledger.post")), Column(words.text("ledger.count"), Kind.NUMBER))
    rows = [(words.choose(one.name_zh, one.name_en), one.count) for one in ledger.posts]
    return Table(words.text("ledger.posts"), columns, rows)


def _tallied(words: Translator, part: str, tallies: Iterable[Tally]) -> Table:
    columns = (
        Column(words.text(f"ledger.{part}.kind")),
        Column(words.text(f"ledger.{part}.state")),
        Column(words.text("ledger.count"), Kind.NUMBER),
    )
    of_kind, of_state = KEYED.get(part, ("", ""))
    rows = [
        (_told(words, of_kind, one.kind), _told(words, of_state, one.state), one.count) for one in tallies
    ]
    return Table(words.text(f"ledger.{part}"), columns, rows)


def _named(words: Translator, ledger: Ledger) -> Iterable[Tally]:
    """Give visits with what the profile calls their kinds and results."""
    names = {key: words.choose(name.zh, name.en) for key, name in ledger.names.items()}
    return (
        Tally(names.get(one.kind, one.kind), one.state and names.get(one.state, one.state), one.count)
        for one in ledger.visits
    )


def _told(words: Translator, prefix: str, value: str | None) -> str | None:
    return words.text(f"{prefix}.{value}") if prefix and value else value


def _lineage(words: Translator, ledger: Ledger) -> Table:
    columns = (
        Column(words.text("ledger.from")),
        Column(words.text("ledger.to")),
        Column(words.text("ledger.area_share"), Kind.SHARE),
        Column(words.text("ledger.household_share"), Kind.SHARE),
    )
    rows = [
        (_called(one.predecessor), _called(one.successor), one.area_share, one.household_share)
        for one in ledger.lineage
    ]
    return Table(words.text("ledger.lineage"), columns, rows)


def _called(grid: GridName) -> str:
    return f"{grid.name} {grid.code}"


def _title(words: Translator, ledger: Ledger) -> str:
    return words.text("ledger.title", grid=ledger.grid.name)


def _lines(words: Translator, ledger: Ledger) -> tuple[str, ...]:
    period = ledger.period
    classes = words.text("list.separator").join(
        words.choose(one.name.zh, one.name.en) for one in ledger.rule.classes
    )
    lines = (
        f"{ledger.grid.code} · {words.text(f'level.{ledger.grid.level}')}",
        words.text("ledger.period", since=words.day(period.start), until=words.time(period.end)),
    )
    return (*lines, words.text("ledger.classes", classes=classes)) if classes else lines


def ledger_page(frame: Frame, ledger: Ledger, days: Days) -> str:
    """Give the page of the ledger of a grid.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    ledger : Ledger
        The ledger.
    days : Days
        The days that were chosen.

    Returns
    -------
    str
        HTML.
    """
    words = frame.translator
    return render(
        "ledger.html",
        frame,
        ledger=ledger,
        title=_title(words, ledger),
        lines=_lines(words, ledger),
        tables=ledger_tables(words, ledger),
        days=days,
        spans=DATED,
    )


def ledger_file(words: Translator, ledger: Ledger, kind: str, at: datetime) -> bytes:
    """Give the ledger of a grid as a file.

    Parameters
    ----------
    words : Translator
        Language and time zone.
    ledger : Ledger
        The ledger.
    kind : str
        ``pdf`` or ``xlsx``.
    at : datetime
        When it is made, aware.

    Raises
    ------
    LimitExceeded, PrintingNotInstalled, Unavailable
        See `webmap.printed.printed`.
    """
    tables = ledger_tables(words, ledger)
    if kind == "xlsx":
        return workbook(tables, words)
    return printed(
        "print/ledger.html",
        words,
        Paper.A4,
        at=at,
        title=_title(words, ledger),
        lines=_lines(words, ledger),
        tables=tables,
    )
