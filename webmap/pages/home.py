"""The start page: a question for the public, and for those who work here what their roles call for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geo.domain.backlog import Count, OpenIssue
from geo.domain.exchange import Batch
from geo.domain.generations import Generation
from geo.domain.grids import GridName, Level
from geo.domain.measures import Share
from webmap.base_map import MapParts
from webmap.pages.choices import USUAL
from webmap.pages.frame import Frame, render

ADMINISTRATION = (
    ("home.imports", "/imports"),
    ("home.accounts", "/accounts"),
    ("home.audit", "/audit"),
    ("home.jobs", "/jobs"),
    ("home.interface", "/docs"),
)
"""Key and address of what an administrator looks after."""


@dataclass(frozen=True, slots=True)
class GridState:
    """What a grid needs.

    Attributes
    ----------
    grid : GridName
        The grid.
    visited : Share
        Entities visited lately, out of those due.
    issues : Count
        Its issues now.
    """

    grid: GridName
    visited: Share
    issues: Count


@dataclass(frozen=True, slots=True)
class Headline:
    """A number that a leader looks at first.

    Attributes
    ----------
    key : str
        Key of its words.
    share : Share
        The number with what it is made of.
    address : str
        Its map.
    """

    key: str
    share: Share
    address: str


@dataclass(frozen=True, slots=True)
class Home:
    """What stands on the start page; what isn't for the reader's roles is empty.

    Attributes
    ----------
    headlines : sequence of Headline
        For leaders.
    grids_title : str
        Key of the words above the grids.
    grids : sequence of GridState
        An inspector's own grids, or those that need a leader most.
    to_do : sequence of OpenIssue
        An inspector's open issues, the overdue first.
    names : Mapping[str, str]
        Name of each grid that the issues lie in, by its code.
    division : tuple of Generation and sequence of (Level, int), or None
        For planners: the division in force, and how many grids it has on each level.
    imports : sequence of Batch
        The newest imports, for those who may see them.
    """

    headlines: Sequence[Headline] = ()
    grids_title: str = "home.my_grids"
    grids: Sequence[GridState] = ()
    to_do: Sequence[OpenIssue] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    division: tuple[Generation, Sequence[tuple[Level, int]]] | None = None
    imports: Sequence[Batch] = ()


def welcome_page(frame: Frame, parts: MapParts | None) -> str:
    """Give the start page of the public: where is this place, and who looks after it.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    parts : MapParts or None
        The map of the division, None while there is none.

    Returns
    -------
    str
        HTML.
    """
    return render("welcome.html", frame, map=parts)


def home_page(frame: Frame, home: Home) -> str:
    """Give the start page of somebody who works here.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    home : Home
        What the reader's roles call for.

    Returns
    -------
    str
        HTML.
    """
    return render("home.html", frame, home=home, days=USUAL.days, administration=ADMINISTRATION)
