"""Coverage of subjects and of ground as choropleths: the same scale, two measures."""

from __future__ import annotations

from bisect import bisect_right

from geo.domain.coverage import Coverage, GroundCoverage
from geo.domain.shapes import Shapes
from webmap import theme
from webmap.i18n import Translator
from webmap.layers.choropleth import Cell, Choropleth
from webmap.layers.legend import Entry, Legend

_STEPS = len(theme.SEQUENTIAL)
WIDTHS = (0.02, 0.05, 0.1, 0.2)
SQUARE_METRES_PER_HECTARE = 10_000


def coverage_choropleth(coverage: Coverage, shapes: Shapes, words: Translator) -> Choropleth:
    """Give the share of subjects visited, by grid; grids in which nothing is due are hatched.

    Parameters
    ----------
    coverage : Coverage
        The measure.
    shapes : Shapes
        The grids of its level.
    words : Translator
        Language of popups and legend.
    """
    width = class_width([row.share.rate for row in coverage.grids])
    cells = tuple(
        Cell(
            row.grid,
            rate_class(row.share.rate, width),
            (
                words.number(row.share.numerator),
                words.number(row.share.denominator),
                words.percent(row.share.rate),
            ),
        )
        for row in coverage.grids
    )
    columns = tuple(map(words.text, ("map.coverage.visited", "map.coverage.due", "map.coverage.rate")))
    legend = Legend(
        words.text("map.coverage.title"), words.text("map.coverage.note"), rate_entries(width, words)
    )
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
    width = class_width([row.share.rate for row in coverage.grids])
    cells = tuple(
        Cell(
            row.grid,
            rate_class(row.share.rate, width),
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
    legend = Legend(words.text("map.walked.title"), note, rate_entries(width, words))
    return Choropleth(shapes, cells, columns=columns, legend=legend)


def class_width(rates: list[float | None]) -> float:
    """Give the width of five equal classes from 0 on that hold all rates, no wider than needed.

    Parameters
    ----------
    rates : list of float or None
        0 to 1.

    Returns
    -------
    float
        One of `WIDTHS`.

    Examples
    --------
    >>> class_width([0.1, None, 0.38])
    0.1
    """
    largest = max((rate for rate in rates if rate is not None), default=1.0)
    return next(width for width in WIDTHS if largest <= width * _STEPS)


def rate_class(rate: float | None, width: float) -> int:
    """Give the place in the legend: the highest rates first, “no data” last."""
    bounds = [round(width * step, 2) for step in range(1, _STEPS)]
    return _STEPS if rate is None else _STEPS - 1 - bisect_right(bounds, rate)


def rate_entries(
    width: float, words: Translator, *, no_data: str = "map.coverage.no_data"
) -> tuple[Entry, ...]:
    """Give the entries of a legend of rates, the highest first, “no data” last, by the key of its words."""
    percents = [words.number(100 * width * step) for step in range(_STEPS + 1)]
    scale = tuple(
        Entry(theme.SEQUENTIAL[step], f"{percents[step]}–{percents[step + 1]}%")
        for step in reversed(range(_STEPS))
    )
    return (*scale, Entry(theme.NO_DATA, words.text(no_data), is_hatched=True))
