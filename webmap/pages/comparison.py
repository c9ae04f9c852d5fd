"""The comparison of two divisions: a page, a workbook, and a form for the meeting that decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import shapely

from geo.domain.comparisons import Difference, SideKind, Whole
from geo.domain.ground import Ground
from geo.domain.measures import Share
from geo.domain.shapes import Bounds
from geo.services.comparisons import Compared, Division
from webmap.base_map import GridMap, inert_json, parts
from webmap.i18n import Translator
from webmap.layers.comparison import after, before, entries, map_data, printed_labels, printed_layers
from webmap.pages.frame import Frame, render
from webmap.printed import Paper, printed
from webmap.printed_map import ground_layers, printed_map
from webmap.tables import Column, Kind, Table, Value
from webmap.workbooks import workbook

_M2_IN_HECTARE = 1e4
_MOST_ON_PAGE = 1_000
_MOST_ON_PAPER = 150

PAPERS = (Paper.A4, Paper.A3_LANDSCAPE)
"""What the page offers to print on."""

FIGURES = ("grids", "households", "mean", "premises", "hectares")
"""What is counted."""

_LEGEND_MM, _HEAD_MM = 22, 62
"""Height of what stands under and above the maps on paper."""


class View(StrEnum):
    """How two maps are looked at."""

    SIDES = "sides"
    SWIPE = "swipe"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of a comparison shows.

    Attributes
    ----------
    compared : Compared
        The two divisions.
    divisions : sequence of Division
        Everything that can be compared.
    view : View
        How the maps are looked at first.
    on : GridMap
        The map of the first one, without its grids.
    """

    compared: Compared
    divisions: Sequence[Division]
    view: View
    on: GridMap


def extent(compared: Compared, whole: Bounds) -> Bounds:
    """Give what the maps show at first: what changed, or everything where nothing did.

    Parameters
    ----------
    compared : Compared
        The two divisions.
    whole : tuple of float
        West, south, east, north of everything, degrees.
    """
    ground = compared.comparison.ground
    if not len(ground):
        return whole
    west, south, east, north = shapely.total_bounds(ground).tolist()
    return west, south, east, north


def comparison_page(frame: Frame, shown: Shown) -> str:
    """Give the page of a comparison.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    shown : Shown
        What it shows.

    Returns
    -------
    str
        HTML.
    """
    words, compared = frame.translator, shown.compared
    groups = [
        (kind, [one for one in shown.divisions if one.side.kind is kind])
        for kind in (SideKind.GENERATION, SideKind.PLAN)
    ]
    changed = _by_weight(compared)
    return render(
        "comparison.html",
        frame,
        compared=compared,
        found=compared.comparison,
        groups=groups,
        views=tuple(View),
        view=shown.view,
        papers=PAPERS,
        map=parts(shown.on),
        data=inert_json(map_data(compared, shown.on, words)),
        entries=entries(words),
        rows=[_shown_row(one, compared, words) for one in changed[:_MOST_ON_PAGE]],
        left_out=max(0, len(changed) - _MOST_ON_PAGE),
        hectares=compared.moved_area_m2 / _M2_IN_HECTARE,
    )


def _by_weight(compared: Compared) -> list[Difference]:
    """Order the grids that changed: whose number of households changed most stands first."""
    return sorted(compared.comparison.changed, key=lambda one: (-abs(_gain(one) or 0), one.key))


def _gain(one: Difference) -> int | None:
    """Return how many households a grid has gained, None where nobody has counted."""
    counts = [cell.households for cell in (one.after, one.before) if cell is not None]
    if None in counts:
        return None
    now, was = (cell.households or 0 if cell is not None else 0 for cell in (one.after, one.before))
    return now - was


def _shown_row(one: Difference, compared: Compared, words: Translator) -> dict[str, Any]:
    found = compared.comparison
    change, share = Column("", Kind.CHANGE), Column("", Kind.DEVIATION)
    deviations = (found.before.deviation(one.before), found.after.deviation(one.after))
    return {
        "key": one.key,
        "name": _name(one),
        "code": _code(one, words),
        "households": [words.number(_households(cell)) for cell in (one.before, one.after)],
        "change": change.written(_gain(one), words),
        "gain": _gain(one) or 0,
        "deviations": [share.written(value, words) for value in deviations],
    }


def _households(cell: Any) -> int | None:
    return None if cell is None else cell.households


def _name(one: Difference) -> str:
    return _from_to(*(None if cell is None else cell.name for cell in (one.before, one.after)))


