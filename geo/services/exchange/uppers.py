"""The levels above the grids: their codes, their names, their ground."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.exchange import Layer, Problem, Severity
from geo.domain.grids import Level
from geo.errors import BadValue
from geo.geometry.adjacency import neighbours
from geo.geometry.crs import to_lonlat, to_metric, to_storage
from geo.geometry.shape_metrics import area_m2
from geo.geometry.validity import as_multipolygon, rebuild
from geo.services.exchange.cells import Cells
from geo.services.exchange.intake import read_rows
from geo.services.exchange.limits import Limits
from geo.services.exchange.options import DivisionOptions, Options, UpperLevel
from geo.services.exchange.rows import Rows
from geo.services.exchange.table import Column, objects

_SMALLEST_SHARE = 0.5
"""An outline gives its name to the grid that it covers by more than this."""


@dataclass(frozen=True, slots=True)
class Register:
    """A file of grids of an upper level.

    Attributes
    ----------
    codes, names : NDArray[object]
        As the file has them, or None.
    parents : NDArray[object]
        Code of the grid of the next wider level, or None.
    outlines : NDArray[object]
        MultiPolygons in the metric system of the division, empty where there is none.
    attributes : NDArray[object]
        Everything else.
    """

    codes: Column
    names: Column
    parents: Column
    outlines: Column
    attributes: Column


def read_register(path: Any, upper: UpperLevel, cells: Cells, options: Options, limits: Limits) -> Register:
    """Return a file of grids of an upper level, in the metric system of the division."""
    reading = dataclasses.replace(options, mapping=upper.mapping, reference=upper.reference)
    rows = read_rows(Layer.GRIDS, [path], reading, limits)
    metric = to_metric(to_storage(rows.geometries, rows.reference), cells.crs)
    return Register(
        rows.values["code"],
        rows.values["name"],
        rows.values["parent_code"],
        as_multipolygon(rebuild(as_multipolygon(metric))),
        rows.attributes,
    )


def column_of(rows: Rows, name: str) -> Column:
    """Return a column of the files as text, whatever became of it.

    Raises
    ------
    BadValue
        If there is no such column.
    """
    fields = [source.field for source in rows.mapping if source.column == name]
    if fields:
        found = rows.values[fields[0]]
    elif any(name in attributes for attributes in rows.attributes):
        found = objects(attributes.get(name) for attributes in rows.attributes)
    else:
        raise BadValue(field="column", value=name, expected=sorted({n for a in rows.attributes for n in a}))
    return objects(str(value).strip() or None if value is not None else None for value in found)


@dataclass(frozen=True, slots=True)
class Group:
    """Which grid of an upper level each cell lies in.

    Attributes
    ----------
    keys : NDArray[object]
        Its code, or its name where nothing but the name is known, or None.
    names : NDArray[object]
        The name that the cell carries for it, or None.
    by_name : bool
        Whether keys are names.
    """

    keys: Column
    names: Column
    by_name: bool


def group_cells(
    rows: Rows,
    cells: Cells,
    level: Level,
    *,
    wanted: DivisionOptions,
    codes: Column,
    register: Register | None,
    told: Column,
) -> Group | None:
    """Return which grid of an upper level each cell lies in, as the files say.

    Parameters
    ----------
    rows, cells : Rows, Cells
        The grids.
    level : Level
        The upper level.
    wanted : DivisionOptions
        Where it comes from.
    codes : NDArray[object]
        Codes of the cells, or None.
    register : Register or None
        A file with its outlines.
    told : NDArray[object]
        The code of the grid of this level that the level below names as its parent, or None.

    Returns
    -------
    Group or None
        None where nothing tells: neither columns, nor outlines, nor the codes of the cells.
    """
    upper = wanted.upper.get(level, UpperLevel())
    names = objects([None] * len(cells.at))
    if upper.name_column:
        names = column_of(rows, upper.name_column)[cells.at]
    if upper.code_column:
        return Group(column_of(rows, upper.code_column)[cells.at], names, by_name=False)
    if upper.name_column:
        return Group(names, names, by_name=True)
    if not is_none(told).all():
        return Group(told, names, by_name=False)
    if register is not None:
        return Group(*_covering(cells, register), by_name=False)
    if not wanted.from_prefixes or not any(codes):
        return None
    length = wanted.code_lengths[level.depth]
    return Group(objects(code[:length] if code else None for code in codes), names, by_name=False)


def _covering(cells: Cells, register: Register) -> tuple[Column, Column]:
    """Return code and name of the outline that covers most of each cell."""
    best = _most_covering(cells.metric, register.outlines)
    known = best >= 0
    codes, names = (objects([None] * len(best)) for _ in range(2))
    codes[known], names[known] = register.codes[best[known]], register.names[best[known]]
    return codes, names


def _most_covering(cells: Column, outlines: Column) -> NDArray[np.intp]:
    """Return the outline that covers most of each cell, -1 where none covers any of it."""
    cell, outline = shapely.STRtree(outlines).query(cells, predicate="intersects")
    shared = area_m2(shapely.intersection(rebuild(cells[cell]), outlines[outline]))
    order = np.lexsort((outline, shared))
    best = np.full(len(cells), -1, dtype=np.intp)
    best[cell[order]] = outline[order]
    return best


def adopt(rows: Rows, cells: Cells, group: Group, level: Level) -> tuple[Group, list[Problem]]:
    """Return the groups with every cell in one, and how each that was in none got its place.

    Parameters
    ----------
    rows, cells : Rows, Cells
        The grids.
    group : Group
        What the files say.
    level : Level
        The level of the groups.

    Returns
    -------
    group : Group
        Cells without a group are taken into the one whose name they carry, if only one is called so, else
        into the one with which they share the longest border, else into the nearest one.
    problems : list of Problem
        A repair for each.
    """
    keys = group.keys.copy()
    problems = []
    by_name = _unique_keys(group)
    for carrier in np.flatnonzero(is_none(keys)):
        if group.names[carrier] in by_name:
            keys[carrier] = by_name[group.names[carrier]]
            problems.append(_adopted(rows, cells, carrier, keys[carrier], level, how="name"))
    i, j, shared_m = neighbours(rebuild(cells.metric))
    while True:
        found = _by_border(keys, i, j, shared_m)
        if not found:
            break
        for cell, (key, border_m) in found.items():
            keys[cell] = key
            problems.append(_adopted(rows, cells, cell, key, level, how="border", border_m=border_m))
    left = np.flatnonzero(is_none(keys))
    known = np.flatnonzero(~is_none(keys))
    if len(left) and len(known):
        tree = shapely.STRtree(cells.metric[known])
        for lone, nearest in zip(left, tree.nearest(cells.metric[left]), strict=True):
            keys[lone] = keys[known[nearest]]
            problems.append(_adopted(rows, cells, lone, keys[lone], level, how="nearest"))
    return dataclasses.replace(group, keys=keys), problems


def is_none(values: Column) -> NDArray[np.bool_]:
    """Return which values are None."""
    return np.array([value is None for value in values], dtype=bool)


def _unique_keys(group: Group) -> dict[str, str]:
    keys: dict[str, set[str]] = {}
    for key, name in zip(group.keys, group.names, strict=True):
        if key is not None and name is not None:
            keys.setdefault(name, set()).add(key)
    return {name: next(iter(found)) for name, found in keys.items() if len(found) == 1}


def _by_border(
    keys: Column, i: NDArray[np.intp], j: NDArray[np.intp], shared_m: NDArray[np.float64]
) -> dict[int, tuple[str, float]]:
    """Return, for each cell without a key that has neighbours with one, the key with the longest border."""
    lengths: dict[int, Counter[str]] = {}
    for one, other in ((i, j), (j, i)):
        for cell, neighbour, length in zip(one.tolist(), other.tolist(), shared_m.tolist(), strict=True):
            if keys[cell] is None and keys[neighbour] is not None:
                lengths.setdefault(cell, Counter())[keys[neighbour]] += length
    return {cell: max(sorted(found.items()), key=lambda pair: pair[1]) for cell, found in lengths.items()}


def _adopted(
    rows: Rows,
    cells: Cells,
    cell: int | np.intp,
    key: str,
    level: Level,
    *,
    how: str,
    border_m: float | None = None,
) -> Problem:
    detail = {"level": level, "parent": key, "how": how}
    return rows.problem(
        cells.at[cell], "parent-adopted", Severity.REPAIRED, field="code", moved_m=border_m, detail=detail
    )


def parents_of(children: Column, uppers: Column) -> tuple[dict[str, str], list[Problem]]:
    """Return the one upper grid of each child, and a problem for each child with several.

    Parameters
    ----------
    children : NDArray[object]
        Code of the grid of one level that each cell lies in.
    uppers : NDArray[object]
        Code of the grid of the next level that each cell lies in, or None.

    Returns
    -------
    parents : dict of str to str
        The most frequent one.
    problems : list of Problem
        An error for each child that lies in several.
    """
    found: dict[str, Counter[str]] = {}
    for child, upper in zip(children, uppers, strict=True):
        if upper is not None:
            found.setdefault(child, Counter())[upper] += 1
    problems = [
        Problem("several-parents", Severity.ERROR, value=child, detail={"parents": sorted(counts)})
        for child, counts in found.items()
        if len(counts) > 1
    ]
    return {child: counts.most_common(1)[0][0] for child, counts in found.items()}, problems


def name_uppers(
    codes: Sequence[str], ground: Column, carried: Mapping[str, str], register: Register | None
) -> tuple[dict[str, str], dict[str, int]]:
    """Return a name for each upper grid, and how many were found which way.

    Parameters
    ----------
    codes : sequence of str
        Codes of the upper grids.
    ground : NDArray[object]
        Their ground, metric.
    carried : Mapping[str, str]
        The name that most of their children carry for them.
    register : Register or None
        A file with names.

    Returns
    -------
    names : dict of str to str
        Name by code; the code itself where nothing is known.
    ways : dict of str to int
        ``code``, ``carried-name``, ``overlap``, ``children``, ``none``.
    """
    names: dict[str, str] = {}
    ways: Counter[str] = Counter()
    by_code = {} if register is None else _listed(register.codes, register.names)
    listed = set() if register is None else {name for name in register.names if name}
    by_ground = {} if register is None else _by_ground(codes, ground, register)
    for code in codes:
        sources = (
            ("code", by_code.get(code)),
            ("carried-name", carried.get(code) if carried.get(code) in listed else None),
            ("overlap", by_ground.get(code)),
            ("children", carried.get(code)),
            ("none", code),
        )
        way, name = next((way, name) for way, name in sources if name)
        names[code] = name
        ways[way] += 1
    return names, dict(ways)


def _listed(codes: Column, names: Column) -> dict[str, str]:
    return {code: name for code, name in zip(codes, names, strict=True) if code and name}


def _by_ground(codes: Sequence[str], ground: Column, register: Register) -> dict[str, str]:
    best = _most_covering(ground, register.outlines)
    known = np.flatnonzero(best >= 0)
    common = area_m2(shapely.intersection(ground[known], register.outlines[best[known]]))
    enough = common > _SMALLEST_SHARE * area_m2(ground[known])
    pairs = zip(known[enough].tolist(), best[known[enough]].tolist(), strict=True)
    return {codes[at]: register.names[outline] for at, outline in pairs if register.names[outline]}


def differences(
    level: Level, codes: Sequence[str], ground: Column, register: Register, crs: Any
) -> list[Problem]:
    """Return where given outlines and the union of their children differ, with area and place.

    Parameters
    ----------
    level : Level
        Their level.
    codes : sequence of str
        Codes of the upper grids.
    ground : NDArray[object]
        The union of the children of each, metric.
    register : Register
        The outlines that were given.
    crs : CRS
        The metric system of both.

    Returns
    -------
    list of Problem
        Two for each grid at most: ground outside the outline, and ground that the children lack.
    """
    given = {code: outline for code, outline in zip(register.codes, register.outlines, strict=True) if code}
    problems = []
    for code, union in zip(codes, ground, strict=True):
        if code not in given:
            problems.append(Problem("no-outline", Severity.NOTE, value=code, detail={"level": level}))
            continue
        for kind, first, second in (
            ("beyond-outline", union, given[code]),
            ("short-of-outline", given[code], union),
        ):
            rest = shapely.difference(first, second)
            if rest.area >= 1.0:
                lon, lat = shapely.get_coordinates(_storage_point(rest, crs))[0]
                detail = {"level": level, "outline_m2": given[code].area}
                problems.append(
                    Problem(
                        kind, Severity.WARNING, value=code, area_m2=rest.area, lon=lon, lat=lat, detail=detail
                    )
                )
    return problems


def _storage_point(geometry: shapely.Geometry, crs: Any) -> shapely.Geometry:
    inside = np.array([shapely.point_on_surface(geometry)], dtype=object)
    point: shapely.Geometry = to_lonlat(inside, crs)[0]
    return point
