"""Buildings on the ground that is divided: which of them a new border cuts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo.geometry.projection import Floats
from geo.geometry.tiling.plane import Plane
from geo.geometry.tiling.vertices import Shapes, fresh_vertices, insert_vertices


@dataclass(frozen=True, slots=True)
class Footprint:
    """The ground plan of a building.

    Attributes
    ----------
    id : int
        Row.
    name : str or None
        What it is called.
    geometry : shapely polygon
        Polygon or MultiPolygon in the plane of the cells.
    """

    id: int
    name: str | None
    geometry: shapely.Geometry


@dataclass(frozen=True, slots=True)
class CutBuilding:
    """A building through which a border runs.

    Attributes
    ----------
    footprint : Footprint
        The building.
    cells : tuple of str
        Keys of the cells that have a part of it, ascending.
    """

    footprint: Footprint
    cells: tuple[str, ...]

    @property
    def place(self) -> tuple[float, float]:
        """Position of a point in the building, x and y."""
        point = shapely.point_on_surface(self.footprint.geometry)
        return float(shapely.get_x(point)), float(shapely.get_y(point))


def new_borders(before: Shapes, after: Shapes, *, noise: float) -> shapely.Geometry:
    """Return the borders of cells that weren't there before.

    Parameters
    ----------
    before, after : numpy.ndarray of object
        Polygons and multipolygons of cells that are changed.
    noise : float
        How far rounding may put a vertex off the edge on which it was computed, in units of the plane.

    Returns
    -------
    shapely.MultiLineString
        Edge by edge; empty where every edge was there, or is a piece of one that was.

    Examples
    --------
    >>> whole, halves = shapely.box(0, 0, 4, 2), [shapely.box(0, 0, 1, 2), shapely.box(1, 0, 4, 2)]
    >>> new_borders(np.array([whole]), np.array(halves), noise=1e-9).wkt
    'MULTILINESTRING ((1 0, 1 2))'
    """
    known = insert_vertices(before, fresh_vertices(before, after), within=noise)
    old, new = _edges(known), _edges(after)
    rows, first = np.unique(np.concatenate([old, new]), axis=0, return_index=True)
    fresh = rows[first >= len(old)]
    return shapely.MultiLineString(list(fresh.reshape(-1, 2, 2)))


def _edges(polygons: Shapes) -> Floats:
    """Return both ends of each edge, the lower one first, each edge once; shape (n, 4)."""
    rings = shapely.get_rings(shapely.get_parts(polygons))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    start = np.flatnonzero(ring[:-1] == ring[1:])
    a, b = xy[start], xy[start + 1]
    turned = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    ends = np.where(turned[:, None], np.hstack([b, a]), np.hstack([a, b]))
    return np.unique(ends, axis=0)


def cut_buildings(
    footprints: Sequence[Footprint],
    borders: shapely.Geometry,
    cells: Mapping[str, shapely.Geometry],
    *,
    plane: Plane,
    wall_m: float,
) -> tuple[CutBuilding, ...]:
    """Return the buildings through which borders run.

    Parameters
    ----------
    footprints : sequence of Footprint
        The buildings near the borders.
    borders : shapely lines
        The borders, in the plane of the cells.
    cells : mapping of str to shapely polygon
        Ground on both sides of the borders, by the keys of the cells.
    plane : Plane
        What the units of the coordinates are.
    wall_m : float
        A border that stays this near to a wall cuts nothing, metres.

    Returns
    -------
    tuple of CutBuilding
        In the order of the footprints.

    Examples
    --------
    >>> house, shed = Footprint(1, "1", shapely.box(1, 1, 3, 3)), Footprint(2, None, shapely.box(5, 1, 6, 2))
    >>> halves = {"a": shapely.box(0, 0, 2, 9), "b": shapely.box(2, 0, 9, 9)}
    >>> line = shapely.LineString([(2, 0), (2, 9)])
    >>> [cut] = cut_buildings([house, shed], line, halves, plane=Plane(), wall_m=0.1)
    >>> cut.footprint.name, cut.cells
    ('1', ('a', 'b'))
    """
    cores = _cores(footprints, plane, wall_m)
    shapely.prepare(cores)
    crossed = np.flatnonzero(shapely.intersects(cores, borders))
    named = [footprints[place] for place in crossed.tolist()]
    return tuple(map(CutBuilding, named, _holders(cores[crossed], cells)))


def divided_buildings(
    footprints: Sequence[Footprint], cells: Mapping[str, shapely.Geometry], *, plane: Plane, wall_m: float
) -> tuple[CutBuilding, ...]:
    """Return the buildings of which several cells have a part.

    Parameters
    ----------
    footprints : sequence of Footprint
        Buildings, in the plane of the cells.
    cells : mapping of str to shapely polygon
        A whole division, by the keys of the cells.
    plane : Plane
        What the units of the coordinates are.
    wall_m : float
        A border that stays this near to a wall cuts nothing, metres.

    Returns
    -------
    tuple of CutBuilding
        In the order of the footprints.
    """
    holders = _holders(_cores(footprints, plane, wall_m), cells)
    return tuple(
        CutBuilding(footprint, keys)
        for footprint, keys in zip(footprints, holders, strict=True)
        if len(keys) > 1
    )


def _cores(footprints: Sequence[Footprint], plane: Plane, wall_m: float) -> Shapes:
    """Return what of each building lies farther from its walls than a distance."""
    shapes = np.array([one.geometry for one in footprints], dtype=object)
    inward = -wall_m / min(plane.x_m, plane.y_m)
    return np.asarray(shapely.buffer(shapes, inward, join_style="mitre"), dtype=object)


def _holders(cores: Shapes, cells: Mapping[str, shapely.Geometry]) -> list[tuple[str, ...]]:
    """Return the keys of the cells that meet each core, ascending."""
    keys = sorted(cells)
    tree = shapely.STRtree([cells[key] for key in keys])
    core, cell = tree.query(cores, predicate="intersects")
    order = np.lexsort((cell, core))
    sets = np.split(cell[order], np.searchsorted(core[order], np.arange(1, len(cores))))
    return [tuple(keys[place] for place in held.tolist()) for held in sets[: len(cores)]]
