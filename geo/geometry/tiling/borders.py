"""The border between cells moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadValue, NotAdjacent, NothingChanges, NothingLeft, OffBorder, OutsideGrids
from geo.geometry.dissolve import union
from geo.geometry.projection import Floats
from geo.geometry.tiling.cells import Cell, Effect, Tiling, as_geojson
from geo.geometry.tiling.drawn import drawn_lines
from geo.geometry.tiling.faces import NOBODY, Faces, cut
from geo.geometry.tiling.laws import common_parent, redivided
from geo.geometry.tiling.vertices import Shapes, attach


def move_border(tiling: Tiling, key: str, others: Iterable[str], path: shapely.Geometry) -> Effect:
    """Return the effect of redrawing the border between a cell and others along a path.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    key : str
        The cell on one side.
    others : iterable of str
        The cells on the other side.
    path : shapely.LineString
        From one point of their common border to another, in the plane of the cells; its ends are moved onto
        the border when they lie within the tolerance `reach_m`. It may cross the border on its way.

    Returns
    -------
    Effect
        Ground between the path and the border it replaces changes hands: what the cell held goes to the other
        with the longest border on it, and what the others held goes to the cell.

    Raises
    ------
    NotFound, LockedGrid, DifferentParents
        If the cells aren't there, may not change, or have several parents.
    BadValue
        If the path isn't one line with a length.
    NotAdjacent
        If the cells have no border in common.
    OffBorder
        If the ends of the path aren't on one and the same border.
    OutsideGrids
        If the path leaves the ground of these cells by more than the tolerance.
    NothingChanges, NothingLeft
        If no ground changes hands, or none is left of a cell.
    FallsApart, Sliver, BrokenBorders
        See `geo.geometry.tiling.laws.redivided`.

    Examples
    --------
    >>> from geo.geometry.tiling import Cell, Plane, Tiling
    >>> tiling = Tiling({"a": Cell(shapely.box(0, 0, 9, 9)), "b": Cell(shapely.box(9, 0, 18, 9))}, Plane())
    >>> effect = move_border(tiling, "a", ["b"], shapely.LineString([(9, 0), (6, 0), (6, 9), (9, 9)]))
    >>> [change.after.geometry.area for change in effect.changes.values()]
    [54.0, 108.0]
    """
    rest = sorted(set(others) - {key})
    keys = [key, *rest]
    tiling.unlocked(keys)
    common_parent(tiling, keys)
    shapes = tiling.shapes(keys)
    [line] = _one_path(path)
    border = _border(shapes)
    if shapely.is_empty(border):
        raise NotAdjacent(grids=keys, geometry=as_geojson(shapes))
    _check_stays_inside(tiling, keys, line)
    ends = _on_border(tiling, keys, border, line)
    lines, grounds = attach(ends, shapes, **tiling.snap)
    if not len(lines):
        raise NothingChanges(grids=keys, geometry=as_geojson(line))
    replaced = _section(tiling, keys, _border(grounds), lines[0])
    between = _enclosed(shapely.union_all([replaced, lines[0]]))
    faces = cut(grounds, lines, **tiling.snap)
    owner = _swapped(faces, between, shapes)
    if (owner == faces.holder).all():
        raise NothingChanges(grids=keys, geometry=as_geojson(line))
    return redivided(tiling, keys, regrown(tiling, keys, faces.given_to(owner, keys)))


def regrown(tiling: Tiling, keys: Sequence[str], grounds: Mapping[str, shapely.Geometry]) -> dict[str, Cell]:
    """Return cells with other ground, only if each has some.

    Parameters
    ----------
    tiling : Tiling
        The cells as they are.
    keys : sequence of str
        Those that get other ground.
    grounds : mapping of str to shapely polygon
        Their ground.

    Raises
    ------
    NothingLeft
        With the ground of one that would have none: ``grid``.
    """
    for key in keys:
        if key not in grounds:
            raise NothingLeft(grid=key, geometry=as_geojson(tiling[key].geometry))
    return {key: replace(tiling[key], geometry=grounds[key]) for key in keys}


def _one_path(path: shapely.Geometry) -> Shapes:
    lines = drawn_lines(path)
    if len(lines) != 1:
        raise BadValue(field="path", value=len(lines), expected="one line")
    return lines


def _border(shapes: Shapes) -> shapely.Geometry:
    """Return the lines that the first cell and the others have in common, merged where they go on."""
    common = shapely.intersection(shapely.boundary(shapes[0]), shapely.boundary(union(shapes[1:])))
    parts = shapely.get_parts(common)
    lines = parts[shapely.length(parts) > 0]
    return shapely.line_merge(shapely.MultiLineString(list(shapely.get_parts(lines))))


def _check_stays_inside(tiling: Tiling, keys: list[str], line: shapely.Geometry) -> None:
    beyond = np.array([shapely.difference(line, union(tiling.shapes(keys)))])
    if tiling.plane.length_m(beyond)[0] > tiling.tolerances.reach_m:
        raise OutsideGrids(grids=keys, geometry=as_geojson(beyond))


def _on_border(tiling: Tiling, keys: list[str], border: shapely.Geometry, line: shapely.Geometry) -> Shapes:
    """Return the line with its ends moved onto the border, only if they lie near enough."""
    xy = shapely.get_coordinates(line)
    ends = np.asarray(shapely.points(xy[[0, -1]]))
    gaps = np.asarray(shapely.shortest_line(ends, border))
    far = tiling.plane.length_m(gaps) > tiling.tolerances.reach_m
    if far.any():
        raise OffBorder(grids=keys, reach_m=tiling.tolerances.reach_m, geometry=as_geojson(ends[far]))
    xy[[0, -1]] = shapely.get_coordinates(shapely.get_point(gaps, 1))
    return np.array([shapely.linestrings(xy)], dtype=object)


def _section(
    tiling: Tiling, keys: list[str], border: shapely.Geometry, path: shapely.Geometry
) -> shapely.Geometry:
    """Return the piece of border between the ends of a path, of a closed border the shorter one."""
    first, last = shapely.get_coordinates(path)[[0, -1]]
    for chain in shapely.get_parts(border):
        xy = shapely.get_coordinates(chain)
        at = np.flatnonzero((xy == first).all(axis=1)), np.flatnonzero((xy == last).all(axis=1))
        if at[0].size and at[1].size and (first != last).any():
            return _shorter(xy, int(at[0][0]), int(at[1][0]))
    raise OffBorder(grids=keys, reach_m=tiling.tolerances.reach_m, geometry=as_geojson(path))


def _shorter(xy: Floats, first: int, last: int) -> shapely.Geometry:
    start, end = sorted((first, last))
    along = shapely.LineString(xy[start : end + 1])
    if (xy[0] != xy[-1]).any():
        return along
    around = shapely.LineString(np.concatenate([xy[end:], xy[1 : start + 1]]))
    return min(along, around, key=shapely.length)


def _enclosed(lines: shapely.Geometry) -> Shapes:
    return np.asarray(shapely.get_parts(shapely.polygonize(list(shapely.get_parts(lines)))))


def _swapped(faces: Faces, between: Shapes, shapes: Shapes) -> NDArray[np.intp]:
    """Return the new holder of each face: the ground between path and border goes to the other side."""
    swap = np.zeros(len(faces.polygons), dtype=bool)
    for ground in between:
        swap |= faces.inside(ground)
    holder = faces.holder
    shared = shapely.length(
        shapely.intersection(shapely.boundary(faces.polygons)[:, None], shapely.boundary(shapes[1:])[None])
    )
    other = np.where(holder == 0, 1 + shared.argmax(axis=1), 0)
    return np.where(swap & (holder != NOBODY), other, holder)


def move_vertex(tiling: Tiling, vertex: ArrayLike, to: ArrayLike) -> Effect:
    """Return the effect of dragging a vertex in which borders bend or meet.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    vertex : array_like of float, shape (2,)
        x and y of the vertex; the nearest one within the tolerance `reach_m` is meant.
    to : array_like of float, shape (2,)
        Where it goes.

    Returns
    -------
    Effect
        All cells that have the vertex have it at its new place.

    Raises
    ------
    BadValue
        If no vertex is near, or a position isn't finite.
    LockedGrid, DifferentParents
        If one of these cells may not change, or they have several parents.
    Sliver, BrokenBorders
        See `geo.geometry.tiling.laws.redivided`; also if the vertex lies on the outer border.

    Examples
    --------
    >>> from geo.geometry.tiling import Cell, Plane, Tiling
    >>> left, right = shapely.box(0, 0, 9, 9), shapely.Polygon([(9, 0), (18, 0), (18, 9), (9, 9), (9, 4)])
    >>> left = shapely.Polygon([(0, 0), (9, 0), (9, 4), (9, 9), (0, 9)])
    >>> effect = move_vertex(Tiling({"a": Cell(left), "b": Cell(right)}, Plane()), (9, 4), (7, 4))
    >>> [change.after.geometry.area for change in effect.changes.values()]
    [72.0, 90.0]
    """
    old, new = np.asarray(vertex, dtype=np.float64), np.asarray(to, dtype=np.float64)
    if old.shape != (2,) or new.shape != (2,) or not np.isfinite([old, new]).all():
        raise BadValue(field="vertex", value=str(vertex), expected="two finite positions")
    corner = _nearest_vertex(tiling, old)
    if (corner == new).all():
        raise NothingChanges(grids=[], geometry=as_geojson(shapely.Point(new)))
    near = tiling.near(shapely.Point(corner))
    holding = [
        key for key in near if (shapely.get_coordinates(tiling[key].geometry) == corner).all(axis=1).any()
    ]
    keys = tiling.unlocked(holding)
    common_parent(tiling, keys)
    moved = shapely.transform(
        tiling.shapes(keys), lambda xy: np.where((xy == corner).all(axis=1)[:, None], new, xy)
    )
    after = regrown(tiling, keys, dict(zip(keys, moved, strict=True)))
    return redivided(tiling, keys, after)


def _nearest_vertex(tiling: Tiling, position: Floats) -> Floats:
    reach_m, plane = tiling.tolerances.reach_m, tiling.plane
    near = tiling.near(shapely.Point(position).buffer(reach_m / min(plane.x_m, plane.y_m)))
    vertices = shapely.get_coordinates(tiling.shapes(near))
    distance_m = np.hypot(*((vertices - position) * (plane.x_m, plane.y_m)).T)
    if not len(vertices) or distance_m.min() > reach_m:
        raise BadValue(
            field="vertex",
            value=position.tolist(),
            expected=f"a vertex within {reach_m} m",
            geometry=as_geojson(shapely.Point(position)),
        )
    nearest: Floats = vertices[distance_m.argmin()]
    return nearest
