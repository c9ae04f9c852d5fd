"""The law of a division, inside a parent no gap, no overlap, edges matched: checked and restored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.geometry.adjacency import Indices, near_pairs
from geo.geometry.crs import to_lonlat
from geo.geometry.dissolve import union
from geo.geometry.projection import Floats
from geo.geometry.shape_metrics import area_m2, mean_width_m
from geo.geometry.validity import (
    PLANE,
    Finding,
    Reason,
    as_multipolygon,
    change,
    inspect,
    is_within,
    rebuild,
)

Polygons: TypeAlias = NDArray[np.object_]

BETWEEN: Final = -1
"""The parent of ground that lies between several parents."""

_NOISE_M: Final = 1e-6
"""What is narrower comes from rounding in the overlay, not from the data."""

_NODING_M: Final = 1e-3
"""How near vertices are taken as one: far above rounding in storage (1e-9 m), far below any survey."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A piece of ground that breaks the partition, in the metric CRS of the cells.

    Attributes
    ----------
    polygon : shapely.Geometry
        The piece.
    area_m2 : float
        Its area.
    width_m : float
        Its mean width.
    sliver : bool
        The width is within the tolerance for slivers.
    point : tuple of float
        x and y of a point inside it.
    """

    polygon: shapely.Geometry
    area_m2: float
    width_m: float
    sliver: bool
    point: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Patch:
    """Ground of one parent that is missing from its children, or that they have too much.

    Attributes
    ----------
    parent : int
        The parent, or `BETWEEN` when several surround the ground.
    ground : Ground
        The piece.
    """

    parent: int
    ground: Ground


@dataclass(frozen=True, slots=True)
class Overlap:
    """Ground that two cells both cover.

    Attributes
    ----------
    first, second : int
        Places of the two cells, ``first < second``.
    ground : Ground
        All the common ground of the two.
    """

    first: int
    second: int
    ground: Ground


@dataclass(frozen=True, slots=True)
class UnmatchedEdge:
    """Border of a cell that isn't vertex by vertex that of its neighbour.

    Attributes
    ----------
    cell : int
        Place of the cell.
    line : shapely.Geometry
        The edges concerned.
    length_m : float
        Their length.
    point : tuple of float
        x and y of a point on them.
    """

    cell: int
    line: shapely.Geometry
    length_m: float
    point: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Pieces:
    """A cell that consists of several parts.

    Attributes
    ----------
    cell : int
        Place of the cell.
    areas_m2 : tuple of float
        Area of each part, largest first.
    point : tuple of float
        x and y of a point in the smallest part.
    """

    cell: int
    areas_m2: tuple[float, ...]
    point: tuple[float, float]


@dataclass(frozen=True, slots=True)
class PartitionReport:
    """How a set of cells breaks the law of the partition.

    Attributes
    ----------
    invalid : dict of int to Finding
        Cells that are no valid polygons; the other figures take them as rebuilt.
    gaps : tuple of Patch
        Ground that no cell covers, and ground of an outline that no child of its parent covers.
    overhangs : tuple of Patch
        Ground of children outside the outline of their parent.
    overlaps : tuple of Overlap
        Ground that two cells cover.
    unmatched_edges : tuple of UnmatchedEdge
        Borders that don't match vertex by vertex, one entry a cell.
    pieces : tuple of Pieces
        Cells of several parts: no breach, but worth a look.
    """

    invalid: Mapping[int, Finding]
    gaps: tuple[Patch, ...]
    overhangs: tuple[Patch, ...]
    overlaps: tuple[Overlap, ...]
    unmatched_edges: tuple[UnmatchedEdge, ...]
    pieces: tuple[Pieces, ...]

    @property
    def holds(self) -> bool:
        """Nothing breaks the law."""
        return not (self.invalid or self.gaps or self.overhangs or self.overlaps or self.unmatched_edges)


def check(
    cells: ArrayLike,
    *,
    parent_of: ArrayLike,
    sliver_tolerance_m: float,
    outlines: Mapping[int, shapely.Geometry] | None = None,
    declared_holes: ArrayLike = (),
) -> PartitionReport:
    """Return how the cells break the law of the partition, with area and place of each breach.

    Parameters
    ----------
    cells : array_like of shapely polygon
        The cells of one level, metric CRS; none missing or empty.
    parent_of : array_like of int
        The parent of each cell.
    sliver_tolerance_m : float
        Up to which mean width a gap or an overlap counts as a sliver, metres.
    outlines : mapping of int to shapely polygon, optional
        The known ground of parents, metric CRS, against which their children are held.
    declared_holes : array_like of shapely polygon, optional
        Ground that is rightly in no cell, metric CRS.

    Returns
    -------
    PartitionReport
        Everything found; the order follows that of the cells.

    Notes
    -----
    A gap is a hole in the union of all cells, so that an enclave of one parent in another is none; with
    outlines it is also what they hold and their children don't cover. Cells that overlap are looked for only
    near cells whose edges don't match, since cells whose edges match can't overlap.

    Examples
    --------
    >>> report = check(
    ...     [shapely.box(0, 0, 10, 10), shapely.box(9.9, 0, 20, 10)], parent_of=[0, 0], sliver_tolerance_m=0.5
    ... )
    >>> [(o.first, o.second, round(o.ground.area_m2, 6), o.ground.sliver) for o in report.overlaps]
    [(0, 1, 1.0, True)]
    """
    given = np.asarray(cells, dtype=object)
    parents = np.asarray(parent_of, dtype=np.intp)
    declared = np.asarray(declared_holes, dtype=object)
    known = outlines or {}
    findings = enumerate(inspect(given, bounds=PLANE))
    sound = rebuild(given)
    edges = shapely.coverage_invalid_edges(sound)
    children = {parent: shapely.union_all(sound[parents == parent]) for parent in known}
    settled = {parent: shapely.union_all([ground, *declared]) for parent, ground in children.items()}
    holes = _holes(shapely.union_all([*sound, *declared, *known.values()]))
    return PartitionReport(
        invalid={cell: finding for cell, finding in findings if finding.reason is not Reason.OK},
        gaps=(
            *_patches(_surrounding(holes, sound, parents), holes, sliver_tolerance_m),
            *_patches(*_beyond(known, settled), sliver_tolerance_m),
        ),
        overhangs=_patches(*_beyond(children, known), sliver_tolerance_m),
        overlaps=_overlaps(sound, np.flatnonzero(~shapely.is_empty(edges)), sliver_tolerance_m),
        unmatched_edges=_unmatched(edges),
        pieces=_pieces(sound),
    )


def _holes(ground: shapely.Geometry) -> Polygons:
    rings, part = shapely.get_rings(shapely.get_parts(ground), return_index=True)
    inner = np.diff(part, prepend=-1) == 0
    return np.asarray(shapely.polygons(rings[inner]), dtype=object)


def _surrounding(holes: Polygons, cells: Polygons, parents: Indices) -> Indices:
    """Return the parent whose cells alone lie around each hole, or `BETWEEN`."""
    hole, cell = shapely.STRtree(cells).query(holes, predicate="dwithin", distance=_NODING_M)
    least = np.full(len(holes), np.iinfo(np.intp).max)
    greatest = np.full(len(holes), BETWEEN)
    np.minimum.at(least, hole, parents[cell])
    np.maximum.at(greatest, hole, parents[cell])
    return np.where(least == greatest, least, BETWEEN)


def _beyond(
    grounds: Mapping[int, shapely.Geometry], limits: Mapping[int, shapely.Geometry]
) -> tuple[Indices, Polygons]:
    """Return the parts of each ground outside its limit, each with the key of the ground."""
    keys = np.array(list(grounds), dtype=np.intp)
    excess = [shapely.difference(ground, limits[key]) for key, ground in grounds.items()]
    parts, owner = shapely.get_parts(as_multipolygon(np.array(excess, dtype=object)), return_index=True)
    return keys[owner], parts


def _patches(parents: Indices, polygons: Polygons, sliver_tolerance_m: float) -> tuple[Patch, ...]:
    real = mean_width_m(polygons) > _NOISE_M
    grounds = _grounds(polygons[real], sliver_tolerance_m)
    return tuple(
        Patch(parent, ground) for parent, ground in zip(parents[real].tolist(), grounds, strict=True)
    )


def _overlaps(cells: Polygons, suspects: Indices, sliver_tolerance_m: float) -> tuple[Overlap, ...]:
    suspect, j = near_pairs(cells[suspects], cells)
    pairs = np.sort(np.column_stack([suspects[suspect], j]), axis=1)
    first, second = np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0).T
    common = as_multipolygon(shapely.intersection(cells[first], cells[second]))
    real = mean_width_m(common) > _NOISE_M
    grounds = _grounds(common[real], sliver_tolerance_m)
    return tuple(map(Overlap, first[real].tolist(), second[real].tolist(), grounds))


def _grounds(polygons: Polygons, sliver_tolerance_m: float) -> list[Ground]:
    widths = mean_width_m(polygons)
    return [
        Ground(polygon, area, width, width <= sliver_tolerance_m, point)
        for polygon, area, width, point in zip(
            polygons, area_m2(polygons).tolist(), widths.tolist(), _places(polygons), strict=True
        )
    ]


def _unmatched(edges: NDArray[np.object_]) -> tuple[UnmatchedEdge, ...]:
    cells = np.flatnonzero(~shapely.is_empty(edges))
    lines = edges[cells]
    return tuple(map(UnmatchedEdge, cells.tolist(), lines, shapely.length(lines).tolist(), _places(lines)))


def _pieces(cells: Polygons) -> tuple[Pieces, ...]:
    several = np.flatnonzero(shapely.get_num_geometries(cells) > 1)
    return tuple(_pieces_of(cell, shapely.get_parts(cells[cell])) for cell in several.tolist())


def _pieces_of(cell: int, parts: Polygons) -> Pieces:
    ordered = parts[np.argsort(-area_m2(parts), kind="stable")]
    return Pieces(cell, tuple(area_m2(ordered).tolist()), _places(ordered[-1:])[0])


def _places(geometries: NDArray[np.object_]) -> list[tuple[float, float]]:
    x, y = shapely.get_coordinates(shapely.point_on_surface(geometries)).T
    return list(zip(x.tolist(), y.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class PartitionRepair:
    """Cells made to match, with what it took.

    Attributes
    ----------
    cells : numpy.ndarray of object
        Polygons and multipolygons in the order of the input; those that needed nothing are the same objects.
    moved_m : numpy.ndarray
        How far the border of each cell moves at most, metres; infinite when nothing would be left of it.
    area_change_m2 : numpy.ndarray
        Area after less area before.
    refused : numpy.ndarray of bool
        The change of this cell would exceed the tolerance.
    kept : numpy.ndarray of bool
        The cell stays as it was, because its own repair or that of a neighbour which changes with it is
        refused; its `moved_m` and `area_change_m2` tell what the repair would have been.
    broken_parents : tuple of int
        Parents with a cell that is still invalid or doesn't match a neighbour, in metres or, with a `crs`, in
        storage; ascending.
    """

    cells: Polygons
    moved_m: Floats
    area_change_m2: Floats
    refused: NDArray[np.bool_]
    kept: NDArray[np.bool_]
    broken_parents: tuple[int, ...]

    @property
    def holds(self) -> bool:
        """All cells are valid and match, edge by edge."""
        return not self.broken_parents


def repair(
    cells: ArrayLike,
    *,
    parent_of: ArrayLike,
    tolerance_m: float,
    gap_m: float | None = None,
    crs: CRS | None = None,
) -> PartitionRepair:
    """Return the cells without overlaps, narrow gaps and unmatched edges, as far as the tolerance allows.

    Parameters
    ----------
    cells : array_like of shapely polygon
        The cells of one level, metric CRS; none missing or empty.
    parent_of : array_like of int
        The parent of each cell.
    tolerance_m : float
        How far a border may move, metres.
    gap_m : float, optional
        How wide a gap may be to be closed, and how near vertices may lie to be taken as one, metres; as much
        as the tolerance by default. Borders with wide overlaps and narrow gaps ask for less.
    crs : pyproj.CRS, optional
        The CRS of the cells; with it the law also holds after `geo.geometry.crs.to_lonlat`.

    Returns
    -------
    PartitionRepair
        The cells and, for each, what its repair took.

    Notes
    -----
    Invalid cells are rebuilt, then vertices nearer than a millimetre become one, overlapping ground and
    narrow gaps go to the neighbour with the longest border, and missing vertices are added. Cells that change
    together stand or fall together, so that a refusal never tears a new gap, and where nothing breaks the law
    nothing changes. What a millimetre doesn't mend is tried again with a tenfold distance, up to the width
    of gaps: slivers that wind along several cells, and vertices so near to a line straight in metres that
    in degrees they lie on its wrong side. Repairing twice is repairing once.

    Examples
    --------
    >>> cells = [shapely.box(0, 0, 10, 10), shapely.box(9.9, 0, 20, 10)]
    >>> mended = repair(cells, parent_of=[0, 0], tolerance_m=0.5)
    >>> mended.holds, mended.moved_m.round(3).tolist(), mended.area_change_m2.round(3).tolist()
    (True, [0.0, 0.1], [0.0, -1.0])
    """
    given = np.asarray(cells, dtype=object)
    width_m = tolerance_m if gap_m is None else gap_m
    attempt = _Attempt.none(given)
    for distance_m in _noding_distances(width_m):
        wanting = _wanting(attempt.cells, width_m, crs)
        if not wanting.any():
            break
        clean = _cleaned(attempt.cells, width_m, distance_m)
        attempt = _attempted(given, attempt.cells, clean, wanting, tolerance_m)
    moved_m, area_change_m2 = change(given, attempt.cells)
    broken = np.unique(np.asarray(parent_of)[_breaking(attempt.cells, crs)])
    return PartitionRepair(
        cells=attempt.cells,
        moved_m=np.where(attempt.kept, attempt.moved_m, moved_m),
        area_change_m2=np.where(attempt.kept, attempt.area_change_m2, area_change_m2),
        refused=attempt.refused,
        kept=attempt.kept,
        broken_parents=tuple(broken.tolist()),
    )


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Cells after cleaning with one noding distance, and what cleaning would have done to those kept."""

    cells: Polygons
    moved_m: Floats
    area_change_m2: Floats
    refused: NDArray[np.bool_]
    kept: NDArray[np.bool_]

    @classmethod
    def none(cls, cells: Polygons) -> _Attempt:
        """Return the cells as they came, nothing moved and nothing refused."""
        zero, no = np.zeros(len(cells)), np.zeros(len(cells), dtype=bool)
        return cls(cells, zero, zero, no, no)


