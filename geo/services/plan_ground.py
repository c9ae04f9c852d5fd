"""What operations of plans ask of the loaded ground: lines, buildings and blocks meant, buildings cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from geo.db import plan_ground as rows
from geo.db.unit_of_work import UnitOfWork
from geo.geometry.tiling import Cell, CutBuilding, Effect, Tiling, blocks, cut_buildings, new_borders, plots


def drawn_out(uow: UnitOfWork, tiling: Tiling, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Give the parameters of an operation with geometries for everything chosen from the loaded ground.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    tiling : Tiling
        The cells, EPSG:4326.
    parameters : Mapping[str, Any]
        JSON-ready. ``features``, roads and rivers by id, go to ``lines``; ``buildings`` by id and ``blocks``
        by a position in each go to ``area``.

    Returns
    -------
    dict
        What `geo.domain.plan_operations.perform` takes.

    Raises
    ------
    NotFound
        If there is no such road, river or building, or no such grid.
    BadValue
        If a block lies in none of the sources.
    """
    values = {name: value for name, value in parameters.items() if name not in _CHOSEN}
    lines = parameters.get("features")
    if lines:
        chosen = rows.chosen_lines(uow.connection, lines)
        values["lines"] = shapely.GeometryCollection([*_drawn(values.get("lines")), *chosen])
    ground = [*_plots(uow, tiling, parameters), *_blocks(uow, tiling, parameters)]
    if ground:
        values["area"] = shapely.union_all([*_drawn(values.get("area")), *ground])
    return values


_CHOSEN = frozenset({"features", "buildings", "blocks"})


def _drawn(value: Mapping[str, Any] | None) -> list[shapely.Geometry]:
    return [] if value is None else [shape(dict(value))]


def _plots(uow: UnitOfWork, tiling: Tiling, parameters: Mapping[str, Any]) -> list[shapely.Geometry]:
    ids = parameters.get("buildings")
    if not ids:
        return []
    chosen = rows.chosen_buildings(uow.connection, ids)
    around = rows.buildings_on(uow.connection, shapely.union_all(tiling.shapes(parameters["sources"])))
    mine, others = (
        np.array([one.geometry for one in group], dtype=object)
        for group in (chosen, [one for one in around if one.id not in set(ids)])
    )
    return [plots(mine, others, tiling.plane)]


def _blocks(uow: UnitOfWork, tiling: Tiling, parameters: Mapping[str, Any]) -> list[shapely.Geometry]:
    positions = parameters.get("blocks")
    if not positions:
        return []
    sources = parameters["sources"]
    lines = rows.lines_on(uow.connection, shapely.union_all(tiling.shapes(sources)))
    return [blocks(tiling, sources, lines, np.array(positions, dtype=np.float64))]


def buildings_cut(uow: UnitOfWork, tiling: Tiling, effect: Effect) -> tuple[CutBuilding, ...]:
    """Give the buildings through which an effect draws a border that wasn't there before.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    tiling : Tiling
        The cells, EPSG:4326.
    effect : Effect
        Of an operation on them.

    Returns
    -------
    tuple of CutBuilding
        By id.
    """
    before, after = effect.before, effect.after
    borders = new_borders(_ground(before), _ground(after), noise=tiling.snap["noise"])
    if shapely.is_empty(borders):
        return ()
    near = rows.buildings_on(uow.connection, borders)
    cells = {key: cell.geometry for key, cell in after.items()}
    return cut_buildings(near, borders, cells, plane=tiling.plane, wall_m=tiling.tolerances.wall_m)


def _ground(cells: Mapping[str, Cell]) -> NDArray[np.object_]:
    return np.array([cell.geometry for cell in cells.values()], dtype=object)
