"""Cells that tile the ground, and what an operation does to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import LockedGrid, NotFound, OutdatedEffect
from geo.geometry.dissolve import union
from geo.geometry.tiling.footprints import CutBuilding
from geo.geometry.tiling.plane import Plane, Tolerances
from geo.geometry.tiling.shares import Dwellings
from geo.geometry.tiling.vertices import Shapes


@dataclass(frozen=True, slots=True)
class Cell:
    """A grid of a draft.

    Attributes
    ----------
    geometry : shapely polygon
        Polygon or MultiPolygon in the plane of its tiling.
    parent : str or None
        Key of the grid of the next wider level that holds it.
    name : str
        What it is called.
    code : str or None
        Its code, None as long as it has none.
    households, population : int or None
        Counts, None where nobody has counted.
    estimated : bool
        The counts were shared out by area.
    locked : bool
        Nothing may change it, but that its edges gain vertices.
    """

    geometry: shapely.Geometry
    parent: str | None = None
    name: str = ""
    code: str | None = None
    households: int | None = None
    population: int | None = None
    estimated: bool = False
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One cell before and after an operation.

    Attributes
    ----------
    before, after : Cell or None
        None where the cell isn't there yet, or no more.
    """

    before: Cell | None
    after: Cell | None


@dataclass(frozen=True, slots=True)
class Effect:
    """Everything that an operation changes, so that it can be done, undone and done again.

    Attributes
    ----------
    changes : mapping of str to Change
        What becomes of each cell, by its key, ascending.
    redivided : frozenset of str
        Cells that change by more than gaining vertices.
    cut : tuple of CutBuilding
        Buildings through which it draws a border, because it was forced to.
    """

    changes: Mapping[str, Change]
    redivided: frozenset[str]
    cut: tuple[CutBuilding, ...] = ()

    @property
    def inverse(self) -> Effect:
        """The effect that takes this one back, and cuts nothing."""
        back = {key: Change(change.after, change.before) for key, change in self.changes.items()}
        return Effect(MappingProxyType(back), self.redivided)

    @property
    def before(self) -> Mapping[str, Cell]:
        """The cells that change, as they were."""
        return {key: change.before for key, change in self.changes.items() if change.before is not None}

    @property
    def after(self) -> Mapping[str, Cell]:
        """The cells that change, as they will be."""
        return {key: change.after for key, change in self.changes.items() if change.after is not None}

    @property
    def matched(self) -> frozenset[str]:
        """Neighbours whose edges only gain vertices."""
        return frozenset(self.changes) - self.redivided


