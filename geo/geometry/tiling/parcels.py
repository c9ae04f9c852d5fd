"""Ground that goes from grid to grid as one piece: the plot of a building, the block between roads."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi

from geo.errors import BadValue
from geo.geometry.projection import Floats
from geo.geometry.tiling.cells import Tiling, as_geojson
from geo.geometry.tiling.faces import NOBODY, cut
from geo.geometry.tiling.plane import Plane
from geo.geometry.tiling.vertices import Shapes

_INSET_M = 0.4
"""How far inside its walls a building is taken, so that those wall to wall lie apart."""
_STEP_M = 0.5
"""How near the points follow each other by which a building is told from the next."""
_SMOOTH_M = 0.2
"""Up to which size of its steps the border between plots is made smooth."""
_FAR_M, _FRAME = 1000.0, 8
"""How far beyond the last building, and at how many points, other ground begins."""


def plots(footprints: Shapes, others: Shapes, plane: Plane) -> shapely.Geometry:
    """Return the ground that is nearer to some buildings than to any other.

    Parameters
    ----------
    footprints : numpy.ndarray of object
        Polygons and multipolygons: the buildings meant, at least one.
    others : numpy.ndarray of object
        The other buildings around.
    plane : Plane
        What the units of their coordinates are.

    Returns
    -------
    shapely.Geometry
        Polygon or MultiPolygon that goes well beyond the buildings.

    Notes
    -----
    Voronoi cells of points along the walls; ground far outside belongs to nobody. Borders between plots lie
    in the middle between two buildings, in the common wall where they stand wall to wall, and are smoothed by
    no more than the width of a wall.

    References
    ----------
    .. [1] Fleischmann et al., Morphological tessellation as a way of partitioning space, Computers,
       Environment and Urban Systems 80, 2020.

    Examples
    --------
    >>> houses = shapely.box([0, 30, 60], 0, [10, 40, 70], 10)
    >>> ground = plots(houses[:1], houses[1:], Plane())
    >>> shapely.covers(ground, shapely.points([19, 21], [5, 5])).tolist()
    [True, False]
    """
    buildings = plane.metres(np.concatenate([footprints, others]))
    inset = shapely.buffer(buildings, -_INSET_M, join_style="mitre")
    apart = shapely.segmentize(np.where(shapely.is_empty(inset), buildings, inset), _STEP_M)
    xy, building = shapely.get_coordinates(apart, return_index=True)
    points, first = np.unique(xy, axis=0, return_index=True)
    mine = building[first] < len(footprints)
    faces = shapely.get_parts(shapely.polygonize(list(_between(points, mine))))
    inside = np.unique(shapely.STRtree(faces).query(shapely.points(points[mine]), predicate="within")[1])
    ground = shapely.simplify(shapely.union_all(faces[inside]), _SMOOTH_M)
    return shapely.transform(ground, lambda there: there / (plane.x_m, plane.y_m))


def _between(points: Floats, mine: NDArray[np.bool_]) -> Shapes:
    """Return the edges of Voronoi cells between some points and the others, and the ground far away."""
    middle, reach = points.mean(axis=0), float(np.ptp(points, axis=0).max()) + _FAR_M
    angle = np.linspace(0, 2 * np.pi, _FRAME, endpoint=False)
    frame = middle + reach * np.column_stack([np.cos(angle), np.sin(angle)])
    voronoi = Voronoi(np.concatenate([points, frame]))
    sides = np.append(mine, np.zeros(_FRAME, dtype=bool))[voronoi.ridge_points]
    ends = np.array(voronoi.ridge_vertices)[sides[:, 0] != sides[:, 1]]
    return np.asarray(shapely.linestrings(voronoi.vertices[ends]), dtype=object)


def blocks(tiling: Tiling, sources: Iterable[str], lines: Shapes, positions: Floats) -> shapely.Geometry:
    """Return the ground around positions that cells have between lines.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    sources : iterable of str
        The cells whose ground is meant.
    lines : numpy.ndarray of object
        LineStrings: roads, rivers and whatever else parts blocks, in the plane of the cells.
    positions : numpy.ndarray, shape (n, 2)
        x and y of a point in each block.

    Returns
    -------
    shapely.Geometry
        Polygon or MultiPolygon.

    Raises
    ------
    NotFound
        If there is no such cell.
    BadValue
        With the positions that lie in none of the cells.

    Examples
    --------
    >>> from geo.geometry.tiling import Cell
    >>> tiling = Tiling({"a": Cell(shapely.box(0, 0, 9, 9))}, Plane())
    >>> road = np.array([shapely.LineString([(3, -1), (3, 10)])])
    >>> blocks(tiling, ["a"], road, np.array([[1.0, 1.0]])).area
    27.0
    """
    faces = cut(tiling.shapes(sorted(set(sources))), lines, **tiling.snap)
    mine = faces.polygons[faces.holder != NOBODY]
    there = np.asarray(shapely.points(positions), dtype=object)
    point, face = shapely.STRtree(mine).query(there, predicate="intersects")
    astray = np.setdiff1d(np.arange(len(there)), point)
    if astray.size:
        raise BadValue(
            field="blocks",
            value=positions[astray].tolist(),
            expected="positions in the sources",
            geometry=as_geojson(there[astray]),
        )
    return shapely.union_all(mine[np.unique(face)])
