"""A cell split along lines."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import NothingChanges
from geo.geometry.dissolve import dissolve
from geo.geometry.projection import Floats
from geo.geometry.tiling.cells import Cell, Effect, Tiling, as_geojson
from geo.geometry.tiling.drawn import Drawn, drawn_lines
from geo.geometry.tiling.faces import cut
from geo.geometry.tiling.laws import redivided
from geo.geometry.tiling.vertices import Shapes


def split(tiling: Tiling, key: str, lines: Drawn, *, prefix: str) -> Effect:
    """Return the effect of splitting a cell along lines, or along the border of a polygon.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    key : str
        The cell to split, which goes.
    lines : shapely geometry or array_like of them
        Lines, and polygons for their borders, in the plane of the cells. An end inside the cell that stops
        short of its border or of another line is taken straight on, up to the tolerance `reach_m`.
    prefix : str
        What the keys of the pieces begin with: ``prefix.1``, ``prefix.2`` from west to east, then from north
        to south.

    Returns
    -------
    Effect
        The pieces have the parent and the name of the cell, and no code.

    Raises
    ------
    NotFound, LockedGrid
        If the cell isn't there, or may not change.
    BadValue
        If the lines aren't finite or have no length.
    NothingChanges
        If they don't cut the cell in two.
    Sliver, BrokenBorders
        See `geo.geometry.tiling.laws.redivided`.

    Notes
    -----
    Parts of the cell that the lines leave whole go with the nearest piece.

    Examples
    --------
    >>> from geo.geometry.tiling import Cell, Plane, Tiling
    >>> tiling = Tiling({"a": Cell(shapely.box(0, 0, 9, 9), households=90)}, Plane())
    >>> effect = split(tiling, "a", shapely.LineString([(3, -1), (3, 8)]), prefix="7")
    >>> {key: cell.households for key, cell in tiling.after(effect).cells.items()}
    {'7.1': 30, '7.2': 60}
    """
    tiling.unlocked([key])
    cell = tiling[key]
    drawn = drawn_lines(lines)
    faces = cut(tiling.shapes([key]), _taken_on(tiling, cell.geometry, drawn), **tiling.snap)
    pieces = _pieces(shapely.get_parts(cell.geometry), faces.polygons[faces.holder == 0])
    if len(pieces) < 2:
        raise NothingChanges(grids=[key], geometry=as_geojson(drawn))
    ordered = pieces[_west_to_east(pieces)]
    after = {
        f"{prefix}.{number}": Cell(piece, cell.parent, cell.name) for number, piece in enumerate(ordered, 1)
    }
    parts = dict(zip(after, shapely.get_num_geometries(ordered).tolist(), strict=True))
    return redivided(tiling, [key], after, parts=parts)


def _taken_on(tiling: Tiling, ground: shapely.Geometry, lines: Shapes) -> Shapes:
    """Return lines whose ends inside the ground go on to the next border or line within reach."""
    obstacles = shapely.union_all([shapely.boundary(ground), *lines])
    return np.array([_reaching(tiling, ground, obstacles, line) for line in lines], dtype=object)


def _reaching(
    tiling: Tiling, ground: shapely.Geometry, obstacles: shapely.Geometry, line: shapely.Geometry
) -> shapely.Geometry:
    xy = shapely.get_coordinates(shapely.remove_repeated_points(line))
    if (xy[0] == xy[-1]).all():
        return line
    before = _onward(tiling, ground, obstacles, xy[1], xy[0])
    after = _onward(tiling, ground, obstacles, xy[-2], xy[-1])
    return shapely.LineString(np.concatenate([before, xy, after]))


def _onward(
    tiling: Tiling, ground: shapely.Geometry, obstacles: shapely.Geometry, previous: Floats, end: Floats
) -> Floats:
    """Return a point just beyond what lies ahead of the end of a line, or none; shape (0 or 1, 2)."""
    nothing = np.empty((0, 2))
    if not shapely.contains_properly(ground, shapely.points(end)):
        return nothing
    scale = np.array([tiling.plane.x_m, tiling.plane.y_m])
    ahead = (end - previous) / np.hypot(*((end - previous) * scale))
    snap_m, reach_m = tiling.tolerances.snap_m, tiling.tolerances.reach_m
    ray = shapely.LineString([end + ahead * snap_m, end + ahead * (reach_m + snap_m)])
    hits = shapely.get_coordinates(shapely.intersection(ray, obstacles))
    if not len(hits):
        return nothing
    distance_m = np.hypot(*((hits - end) * scale).T).min()
    beyond: Floats = end + ahead * (distance_m + 2 * snap_m)
    return beyond[None]


def _pieces(parts: Shapes, faces: Shapes) -> Shapes:
    """Return the faces, those that are a whole part together with the nearest of the others."""
    face, part = shapely.STRtree(parts).query(shapely.point_on_surface(faces), predicate="within")
    whole = np.zeros(len(faces), dtype=bool)
    whole[face] = np.bincount(part, minlength=len(parts))[part] == 1
    if whole.all():
        return faces[:0]
    cut_faces = np.flatnonzero(~whole)
    piece = np.arange(len(faces))
    uncut, nearest = shapely.STRtree(faces[cut_faces]).query_nearest(faces[whole], all_matches=False)
    piece[np.flatnonzero(whole)[uncut]] = cut_faces[nearest]
    return dissolve(faces, piece)[1]


def _west_to_east(shapes: Shapes) -> NDArray[np.intp]:
    middle = shapely.centroid(shapes)
    return np.lexsort((-shapely.get_y(middle), shapely.get_x(middle)))
