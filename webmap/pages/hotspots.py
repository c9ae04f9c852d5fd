"""The page of hot and cold spots of issues."""

from __future__ import annotations

from geo.domain.hotspots import Hotspots
from webmap.pages.frame import Frame
from webmap.pages.measured import Surroundings, render_measure


def hotspots_page(frame: Frame, hotspots: Hotspots, around: Surroundings) -> str:
    """Give the page of hot and cold spots, the hottest grids first.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    hotspots : Hotspots
        The measure.
    around : Surroundings
        Choices and map.

    Returns
    -------
    str
        HTML.
    """
    issues = sum(row.issues for row in hotspots.grids)
    return render_measure(
        "hotspots.html",
        frame,
        around,
        empty="" if issues else "empty.no_issues",
        hotspots=hotspots,
        issues=issues,
        rows=sorted(hotspots.grids, key=lambda row: -row.z),
    )
