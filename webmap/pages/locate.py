"""The page that finds the grid of a place."""

from __future__ import annotations

from webmap.base_map import MapParts
from webmap.pages.frame import Frame, render

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
"""What the numbers of a place may be given in."""


def locate_page(frame: Frame, parts: MapParts) -> str:
    """Give the page with its search box, its map, and room for the answer.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    parts : MapParts
        The map of the division.

    Returns
    -------
    str
        HTML.
    """
    return render("locate.html", frame, map=parts, datums=DATUMS)
