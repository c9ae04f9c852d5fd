"""Cells merged into one."""

from __future__ import annotations

from collections.abc import Iterable

import shapely

from geo.errors import NotAdjacent, NothingChanges
from geo.geometry.dissolve import union
from geo.geometry.tiling.cells import Cell, Effect, Tiling, as_geojson
from geo.geometry.tiling.laws import common_parent, redivided


def merge(tiling: Tiling, keys: Iterable[str], *, key: str, name: str = "") -> Effect:
    """Return the effect of merging adjacent cells of one parent into a new one.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    keys : iterable of str
        At least two cells, which go.
    key : str
        Key of the merged cell.
    name : str, optional
        Its name.

    Returns
    -------
    Effect
        Of the merged cell alone: its border keeps the vertices where inner borders ended, as the neighbours
        do.

    Raises
    ------
    NotFound, LockedGrid
        If a cell isn't there, or may not change.
    NothingChanges
        If there are less than two.
    DifferentParents
        If they have several parents.
    NotAdjacent
        If they don't hang together by borders.

    Examples
    --------
    >>> from geo.geometry.tiling import Cell, Plane, Tiling
    >>> boxes = {"a": Cell(shapely.box(0, 0, 9, 9)), "b": Cell(shapely.box(9, 0, 18, 9))}
    >>> sorted(merge(Tiling(boxes, Plane()), ["a", "b"], key="c").changes)
    ['a', 'b', 'c']
    """
    merged = tiling.unlocked(keys)
    if len(merged) < 2:
        raise NothingChanges(grids=merged)
    parent = common_parent(tiling, merged)
    shapes = tiling.shapes(merged)
    ground = union(shapes)
    allowed = int(shapely.get_num_geometries(shapes).sum()) - len(merged) + 1
    if shapely.get_num_geometries(ground) > allowed:
        raise NotAdjacent(grids=merged, geometry=as_geojson(shapes))
    return redivided(tiling, merged, {key: Cell(ground, parent, name)}, parts={key: allowed})
