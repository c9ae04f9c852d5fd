"""Geometry against real divisions and against collections of nasty polygons."""

import json
import os
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from geo.errors import GridError, Malformed
from geo.geometry import crs
from geo.geometry.adjacency import neighbours
from geo.geometry.datum import shift_fit
from geo.geometry.dissolve import dissolve
from geo.geometry.geojson import Limits, feature_geometry, geojson_features, geojson_geometry
from geo.geometry.partition import PartitionRepair, check, repair
from geo.geometry.validity import Reason, inspect
from geo.geometry.validity import repair as repair_polygons

FOLDER = os.environ.get("WANGGE_REAL_DATA")
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(FOLDER is None, reason="WANGGE_REAL_DATA names no folder of real data"),
]
DATA = Path(FOLDER or ".")
TOLERANCE_M = 0.5
NASTY = {
    "geojson": sorted(DATA.glob("nasty/geojson-invalid-geometry/examples/*/*.geojson")),
    "earcut": sorted(DATA.glob("nasty/earcut/fixtures/*.json")),
    "clipping": sorted(DATA.glob("nasty/polygon-clipping/test/end-to-end/*/args.geojson")),
}


@pytest.fixture(scope="module")
def xihu() -> gpd.GeoDataFrame:
    return gpd.read_file(DATA / "xihu/grids.geojson")


@pytest.fixture(scope="module")
def metric(xihu: gpd.GeoDataFrame) -> CRS:
    return crs.metric_crs(tuple(xihu.total_bounds))


@pytest.fixture(scope="module")
def community(xihu: gpd.GeoDataFrame) -> np.ndarray:
    """Return the community of each grid as a number; grids without a code go by the town they name."""
    code = xihu.CS_XZQHBM.str.strip()
    return np.unique(code.where(code != "", xihu.zhenjie), return_inverse=True)[1]


@pytest.fixture(scope="module")
def mended(xihu: gpd.GeoDataFrame, metric: CRS, community: np.ndarray) -> PartitionRepair:
    cells = crs.to_metric(xihu.geometry, metric)
    return repair(cells, parent_of=community, tolerance_m=TOLERANCE_M, crs=metric)


def test_xihu_lies_in_the_zone_of_120_degrees(metric: CRS):
    assert metric.to_epsg() == 4549


def test_xihu_has_one_invalid_polygon(xihu: gpd.GeoDataFrame):
    faults = Counter(finding.reason for finding in inspect(xihu.geometry))
    assert faults == {Reason.OK: 604, Reason.RING_SELF_INTERSECTION: 1}


def test_the_known_dirt_of_xihu_is_found(xihu: gpd.GeoDataFrame, community: np.ndarray):
    # The figures of the data's description hold in this zone: where an edge lacks a vertex, a line that is
    # straight in one system passes the vertex on the other side in another, so that overlaps depend on it.
    cells = crs.to_metric(xihu.geometry, CRS.from_epsg(32650))
    report = check(cells, parent_of=community, sliver_tolerance_m=TOLERANCE_M)
    assert list(report.invalid) == [296]
    assert len(report.overlaps) == 5
    assert sum(overlap.ground.area_m2 for overlap in report.overlaps) == pytest.approx(0.24, abs=0.005)
    assert len(report.unmatched_edges) == 8
    assert len(report.pieces) == 40
    assert sum(gap.ground.area_m2 for gap in report.gaps) < 0.01
    assert all(overlap.ground.sliver for overlap in report.overlaps)


def test_after_the_repair_xihu_matches_in_every_community(
    xihu: gpd.GeoDataFrame, metric: CRS, community: np.ndarray, mended: PartitionRepair
):
    stored = crs.to_lonlat(mended.cells, metric)
    assert mended.holds
    assert shapely.is_valid(stored).all()
    assert shapely.coverage_is_valid(stored)
    assert all(shapely.coverage_is_valid(stored[community == number]) for number in np.unique(community))
    assert not shapely.coverage_is_valid(np.array(xihu.geometry))


def test_the_repair_of_xihu_moves_next_to_nothing(mended: PartitionRepair):
    assert not mended.refused.any()
    assert 0 < mended.moved_m.max() < 0.01
    assert np.abs(mended.area_change_m2).sum() < 0.5
    assert np.count_nonzero(mended.moved_m) < 10


def test_repairing_xihu_twice_is_repairing_it_once(
    metric: CRS, community: np.ndarray, mended: PartitionRepair
):
    again = repair(mended.cells, parent_of=community, tolerance_m=TOLERANCE_M, crs=metric)
    assert shapely.equals_identical(again.cells, mended.cells).all()


def test_communities_of_xihu_dissolve_into_a_partition(community: np.ndarray, mended: PartitionRepair):
    numbers, ground = dissolve(mended.cells, community)
    assert len(numbers) == len(np.unique(community))
    assert shapely.coverage_is_valid(ground)
    assert shapely.area(ground).sum() == pytest.approx(shapely.area(mended.cells).sum(), rel=1e-12)


def test_every_grid_of_xihu_has_a_neighbour(mended: PartitionRepair):
    i, j, shared_m = neighbours(mended.cells)
    assert set(i) | set(j) == set(range(605))
    assert shared_m.min() > 0


