"""Operations at random on a division that somebody really uses."""

import os
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import GridError
from geo.geometry import crs
from geo.geometry.partition import repair
from geo.geometry.tiling import Cell, Plane, Tiling
from tests.property.gestures import GESTURES, overlapping_m2, totals

FOLDER = os.environ.get("WANGGE_REAL_DATA")
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.slow,
    pytest.mark.skipif(FOLDER is None, reason="WANGGE_REAL_DATA names no folder of real data"),
]
OPERATIONS = 300


@pytest.fixture(scope="module")
def xihu() -> Tiling:
    grids = gpd.read_file(Path(FOLDER or ".") / "xihu/grids.geojson")
    metric = crs.metric_crs(tuple(grids.total_bounds))
    code = grids.CS_XZQHBM.str.strip()
    community = np.unique(code.where(code != "", grids.zhenjie), return_inverse=True)[1]
    cells = crs.to_metric(grids.geometry, metric)
    mended = repair(cells, parent_of=community, tolerance_m=0.5, crs=metric)
    assert mended.holds
    return Tiling(
        {
            f"{i:03d}": Cell(shape, str(parent), f"格{i}", f"{i:03d}", 200 + i % 300, 500 + i)
            for i, (shape, parent) in enumerate(
                zip(crs.to_lonlat(mended.cells, metric), community, strict=True)
            )
        },
        Plane.at(float(grids.total_bounds[[1, 3]].mean())),
    )


def test_xihu_stays_a_division_whatever_is_done_to_it(xihu: Tiling):
    chance, tiling, effects = np.random.default_rng(20261122), xihu, []
    outcome: Counter[str] = Counter()
    while len(effects) < OPERATIONS:
        gesture = GESTURES[chance.integers(len(GESTURES))]
        try:
            effect = gesture(tiling, chance, f"n{len(effects)}")
        except GridError as refusal:
            outcome[refusal.code] += 1
            continue
        tiling = tiling.after(effect)
        effects.append(effect)
        outcome[gesture.__name__] += 1
        touched = [key for key, change in effect.changes.items() if change.after is not None]
        ground = shapely.union_all(tiling.shapes(touched))
        shapes = tiling.shapes(tiling.near(ground))
        assert shapely.is_valid(shapes).all()
        assert shapely.coverage_is_valid(shapes)
    assert min(outcome[gesture.__name__] for gesture in GESTURES) > 0, outcome
    shapes, start = tiling.shapes(tiling.cells), xihu.shapes(xihu.cells)
    assert shapely.coverage_is_valid(shapes)
    assert overlapping_m2(tiling) < 1e-3
    assert totals(tiling) == totals(xihu)
    assert shapely.area(shapes).sum() == pytest.approx(shapely.area(start).sum(), rel=1e-9)
    areas = [
        shapely.area(crs.to_metric(of, crs.metric_crs((120.0, 30.1, 120.2, 30.4)))) for of in (shapes, start)
    ]
    assert areas[0].sum() == pytest.approx(areas[1].sum(), rel=1e-6)
    untouched = set(xihu.cells) - {key for effect in effects for key in effect.changes}
    assert all(tiling[key] is xihu[key] for key in untouched)
    for effect in reversed(effects):
        tiling = tiling.after(effect.inverse)
    assert {key: cell.geometry.wkb for key, cell in tiling.cells.items()} == {
        key: cell.geometry.wkb for key, cell in xihu.cells.items()
    }
    assert tiling.cells == xihu.cells
