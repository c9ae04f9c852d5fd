"""What posts lack, by grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from geo.domain.posts import Fault, Staffing
from geo.domain.shapes import Shapes
from webmap import theme
from webmap.i18n import Translator
from webmap.layers.choropleth import Cell, Choropleth
from webmap.layers.legend import Entry, Legend

COLOURS: dict[Fault | None, str] = {
    **dict(zip(Fault, theme.SEQUENTIAL, strict=True)),
    None: theme.NEUTRAL,
}
"""By the worst finding, in the order of the legend: the dark end asks for attention."""


def post_choropleth(
    found: Mapping[str, Sequence[Staffing]], shapes: Shapes, day: date, words: Translator
) -> Choropleth:
    """Give the worst finding of each grid; grids of which the rules ask no post are hatched.

    Parameters
    ----------
    found : Mapping
        By code of the grid, how its posts are held.
    shapes : Shapes
        The grids of a level.
    day : date
        The day.
    words : Translator
        Language of popups and legend.
    """
    place = {fault: n for n, fault in enumerate(COLOURS)}
    cells = tuple(
        Cell(
            grid,
            place[worst(found[grid.code])] if grid.code in found else len(place),
            (told(found.get(grid.code, ()), words),),
        )
        for grid in shapes.grids
    )
    entries = tuple(
        Entry(colour, words.text(f"post.fault.{fault}" if fault else "map.posts.none"))
        for fault, colour in COLOURS.items()
    )
    no_rule = Entry(theme.NO_DATA, words.text("map.posts.no_rule"), is_hatched=True)
    note = words.text("map.posts.note", day=words.day(day))
    legend = Legend(words.text("map.posts.title"), note, (*entries, no_rule))
    return Choropleth(shapes, cells, columns=(words.text("map.posts.finding"),), legend=legend)


def worst(posts: Sequence[Staffing]) -> Fault | None:
    """Give the worst finding of the posts of a grid; None where there is none."""
    found = {fault for post in posts for fault in post.faults}
    return next((fault for fault in Fault if fault in found), None)


def told(posts: Sequence[Staffing], words: Translator) -> str:
    """Give the findings of the posts of a grid in one line."""
    return words.text("list.separator").join(
        f"{words.choose(post.post_zh, post.post_en)} {words.text(f'post.fault.{fault}')}"
        for post in posts
        for fault in post.faults
    ) or words.text("map.posts.none")
