"""Coverage of subjects and of ground as choropleths: the same scale, two measures."""

from __future__ import annotations

from geo.domain.coverage import Coverage, GroundCoverage
from geo.domain.shapes import Shapes
from webmap import theme
from webmap.i18n import Translator
from webmap.layers.choropleth import Cell, Choropleth
from webmap.layers.legend import Entry, Legend

_STEPS = len(theme.SEQUENTIAL)
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
    cells = tuple(
        Cell(
            row.grid,
            _class(row.share.rate),
            (
                words.number(row.share.numerator),
                words.number(row.share.denominator),
                words.percent(row.share.rate),
            ),
        )
        for row in coverage.grids
    )
    columns = tuple(map(words.text, ("map.coverage.visited", "map.coverage.due", "map.coverage.rate")))
    legend = Legend(words.text("map.coverage.title"), words.text("map.coverage.note"), _rate_entries(words))
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
    cells = tuple(
        Cell(
            row.grid,
            _class(row.share.rate),
            (
                words.number(row.share.covered_m2 / SQUARE_METRES_PER_HECTARE, digits=2),
                words.number(row.share.area_m2 / SQUARE_METRES_PER_HECTARE, digits=2),
                words.percent(row.share.rate),
            ),
        )
        for row in coverage.grids
    )
    columns = tuple(map(words.text, ("map.walked.covered", "map.walked.area", "map.walked.rate")))
    note = words.text("map.walked.note", metres=words.number(coverage.swath_m))
    legend = Legend(words.text("map.walked.title"), note, _rate_entries(words))
    return Choropleth(shapes, cells, columns=columns, legend=legend)


def _class(rate: float | None) -> int:
    """Give the place in the legend: the highest rates first, “no data” last."""
    return _STEPS if rate is None else _STEPS - 1 - min(int(rate * _STEPS), _STEPS - 1)


def _rate_entries(words: Translator) -> tuple[Entry, ...]:
    def label(step: int) -> str:
        return f"{words.number(100 * step / _STEPS)}–{words.percent((step + 1) / _STEPS).replace('.0', '')}"

    scale = tuple(Entry(theme.SEQUENTIAL[step], label(step)) for step in reversed(range(_STEPS)))
    return (*scale, Entry(theme.NO_DATA, words.text("map.coverage.no_data"), is_hatched=True))