class Tiling:
    """Cells that tile the ground, never changed: operations give an `Effect`, which gives another tiling.

    Parameters
    ----------
    cells : mapping of str to Cell
        The cells by their keys; their edges match.
    plane : Plane
        What the units of their coordinates are.
    tolerances : Tolerances, optional
        What counts as near and as narrow.
    dwellings : Dwellings, optional
        Where households live, in the plane of the cells.
    outline : shapely polygon, optional
        All the ground that is to be divided; otherwise that of the cells and what they enclose.

    Examples
    --------
    >>> tiling = Tiling({"a": Cell(shapely.box(0, 0, 9, 9)), "b": Cell(shapely.box(9, 0, 18, 9))}, Plane())
    >>> tiling.near(shapely.Point(9, 5)), tiling["a"].locked
    (['a', 'b'], False)
    """

    def __init__(
        self,
        cells: Mapping[str, Cell],
        plane: Plane,
        *,
        tolerances: Tolerances = Tolerances(),  # noqa: B008  # frozen
        dwellings: Dwellings | None = None,
        outline: shapely.Geometry | None = None,
    ) -> None:
        self.cells: Mapping[str, Cell] = MappingProxyType(dict(cells))
        self.plane = plane
        self.tolerances = tolerances
        self.dwellings = dwellings
        self._outline = outline

    def __getitem__(self, key: str) -> Cell:
        if key not in self.cells:
            raise NotFound(kind="grid", key=key)
        return self.cells[key]

    @cached_property
    def _keys(self) -> NDArray[np.str_]:
        return np.array(list(self.cells), dtype=str)

    @cached_property
    def _index(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes(self.cells))

    def under(self, tolerances: Tolerances) -> Tiling:
        """Return the same cells with other tolerances; this tiling, if they are the same.

        Parameters
        ----------
        tolerances : Tolerances
            What counts as near and as narrow.
        """
        if tolerances == self.tolerances:
            return self
        return Tiling(
            self.cells, self.plane, tolerances=tolerances, dwellings=self.dwellings, outline=self._outline
        )

    @property
    def outline(self) -> shapely.Geometry:
        """All the ground that is to be divided."""
        if self._outline is None:
            shells = shapely.get_exterior_ring(shapely.get_parts(union(self.shapes(self.cells))))
            self._outline = shapely.union_all(shapely.polygons(shells))
        return self._outline

    @property
    def snap(self) -> dict[str, float]:
        """How near a line is taken to run through a vertex, and what rounding does, in units of the plane."""
        within = self.plane.units(self.tolerances.snap_m)
        return {"within": within, "noise": within / 1000}

    def shapes(self, keys: Iterable[str]) -> Shapes:
        """Return the geometries of cells.

        Parameters
        ----------
        keys : iterable of str
            Their keys.

        Raises
        ------
        NotFound
            If there is no such cell.
        """
        return np.array([self[key].geometry for key in keys], dtype=object)

    def sliver_m(self, keys: Iterable[str], parent: str | None) -> float:
        """Return below which mean width ground that some cells have or get is a sliver: the widest of theirs.

        Parameters
        ----------
        keys : iterable of str
            Keys of cells; of those that aren't there, and where there are none, the parent counts.
        parent : str or None
            The parent of new cells.
        """
        own, usual = self.tolerances.own_slivers_m, self.tolerances.sliver_m
        parents = {key: self.cells[key].parent if key in self.cells else parent for key in keys}
        widths = (own.get(key, own.get(above, usual)) for key, above in parents.items())
        return max(widths, default=own.get(parent, usual))

    def near(self, ground: shapely.Geometry) -> list[str]:
        """Return the keys of the cells that a geometry meets, or all but meets, ascending.

        Parameters
        ----------
        ground : shapely geometry
            In the plane of the cells.
        """
        found = self._index.query(ground, predicate="dwithin", distance=self.snap["within"])
        return sorted(self._keys[found].tolist())

    def unlocked(self, keys: Iterable[str]) -> list[str]:
        """Return the keys, each once and ascending, only if all these cells may be changed.

        Parameters
        ----------
        keys : iterable of str
            Their keys.

        Raises
        ------
        NotFound
            If there is no such cell.
        LockedGrid
            With the ground of those that are locked: ``grids``.
        """
        wanted = sorted(set(keys))
        locked = [key for key in wanted if self[key].locked]
        if locked:
            raise LockedGrid(grids=locked, geometry=as_geojson(self.shapes(locked)))
        return wanted

    def after(self, effect: Effect) -> Tiling:
        """Return the tiling with an effect done; `effect.inverse` undoes it.

        Parameters
        ----------
        effect : Effect
            As an operation on this tiling gave it.

        Raises
        ------
        OutdatedEffect
            If one of the cells isn't as it was when the effect was made: ``grids``.
        """
        outdated = [key for key, change in effect.changes.items() if self.cells.get(key) != change.before]
        if outdated:
            raise OutdatedEffect(grids=outdated)
        changed = {key: change.after for key, change in effect.changes.items()}
        merged = {**self.cells, **changed}
        return Tiling(
            {key: cell for key, cell in merged.items() if cell is not None},
            self.plane,
            tolerances=self.tolerances,
            dwellings=self.dwellings,
            outline=self._outline,
        )


def as_geojson(shapes: Any) -> dict[str, Any]:
    """Return one GeoJSON geometry of everything that an error is about.

    Parameters
    ----------
    shapes : shapely geometry or array_like of them
        EPSG:4326, lon, lat.
    """
    items = np.atleast_1d(np.asarray(shapes, dtype=object))
    shape = items[0] if len(items) == 1 else shapely.GeometryCollection(list(items))
    return dict(shapely.geometry.mapping(shape))
