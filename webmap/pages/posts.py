"""The page of what the posts of grids lack: on the map, and as a list that goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from geo.domain.grids import Level
from geo.domain.measures import Share
from geo.domain.posts import Fault, Staffing
from geo.domain.profiles.documents import quoted_at
from geo.domain.profiles.regulations import Regime
from geo.domain.profiles.rules import Quoted
from webmap.base_map import MapParts
from webmap.pages.frame import Frame, render


@dataclass(frozen=True, slots=True)
class Lack:
    """A finding with the rule that it follows from.

    Attributes
    ----------
    post : Staffing
        The post of a grid.
    fault : Fault
        What is the matter.
    rule : Quoted
        What asks for more.
    """

    post: Staffing
    fault: Fault
    rule: Quoted


@dataclass(frozen=True, slots=True)
class PostChoices:
    """What is chosen above the map, and what there is to choose from.

    Attributes
    ----------
    day : date
        The day.
    level : Level
        The level of the grids.
    levels : tuple of Level
        The levels that the division has.
    fault : Fault or None
        Only findings of this kind.
    """

    day: date
    level: Level
    levels: tuple[Level, ...]
    fault: Fault | None


def posts_page(
    frame: Frame,
    found: Sequence[tuple[Regime, Sequence[Staffing]]],
    choices: PostChoices,
    parts: MapParts,
) -> str:
    """Give the page of what posts lack, the worst first.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    found : sequence of (Regime, sequence of Staffing)
        How posts are held, by what holds.
    choices : PostChoices
        What was chosen.
    parts : MapParts
        The map.

    Returns
    -------
    str
        HTML.
    """
    posts = [post for _, some in found for post in some]
    needed = sum(post.needed for post in posts)
    filled = Share(sum(min(post.held, post.needed) for post in posts), needed)
    order = list(Fault)
    lacks = [
        Lack(post, fault, quoted_at(regime.profile, post.field(fault)))
        for regime, some in found
        for post in some
        for fault in post.faults
        if post.grid.level is choices.level and choices.fault in {None, fault}
    ]
    return render(
        "posts.html",
        frame,
        choices=choices,
        faults=order,
        empty="" if lacks else frame.translator.text("post.none"),
        map=parts,
        filled=filled,
        lacks=sorted(lacks, key=lambda lack: (order.index(lack.fault), lack.post.grid.code)),
    )
