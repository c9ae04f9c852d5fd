"""What a planner checks in a draft: the law of the partition, figures, shapes, and people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS

from geo.domain.plan_drafts import Draft
from geo.geometry.crs import metric_crs, to_lonlat, to_metric
from geo.geometry.partition import Ground, PartitionReport, check
from geo.geometry.shape_metrics import polsby_popper

SLIVER_M = 0.5
"""Up to which mean width gaps and overlaps count as slivers."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A place in which a draft isn't as it should be.

    Attributes
    ----------
    keys : tuple of str
        The grids concerned; none for ground between several parents.
    geometry : shapely geometry
        Where, EPSG:4326.
    area_m2 : float
        Ground concerned, 0 for lines.
    sliver : bool
        The ground is so narrow that it comes from drawing, not from the city.
    """

    keys: tuple[str, ...]
    geometry: shapely.Geometry
    area_m2: float
    sliver: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """How many households a grid should have.

    Attributes
    ----------
    low, high : int or None
        Both included; None where there is no limit.
    """

    low: int | None
    high: int | None

    def holds(self, households: int) -> bool:
        """Tell whether a number lies within."""
        return (self.low is None or households >= self.low) and (self.high is None or households <= self.high)


@dataclass(frozen=True, slots=True)
class Balance:
    """How evenly households are spread over the grids in which they are counted.

    Attributes
    ----------
    ideal : float or None
        Households of each grid if all had equally many; None where none are counted.
    spread : float
        The difference between most and least, as a share of the ideal.
    deviations : Mapping[str, float]
        By key, the share of the ideal by which a grid has more, or less.
    """

    ideal: float | None
    spread: float
    deviations: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Validation:
    """Everything found in a draft.

    Attributes
    ----------
    gaps, overlaps, unmatched_edges : tuple of Finding
        Breaches of the law of the partition.
    parts : Mapping[str, int]
        Of how many parts grids consist, where of several.
    out_of_range : Mapping[str, int]
        Households of grids that have too many or too few.
    without_responsible : tuple of str
        Grids in which nobody holds a post.
    compactness : Mapping[str, float]
        Polsby-Popper of each grid.
    balance : Balance
        Of households.
    holds : bool
        Nothing breaks the law of the partition.
    """

    gaps: tuple[Finding, ...]
    overlaps: tuple[Finding, ...]
    unmatched_edges: tuple[Finding, ...]
    parts: Mapping[str, int]
    out_of_range: Mapping[str, int]
    without_responsible: tuple[str, ...]
    compactness: Mapping[str, float]
    balance: Balance
    holds: bool


def validate(draft: Draft, wanted: Range, staffed: Collection[str]) -> Validation:
    """Return everything found in a draft.

    Parameters
    ----------
    draft : Draft
        The draft.
    wanted : Range
        How many households a grid should have.
    staffed : collection of str
        Codes of the grids in which somebody holds a post.
    """
    cells = draft.tiling.cells
    keys = list(cells)
    shapes = draft.tiling.shapes(keys)
    crs = metric_crs(tuple(shapely.total_bounds(shapes).tolist()))
    metric = to_metric(shapes, crs)
    _, parents = np.unique([cell.parent or "" for cell in cells.values()], return_inverse=True)
    report = check(metric, parent_of=parents, sliver_tolerance_m=SLIVER_M)
    households = {key: cell.households for key, cell in cells.items() if cell.households is not None}
    return Validation(
        gaps=tuple(_ground((), patch.ground, crs) for patch in report.gaps),
        overlaps=tuple(_ground((keys[o.first], keys[o.second]), o.ground, crs) for o in report.overlaps),
        unmatched_edges=_edges(report, keys, crs),
        parts={keys[one.cell]: len(one.areas_m2) for one in report.pieces},
        out_of_range={key: count for key, count in households.items() if not wanted.holds(count)},
        without_responsible=tuple(key for key, cell in cells.items() if cell.code not in staffed),
        compactness=dict(zip(keys, polsby_popper(metric).tolist(), strict=True)),
        balance=balance(households),
        holds=report.holds,
    )


def balance(households: Mapping[str, int]) -> Balance:
    """Return how evenly households are spread.

    Parameters
    ----------
    households : Mapping[str, int]
        By key of the grid.

    Notes
    -----
    ``deviation = households / ideal - 1`` and ``spread = (most - least) / ideal``.

    Examples
    --------
    >>> balance({"a": 300, "b": 500})
    Balance(ideal=400.0, spread=0.5, deviations={'a': -0.25, 'b': 0.25})
    """
    total = sum(households.values())
    if not total:
        return Balance(None, 0.0, {})
    ideal = total / len(households)
    spread = (max(households.values()) - min(households.values())) / ideal
    return Balance(ideal, spread, {key: count / ideal - 1 for key, count in households.items()})


def _ground(keys: tuple[str, ...], ground: Ground, crs: CRS) -> Finding:
    return Finding(keys, _stored(ground.polygon, crs), ground.area_m2, ground.sliver)


def _edges(report: PartitionReport, keys: list[str], crs: CRS) -> tuple[Finding, ...]:
    return tuple(Finding((keys[one.cell],), _stored(one.line, crs), 0.0) for one in report.unmatched_edges)


def _stored(shape: shapely.Geometry, crs: CRS) -> shapely.Geometry:
    stored: shapely.Geometry = to_lonlat(np.array([shape], dtype=object), crs)[0]
    return stored