def _attempted(
    given: Polygons, current: Polygons, clean: Polygons, wanting: NDArray[np.bool_], tolerance_m: float
) -> _Attempt:
    moved_m, area_change_m2 = change(given, clean)
    beyond = ~is_within(given, moved_m, area_change_m2, tolerance_m=tolerance_m)
    cluster = _clusters(current, clean)
    asked = np.isin(cluster, cluster[wanting])
    kept = asked & np.isin(cluster, cluster[beyond])
    cells = np.where(asked & ~kept, clean, current)
    return _Attempt(cells, moved_m, area_change_m2, kept & beyond, kept)


def _noding_distances(width_m: float) -> list[float]:
    steps = (_NODING_M, 10 * _NODING_M, 100 * _NODING_M)
    return [*(step for step in steps if step < width_m), width_m]


def _wanting(cells: Polygons, gap_m: float, crs: CRS | None) -> NDArray[np.bool_]:
    """Return which cells break the law, or lie at a gap that is to be closed."""
    wanting = _breaking(cells, crs)
    holes = _holes(union(rebuild(cells)))
    narrow = holes[2 * shapely.length(shapely.maximum_inscribed_circle(holes)) <= gap_m]
    _, beside = shapely.STRtree(cells).query(narrow, predicate="dwithin", distance=_NODING_M)
    wanting[beside] = True
    return wanting


