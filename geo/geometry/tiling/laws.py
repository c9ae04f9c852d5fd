"""The laws that hold after each operation, and the effect of one that keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import BrokenBorders, DifferentParents, FallsApart, Sliver
from geo.geometry.tiling.cells import Cell, Change, Effect, Tiling, as_geojson
from geo.geometry.tiling.shares import apportion, flows
from geo.geometry.tiling.vertices import Shapes, fresh_vertices, insert_vertices
from geo.geometry.validity import as_multipolygon

AREA_SHARE = 1e-6
"""Up to which share of the touched ground areas before and after may differ."""


def common_parent(tiling: Tiling, keys: Iterable[str]) -> str | None:
    """Return the parent of cells, only if they have one in common.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    keys : iterable of str
        Keys of at least one of them.

    Raises
    ------
    DifferentParents
        With the ground of the cells: ``grids``, ``parents``.
    """
    named = sorted(keys)
    parents = {tiling[key].parent for key in named}
    if len(parents) > 1:
        told = sorted(parent or "" for parent in parents)
        raise DifferentParents(grids=named, parents=told, geometry=as_geojson(tiling.shapes(named)))
    return parents.pop()


def redivided(
    tiling: Tiling,
    before: Iterable[str],
    after: Mapping[str, Cell],
    *,
    parts: Mapping[str, int] | None = None,
    filled: shapely.Geometry = shapely.Polygon(),  # noqa: B008  # immutable
) -> Effect:
    """Return the effect of dividing the ground of some cells anew, only if it keeps the laws.

    Parameters
    ----------
    tiling : Tiling
        The cells as they are.
    before : iterable of str
        Keys of the cells whose ground is divided anew.
    after : mapping of str to Cell
        The cells that are to have it, by their keys, with the counts still to be shared out.
    parts : mapping of str to int, optional
        Of how many parts a new cell may consist, 1 where it isn't named.
    filled : shapely polygon, optional
        Ground that no cell has before.

    Returns
    -------
    Effect
        With the neighbours that gain vertices.

    Raises
    ------
    BrokenBorders
        If a polygon were invalid, ground lost or gained, or a border didn't match: ``grids``.
    FallsApart
        If a cell had more parts than before: ``grid``, ``parts``, ``allowed``.
    Sliver
        If a part were narrower than the tolerance: ``grid``, ``width_m``, ``least_m``.

    Notes
    -----
    All that is looked at are the cells named and those that touch them, so that the time doesn't grow with
    the tiling. Edges that didn't match before may stay so; no new ones may come.
    """
    old_keys, new_keys = sorted(set(before)), sorted(after)
    old = tiling.shapes(old_keys)
    new = as_multipolygon(np.array([after[key].geometry for key in new_keys], dtype=object))
    allowed = dict(zip(old_keys, shapely.get_num_geometries(old).tolist(), strict=True))
    _check_validity(new_keys, new)
    _check_parts(new_keys, new, {**(parts or {}), **allowed})
    _check_widths(tiling, old_keys, old, after, new)
    _check_area(shapely.union_all([*old, filled]), new_keys, new)
    around = [key for key in tiling.near(shapely.union_all([*old, *new])) if key not in set(old_keys)]
    beside = tiling.shapes(around)
    matched = insert_vertices(beside, fresh_vertices(old, new), within=tiling.snap["noise"])
    _check_edges(np.concatenate([old, beside]), new_keys, np.concatenate([new, matched]))
    cells = _counted(
        tiling, old_keys, old, [replace(after[k], geometry=g) for k, g in zip(new_keys, new, strict=True)]
    )
    changes = {key: Change(tiling.cells.get(key), None) for key in old_keys}
    changes |= {key: Change(tiling.cells.get(key), cell) for key, cell in zip(new_keys, cells, strict=True)}
    changes |= {
        key: Change(tiling[key], replace(tiling[key], geometry=shape))
        for key, shape, was in zip(around, as_multipolygon(matched), beside, strict=True)
        if shapely.get_num_coordinates(shape) != shapely.get_num_coordinates(was)
    }
    return Effect(MappingProxyType(dict(sorted(changes.items()))), frozenset({*old_keys, *new_keys}))


def _check_validity(keys: list[str], shapes: Shapes) -> None:
    invalid = np.flatnonzero(~shapely.is_valid(shapes) | shapely.is_empty(shapes))
    if invalid.size:
        raise BrokenBorders(grids=[keys[i] for i in invalid], geometry=as_geojson(shapes[invalid]))


def _check_parts(keys: list[str], shapes: Shapes, allowed: Mapping[str, int]) -> None:
    for key, shape, count in zip(keys, shapes, shapely.get_num_geometries(shapes).tolist(), strict=True):
        if count > allowed.get(key, 1):
            raise FallsApart(grid=key, parts=count, allowed=allowed.get(key, 1), geometry=as_geojson(shape))


def _check_widths(
    tiling: Tiling, before: list[str], old: Shapes, after: Mapping[str, Cell], new: Shapes
) -> None:
    """Refuse parts narrower than the tolerance of their cell, unless there was a narrower one already."""
    keys = sorted(after)
    parts, owner = shapely.get_parts(new, return_index=True)
    widths = tiling.plane.width_m(parts)
    least = np.array([_least_m(tiling, before, key, after[key]) for key in keys])[owner]
    lack = np.minimum(least, tiling.plane.width_m(shapely.get_parts(old)).min(initial=np.inf)) - widths
    worst = int(lack.argmax())
    if lack[worst] > 0:
        raise Sliver(
            grid=keys[owner[worst]],
            width_m=round(float(widths[worst]), 3),
            least_m=float(least[worst]),
            geometry=as_geojson(parts[worst]),
        )


def _least_m(tiling: Tiling, before: list[str], key: str, cell: Cell) -> float:
    """Return how wide a cell must be: as before, or, if it is new, as those whose ground is divided."""
    return tiling.sliver_m([key] if key in tiling.cells else before, cell.parent)


def _check_area(ground: shapely.Geometry, keys: list[str], new: Shapes) -> None:
    if abs(shapely.area(new).sum() - shapely.area(ground)) > AREA_SHARE * shapely.area(ground):
        lost = shapely.symmetric_difference(ground, shapely.union_all(new))
        raise BrokenBorders(grids=keys, geometry=as_geojson(lost))


def _check_edges(before: Shapes, keys: list[str], after: Shapes) -> None:
    edges = shapely.coverage_invalid_edges(after)
    torn = shapely.length(edges).sum()
    if torn and torn > shapely.length(shapely.coverage_invalid_edges(before)).sum():
        raise BrokenBorders(grids=keys, geometry=as_geojson(shapely.union_all(edges)))


def _counted(tiling: Tiling, keys: list[str], old: Shapes, cells: list[Cell]) -> list[Cell]:
    """Return the new cells with the counts of the old ones shared out."""
    sources = [tiling[key] for key in keys]
    counted = np.array([c.households for c in sources], dtype=np.float64)
    weights, guessed = flows(old, np.array([c.geometry for c in cells]), counted, tiling.dwellings)
    guessed |= np.array([c.estimated for c in sources], dtype=bool)
    estimated = np.any(weights[guessed] > 0, axis=0).tolist()
    households = _shared([c.households for c in sources], weights)
    population = _shared([c.population for c in sources], weights)
    return [
        replace(cell, households=h, population=p, estimated=e)
        for cell, h, p, e in zip(cells, households, population, estimated, strict=True)
    ]


def _shared(counts: list[int | None], weights: NDArray[np.float64]) -> list[int | None]:
    """Return the sum of the shares of each new cell, None where no count is known of what it got."""
    known = [i for i, count in enumerate(counts) if count is not None]
    totals = np.zeros(weights.shape[1], dtype=np.int64)
    for i in known:
        totals += apportion(counts[i] or 0, weights[i])
    told = np.any(weights[known] > 0, axis=0).tolist()
    return [int(total) if is_told else None for total, is_told in zip(totals, told, strict=True)]