def _code(one: Difference, words: Translator) -> str:
    codes = [None if cell is None else cell.code for cell in (one.before, one.after)]
    return _from_to(*codes) or words.text("comparison.no_code")


def _from_to(was: str | None, now: str | None) -> str:
    if was and now and was != now:
        return f"{was} → {now}"
    return now or was or ""


# tables --------------------------------------------------------------------------------------------------


def titles(compared: Compared, words: Translator) -> tuple[str, str]:
    """Give each of the two divisions with its day.

    Parameters
    ----------
    compared : Compared
        The two divisions.
    words : Translator
        Language and time zone.
    """
    return _titled(compared.before, words), _titled(compared.after, words)


def _titled(division: Division, words: Translator) -> str:
    key = f"comparison.title.{division.side.kind}"
    return words.text(key, name=division.name, day=words.day(division.at))


def tables(compared: Compared, words: Translator, *, most_rows: int | None = None) -> tuple[Table, ...]:
    """Give the figures of a comparison: both wholes, what moved, grid by grid, piece by piece.

    Parameters
    ----------
    compared : Compared
        The two divisions.
    words : Translator
        Language of the tables.
    most_rows : int, optional
        How many grids and pieces are told of at most; all by default.
    """
    return (
        _wholes(compared, words),
        _moved(compared, words),
        _grids(compared, words, most_rows),
        _pieces(compared, words, most_rows),
    )


def _wholes(compared: Compared, words: Translator) -> Table:
    text, was, now = words.text, compared.comparison.before, compared.comparison.after
    columns = (
        Column(text("comparison.figure")),
        Column(text("comparison.before"), Kind.NUMBER, digits=1),
        Column(text("comparison.after"), Kind.NUMBER, digits=1),
        Column(text("comparison.change"), Kind.CHANGE, digits=1),
    )
    rows = [
        (text(f"comparison.figure.{name}"), one, other, other - one)
        for name, one, other in (
            ("grids", was.grids, now.grids),
            ("households", was.households, now.households),
            ("mean", _mean(was), _mean(now)),
        )
    ]
    return Table(text("comparison.wholes"), columns, rows)


def _mean(whole: Whole) -> float:
    return whole.households / whole.grids


def _moved(compared: Compared, words: Translator) -> Table:
    text = words.text
    columns = (
        Column(text("comparison.figure")),
        Column(text("comparison.moved"), Kind.NUMBER, digits=2),
        Column(text("comparison.of_all"), Kind.NUMBER, digits=2),
        Column(text("comparison.share"), Kind.SHARE),
    )
    shares = (("households", compared.moved_households), ("premises", compared.moved_premises))
    counted = [_share_row(text(f"comparison.figure.{name}"), share) for name, share in shares]
    moved, whole = compared.moved_area_m2, compared.comparison.before.area_m2
    hectares = [area / _M2_IN_HECTARE for area in (moved, whole)]
    rows = [*counted, (text("comparison.figure.hectares"), hectares[0], hectares[1], moved / whole)]
    return Table(text("comparison.moved.title"), columns, rows, notes=(text("comparison.moved.note"),))


def _share_row(name: str, share: Share) -> tuple[Value, ...]:
    return name, share.numerator, share.denominator, share.rate


def _grids(compared: Compared, words: Translator, most_rows: int | None) -> Table:
    text, found = words.text, compared.comparison
    households, area = text("comparison.figure.households"), text("comparison.figure.hectares")
    deviation = text("comparison.deviation.short")
    columns = (
        Column(text("comparison.code")),
        Column(text("comparison.grid")),
        Column(text("comparison.was", figure=households), Kind.NUMBER),
        Column(text("comparison.is", figure=households), Kind.NUMBER),
        Column(text("comparison.change"), Kind.CHANGE),
        Column(text("comparison.was", figure=deviation), Kind.DEVIATION),
        Column(text("comparison.is", figure=deviation), Kind.DEVIATION),
        Column(text("comparison.was", figure=area), Kind.NUMBER, digits=2),
        Column(text("comparison.is", figure=area), Kind.NUMBER, digits=2),
        Column(text("comparison.premises.in"), Kind.NUMBER),
        Column(text("comparison.premises.out"), Kind.NUMBER),
    )
    came, went = _premises(compared)
    changed = _by_weight(compared)
    rows = [
        (
            _code(one, words),
            _name(one),
            _households(one.before),
            _households(one.after),
            _gain(one),
            found.before.deviation(one.before),
            found.after.deviation(one.after),
            _hectares(one.area_m2_before),
            _hectares(one.area_m2_after),
            came.get(one.key, 0),
            went.get(one.key, 0),
        )
        for one in changed[:most_rows]
    ]
    notes = (text("comparison.deviation.note"), *_left_out(len(changed), most_rows, words))
    return Table(text("comparison.grids"), columns, rows, notes=notes)