def _breaking(cells: Polygons, crs: CRS | None) -> NDArray[np.bool_]:
    """Return which cells are invalid or don't match, here or in storage."""
    here = _mismatched(cells)
    return here if crs is None else here | _mismatched(to_lonlat(cells, crs))


def _mismatched(cells: Polygons) -> NDArray[np.bool_]:
    matching = shapely.is_valid(cells) & shapely.is_empty(shapely.coverage_invalid_edges(cells))
    return np.logical_not(matching)


def _cleaned(cells: Polygons, gap_width_m: float, distance_m: float) -> Polygons:
    clean = shapely.coverage_clean(  # type: ignore[attr-defined]  # new in 2.2, the stubs are of 2.1
        rebuild(cells), gap_width=gap_width_m, snapping_distance=distance_m
    )
    same = shapely.equals_identical(shapely.normalize(cells), shapely.normalize(clean))
    return np.where(same, cells, clean)


def _clusters(before: Polygons, after: Polygons) -> Indices:
    """Return a number for each cell, the same for changed cells that hang together, before or after."""
    changed = np.flatnonzero(~shapely.equals_identical(before, after))
    pairs = near_pairs(before[changed], before[changed]), near_pairs(after[changed], after[changed])
    i, j = changed[np.concatenate(pairs, axis=1)]
    graph = coo_array((np.ones(len(i), dtype=bool), (i, j)), shape=(len(before), len(before)))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)
