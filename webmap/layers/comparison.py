"""Two divisions held against each other: how the grids that changed are drawn, on screens and on paper."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.comparisons import Difference, Whole
from geo.geometry.tiling import Cell
from geo.services.comparisons import Compared
from webmap import theme
from webmap.base_map import GridMap
from webmap.i18n import Translator
from webmap.layers.legend import Entry
from webmap.printed_map import Ink, Labels, Layer
from webmap.tables import Column, Kind

BREAKS = (-0.5, -0.25, -0.1, 0.1, 0.25, 0.5)
"""Households over the mean of their division, minus 1: where one class ends and the next one begins."""

COLOURS = (*theme.COLD, theme.NEUTRAL, *reversed(theme.HOT))
"""From far below the mean to far above it."""

_MOST_LABELS = 60
_DRAWN_STEPS = 20_000
_DEVIATION = Column("", Kind.DEVIATION)

Side = Callable[[Difference], Cell | None]


def before(one: Difference) -> Cell | None:
    """Give a grid as it was."""
    return one.before


def after(one: Difference) -> Cell | None:
    """Give a grid as it is."""
    return one.after


def entries(words: Translator) -> tuple[Entry, ...]:
    """Give what the colours claim: the classes of deviation, then grids that nobody has counted.

    Parameters
    ----------
    words : Translator
        Language of the legend.
    """
    limits = [_DEVIATION.written(limit, words) for limit in BREAKS]
    between = [words.text("comparison.range", low=low, high=high) for low, high in pairwise(limits)]
    labels = (f"< {limits[0]}", *between, f"> {limits[-1]}")
    classes = tuple(Entry(colour, label) for colour, label in zip(COLOURS, labels, strict=True))
    return (*classes, Entry(theme.NO_DATA, words.text("comparison.uncounted"), is_hatched=True))


def entry_of(deviation: float | None) -> int:
    """Give the place of a deviation among `entries`.

    Parameters
    ----------
    deviation : float or None
        Households over the mean, minus 1; None where nobody has counted.

    Examples
    --------
    >>> entry_of(0.0), entry_of(-0.8), entry_of(None)
    (3, 0, 7)
    """
    return len(COLOURS) if deviation is None else bisect_right(BREAKS, deviation)


def map_data(compared: Compared, on: GridMap, words: Translator) -> dict[str, Any]:
    """Give what the browser draws on both maps, JSON-ready.

    Parameters
    ----------
    compared : Compared
        The two divisions.
    on : GridMap
        It knows where to draw.
    words : Translator
        Language of what stands on the map.
    """
    found, detail = compared.comparison, _detail(compared)
    handed = [_handed_text(one, words) for one in zip(found.handed, compared.premises.tolist(), strict=True)]
    return {
        "before": _collection(on, *_cells(found.changed, before, found.before, words), detail),
        "after": _collection(on, *_cells(found.changed, after, found.after, words), detail),
        "around": _collection(on, found.around, [{}] * len(found.around), detail),
        "handed": _collection(on, [one.ground for one in found.handed], handed, detail),
        "fills": [entry.data() for entry in entries(words)],
    }


def _detail(compared: Compared) -> float:
    """Return below how many degrees nobody sees a difference, unless what changed is looked at by parts."""
    if not len(compared.comparison.ground):
        return 0.0
    west, south, east, north = shapely.total_bounds(compared.comparison.ground).tolist()
    return float(np.nan_to_num(max(east - west, north - south)) / _DRAWN_STEPS)


def _cells(
    changed: Sequence[Difference], side: Side, whole: Whole, words: Translator
) -> tuple[list[shapely.Geometry], list[dict[str, Any]]]:
    there = [(one.key, cell) for one in changed if (cell := side(one)) is not None]
    properties = [
        {
            "key": key,
            "title": cell.name,
            "text": _households_text(cell, whole, words),
            "entry": entry_of(whole.deviation(cell)),
        }
        for key, cell in there
    ]
    return [cell.geometry for _, cell in there], properties


def _households_text(cell: Cell, whole: Whole, words: Translator) -> str:
    deviation = _DEVIATION.written(whole.deviation(cell), words)
    return words.text("comparison.cell", households=words.number(cell.households), deviation=deviation)


def _handed_text(piece: tuple[Any, int], words: Translator) -> dict[str, str]:
    one, premises = piece
    text = words.text(
        "comparison.piece",
        hectares=words.number(one.area_m2 / 1e4, digits=2),
        households=words.number(one.households),
        premises=words.number(premises),
    )
    return {"from": one.from_key, "to": one.to_key, "text": text}


def _collection(
    on: GridMap, shapes: Any, properties: Sequence[dict[str, Any]], detail: float
) -> dict[str, Any]:
    simplified = shapely.simplify(np.asarray(shapes, dtype=object), detail)
    drawn = shapely.to_geojson(on.drawn(simplified))
    features = [
        {"type": "Feature", "geometry": json.loads(shape), "properties": told}
        for shape, told in zip(drawn, properties, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def printed_layers(compared: Compared, side: Side, whole: Whole, words: Translator) -> list[Layer]:
    """Give the layers of one of the two maps on paper.

    Parameters
    ----------
    compared : Compared
        The two divisions.
    side : callable
        `before` or `after`.
    whole : Whole
        That side as a whole.
    words : Translator
        Language of the legend.
    """
    found = compared.comparison
    cells = [cell for one in found.changed if (cell := side(one)) is not None]
    places = np.array([entry_of(whole.deviation(cell)) for cell in cells], dtype=int)
    shapes = _array([cell.geometry for cell in cells])
    classes = [
        Layer(
            shapes[places == place],
            Ink(entry.colour, theme.BORDER, 0.3, is_hatched=entry.is_hatched),
            entry.label,
        )
        for place, entry in enumerate(entries(words))
    ]
    around = Layer(found.around, Ink(line=theme.BORDER, line_mm=0.12))
    handed = Layer(
        _array([one.ground for one in found.handed]),
        Ink(theme.INK, theme.INK, 0.5, is_hatched=True),
        words.text("comparison.handed"),
    )
    return [around, *(one for one in classes if len(one.shapes)), handed]


def printed_labels(compared: Compared, side: Side) -> Labels:
    """Give the names of the grids that changed, as many as can be read.

    Parameters
    ----------
    compared : Compared
        The two divisions.
    side : callable
        `before` or `after`.
    """
    cells = [cell for one in compared.comparison.changed if (cell := side(one)) is not None][:_MOST_LABELS]
    return Labels(_array([cell.geometry for cell in cells]), tuple(cell.name for cell in cells))


def _array(shapes: Sequence[shapely.Geometry]) -> NDArray[np.object_]:
    return np.array(shapes, dtype=object)
