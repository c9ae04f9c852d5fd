"""Coverage of subjects and of ground as choropleths: the same scale, two measures."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from math import ceil, floor

from geo.domain.coverage import Coverage, GroundCoverage
from geo.domain.shapes import Shapes
from webmap import theme
from webmap.i18n import Translator
from webmap.layers.choropleth import Cell, Choropleth
from webmap.layers.legend import Entry, Legend

_STEPS = len(theme.SEQUENTIAL)
WIDTHS = (0.02, 0.05, 0.1, 0.2)
_FINEST = 1_000
SQUARE_METRES_PER_HECTARE = 10_000


class Scale(StrEnum):
    """From where to where the classes of rates go."""

    WHOLE = "whole"
    RANGE = "range"


def coverage_choropleth(
    coverage: Coverage, shapes: Shapes, words: Translator, scale: Scale = Scale.WHOLE
) -> Choropleth:
    """Give the share of subjects visited, by grid; grids in which nothing is due are hatched.

    Parameters
    ----------
    coverage : Coverage
        The measure.
    shapes : Shapes
        The grids of its level.
    words : Translator
        Language of popups and legend.
    scale : Scale
        From where to where its classes go.
    """
    edges = class_edges([row.share.rate for row in coverage.grids], scale)
    cells = tuple(
        Cell(
            row.grid,
            rate_class(row.share.rate, edges),
            (
                words.number(row.share.numerator),
                words.number(row.share.denominator),
                words.percent(row.share.rate),
            ),
        )
        for row in coverage.grids
    )
    columns = tuple(map(words.text, ("map.coverage.visited", "map.coverage.due", "map.coverage.rate")))
    note = words.text(f"map.coverage.note.{scale}")
    legend = Legend(words.text("map.coverage.title"), note, rate_entries(edges, words))
    return Choropleth(shapes, cells, columns=columns, legend=legend)


def walked_choropleth(coverage: GroundCoverage, shapes: Shapes, words: Translator) -> Choropleth:
    """Give the share of ground walked, by grid.

    Parameters
    ----------
    coverage : GroundCoverage
        The measure.
    shapes : Shapes
        The grids of its level.
    words : Translator
        Language of popups and legend.
    """
    edges = class_edges([row.share.rate for row in coverage.grids])
    cells = tuple(
        Cell(
            row.grid,
            rate_class(row.share.rate, edges),
            (
                words.number(row.share.covered_m2 / SQUARE_METRES_PER_HECTARE, digits=2),
                words.number(row.share.area_m2 / SQUARE_METRES_PER_HECTARE, digits=2),
                words.percent(row.share.rate),
            ),
        )
        for row in coverage.grids
    )
    columns = tuple(map(words.text, ("map.walked.covered", "map.walked.area", "map.walked.rate")))
    note = words.text(
        "map.walked.note",
        metres=words.number(coverage.swath_m),
        step=words.number(coverage.step_m, digits=2),
    )
    legend = Legend(words.text("map.walked.title"), note, rate_entries(edges, words))
    return Choropleth(shapes, cells, columns=columns, legend=legend)


def class_edges(rates: Sequence[float | None], scale: Scale = Scale.WHOLE) -> tuple[float, ...]:
    """Give the edges of five equal classes that hold all rates.

    Parameters
    ----------
    rates : sequence of float or None
        0 to 1.
    scale : Scale
        From 0 on, no wider than one of `WIDTHS` that is needed; or from the lowest rate to the highest one,
        rounded outwards to tenths of a per cent. Rates that don't differ have no range.

    Returns
    -------
    tuple of float
        Six, ascending.

    Examples
    --------
    >>> class_edges([0.1, None, 0.38])
    (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
    >>> class_edges([0.871, None, 0.9264], Scale.RANGE)
    (0.871, 0.8822, 0.8934, 0.9046, 0.9158, 0.927)
    """
    known = [rate for rate in rates if rate is not None]
    lowest, highest = min(known, default=0.0), max(known, default=1.0)
    if scale is Scale.RANGE and lowest < highest:
        return _equal(floor(lowest * _FINEST) / _FINEST, ceil(highest * _FINEST) / _FINEST)
    width = next(width for width in WIDTHS if highest <= width * _STEPS)
    return _equal(0.0, width * _STEPS)


def _equal(first: float, last: float) -> tuple[float, ...]:
    return tuple(round(first + (last - first) * step / _STEPS, 6) for step in range(_STEPS + 1))


def rate_class(rate: float | None, edges: Sequence[float]) -> int:
    """Give the place in the legend: the highest rates first, “no data” last."""
    return _STEPS if rate is None else _STEPS - 1 - bisect_right(edges[1:-1], rate)


def rate_entries(
    edges: Sequence[float], words: Translator, *, no_data: str = "map.coverage.no_data"
) -> tuple[Entry, ...]:
    """Give the entries of a legend of rates, the highest first, “no data” last, by the key of its words."""
    percents = [words.number(100 * edge, digits=2) for edge in edges]
    scale = tuple(
        Entry(theme.SEQUENTIAL[step], f"{percents[step]}–{percents[step + 1]}%")
        for step in reversed(range(_STEPS))
    )
    return (*scale, Entry(theme.NO_DATA, words.text(no_data), is_hatched=True))
