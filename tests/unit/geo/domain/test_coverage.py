from datetime import UTC, datetime

import pytest

from geo.domain.coverage import Coverage, GridCoverage
from geo.domain.grids import GridName, Level
from geo.domain.measures import AreaShare, Period, Share
from geo.errors import BadValue

START = datetime(2026, 1, 1, tzinfo=UTC)
PERIOD = Period(START, datetime(2026, 2, 1, tzinfo=UTC))


def coverage(*shares):
    rows = (GridCoverage(GridName(str(n), "", Level.UNIT), Share(*share)) for n, share in enumerate(shares))
    return Coverage(PERIOD, tuple(rows), 0)


def test_the_total_is_that_of_all_subjects_and_no_mean_of_rates():
    assert coverage((1, 1), (0, 99)).total == Share(1, 100)


def test_neglected_is_less_than_half_the_rate_of_all_the_lowest_first():
    found = coverage((8, 10), (2, 10), (0, 5), (0, 10), (0, 0), (30, 30))
    assert [row.grid.code for row in found.neglected] == ["3", "2", "1"]


def test_where_nothing_was_visited_at_all_no_grid_is_worse_than_the_others():
    assert coverage((0, 3), (0, 4)).neglected == ()


@pytest.mark.parametrize("end", [START, datetime(2025, 1, 1, tzinfo=UTC)])
def test_a_period_ends_after_it_starts(end):
    with pytest.raises(BadValue):
        Period(START, end)


def test_a_share_of_an_area():
    assert AreaShare(25.0, 100.0).rate == 0.25
