"""Two divisions of one city held against each other: what changed hands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.geometry.tiling import Cell, Plane, Tiling
from geo.geometry.tiling.shares import Dwellings

Ground = NDArray[np.object_]

_NARROW_M = 0.5
"""Ground of a smaller mean width is a trace of redrawing."""

_ROUNDING_M = 1e-3
"""By less an edge moves that only gains a vertex."""

_MOST_AROUND = 2_000
"""More neighbours than anybody looks at."""


class SideKind(StrEnum):
    """What can be compared."""

    GENERATION = "generation"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Side:
    """A division that is compared: a published one, or a plan as it stands.

    Attributes
    ----------
    kind : SideKind
        Which of both.
    id : int
        Its number.

    Examples
    --------
    >>> str(Side.named("plan:7")), Side.named("generation:1").kind
    ('plan:7', <SideKind.GENERATION: 'generation'>)
    """

    kind: SideKind
    id: int

    def __str__(self) -> str:
        """Give the side as addresses name it."""
        return f"{self.kind}:{self.id}"

    @classmethod
    def named(cls, text: str) -> Side:
        """Return the side that an address names.

        Parameters
        ----------
        text : str
            Kind and number with a colon between them.
        """
        kind, _, number = text.partition(":")
        return cls(SideKind(kind), int(number))


@dataclass(frozen=True, slots=True)
class Whole:
    """All grids of a division.

    Attributes
    ----------
    grids : int
        How many.
    area_m2 : float
        Their ground.
    households : int
        Of those that are counted.
    """

    grids: int
    area_m2: float
    households: int

    def deviation(self, cell: Cell | None) -> float | None:
        """Return by which share of the mean a grid has more households than the mean, None if uncounted.

        Parameters
        ----------
        cell : Cell or None
            One of the grids, if it is there.
        """
        if cell is None or cell.households is None or not self.households:
            return None
        return cell.households * self.grids / self.households - 1


@dataclass(frozen=True, slots=True)
class Difference:
    """A grid before and after.

    Attributes
    ----------
    key : str
        Its key; where a grid has another key after, the one before.
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
        Those of the grid before, by where they live if that is known, otherwise by area.
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
    before, after : Whole
        What they are parts of.
    around : NDArray[object]
        Grids near what changed that are the same on both sides, EPSG:4326.
    """

    changed: tuple[Difference, ...]
    handed: tuple[Handed, ...]
    before: Whole
    after: Whole
    around: Ground

    @property
    def ground(self) -> Ground:
        """Every grid that changed, before and after, EPSG:4326."""
        cells = [cell for one in self.changed for cell in (one.before, one.after) if cell is not None]
        return _shapes(cells)


def compare(before: Tiling, after: Tiling) -> Comparison:
    """Return what is different between two divisions of one city.

    Parameters
    ----------
    before, after : Tiling
        The grids by key, EPSG:4326.

    Notes
    -----
    Edges that only gained vertices count as unchanged. A grid that has the same ground under another key is
    the same grid: nothing changed hands. Only grids that aren't equal are overlaid.
    """
    old, new = before.cells, _under_former_keys(before.cells, after.cells, after.plane)
    other = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    changed = _real(_differences(other, old, new, after.plane), after.plane)
    return Comparison(
        changed=changed,
        handed=_handed(_chosen(old, other), _chosen(new, other), after.plane, before.dwellings),
        before=_whole(before),
        after=_whole(after),
        around=_around(changed, after),
    )


def _chosen(cells: Mapping[str, Cell], keys: Iterable[str]) -> dict[str, Cell]:
    return {key: cells[key] for key in keys if key in cells}


def _shapes(cells: Iterable[Cell | None]) -> Ground:
    return np.array([None if cell is None else cell.geometry for cell in cells], dtype=object)


def _whole(tiling: Tiling) -> Whole:
    cells = tiling.cells.values()
    area_m2 = float(tiling.plane.area_m2(_shapes(cells)).sum())
    return Whole(len(cells), area_m2, sum(cell.households or 0 for cell in cells))


def _under_former_keys(
    before: Mapping[str, Cell], after: Mapping[str, Cell], plane: Plane
) -> Mapping[str, Cell]:
    """Let grids that only got another key have their former one."""
    gone, come = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
    if not gone or not come:
        return after
    was, now = _shapes(before[key] for key in gone), _shapes(after[key] for key in come)
    i, j = shapely.STRtree(now).query(shapely.point_on_surface(was), predicate="within")
    same = ~_apart(was[i], now[j], plane)
    former = {come[b]: gone[a] for a, b in zip(i[same].tolist(), j[same].tolist(), strict=True)}
    return {former.get(key, key): cell for key, cell in after.items()}


def _apart(was: Ground, now: Ground, plane: Plane) -> NDArray[np.bool_]:
    """Tell which grounds differ by more than rounding."""
    apart: NDArray[np.bool_] = ~shapely.equals_exact(was, now)
    apart[apart] = plane.width_m(shapely.symmetric_difference(was[apart], now[apart])) > _ROUNDING_M
    return apart


def _differences(
    keys: list[str], before: Mapping[str, Cell], after: Mapping[str, Cell], plane: Plane
) -> list[Difference]:
    old, new = [before.get(key) for key in keys], [after.get(key) for key in keys]
    areas = (_areas_m2(cells, plane) for cells in (old, new))
    return [Difference(*one) for one in zip(keys, old, new, *areas, strict=True)]


def _areas_m2(cells: list[Cell | None], plane: Plane) -> list[float | None]:
    areas = plane.area_m2(_shapes(cells)).tolist()
    return [None if cell is None else area for cell, area in zip(cells, areas, strict=True)]


def _real(found: list[Difference], plane: Plane) -> tuple[Difference, ...]:
    """Leave out grids of which nothing but their vertices is different."""
    alike = np.array([_told(one.before) == _told(one.after) for one in found], dtype=bool)
    was, now = (_shapes(cells) for cells in ([one.before for one in found], [one.after for one in found]))
    real = ~alike
    real[alike] = _apart(was[alike], now[alike], plane)
    return tuple(one for one, is_real in zip(found, real.tolist(), strict=True) if is_real)


def _told(cell: Cell | None) -> tuple[object, ...] | None:
    if cell is None:
        return None
    return cell.name, cell.code, cell.parent, cell.households, cell.population


def _handed(
    before: Mapping[str, Cell], after: Mapping[str, Cell], plane: Plane, dwellings: Dwellings | None
) -> tuple[Handed, ...]:
    old, new = np.array(list(before), dtype=object), np.array(list(after), dtype=object)
    was, now = _shapes(before.values()), _shapes(after.values())
    i, j = shapely.STRtree(now).query(was, predicate="intersects")
    pieces = shapely.intersection(was[i], now[j])
    areas = plane.area_m2(pieces)
    counted = np.array([cell.households or 0 for cell in before.values()], dtype=np.float64)
    households = counted[i] * _parts(i, len(was), pieces, areas, dwellings)
    wide = (shapely.get_dimensions(pieces) == 2) & (plane.width_m(pieces) > _NARROW_M)
    moved = np.flatnonzero(wide & (old[i] != new[j]))
    return tuple(
        Handed(old[i[at]], new[j[at]], pieces[at], float(areas[at]), float(households[at]))
        for at in moved.tolist()
    )


def _parts(
    owner: NDArray[np.intp],
    owners: int,
    pieces: Ground,
    areas: NDArray[np.float64],
    dwellings: Dwellings | None,
) -> NDArray[np.float64]:
    """Return which part of its owner's households each piece has: those who live there, else by area."""
    by_area = areas / np.bincount(owner, areas, owners)[owner]
    if dwellings is None:
        return by_area
    living = dwellings.within(pieces)
    total = np.bincount(owner, living, owners)[owner]
    return np.where(total > 0, living / np.maximum(total, 1), by_area)


def _around(changed: tuple[Difference, ...], after: Tiling) -> Ground:
    cells = [cell for one in changed for cell in (one.before, one.after) if cell is not None]
    if not cells:
        return _shapes([])
    near = after.near(shapely.box(*shapely.total_bounds(_shapes(cells))))
    drawn = {id(one.after) for one in changed}
    same = [after.cells[key] for key in near if id(after.cells[key]) not in drawn]
    return _shapes(same[:_MOST_AROUND])