@pytest.fixture(scope="module")
def huadu() -> tuple[np.ndarray, shapely.Geometry, CRS]:
    streets = gpd.read_file(DATA / "guangzhou/gz_streets_wgs84.geojson")
    outline = gpd.read_file(DATA / "guangzhou/huadu_district_gcj02.geojson").geometry.iloc[0]
    own = np.array(streets.geometry[streets.district == "花都区"])
    return own, outline, crs.metric_crs(outline.bounds)


def test_the_outline_of_huadu_is_recognised_as_gcj02(huadu):
    streets, outline, metric = huadu
    fit = shift_fit(streets, outline, metric)
    assert (round(fit.iou_as_labelled, 3), round(fit.iou_shifted, 3)) == (0.922, 0.986)
    assert (fit.datum, fit.shifted, fit.suspicious) == ("gcj02", "outline", True)


@pytest.mark.parametrize("name", ["gcj02", "bd09"])
def test_streets_of_huadu_in_a_shifted_datum_are_recognised(huadu, name):
    streets, outline, metric = huadu
    [true_outline] = crs.to_storage([outline], crs.reference("gcj02"))
    honest = shift_fit(streets, true_outline, metric)
    wrong = shift_fit(crs.from_storage(streets, crs.reference(name)), true_outline, metric)
    assert not honest.suspicious
    assert (wrong.datum, wrong.shifted, wrong.suspicious) == (name, "layer", True)


def test_all_nasty_files_are_there():
    assert {name: len(files) for name, files in NASTY.items()} == {
        "geojson": 74,
        "earcut": 59,
        "clipping": 93,
    }


def outcome(read: Any) -> str:
    """Return what becomes of a geometry: an error by its code, or how the repair went."""
    try:
        geometry = read()
    except GridError as error:
        return f"{error.code}: {error.fields['expected']}"
    if geometry is None or geometry.geom_type not in {"Polygon", "MultiPolygon"}:
        return "no-polygon"
    [repaired] = repair_polygons([geometry], tolerance_m=TOLERANCE_M)
    if repaired.refused:
        return "refused"
    assert shapely.is_valid(repaired.geometry)
    return "sound" if repaired.reason is Reason.OK else "repaired"


def features(path: Path) -> list[Any]:
    with suppress(Malformed):
        return geojson_features(json.loads(path.read_text()))
    return []


def in_berlin_m(geometry: shapely.Geometry | None) -> shapely.Geometry | None:
    """Return the geometry in metres, since most of the files are drawn in Berlin."""
    return crs.to_metric([geometry], CRS.from_epsg(32633))[0]


def outcomes_of(prefix: str) -> set[str]:
    """Return what becomes of the features of all files of that name."""
    return {
        outcome(lambda f=feature: in_berlin_m(feature_geometry(f, Limits()))).partition(":")[0]
        for path in NASTY["geojson"]
        if path.stem.startswith(prefix)
        for feature in features(path)
    }


@pytest.mark.parametrize(
    ("prefix", "outcomes"),
    [
        ("invalid_feature", {"malformed"}),
        ("invalid_geometry", {"malformed"}),
        ("invalid_unclosed", {"malformed"}),
        ("invalid_less", {"malformed"}),
        ("invalid_incorrect", {"malformed"}),
        ("invalid_exterior", {"sound"}),
        ("invalid_interior", {"sound"}),
        ("problematic_self_intersection_small", {"repaired"}),
        ("problematic_self_intersection_large", {"refused"}),
        ("problematic_inner_and_exterior", {"refused"}),
        ("problematic_3d", {"sound"}),
        ("problematic_4d", {"sound"}),
        ("valid", {"sound", "no-polygon"}),
    ],
)
def test_geojson_files_give_a_clear_error_or_a_stated_repair(prefix: str, outcomes: set[str]):
    assert outcomes_of(prefix) == outcomes


def test_every_geojson_file_has_an_outcome():
    assert outcomes_of("") == {"malformed", "sound", "repaired", "refused", "no-polygon"}


@pytest.mark.slow
def test_earcut_polygons_give_a_clear_error_or_a_stated_repair():
    def closed(path: Path) -> dict[str, Any]:
        return {"type": "Polygon", "coordinates": [ring + ring[:1] for ring in json.loads(path.read_text())]}

    outcomes = Counter(
        outcome(lambda p=path: geojson_geometry(closed(p), Limits())).partition(":")[0]
        for path in NASTY["earcut"]
    )
    assert outcomes.keys() == {"sound", "repaired", "refused", "malformed"}
    assert outcomes["sound"] >= 30


@pytest.mark.slow
def test_clipping_cases_give_a_clear_error_or_a_stated_repair_and_can_be_checked():
    for path in NASTY["clipping"]:
        read = [(f, outcome(lambda f=f: feature_geometry(f, Limits()))) for f in features(path)]
        polygons = np.array(
            [feature_geometry(f, Limits()) for f, found in read if found == "sound"], dtype=object
        )
        number = [0] * len(polygons)
        check(polygons, parent_of=number, sliver_tolerance_m=TOLERANCE_M)
        mended = repair(polygons, parent_of=number, tolerance_m=TOLERANCE_M)
        assert mended.holds or mended.refused.any()
