"""Two divisions held against each other: what changed hands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.geometry.tiling import Cell, Plane

_NARROW_M = 0.5
"""Ground of a smaller mean width is a trace of redrawing."""

_ROUNDING_M = 1e-3
"""By less an edge moves that only gains a vertex."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A grid before and after.

    Attributes
    ----------
    key : str
        Its key.
    before, after : Cell or None
        None where it isn't there.
    area_m2_before, area_m2_after : float or None
        Its area.
    """

    key: str
    before: Cell | None
    after: Cell | None
    area_m2_before: float | None
    area_m2_after: float | None


@dataclass(frozen=True, slots=True)
class Handed:
    """Ground that went from one grid to another.

    Attributes
    ----------
    from_key, to_key : str
        The grids.
    ground : shapely polygon
        EPSG:4326.
    area_m2 : float
        Its area.
    households : float
        Those of the grid before, by its share of the area.
    """

    from_key: str
    to_key: str
    ground: shapely.Geometry
    area_m2: float
    households: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is different between two divisions.

    Attributes
    ----------
    changed : tuple of Difference
        Grids that came, went, or have other ground, names or figures, by key.
    handed : tuple of Handed
        Ground that is another grid's.
    area_m2 : float
        All ground of the first division.
    """

    changed: tuple[Difference, ...]
    handed: tuple[Handed, ...]
    area_m2: float


def compare(before: Mapping[str, Cell], after: Mapping[str, Cell], plane: Plane) -> Comparison:
    """Return what is different between two divisions of one city.

    Parameters
    ----------
    before, after : Mapping[str, Cell]
        The grids by key, EPSG:4326.
    plane : Plane
        The plane of both.

    Notes
    -----
    Edges that only gained vertices count as unchanged.
    """
    keys = sorted(before.keys() | after.keys())
    other = [key for key in keys if before.get(key) != after.get(key)]
    changed = [_difference(key, before.get(key), after.get(key), plane) for key in other]
    return Comparison(
        changed=tuple(one for one in changed if _is_real(one, plane)),
        handed=_handed(_chosen(before, other), _chosen(after, other), plane),
        area_m2=float(plane.area_m2(_shapes(before.values())).sum()),
    )


def _chosen(cells: Mapping[str, Cell], keys: Iterable[str]) -> dict[str, Cell]:
    return {key: cells[key] for key in keys if key in cells}


def _shapes(cells: Iterable[Cell]) -> NDArray[np.object_]:
    return np.array([cell.geometry for cell in cells], dtype=object)


def _difference(key: str, before: Cell | None, after: Cell | None, plane: Plane) -> Difference:
    was, now = (None if cell is None else plane.area_m2(_shapes([cell])).item() for cell in (before, after))
    return Difference(key, before, after, was, now)


def _is_real(one: Difference, plane: Plane) -> bool:
    before, after = one.before, one.after
    if before is None or after is None or _told(before) != _told(after):
        return True
    apart = shapely.symmetric_difference(before.geometry, after.geometry)
    return bool((plane.width_m(np.array([apart], dtype=object)) > _ROUNDING_M).all())


def _told(cell: Cell) -> tuple[object, ...]:
    return cell.name, cell.code, cell.parent, cell.households, cell.population


def _handed(before: Mapping[str, Cell], after: Mapping[str, Cell], plane: Plane) -> tuple[Handed, ...]:
    old, new, was, now = list(before), list(after), _shapes(before.values()), _shapes(after.values())
    i, j = shapely.STRtree(now).query(was, predicate="intersects")
    elsewhere = np.array([old[a] != new[b] for a, b in zip(i, j, strict=True)], dtype=bool)
    i, j = i[elsewhere], j[elsewhere]
    pieces = shapely.intersection(was[i], now[j])
    wide = (shapely.get_dimensions(pieces) == 2) & (plane.width_m(pieces) > _NARROW_M)
    i, j, pieces = i[wide], j[wide], pieces[wide]
    areas, whole = plane.area_m2(pieces), plane.area_m2(was)
    return tuple(
        Handed(old[a], new[b], ground, area, (before[old[a]].households or 0) * area / whole[a])
        for a, b, ground, area in zip(i.tolist(), j.tolist(), pieces, areas.tolist(), strict=True)
    )
