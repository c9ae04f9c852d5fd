"""The page that finds the grid of a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from webmap.base_map import MapParts
from webmap.pages.frame import Frame, render

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
"""What the numbers of a place may be given in."""


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day as of which grids are asked for.

    Attributes
    ----------
    first, today : date
        There is a division from the first day on.
    day : date or None
        The day, before today.
    division : str
        What the division is called that held then.
    """

    first: date
    today: date
    day: date | None
    division: str


def locate_page(frame: Frame, parts: MapParts, asked: AsOf) -> str:
    """Give the page with its search box, its map, and room for the answer.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    parts : MapParts
        The map of the division.
    asked : AsOf
        As of when it is asked for.

    Returns
    -------
    str
        HTML.
    """
    return render("locate.html", frame, map=parts, datums=DATUMS, asked=asked)
