from datetime import UTC, datetime

import numpy as np

from geo.domain.grids import GridName, Level
from geo.domain.hotspots import Finding, find_hotspots
from geo.domain.measures import Period

PERIOD = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))


def spots(counts, i, j):
    named = tuple((GridName(f"{n:03}", f"网格{n}", Level.UNIT), count) for n, count in enumerate(counts))
    return find_hotspots(PERIOD, named, np.array(i, dtype=np.intp), np.array(j, dtype=np.intp), unlocated=3)


def test_a_cluster_is_hot_and_what_is_far_is_not():
    found = spots([40] * 6 + [5] * 40, range(45), range(1, 46))
    assert [row.finding for row in found.grids[1:5]] == [Finding.HOT_99] * 4
    assert {row.finding for row in found.grids[10:]} == {Finding.NONE}
    assert found.hot[0].z == max(row.z for row in found.grids)
    assert found.unlocated == 3


def test_a_hole_among_high_counts_is_cold():
    found = spots([0] * 6 + [40] * 40, range(45), range(1, 46))
    assert found.cold[0].finding is Finding.COLD_99
    assert found.hot == ()


def test_chance_alone_is_rarely_called_hot():
    """One in ten would be, if the many tests weren't corrected for."""
    random = np.random.default_rng(3)
    uncorrected, called = 0, 0
    for _ in range(20):
        found = spots(random.poisson(5, 200).tolist(), range(199), range(1, 200))
        called += len(found.hot) + len(found.cold)
        uncorrected += sum(abs(row.z) > 1.645 for row in found.grids)
    assert uncorrected > 200
    assert called < uncorrected / 10


def test_an_island_is_named_and_not_judged():
    found = spots([1, 2, 3, 500], [0, 1], [1, 2])
    assert [row.grid.code for row in found.islands] == ["003"]
    assert found.islands[0].p == 1
    assert found.hot == ()


def test_no_grids_no_findings():
    found = spots([], [], [])
    assert (found.grids, found.moran, found.geary) == ((), None, None)
