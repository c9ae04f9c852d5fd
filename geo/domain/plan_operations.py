"""The operations of a plan by their names, and their effects as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import shapely
from shapely.geometry import shape

from geo.geometry import tiling as operations
from geo.geometry.tiling import Cell, Change, CutBuilding, Effect, Footprint, Tiling


class OperationKind(StrEnum):
    """What a planner can do to a division."""

    SPLIT = "split"
    MERGE = "merge"
    MOVE_BORDER = "move-border"
    MOVE_VERTEX = "move-vertex"
    REASSIGN = "reassign"
    DRAW = "draw"
    FILL_GAP = "fill-gap"
    SETTLE_OVERLAP = "settle-overlap"
    ABSORB = "absorb"
    LOCK = "lock"
    UNLOCK = "unlock"
    RENAME = "rename"
    RECODE = "recode"
    REPARENT = "reparent"


_OPERATIONS: Mapping[OperationKind, Callable[..., Effect]] = {
    OperationKind.SPLIT: operations.split,
    OperationKind.MERGE: operations.merge,
    OperationKind.MOVE_BORDER: operations.move_border,
    OperationKind.MOVE_VERTEX: operations.move_vertex,
    OperationKind.REASSIGN: operations.reassign,
    OperationKind.DRAW: operations.draw,
    OperationKind.FILL_GAP: operations.fill_gap,
    OperationKind.SETTLE_OVERLAP: operations.settle_overlap,
    OperationKind.ABSORB: operations.absorb,
    OperationKind.LOCK: operations.lock,
    OperationKind.UNLOCK: operations.unlock,
    OperationKind.RENAME: operations.rename,
    OperationKind.RECODE: operations.recode,
    OperationKind.REPARENT: operations.reparent,
}
_NAMING = {OperationKind.SPLIT: "prefix", OperationKind.MERGE: "key", OperationKind.DRAW: "key"}
"""The parameter that names the cells which an operation makes."""
_DRAWN = frozenset({"lines", "path", "area", "polygon", "gap", "part"})
"""The parameters that are GeoJSON geometries."""


def perform(tiling: Tiling, kind: OperationKind, parameters: Mapping[str, Any], *, new_key: str) -> Effect:
    """Return the effect of an operation on a division as it is now.

    Parameters
    ----------
    tiling : Tiling
        The cells, EPSG:4326.
    kind : OperationKind
        Which operation.
    parameters : Mapping[str, Any]
        The parameters of the function of that name in `geo.geometry.tiling`, JSON-ready; geometries, as
        GeoJSON or as they are, in EPSG:4326.
    new_key : str
        Key of the cell that it makes, or what the keys of several begin with.

    Raises
    ------
    GridError
        As the function of that name does.

    Examples
    --------
    >>> from geo.geometry.tiling import Plane
    >>> tiling = Tiling({"a": Cell(shapely.box(0, 0, 9, 9))}, Plane())
    >>> line = {"type": "LineString", "coordinates": [[3, -1], [3, 10]]}
    >>> list(perform(tiling, OperationKind.SPLIT, {"key": "a", "lines": line}, new_key="7").changes)
    ['7.1', '7.2', 'a']
    """
    values = {name: _shape(value) if name in _DRAWN else value for name, value in parameters.items()}
    naming = {_NAMING[kind]: new_key} if kind in _NAMING else {}
    return _OPERATIONS[kind](tiling, **values, **naming)


def _shape(value: Any) -> shapely.Geometry:
    return value if isinstance(value, shapely.Geometry) else shape(value)


def effect_as_json(effect: Effect) -> dict[str, Any]:
    """Return an effect as JSON that holds every coordinate to the last bit.

    Parameters
    ----------
    effect : Effect
        Of an operation.

    Examples
    --------
    >>> tiling = Tiling({"a": Cell(shapely.box(0, 0, 9, 9))}, operations.Plane())
    >>> effect = operations.lock(tiling, ["a"])
    >>> effect_from_json(effect_as_json(effect)) == effect
    True
    """
    changes = {key: [_cell(change.before), _cell(change.after)] for key, change in effect.changes.items()}
    cut = [_cut(one) for one in effect.cut]
    return {"changes": changes, "redivided": sorted(effect.redivided), "cut": cut}


def effect_from_json(told: Mapping[str, Any]) -> Effect:
    """Return the effect that `effect_as_json` told.

    Parameters
    ----------
    told : Mapping[str, Any]
        As `effect_as_json` gave it.
    """
    changes = {key: Change(_told(before), _told(after)) for key, (before, after) in told["changes"].items()}
    cut = tuple(map(_told_cut, told.get("cut", ())))
    return Effect(MappingProxyType(changes), frozenset(told["redivided"]), cut)


def _cell(cell: Cell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    figures = {field.name: getattr(cell, field.name) for field in fields(cell)}
    return {**figures, "geometry": shapely.to_wkb(cell.geometry, hex=True)}


def _told(told: Mapping[str, Any] | None) -> Cell | None:
    return None if told is None else Cell(**{**told, "geometry": shapely.from_wkb(told["geometry"])})


def _cut(one: CutBuilding) -> dict[str, Any]:
    building = one.footprint
    wkb = shapely.to_wkb(building.geometry, hex=True)
    return {"id": building.id, "name": building.name, "geometry": wkb, "cells": list(one.cells)}


def _told_cut(told: Mapping[str, Any]) -> CutBuilding:
    footprint = Footprint(told["id"], told["name"], shapely.from_wkb(told["geometry"]))
    return CutBuilding(footprint, tuple(told["cells"]))
