"""Ground handed from cell to cell, and new cells drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import DifferentParents, NothingChanges
from geo.geometry.tiling.borders import regrown
from geo.geometry.tiling.cells import Cell, Effect, Tiling, as_geojson
from geo.geometry.tiling.drawn import Drawn, drawn_ground, drawn_lines
from geo.geometry.tiling.faces import NOBODY, Faces, cut
from geo.geometry.tiling.laws import common_parent, redivided
from geo.geometry.tiling.vertices import edges_of


def reassign(tiling: Tiling, sources: Iterable[str], to: str, area: Drawn) -> Effect:
    """Return the effect of handing the ground in an area from some cells to another.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    sources : iterable of str
        The only cells that give ground.
    to : str
        The cell that gets it.
    area : shapely polygon or array_like of them
        A drawn area, or blocks or buildings, in the plane of the cells.

    Returns
    -------
    Effect
        What the sources have in the area is the other's, but for slivers.

    Raises
    ------
    NotFound, LockedGrid, DifferentParents
        If a cell isn't there, may not change, or has another parent.
    InvalidGeometry
        If a polygon of the area is invalid.
    NothingChanges, NothingLeft
        If the sources have nothing there, or nothing else.
    FallsApart, Sliver, BrokenBorders
        See `geo.geometry.tiling.laws.redivided`; also if the ground doesn't adjoin its new cell.

    Examples
    --------
    >>> from geo.geometry.tiling import Cell, Plane, Tiling
    >>> tiling = Tiling({"a": Cell(shapely.box(0, 0, 9, 9)), "b": Cell(shapely.box(9, 0, 18, 9))}, Plane())
    >>> effect = reassign(tiling, ["b"], "a", shapely.box(8, 3, 12, 6))
    >>> [change.after.geometry.area for change in effect.changes.values()]
    [90.0, 72.0]
    """
    patch = drawn_ground(area)
    keys = tiling.unlocked([to, *sources])
    parent = common_parent(tiling, keys)
    faces = cut(tiling.shapes(keys), drawn_lines(patch), **tiling.snap)
    receiver = keys.index(to)
    given = faces.inside(patch) & ~np.isin(faces.holder, [NOBODY, receiver])
    given &= tiling.plane.width_m(faces.polygons) >= tiling.sliver_m(keys, parent)
    if not given.any():
        raise NothingChanges(grids=keys, geometry=as_geojson(patch))
    owner = np.where(given, receiver, faces.holder)
    touched = sorted({to, *(keys[i] for i in faces.holder[given])})
    return redivided(tiling, touched, regrown(tiling, touched, faces.given_to(owner, keys)))


def draw(
    tiling: Tiling,
    key: str,
    polygon: Drawn,
    *,
    parent: str | None,
    givers: Iterable[str] | None = None,
    name: str = "",
) -> Effect:
    """Return the effect of drawing a new cell over others and over ground that nobody has.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    key : str
        Key of the new cell.
    polygon : shapely polygon or array_like of them
        Its ground, in the plane of the cells.
    parent : str or None
        The parent of the new cell; only cells of the same parent give ground.
    givers : iterable of str, optional
        The cells that may give ground; otherwise all that aren't locked.
    name : str, optional
        What the new cell is called.

    Returns
    -------
    Effect
        The new cell has what the givers have in the polygon, and what nobody has there inside the outline of
        the tiling, but for slivers. Cells covered wholly are gone.

    Raises
    ------
    NotFound, LockedGrid, DifferentParents
        If a giver that was named isn't there, may not change, or has another parent.
    InvalidGeometry
        If the polygon is invalid.
    NothingChanges
        If there is no ground for the new cell.
    FallsApart, Sliver, BrokenBorders
        See `geo.geometry.tiling.laws.redivided`.

    Examples
    --------
    >>> from geo.geometry.tiling import Cell, Plane, Tiling
    >>> tiling = Tiling({"a": Cell(shapely.box(0, 0, 9, 9)), "b": Cell(shapely.box(9, 0, 18, 9))}, Plane())
    >>> effect = draw(tiling, "c", shapely.box(6, 3, 12, 20), parent=None)
    >>> [change.after.geometry.area for change in effect.changes.values()]
    [63.0, 63.0, 36.0]
    """
    patch = drawn_ground(polygon)
    around = tiling.near(patch)
    may_give = _givers(tiling, around, parent, givers)
    giving = np.isin(around, may_give)
    faces, free = free_ground(tiling, around, patch)
    wide = tiling.plane.width_m(faces.polygons) >= tiling.sliver_m(may_give, parent)
    inside = faces.inside(patch) & wide
    free &= inside
    taken = inside & (faces.holder != NOBODY) & np.append(giving, False)[faces.holder]
    if not (taken | free).any():
        raise NothingChanges(grids=around, geometry=as_geojson(patch))
    grounds = faces.given_to(np.where(taken | free, len(around), faces.holder), [*around, key])
    losing = sorted({around[i] for i in faces.holder[taken]})
    after = {k: replace(tiling[k], geometry=grounds[k]) for k in losing if k in grounds}
    return redivided(
        tiling,
        losing,
        {**after, key: Cell(grounds[key], parent, name)},
        parts={key: int(shapely.get_num_geometries(patch))},
        filled=shapely.union_all(faces.polygons[free]),
    )


def free_ground(
    tiling: Tiling, around: list[str], patch: shapely.Geometry
) -> tuple[Faces, NDArray[np.bool_]]:
    """Return the faces between cells and a patch, and which of them are ground to be divided that nobody has.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    around : list of str
        Keys of those near the patch.
    patch : shapely polygon
        What was drawn, in the plane of the cells.

    Returns
    -------
    faces : Faces
        Cut along the outline too where nobody has ground.
    free : numpy.ndarray of bool
        Inside the patch, in no cell, and inside the outline unless it is a sliver.
    """
    cells, lines = tiling.shapes(around), drawn_lines(patch)
    faces = cut(cells, lines, **tiling.snap)
    free = faces.inside(patch) & (faces.holder == NOBODY)
    if not free.any():
        return faces, free
    edges = edges_of(np.array([tiling.outline], dtype=object))
    near = shapely.STRtree(edges).query(patch, predicate="intersects")
    faces = cut(cells, np.concatenate([lines, edges[near]]), **tiling.snap)
    narrow = tiling.plane.width_m(faces.polygons) < tiling.sliver_m(around, None)
    inside = faces.inside(tiling.outline) | narrow
    return faces, faces.inside(patch) & (faces.holder == NOBODY) & inside


def _givers(tiling: Tiling, around: list[str], parent: str | None, named: Iterable[str] | None) -> list[str]:
    if named is None:
        return [key for key in around if tiling[key].parent == parent and not tiling[key].locked]
    givers = tiling.unlocked(named)
    if any(tiling[key].parent != parent for key in givers):
        told = sorted({tiling[key].parent or "" for key in givers} | {parent or ""})
        raise DifferentParents(grids=givers, parents=told, geometry=as_geojson(tiling.shapes(givers)))
    return givers
