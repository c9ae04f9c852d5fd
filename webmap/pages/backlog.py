"""The page of unresolved and overdue issues."""

from __future__ import annotations

from geo.domain.backlog import Backlog
from webmap.pages.frame import Frame
from webmap.pages.measured import Surroundings, render_measure


def backlog_page(frame: Frame, backlog: Backlog, around: Surroundings) -> str:
    """Give the page of unresolved issues, the grids with the most overdue ones first.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    backlog : Backlog
        The measure.
    around : Surroundings
        Choices and map.

    Returns
    -------
    str
        HTML.
    """
    return render_measure(
        "backlog.html",
        frame,
        around,
        empty="" if backlog.total.unresolved else "empty.all_closed",
        backlog=backlog,
        rows=sorted(backlog.grids, key=lambda row: (-row.count.overdue, -row.count.unresolved)),
    )
