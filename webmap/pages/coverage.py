"""The page of coverage: which part of what is due was visited."""

from __future__ import annotations

from geo.domain.coverage import Coverage, GridCoverage
from webmap.pages.frame import Frame
from webmap.pages.measured import Surroundings, render_measure


def coverage_page(frame: Frame, coverage: Coverage, around: Surroundings) -> str:
    """Give the page of coverage, the grids with the lowest share first.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    coverage : Coverage
        The measure.
    around : Surroundings
        Choices and map.

    Returns
    -------
    str
        HTML.
    """
    return render_measure(
        "coverage.html",
        frame,
        around,
        empty="" if coverage.total.denominator else "empty.no_entities",
        coverage=coverage,
        rows=sorted(coverage.grids, key=_lowest_rate_first),
    )


def _lowest_rate_first(row: GridCoverage) -> tuple[bool, float, int]:
    rate = row.share.rate
    return rate is None, rate or 0.0, -row.share.denominator
