"""What is measured of a draft: each measure has a name and a version, and its docstring says what it claims.

The value of a measure follows from the division alone, so that it may be kept with its version; whoever
changes what a measure computes raises its version, and values of older ones are computed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.domain.plan_drafts import Draft
from geo.geometry.crs import metric_crs, to_lonlat, to_metric
from geo.geometry.partition import Ground, check
from geo.geometry.shape_metrics import polsby_popper as polsby_popper_of
from geo.geometry.shape_metrics import reock as reock_of
from geo.geometry.tiling.cells import as_geojson

SLIVER_M = 0.5
"""Up to which mean width gaps and overlaps count as slivers."""

Value = Mapping[str, Any]
"""What a measure gives: JSON-ready."""


class Subject:
    """A draft as measures see it.

    Parameters
    ----------
    draft : Draft
        The draft.
    """

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.cells = draft.tiling.cells
        self.keys = list(self.cells)

    @cached_property
    def shapes(self) -> NDArray[np.object_]:
        """The ground of each grid, EPSG:4326."""
        return self.draft.tiling.shapes(self.keys)

    @cached_property
    def crs(self) -> CRS:
        """The metric CRS of `metric`."""
        return metric_crs(tuple(shapely.total_bounds(self.shapes).tolist()))

    @cached_property
    def metric(self) -> NDArray[np.object_]:
        """The ground of each grid in metres."""
        return to_metric(self.shapes, self.crs)

    def told(self, shape: shapely.Geometry) -> dict[str, Any]:
        """Give a shape in metres as GeoJSON, EPSG:4326."""
        return as_geojson(to_lonlat(np.array([shape], dtype=object), self.crs))

    def by_key(self, values: NDArray[np.float64]) -> dict[str, float]:
        """Give a figure of each grid, by its key."""
        return dict(zip(self.keys, values.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that is measured of a draft.

    Attributes
    ----------
    name : str
        Under which its values are kept.
    version : int
        Raised whenever the same draft would give another value.
    compute : callable
        Gives the value; its docstring says what it claims.
    """

    name: str
    version: int
    compute: Callable[[Subject], Value]

    @property
    def about(self) -> str:
        """What it claims, in one sentence."""
        return (self.compute.__doc__ or "").partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Result:
    """The value of a measure.

    Attributes
    ----------
    version : int
        The version of the measure that computed it.
    value : Mapping[str, Any]
        JSON-ready.
    """

    version: int
    value: Value


def missing_results(
    draft: Draft, kept: Mapping[str, Result], measures: Mapping[str, Measure]
) -> dict[str, Result]:
    """Return the values of all measures that weren't computed by their present version yet.

    Parameters
    ----------
    draft : Draft
        The draft.
    kept : Mapping[str, Result]
        What is known of it, by the name of the measure.
    measures : Mapping[str, Measure]
        By name.
    """
    subject = Subject(draft)
    return {
        name: Result(one.version, one.compute(subject))
        for name, one in measures.items()
        if name not in kept or kept[name].version != one.version
    }


def partition(subject: Subject) -> Value:
    """Gaps, overlaps and borders that don't match; grids in pieces that hang apart.

    Parameters
    ----------
    subject : Subject
        The draft.

    Returns
    -------
    Mapping[str, Any]
        ``holds``, and ``gaps``, ``overlaps``, ``unmatched_edges``, ``pieces`` with their places.

    Notes
    -----
    See `geo.geometry.partition.check`.
    """
    _, parents = np.unique([cell.parent or "" for cell in subject.cells.values()], return_inverse=True)
    report = check(subject.metric, parent_of=parents, sliver_tolerance_m=SLIVER_M)
    keys = subject.keys
    return {
        "holds": report.holds,
        "gaps": [_ground(subject, [], patch.ground) for patch in report.gaps],
        "overlaps": [_ground(subject, [keys[o.first], keys[o.second]], o.ground) for o in report.overlaps],
        "unmatched_edges": [
            {"keys": [keys[one.cell]], "area_m2": 0.0, "sliver": False, "geometry": subject.told(one.line)}
            for one in report.unmatched_edges
        ],
        "pieces": [
            {"key": keys[one.cell], "parts": len(one.areas_m2), "geometry": _lesser_parts(subject, one.cell)}
            for one in report.pieces
        ],
    }


def _ground(subject: Subject, keys: list[str], ground: Ground) -> dict[str, Any]:
    shape = subject.told(ground.polygon)
    return {"keys": keys, "area_m2": ground.area_m2, "sliver": ground.sliver, "geometry": shape}


