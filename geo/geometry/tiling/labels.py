"""Changes of cells that move no border between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import shapely

from geo.errors import FallsApart, NotAdjacent, NothingChanges, NothingLeft
from geo.geometry.dissolve import union
from geo.geometry.tiling.cells import Cell, Change, Effect, Tiling, as_geojson


def lock(tiling: Tiling, keys: Iterable[str]) -> Effect:
    """Return the effect of locking cells against any change but vertices on their edges.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    keys : iterable of str
        Those to lock.

    Raises
    ------
    NotFound, NothingChanges
        If a cell isn't there, or all of them are locked.
    """
    return _changed(tiling, keys, locked=True)


def unlock(tiling: Tiling, keys: Iterable[str]) -> Effect:
    """Return the effect of unlocking cells.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    keys : iterable of str
        Those to unlock.

    Raises
    ------
    NotFound, NothingChanges
        If a cell isn't there, or none of them is locked.
    """
    return _changed(tiling, keys, locked=False)


def rename(tiling: Tiling, key: str, name: str) -> Effect:
    """Return the effect of calling a cell something else.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    key : str
        The cell.
    name : str
        Its new name.

    Raises
    ------
    NotFound, LockedGrid, NothingChanges
        If the cell isn't there, may not change, or has that name.
    """
    return _changed(tiling, tiling.unlocked([key]), name=name)


def recode(tiling: Tiling, key: str, code: str | None) -> Effect:
    """Return the effect of giving a cell another code, or none.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    key : str
        The cell.
    code : str or None
        Its new code.

    Raises
    ------
    NotFound, LockedGrid, NothingChanges
        If the cell isn't there, may not change, or has that code.
    """
    return _changed(tiling, tiling.unlocked([key]), code=code)


def reparent(tiling: Tiling, keys: Iterable[str], parent: str) -> Effect:
    """Return the effect of putting cells under another parent, whose border follows.

    Parameters
    ----------
    tiling : Tiling
        The cells.
    keys : iterable of str
        The cells that go over.
    parent : str
        Their new parent, which has cells already.

    Raises
    ------
    NotFound, LockedGrid, NothingChanges
        If a cell isn't there, may not change, or all are the parent's.
    NotAdjacent
        If the ground doesn't adjoin that of the new parent: ``grids``.
    NothingLeft, FallsApart
        If a parent that loses cells would have no ground, or in more parts than before: ``grid``.
    """
    effect = _changed(tiling, tiling.unlocked(keys), parent=parent)
    later = tiling.after(effect)
    moved = sorted(effect.changes)
    for loser in sorted({tiling[key].parent or "" for key in moved}):
        _check_remains(tiling, later, loser)
    before, after = _ground(tiling, parent), _ground(later, parent)
    if shapely.is_empty(before) or shapely.get_num_geometries(after) > shapely.get_num_geometries(before):
        raise NotAdjacent(grids=moved, geometry=as_geojson(tiling.shapes(moved)))
    return effect


def _check_remains(tiling: Tiling, later: Tiling, parent: str) -> None:
    before, after = _ground(tiling, parent), _ground(later, parent)
    parts, allowed = shapely.get_num_geometries(after), shapely.get_num_geometries(before)
    if shapely.is_empty(after):
        raise NothingLeft(grid=parent, geometry=as_geojson(before))
    if parts > allowed:
        raise FallsApart(grid=parent, parts=int(parts), allowed=int(allowed), geometry=as_geojson(after))


def _ground(tiling: Tiling, parent: str) -> shapely.Geometry:
    return union(tiling.shapes(key for key, cell in tiling.cells.items() if (cell.parent or "") == parent))


def _changed(tiling: Tiling, keys: Iterable[str], **values: Any) -> Effect:
    named = sorted(set(keys))
    after: dict[str, Cell] = {key: replace(tiling[key], **values) for key in named}
    changes = {key: Change(tiling[key], cell) for key, cell in after.items() if cell != tiling[key]}
    if not changes:
        raise NothingChanges(grids=named)
    return Effect(MappingProxyType(changes), frozenset(changes))
