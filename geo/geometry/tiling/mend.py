"""Gaps, overlaps and slivers mended."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import numpy as np
import shapely

from geo.errors import NotAdjacent, NothingChanges
from geo.geometry.tiling.borders import regrown
from geo.geometry.tiling.cells import Effect, Tiling, as_geojson
from geo.geometry.tiling.drawn import Drawn, drawn_ground, drawn_lines
from geo.geometry.tiling.faces import cut
from geo.geometry.tiling.ground import free_ground
from geo.geometry.tiling.laws import redivided


class Heir(StrEnum):
    """Which neighbour gets ground that has to go somewhere."""

    LONGEST_BORDER = "longest-border"
    LEAST_LOADED = "least-loaded"


def fill_gap(tiling: Tiling, gap: Drawn, *, heir: Heir = Heir.LONGEST_BORDER) -> Effect:
    """Return the effect of giving ground that nobody has to one of its neighbours.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    gap : shapely polygon or array_like of them
        The gap, in the plane of the cells; cells inside it keep their ground, and what lies outside the
        outline of the tiling stays outside unless it is a sliver.
    heir : Heir, optional
        Which neighbour that isn't locked gets it.

    Returns
    -------
    Effect
        The gap is part of one neighbour.

    Raises
    ------
    InvalidGeometry
        If the polygon is invalid.
    NothingChanges
        If there is no ground without a cell in it.
    NotAdjacent
        If no cell that may change has a border on it.
    FallsApart, BrokenBorders
        See `geo.geometry.tiling.laws.redivided`.
    """
    patch = drawn_ground(gap)
    around = tiling.near(patch)
    faces, free = free_ground(tiling, around, patch)
    if not free.any():
        raise NothingChanges(grids=around, geometry=as_geojson(patch))
    filled = shapely.union_all(faces.polygons[free])
    to = _heir(tiling, filled, [key for key in around if not tiling[key].locked], heir)
    grounds = faces.given_to(np.where(free, around.index(to), faces.holder), around)
    return redivided(tiling, [to], regrown(tiling, [to], grounds), filled=filled)


def settle_overlap(tiling: Tiling, keep: str, give: str) -> Effect:
    """Return the effect of giving the ground that two cells both cover to one of them.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    keep : str
        The cell that keeps it.
    give : str
        The cell that loses it.

    Returns
    -------
    Effect
        The two don't overlap, and their common border matches.

    Raises
    ------
    NotFound, LockedGrid
        If a cell isn't there, or may not change.
    NothingChanges, NothingLeft
        If they don't overlap, or one covers the other.
    FallsApart, Sliver, BrokenBorders
        See `geo.geometry.tiling.laws.redivided`.
    """
    keys = [keep, give]
    tiling.unlocked(keys)
    faces = cut(tiling.shapes(keys), np.empty(0, dtype=object), **tiling.snap)
    if not faces.holds.all(axis=1).any():
        raise NothingChanges(grids=keys, geometry=as_geojson(tiling.shapes(keys)))
    return redivided(tiling, keys, regrown(tiling, keys, faces.given_to(faces.holder, keys)))


def absorb(tiling: Tiling, key: str, part: Drawn, *, heir: Heir = Heir.LONGEST_BORDER) -> Effect:
    """Return the effect of giving a sliver or a part that lies apart to a neighbour of the same parent.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    key : str
        The cell that has the part; it is gone when it has no other ground.
    part : shapely polygon or array_like of them
        The part, in the plane of the cells.
    heir : Heir, optional
        Which neighbour that isn't locked gets it.

    Returns
    -------
    Effect
        The ground is part of the neighbour, however narrow.

    Raises
    ------
    NotFound, LockedGrid
        If the cell isn't there, or may not change.
    InvalidGeometry
        If the polygon is invalid.
    NothingChanges
        If the cell has no ground there.
    NotAdjacent
        If no cell of the parent that may change has a border on it.
    FallsApart, Sliver, BrokenBorders
        See `geo.geometry.tiling.laws.redivided`.
    """
    patch = drawn_ground(part)
    tiling.unlocked([key])
    faces = cut(tiling.shapes([key]), drawn_lines(patch), **tiling.snap)
    moved = faces.polygons[faces.inside(patch) & (faces.holder == 0)]
    if not len(moved):
        raise NothingChanges(grids=[key], geometry=as_geojson(patch))
    ground = shapely.union_all(moved)
    mine = tiling[key].parent
    siblings = [
        k for k in tiling.near(ground) if k != key and tiling[k].parent == mine and not tiling[k].locked
    ]
    keys = [key, _heir(tiling, ground, siblings, heir)]
    faces = cut(tiling.shapes(keys), drawn_lines(patch), **tiling.snap)
    given = faces.inside(patch) & (faces.holder == 0)
    grounds = faces.given_to(np.where(given, 1, faces.holder), keys)
    return redivided(tiling, keys, {k: replace(tiling[k], geometry=grounds[k]) for k in keys if k in grounds})


def _heir(tiling: Tiling, ground: shapely.Geometry, candidates: list[str], heir: Heir) -> str:
    """Return the candidate that gets the ground; of equal ones the lowest key."""
    borders = shapely.boundary(tiling.shapes(candidates))
    shared_m = tiling.plane.length_m(shapely.intersection(borders, shapely.boundary(ground)))
    beside = {key: length for key, length in zip(candidates, shared_m.tolist(), strict=True) if length > 0}
    if not beside:
        raise NotAdjacent(grids=candidates, geometry=as_geojson(ground))
    if heir == Heir.LEAST_LOADED:
        return min(beside, key=lambda key: (_load(tiling, key), key))
    return min(beside, key=lambda key: (-beside[key], key))


def _load(tiling: Tiling, key: str) -> float:
    households = tiling[key].households
    return np.inf if households is None else households
