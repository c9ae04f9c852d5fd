"""Rows that are parts of one grid, put together."""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.exchange import Problem, Severity
from geo.services.exchange.rows import Rows

_SAID_ONCE = ("name", "households", "population", "level", "parent_code")
"""What each part of a grid says of the whole grid."""


def join_parts(rows: Rows) -> tuple[Rows, list[Problem]]:
    """Return rows in which those that share a code are one, with the ground of all of them.

    Parameters
    ----------
    rows : Rows
        Grids; what a row says is said of the whole grid, so that totals aren't added up.

    Returns
    -------
    rows : Rows
        The first row of each code, and the rows without one.
    problems : list of Problem
        Each part with the row that it went into, or an error where it says something else than that row.
    """
    parts = _parts(rows)
    geometries = rows.geometries.copy()
    problems: list[Problem] = []
    for first, *others in parts:
        geometries[first] = _whole(geometries[[first, *others]])
        problems += [_told(rows, first, other) for other in others]
    keep = np.ones(len(rows), dtype=bool)
    keep[[other for _, *others in parts for other in others]] = False
    return _chosen(dataclasses.replace(rows, geometries=geometries), keep), problems


def _parts(rows: Rows) -> list[list[int]]:
    """Return the places of the rows of each code that several share, in their order."""
    places: dict[str, list[int]] = {}
    for at, code in enumerate(rows.values["code"]):
        if code:
            places.setdefault(code, []).append(at)
    return [shared for shared in places.values() if len(shared) > 1]


def _whole(pieces: NDArray[np.object_]) -> shapely.Geometry:
    """Return the ground of all pieces; where one isn't valid, all as they are, to be judged together."""
    there = pieces[~shapely.is_missing(pieces)]
    if shapely.is_valid(there).all():
        return shapely.union_all(there)
    parts = shapely.get_parts(there)
    return shapely.MultiPolygon(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON].tolist())


def _told(rows: Rows, first: int, other: int) -> Problem:
    for field in _SAID_ONCE:
        value, other_value = rows.values[field][first], rows.values[field][other]
        if value != other_value:
            detail = {"part": int(rows.numbers[other])}
            return rows.problem(
                first, "parts-disagree", Severity.ERROR, field=field, value=str(other_value), detail=detail
            )
    detail = {"into": int(rows.numbers[first])}
    code = rows.values["code"][other]
    return rows.problem(other, "part-joined", Severity.REPAIRED, field="code", value=code, detail=detail)


def _chosen(rows: Rows, keep: NDArray[np.bool_]) -> Rows:
    return dataclasses.replace(
        rows,
        values={field: values[keep] for field, values in rows.values.items()},
        attributes=rows.attributes[keep],
        geometries=rows.geometries[keep],
        numbers=rows.numbers[keep],
        files=rows.files[keep],
    )
