"""The polygons of grids: judged one by one, repaired as a set, held against the law of the partition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.domain.exchange import Problem, Severity
from geo.geometry.crs import METRIC_IN_CHINA, STORAGE, metric_crs, to_lonlat, to_metric, to_storage
from geo.geometry.partition import Ground, PartitionRepair, PartitionReport, check, repair
from geo.geometry.projection import reproject_xy
from geo.geometry.validity import Finding, Reason, as_multipolygon, inspect
from geo.services.exchange.options import Options
from geo.services.exchange.rows import Rows
from geo.services.exchange.table import Column

_NO_POLYGON = frozenset(
    {
        Reason.MISSING,
        Reason.EMPTY,
        Reason.WRONG_TYPE,
        Reason.NOT_FINITE,
        Reason.OUT_OF_RANGE,
        Reason.ZERO_AREA,
        Reason.TOO_FEW_POINTS,
    }
)


@dataclass(frozen=True, slots=True)
class Cells:
    """The polygons of the rows that have one.

    Attributes
    ----------
    at : NDArray[intp]
        Place of the row of each.
    given, metric : NDArray[object]
        As they came and as they are after the repair that was asked for, in `crs`.
    storage : NDArray[object]
        MultiPolygons, EPSG:4326, as they are going to be kept.
    crs : CRS
        A metric system that fits their extent.
    valid : NDArray[bool]
        Whether each is valid now.
    """

    at: NDArray[np.intp]
    given: Column
    metric: Column
    storage: Column
    crs: CRS
    valid: NDArray[np.bool_]


def judge_cells(rows: Rows, usable: NDArray[np.bool_], options: Options) -> tuple[Cells, list[Problem]]:
    """Return the polygons of rows, repaired where that is asked for and possible.

    Parameters
    ----------
    rows : Rows
        With geometries in the numbers of the file.
    usable : NDArray[bool]
        Which rows are wanted.
    options : Options
        Whether to repair, and within which tolerance.

    Returns
    -------
    cells : Cells
        Of the usable rows that have a polygon.
    problems : list of Problem
        Rows without a polygon, invalid ones, and each repair with what it took.
    """
    storage = to_storage(rows.geometries, rows.reference)
    findings = inspect(storage)
    reasons = np.array([finding.reason for finding in findings], dtype=object)
    lacking = np.isin(reasons.astype(str), [str(reason) for reason in _NO_POLYGON])
    problems = [
        rows.problem(at, "no-polygon", Severity.ERROR, field="geometry", detail={"reason": reasons[at]})
        for at in np.flatnonzero(lacking)
    ]
    at = np.flatnonzero(usable & ~lacking)
    crs = (
        metric_crs(tuple(shapely.total_bounds(storage[at]))) if len(at) else CRS.from_epsg(METRIC_IN_CHINA[0])
    )
    given = to_metric(storage[at], crs)
    invalid = reasons[at] != Reason.OK
    if not options.repair or not len(at):
        problems += [_invalid(rows, row, findings[row], Severity.ERROR) for row in at[invalid]]
        return Cells(at, given, given, as_multipolygon(storage[at]), crs, ~invalid), problems
    mended = repair(
        given,
        parent_of=np.zeros(len(at), dtype=np.intp),
        tolerance_m=options.tolerance_m,
        gap_m=options.gap_m,
        crs=crs,
    )
    problems += _repairs(rows, at, given, mended, [findings[row] for row in at])
    kept_storage = to_lonlat(mended.cells, crs)
    valid = np.asarray(shapely.is_valid(mended.cells) & shapely.is_valid(kept_storage))
    return Cells(at, given, mended.cells, as_multipolygon(kept_storage), crs, valid), problems


def _invalid(rows: Rows, at: np.intp, finding: Finding, severity: Severity, **more: Any) -> Problem:
    lon, lat = finding.place or (None, None)
    detail = {"reason": finding.reason}
    return rows.problem(
        at, "invalid-geometry", severity, field="geometry", lon=lon, lat=lat, detail=detail, **more
    )


def _repairs(
    rows: Rows, at: NDArray[np.intp], given: Column, mended: PartitionRepair, findings: Sequence[Finding]
) -> list[Problem]:
    problems = []
    for cell, (row, finding) in enumerate(zip(at, findings, strict=True)):
        took = {"moved_m": _finite(mended.moved_m[cell]), "area_m2": float(mended.area_change_m2[cell])}
        if mended.refused[cell]:
            severity = Severity.WARNING if finding.reason is Reason.OK else Severity.ERROR
            detail = {"reason": finding.reason}
            problems.append(
                rows.problem(row, "repair-refused", severity, field="geometry", detail=detail, **took)
            )
        elif finding.reason is not Reason.OK:
            severity = Severity.ERROR if mended.kept[cell] else Severity.REPAIRED
            problems.append(_invalid(rows, row, finding, severity, **took))
        elif mended.cells[cell] is not given[cell]:
            problems.append(rows.problem(row, "border-matched", Severity.REPAIRED, field="geometry", **took))
    return problems


def _finite(value: np.float64) -> float | None:
    return float(value) if np.isfinite(value) else None


def judge_partition(
    rows: Rows, cells: Cells, parents: Column, options: Options, *, allow_gaps: bool
) -> tuple[dict[str, Any], list[Problem]]:
    """Return how grids break the law of the partition inside their parents.

    Parameters
    ----------
    rows : Rows
        The rows.
    cells : Cells
        Their polygons.
    parents : NDArray[object]
        Code of the parent of each cell, empty for cells of one division without parents.
    options : Options
        The tolerance, which is also up to where a misfit is called a sliver; whether repair was asked for.
    allow_gaps : bool
        Whether ground inside may be in no grid.

    Returns
    -------
    facts : dict
        ``partition``: how many gaps, overlaps, unmatched edges before, and after the repair.
    problems : list of Problem
        Each misfit with area and place, and an error for the whole if the law doesn't hold.
    """
    if not len(cells.at):
        return {}, []
    names, parent_of = np.unique(np.asarray(parents, dtype=str), return_inverse=True)
    before = check(cells.given, parent_of=parent_of, sliver_tolerance_m=options.tolerance_m)
    after = before
    if options.repair:
        after = check(cells.metric, parent_of=parent_of, sliver_tolerance_m=options.tolerance_m)
    told = _Misfits(rows, cells, [str(name) for name in names])
    left = told.of(after, Severity.WARNING)
    mended = _without(told.of(before, Severity.REPAIRED), left) if options.repair else []
    problems = [*mended, *left, *told.pieces(after)]
    facts = {"partition": {"before": _counts(before), "after": _counts(after)}}
    broken = after.overlaps or after.unmatched_edges or (after.gaps and not allow_gaps)
    if broken:
        problems.append(Problem("broken-partition", Severity.ERROR, detail=_counts(after)))
    return facts, problems


def _counts(found: PartitionReport) -> dict[str, int]:
    return {
        "gaps": len(found.gaps),
        "overlaps": len(found.overlaps),
        "unmatched_edges": len(found.unmatched_edges),
        "pieces": len(found.pieces),
    }


def _without(mended: list[Problem], left: list[Problem]) -> list[Problem]:
    """Return those misfits that aren't left after the repair."""
    still = {_identity(problem) for problem in left}
    return [problem for problem in mended if _identity(problem) not in still]


