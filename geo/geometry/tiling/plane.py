"""What a unit of the stored coordinates is in metres, and what counts as near."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.geometry.projection import Floats
from geo.geometry.shape_metrics import area_m2, mean_width_m

_EQUATOR_M: Final = 6_378_137.0
_ECCENTRICITY_2: Final = 0.006_694_379_990_14


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane in which cells are stored, with the length of its units.

    Attributes
    ----------
    x_m, y_m : float
        Metres in one unit of x and of y.

    Notes
    -----
    Cells are divided where they are stored, in longitude and latitude: a vertex put on an edge there lies on
    it, whereas a point on the straight line in a projected system is off the stored edge by up to 10 cm in
    3 km. So no coordinate that exists is ever computed anew, and ground can't change hands by rounding.
    Distances and areas are measured after each axis is stretched to metres.
    """

    x_m: float = 1.0
    y_m: float = 1.0

    @classmethod
    def at(cls, lat: float) -> Plane:
        """Return the plane of degrees around a latitude.

        Parameters
        ----------
        lat : float
            Latitude, degrees, not a pole.

        Returns
        -------
        Plane
            With the length of a degree of longitude and of latitude on WGS84.

        Notes
        -----
        ``x_m = (pi/180) N cos(lat)`` and ``y_m = (pi/180) M`` with the radii of curvature N in the prime
        vertical and M in the meridian. At 0.2 degrees from the latitude lengths err by 2e-3 at 30 degrees.

        References
        ----------
        .. [1] Snyder, Map Projections: A Working Manual, USGS 1395, 1987, eq. 4-18 to 4-21.

        Examples
        --------
        >>> plane = Plane.at(30.0)
        >>> round(plane.x_m), round(plane.y_m)
        (96486, 110852)
        """
        flat = 1 - _ECCENTRICITY_2 * np.sin(np.radians(lat)) ** 2
        prime_vertical = _EQUATOR_M / np.sqrt(flat)
        meridian = prime_vertical * (1 - _ECCENTRICITY_2) / flat
        return cls(
            float(np.radians(1) * prime_vertical * np.cos(np.radians(lat))),
            float(np.radians(1) * meridian),
        )

    def metres(self, shapes: ArrayLike) -> NDArray[np.object_]:
        """Return shapes with both axes in metres.

        Parameters
        ----------
        shapes : array_like of shapely geometry
            In this plane.

        Returns
        -------
        numpy.ndarray of object
            To be measured, never to be stored.
        """
        stretch = np.array([self.x_m, self.y_m])
        stretched = shapely.transform(np.asarray(shapes, dtype=object), lambda xy: xy * stretch)
        return np.asarray(stretched, dtype=object)

    def area_m2(self, polygons: ArrayLike) -> Floats:
        """Return the area of each polygon, square metres.

        Parameters
        ----------
        polygons : array_like of shapely polygon
            In this plane.
        """
        return area_m2(polygons) * self.x_m * self.y_m

    def length_m(self, lines: ArrayLike) -> Floats:
        """Return the length of each line, metres.

        Parameters
        ----------
        lines : array_like of shapely geometry
            In this plane.
        """
        return np.asarray(shapely.length(self.metres(lines)), dtype=np.float64)

    def width_m(self, polygons: ArrayLike) -> Floats:
        """Return the mean width of each polygon, metres.

        Parameters
        ----------
        polygons : array_like of shapely polygon
            In this plane.
        """
        return mean_width_m(self.metres(polygons))

    def units(self, distance_m: float) -> float:
        """Return how many units reach no farther than a distance in any direction.

        Parameters
        ----------
        distance_m : float
            Metres.
        """
        return distance_m / max(self.x_m, self.y_m)


@dataclass(frozen=True, slots=True)
class Tolerances:
    """What counts as near and as narrow, in metres.

    Attributes
    ----------
    snap_m : float
        Nearer than this to a vertex or an edge, a drawn line runs through it.
    reach_m : float
        How far a drawn line that ends short is taken on to the border, or a drawn point off it moved onto it.
    sliver_m : float
        No ground of a smaller mean width is cut out.
    own_slivers_m : Mapping[str or None, float]
        The same for some cells alone, by their keys or by that of their parent, None where there is none.
    wall_m : float
        A border that stays this near to the wall of a building doesn't cut it.
    """

    snap_m: float = 1e-3
    reach_m: float = 2.0
    sliver_m: float = 0.5
    own_slivers_m: Mapping[str | None, float] = field(default_factory=dict)
    wall_m: float = 0.24