def _hectares(area_m2: float | None) -> float | None:
    return None if area_m2 is None else area_m2 / _M2_IN_HECTARE


def _premises(compared: Compared) -> tuple[dict[str, int], dict[str, int]]:
    """Count the premises that came to each grid and those that went from it."""
    handed, counts = compared.comparison.handed, compared.premises
    came, went = ([getattr(one, end) for one in handed] for end in ("to_key", "from_key"))
    return _summed(came, counts), _summed(went, counts)


def _summed(keys: list[str], counts: Any) -> dict[str, int]:
    names, place = np.unique(np.array(keys, dtype=str), return_inverse=True)
    sums = np.bincount(place, counts, len(names)).astype(int)
    return dict(zip(names.tolist(), sums.tolist(), strict=True))


def _pieces(compared: Compared, words: Translator, most_rows: int | None) -> Table:
    text = words.text
    columns = (
        Column(text("comparison.from")),
        Column(text("comparison.to")),
        Column(text("comparison.figure.hectares"), Kind.NUMBER, digits=2),
        Column(text("comparison.figure.households"), Kind.NUMBER),
        Column(text("comparison.figure.premises"), Kind.NUMBER),
    )
    told = {one.key: _label(one, words) for one in compared.comparison.changed}
    pieces = sorted(
        zip(compared.comparison.handed, compared.premises.tolist(), strict=True),
        key=lambda piece: -piece[0].area_m2,
    )
    rows = [
        (
            told.get(one.from_key, one.from_key),
            told.get(one.to_key, one.to_key),
            one.area_m2 / _M2_IN_HECTARE,
            round(one.households),
            premises,
        )
        for one, premises in pieces[:most_rows]
    ]
    notes = _left_out(len(pieces), most_rows, words)
    return Table(text("comparison.pieces"), columns, rows, notes=notes)


def _label(one: Difference, words: Translator) -> str:
    return f"{_name(one)} ({_code(one, words)})"


def _left_out(count: int, most_rows: int | None, words: Translator) -> tuple[str, ...]:
    if most_rows is None or count <= most_rows:
        return ()
    return (words.text("comparison.left_out", count=words.number(count - most_rows)),)


# files ---------------------------------------------------------------------------------------------------


def comparison_workbook(compared: Compared, words: Translator) -> bytes:
    """Give every figure of a comparison as XLSX.

    Parameters
    ----------
    compared : Compared
        The two divisions.
    words : Translator
        Language of the workbook.
    """
    first, *others = tables(compared, words)
    old, new = titles(compared, words)
    lines = (words.text("comparison.line.before", name=old), words.text("comparison.line.after", name=new))
    return workbook([replace(first, lines=lines), *others], words)


def comparison_form(
    compared: Compared, words: Translator, paper: Paper, ground: Ground, bounds: Bounds, *, at: datetime
) -> bytes:
    """Give a comparison as PDF: both maps, the figures, and room for what the meeting decides.

    Parameters
    ----------
    compared : Compared
        The two divisions.
    words : Translator
        Language of the form.
    paper : Paper
        What it is printed on: maps stand side by side where it is wide, else one below the other.
    ground : Ground
        What the maps are drawn on.
    bounds : tuple of float
        What the maps show: west, south, east, north, degrees.
    at : datetime
        When it is made; aware.
    """
    found, below, size_mm = compared.comparison, ground_layers(ground), _map_size(paper)
    maps = [
        printed_map(
            [*below, *printed_layers(compared, side, figures, words)],
            size_mm,
            words,
            bounds=bounds,
            title=title,
            labels=printed_labels(compared, side),
        )
        for side, figures, title in zip(
            (before, after), (found.before, found.after), titles(compared, words), strict=True
        )
    ]
    return printed(
        "print/comparison.html",
        words,
        paper,
        at=at,
        title=words.text("comparison.title"),
        maps=list(zip(titles(compared, words), maps, strict=True)),
        compared=compared,
        tables=tables(compared, words, most_rows=_MOST_ON_PAPER),
        hectares=compared.moved_area_m2 / _M2_IN_HECTARE,
    )


def _map_size(paper: Paper) -> tuple[float, float]:
    width, height = paper.room_mm
    if width > height:
        return (width - 8) / 2, height - _HEAD_MM - _LEGEND_MM
    return width, (height - _HEAD_MM) / 2 - _LEGEND_MM
