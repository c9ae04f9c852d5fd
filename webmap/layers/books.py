"""Figures of statistics and scores of assessments as choropleths."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import count
from math import floor

from geo.domain.assessment import Assessment
from geo.domain.measures import Share
from geo.domain.shapes import Shapes
from geo.domain.statistics import Statistics
from webmap import theme
from webmap.i18n import Translator
from webmap.layers.choropleth import Cell, Choropleth
from webmap.layers.coverage import class_edges, rate_class, rate_entries
from webmap.layers.issues import count_entries, upper_bounds
from webmap.layers.legend import Entry, Legend
from webmap.tables import Column

_STEPS = len(theme.SEQUENTIAL)
_TENTHS = 10


def figure_choropleth(
    statistics: Statistics, place: int, column: Column, shapes: Shapes, words: Translator, *, note: str
) -> Choropleth:
    """Give one figure of statistics by grid: rates in equal classes, counts in equally filled ones.

    Parameters
    ----------
    statistics : Statistics
        The figures.
    place : int
        Which of them.
    column : Column
        How it is written.
    shapes : Shapes
        The grids of the level; what they don't hold is left out.
    words : Translator
        Language of popups and legend.
    note : str
        What the legend says of it.
    """
    values = [row.values[place] for row in statistics.rows]
    rates = [value.rate for value in values if isinstance(value, Share)]
    counts = [value for value in values if isinstance(value, int)]
    classes, entries = _rates(rates, words) if rates else _counts(counts, words)
    known = set(shapes.codes)
    cells = tuple(
        Cell(row.grid, entry, (column.written(value, words),))
        for row, value, entry in zip(statistics.rows, values, classes, strict=True)
        if row.grid.code in known
    )
    return Choropleth(shapes, cells, columns=(column.title,), legend=Legend(column.title, note, entries))


def _rates(rates: list[float | None], words: Translator) -> tuple[list[int], tuple[Entry, ...]]:
    edges = class_edges(rates)
    return [rate_class(rate, edges) for rate in rates], rate_entries(edges, words, no_data="map.no_data")


def _counts(counts: list[int], words: Translator) -> tuple[list[int], tuple[Entry, ...]]:
    bounds = upper_bounds(counts)
    return [bisect_left(bounds, one) for one in counts], count_entries(bounds, words)


def score_choropleth(made: Assessment, shapes: Shapes, words: Translator, *, note: str) -> Choropleth:
    """Give the score of each grid in equal classes; grids without a score are hatched.

    Parameters
    ----------
    made : Assessment
        The assessment of grids.
    shapes : Shapes
        The grids of the level; what they don't hold is left out.
    words : Translator
        Language of popups and legend.
    note : str
        What the legend says of it.
    """
    scores = [one.ranked.score.value for one in made.assessed]
    bounds = score_bounds([score for score in scores if score is not None])
    known = {grid.code: grid for grid in shapes.grids}
    cells = tuple(
        Cell(
            known[one.ranked.score.subject],
            _STEPS if score is None else _STEPS - 1 - bisect_right(bounds[1:-1], score),
            (words.number(score, digits=2), words.number(one.ranked.rank)),
        )
        for one, score in zip(made.assessed, scores, strict=True)
        if one.ranked.score.subject in known
    )
    title = words.text("assessment.score")
    columns = (title, words.text("assessment.rank"))
    return Choropleth(shapes, cells, columns=columns, legend=Legend(title, note, _scores(bounds, words)))


def score_bounds(scores: Sequence[float]) -> list[float]:
    """Give the bounds of five equal classes that hold all scores, no wider than needed.

    Parameters
    ----------
    scores : sequence of float
        In any order.

    Examples
    --------
    >>> score_bounds([71.5, 88.0])
    [70.0, 75.0, 80.0, 85.0, 90.0, 95.0]
    """
    least, most = min(scores, default=0.0), max(scores, default=0.0)
    widths = (step * 10**power / _TENTHS for power in count() for step in (1, 2, 5))
    width = next(one for one in widths if (floor(least / one) + _STEPS) * one >= most)
    first = floor(least / width)
    return [round((first + step) * width, 1) for step in range(_STEPS + 1)]


def _scores(bounds: Sequence[float], words: Translator) -> tuple[Entry, ...]:
    told = [words.number(bound, digits=1) for bound in bounds]
    scale = tuple(
        Entry(theme.SEQUENTIAL[step], f"{told[step]}–{told[step + 1]}") for step in reversed(range(_STEPS))
    )
    return (*scale, Entry(theme.NO_DATA, words.text("map.no_data"), is_hatched=True))