def _lesser_parts(subject: Subject, cell: int) -> dict[str, Any]:
    parts = shapely.get_parts(subject.shapes[cell])
    return as_geojson(np.delete(parts, shapely.area(parts).argmax()))


def polsby_popper(subject: Subject) -> Value:
    """Share of the circle of equal perimeter that each grid fills: 1 is a circle.

    Parameters
    ----------
    subject : Subject
        The draft.

    Returns
    -------
    Mapping[str, Any]
        A number by key.

    Notes
    -----
    See `geo.geometry.shape_metrics.polsby_popper`.
    """
    return subject.by_key(polsby_popper_of(subject.metric))


def reock(subject: Subject) -> Value:
    """Share of the smallest enclosing circle that each grid fills: 1 is a circle.

    Parameters
    ----------
    subject : Subject
        The draft.

    Returns
    -------
    Mapping[str, Any]
        A number by key.

    Notes
    -----
    See `geo.geometry.shape_metrics.reock`.
    """
    return subject.by_key(reock_of(subject.metric))


def balance(subject: Subject) -> Value:
    """How evenly households are spread over the grids in which they are counted.

    Parameters
    ----------
    subject : Subject
        The draft.

    Returns
    -------
    Mapping[str, Any]
        ``ideal``, ``spread``, and ``deviations`` by key.

    Notes
    -----
    ``ideal = households / grids``, ``deviation = households / ideal - 1`` of each grid and
    ``spread = (most - least) / ideal``; the ideal is None where nobody is counted.
    """
    counts = {key: one.households for key, one in subject.cells.items() if one.households is not None}
    total = sum(counts.values())
    if not total:
        return {"ideal": None, "spread": 0.0, "deviations": {}}
    ideal = total / len(counts)
    return {
        "ideal": ideal,
        "spread": (max(counts.values()) - min(counts.values())) / ideal,
        "deviations": {key: count / ideal - 1 for key, count in counts.items()},
    }


def estimated(subject: Subject) -> Value:
    """Grids whose counts were shared out by area.

    Parameters
    ----------
    subject : Subject
        The draft.

    Returns
    -------
    Mapping[str, Any]
        ``keys``.
    """
    return {"keys": [key for key, cell in subject.cells.items() if cell.estimated]}


def crossing(subject: Subject) -> Value:
    """Ground of grids that belongs to another community in the division that the draft begins with.

    Parameters
    ----------
    subject : Subject
        The draft.

    Returns
    -------
    Mapping[str, Any]
        ``grids``: ``key``, ``parent``, the ``other`` parent, ``area_m2`` and ``geometry`` of each piece.

    Notes
    -----
    Told piece by piece, as grids had it then; those of a mean width below `SLIVER_M` come from drawing.
    """
    before, after = subject.draft.base.tiling.cells, subject.cells
    old = [key for key, cell in before.items() if after.get(key) is not cell]
    new = [key for key, cell in after.items() if before.get(key) is not cell]
    old_shapes, new_shapes = subject.draft.base.tiling.shapes(old), subject.draft.tiling.shapes(new)
    i, j = shapely.STRtree(old_shapes).query(new_shapes, predicate="intersects")
    held = np.array([after[key].parent or "" for key in new], dtype=str)
    belongs = np.array([before[key].parent or "" for key in old], dtype=str)
    apart = held[i] != belongs[j]
    i, j = i[apart], j[apart]
    pieces = shapely.intersection(new_shapes[i], old_shapes[j])
    plane = subject.draft.tiling.plane
    real = plane.width_m(pieces) >= SLIVER_M
    return {
        "grids": [
            {
                "key": new[a],
                "parent": after[new[a]].parent,
                "other": before[old[b]].parent,
                "area_m2": area_m2,
                "geometry": as_geojson(piece),
            }
            for a, b, piece, area_m2 in zip(
                i[real].tolist(),
                j[real].tolist(),
                pieces[real],
                plane.area_m2(pieces[real]).tolist(),
                strict=True,
            )
        ]
    }


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        one.name: one
        for one in (
            Measure("partition", 1, partition),
            Measure("polsby-popper", 1, polsby_popper),
            Measure("reock", 1, reock),
            Measure("balance", 1, balance),
            Measure("estimated", 1, estimated),
            Measure("crossing", 1, crossing),
        )
    }
)
"""Every measure of a draft, by its name."""
