"""The faces into which lines cut cells, and who holds each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.geometry.dissolve import dissolve
from geo.geometry.tiling.vertices import Shapes, attach

NOBODY = -1
"""The holder of ground that no cell covers."""


@dataclass(frozen=True, slots=True)
class Faces:
    """Ground cut along cells and lines, none of it twice.

    Attributes
    ----------
    polygons : numpy.ndarray of object
        The faces; their edges match.
    holds : numpy.ndarray of bool, shape (faces, cells)
        Which cells cover which face.
    """

    polygons: Shapes
    holds: NDArray[np.bool_]

    @property
    def holder(self) -> NDArray[np.intp]:
        """The first cell that covers each face, or `NOBODY`."""
        first = np.pad(self.holds, ((0, 0), (0, 1)), constant_values=True).argmax(axis=1)
        return np.where(first < self.holds.shape[1], first, NOBODY)

    def inside(self, ground: shapely.Geometry) -> NDArray[np.bool_]:
        """Return which faces lie in a polygon whose border is among the lines.

        Parameters
        ----------
        ground : shapely polygon
            In the plane of the cells.
        """
        shapely.prepare(ground)
        return np.asarray(shapely.contains(ground, shapely.point_on_surface(self.polygons)))

    def given_to(self, owner: NDArray[np.intp], keys: Sequence[str]) -> Mapping[str, shapely.Geometry]:
        """Return the ground of each owner, by the key of the owner.

        Parameters
        ----------
        owner : numpy.ndarray of int
            For each face a place in `keys`, or `NOBODY`.
        keys : sequence of str
            Keys of the owners.

        Returns
        -------
        mapping of str to MultiPolygon
            Of owners that have a face.
        """
        owned = owner != NOBODY
        if not owned.any():
            return {}
        owners, ground = dissolve(self.polygons[owned], owner[owned])
        return {keys[place]: shape for place, shape in zip(owners.tolist(), ground, strict=True)}


def cut(cells: Shapes, lines: Shapes, *, within: float, noise: float) -> Faces:
    """Return the faces between all borders of the cells and the lines.

    Parameters
    ----------
    cells : numpy.ndarray of object
        Polygons and multipolygons whose edges match, or that overlap.
    lines : numpy.ndarray of object
        LineStrings; parts that dangle cut nothing.
    within, noise : float
        See `geo.geometry.tiling.vertices.attach`.

    Returns
    -------
    Faces
        In no particular order.

    Notes
    -----
    Existing vertices are taken over as they are; only crossings with a line are computed.
    """
    lines, grounds = attach(lines, cells, within=within, noise=noise)
    linework = shapely.union_all([*shapely.boundary(grounds), *lines])
    polygons = shapely.get_parts(shapely.polygonize(shapely.get_parts(linework)))
    face, cell = shapely.STRtree(grounds).query(shapely.point_on_surface(polygons), predicate="within")
    holds = np.zeros((len(polygons), len(grounds)), dtype=bool)
    holds[face, cell] = True
    return Faces(polygons, holds)
