"""Whether a layer lies in another datum than it is said to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.exchange import Problem, Severity
from geo.geometry.crs import metric_crs
from geo.geometry.datum import TO_WGS84, shift_fit
from geo.services.exchange.table import Column, objects, points_at

_SAMPLE: Final = 5_000
_LEAST_ROWS: Final = 20
_LEAST_NAMED: Final = 0.8
"""A column names grids if so many of its values are names of grids of one level."""


@dataclass(frozen=True, slots=True)
class NamedCells:
    """The grids of one level, by name.

    Attributes
    ----------
    level : str
        The level.
    names : NDArray[object]
        Their names.
    geometries : NDArray[object]
        Their ground, EPSG:4326.
    """

    level: str
    names: Column
    geometries: Column


def cells_by_level(facts: Sequence[tuple[str, str, str, bool]], geometries: Column) -> list[NamedCells]:
    """Return the grids of a division, level by level."""
    levels = objects(level for _, _, level, _ in facts)
    names = objects(name for _, name, _, _ in facts)
    return [
        NamedCells(level, names[levels == level], geometries[levels == level])
        for level in dict.fromkeys(levels)
    ]


def points_against(
    points: Column, columns: Mapping[str, Column], levels: Sequence[NamedCells]
) -> tuple[dict[str, Any], list[Problem]]:
    """Return how well points agree with a column that names the grids in which they should lie.

    Parameters
    ----------
    points : NDArray[object]
        Points, EPSG:4326, or None.
    columns : Mapping[str, NDArray[object]]
        Everything that the rows came with, by column.
    levels : sequence of NamedCells
        The division in force.

    Returns
    -------
    facts : dict
        ``agreement`` with column, level, numerator and denominator; empty where no column names grids.
    problems : list of Problem
        A warning where at most half as many disagree when the points are read in a shifted datum.
    """
    placed = ~shapely.is_missing(points)
    found = _naming(columns, placed, levels)
    if found is None:
        return {}, []
    column, cells = found
    told = columns[column]
    compared = np.flatnonzero(placed & np.isin(_texts(told), cells.names))
    sample = compared[:: max(1, -(-len(compared) // _SAMPLE))]
    agreeing = _agreeing(points[compared], told[compared], cells)
    detail: dict[str, Any] = {"column": column, "level": cells.level}
    facts = {"agreement": detail | {"agreeing": agreeing, "compared": len(compared)}}
    before = _agreeing(points[sample], told[sample], cells) / len(sample)
    xy = shapely.get_coordinates(points[sample])
    readings = {datum: points_at(np.column_stack(shift(*xy.T))) for datum, shift in TO_WGS84.items()}
    shares = {datum: _agreeing(moved, told[sample], cells) / len(sample) for datum, moved in readings.items()}
    best = max(shares, key=lambda datum: shares[datum])
    if 1 - shares[best] > 0.5 * (1 - before) or shares[best] - before < 0.005:
        return facts, []
    detail |= {"as_labelled": before, "shifted": shares[best], "datum": best, "measure": "agreement"}
    return facts, [Problem("datum-suspected", Severity.WARNING, detail=detail)]


def _naming(
    columns: Mapping[str, Column], placed: NDArray[np.bool_], levels: Sequence[NamedCells]
) -> tuple[str, NamedCells] | None:
    for name, values in columns.items():
        texts = _texts(values)[placed]
        for cells in levels:
            among = np.isin(texts, cells.names)
            if among.sum() >= max(_LEAST_ROWS, _LEAST_NAMED * len(texts)) and len(set(texts[among])) > 1:
                return name, cells
    return None


def _texts(values: Column) -> NDArray[np.str_]:
    return np.array([value if isinstance(value, str) else "" for value in values], dtype=np.str_)


def _agreeing(points: Column, told: Column, cells: NamedCells) -> int:
    # the few grids ask for points, not the many points for grids: the ground of who asks is prepared once
    cell, point = shapely.STRtree(points).query(cells.geometries, predicate="intersects")
    return len(np.unique(point[told[point] == cells.names[cell]]))


def grids_against(cells: Column, leaves: Column) -> list[Problem]:
    """Return a warning where new grids fit the present ones clearly better when shifted.

    Parameters
    ----------
    cells : NDArray[object]
        Valid polygons that come in, EPSG:4326 as they are labelled.
    leaves : NDArray[object]
        The leaf grids in force, EPSG:4326. Compared is the ground of those that lie mostly inside.

    Returns
    -------
    list of Problem
        At most one, with both figures.
    """
    if not len(leaves):
        return []
    metric = metric_crs(tuple(shapely.total_bounds(cells)))
    inside = np.unique(
        shapely.STRtree(shapely.point_on_surface(leaves)).query(cells, predicate="intersects")[1]
    )
    if not len(inside):
        return []
    fit = shift_fit(cells, shapely.union_all(leaves[inside]), metric)
    if not fit.suspicious:
        return []
    detail = {
        "measure": "iou",
        "as_labelled": fit.iou_as_labelled,
        "shifted": fit.iou_shifted,
        "datum": fit.datum,
        "which": fit.shifted,
    }
    return [Problem("datum-suspected", Severity.WARNING, detail=detail)]