def _identity(problem: Problem) -> tuple[Any, ...]:
    if problem.row is None:
        return problem.code, round(problem.lon or 0, 4), round(problem.lat or 0, 4)
    return problem.code, problem.file, problem.row, problem.detail.get("other")


@dataclass(frozen=True, slots=True)
class _Misfits:
    """Misfits of a partition as problems of rows."""

    rows: Rows
    cells: Cells
    parents: list[str]

    def of(self, found: PartitionReport, severity: Severity) -> list[Problem]:
        overlaps = [
            self._about(
                one.first,
                "overlap",
                severity,
                one.ground,
                other=int(self.rows.numbers[self.cells.at[one.second]]),
            )
            for one in found.overlaps
        ]
        edges = [
            self.rows.problem(
                self.cells.at[one.cell],
                "unmatched-edge",
                severity,
                field="geometry",
                moved_m=one.length_m,
                **self._place(one.point),
            )
            for one in found.unmatched_edges
        ]
        gaps = [
            Problem(
                "gap",
                severity,
                area_m2=one.ground.area_m2,
                moved_m=one.ground.width_m,
                **self._place(one.ground.point),
                detail={
                    "parent": self.parents[one.parent] if one.parent >= 0 else None,
                    "sliver": one.ground.sliver,
                },
            )
            for one in found.gaps
        ]
        return [*overlaps, *edges, *gaps]

    def pieces(self, found: PartitionReport) -> list[Problem]:
        return [
            self.rows.problem(
                self.cells.at[one.cell],
                "several-pieces",
                Severity.NOTE,
                field="geometry",
                area_m2=one.areas_m2[-1],
                **self._place(one.point),
                detail={"pieces": len(one.areas_m2)},
            )
            for one in found.pieces
        ]

    def _about(self, cell: int, code: str, severity: Severity, ground: Ground, *, other: int) -> Problem:
        return self.rows.problem(
            self.cells.at[cell],
            code,
            severity,
            field="geometry",
            area_m2=ground.area_m2,
            moved_m=ground.width_m,
            **self._place(ground.point),
            detail={"other": other, "sliver": ground.sliver},
        )

    def _place(self, point: tuple[float, float]) -> dict[str, Any]:
        lon, lat = reproject_xy([point[0]], [point[1]], self.cells.crs, STORAGE)
        return {"lon": round(float(lon[0]), 7), "lat": round(float(lat[0]), 7)}
