"""Hot and cold spots as a choropleth."""

from __future__ import annotations

from geo.domain.hotspots import Finding, Hotspots
from geo.domain.shapes import Shapes
from webmap import theme
from webmap.i18n import Translator
from webmap.layers.choropleth import Cell, Choropleth
from webmap.layers.legend import Entry, Legend

COLOURS = {
    **dict(zip((Finding.HOT_99, Finding.HOT_95, Finding.HOT_90), theme.HOT, strict=True)),
    Finding.NONE: theme.NEUTRAL,
    **dict(zip((Finding.COLD_90, Finding.COLD_95, Finding.COLD_99), reversed(theme.COLD), strict=True)),
    Finding.ISLAND: theme.NO_DATA,
}
"""In the order of the legend."""


def hotspot_choropleth(hotspots: Hotspots, shapes: Shapes, words: Translator) -> Choropleth:
    """Give the finding of each grid.

    Parameters
    ----------
    hotspots : Hotspots
        The measure.
    shapes : Shapes
        The grids of its level.
    words : Translator
        Language of popups and legend.
    """
    place = {finding: n for n, finding in enumerate(COLOURS)}
    cells = tuple(
        Cell(
            row.grid,
            place[row.finding],
            (
                words.number(row.issues),
                words.number(row.z, digits=2),
                words.number(row.p, digits=4),
                words.text(f"map.hotspots.{row.finding}"),
            ),
        )
        for row in hotspots.grids
    )
    columns = ("map.hotspots.issues", "map.hotspots.z", "map.hotspots.p", "map.hotspots.finding")
    entries = tuple(
        Entry(colour, words.text(f"map.hotspots.{finding}"), is_hatched=finding is Finding.ISLAND)
        for finding, colour in COLOURS.items()
    )
    legend = Legend(words.text("map.hotspots.title"), words.text("map.hotspots.note"), entries)
    return Choropleth(shapes, cells, columns=tuple(map(words.text, columns)), legend=legend)
