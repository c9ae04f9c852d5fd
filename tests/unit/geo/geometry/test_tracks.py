import numpy as np
import pytest

from geo.geometry.tracks import walked

RULES = {"speed_limit_m_per_s": 30.0, "gap_s": 600.0}


def walk(*tracks):
    fixes = np.array([fix for track in tracks for fix in track], dtype=float).reshape(-1, 3)
    owner = np.repeat(np.arange(len(tracks)), [len(track) for track in tracks])
    return [line.wkt for line in walked(fixes[:, :2], fixes[:, 2], owner, **RULES)]


def test_two_tracks_are_never_joined():
    assert walk([(0, 0, 0), (1, 0, 1)], [(2, 0, 2), (3, 0, 3)]) == [
        "LINESTRING (0 0, 1 0)",
        "LINESTRING (2 0, 3 0)",
    ]


def test_a_single_jump_is_left_out():
    assert walk([(0, 0, 0), (10, 0, 10), (9000, 0, 20), (20, 0, 30), (30, 0, 40)]) == [
        "LINESTRING (0 0, 10 0)",
        "LINESTRING (20 0, 30 0)",
    ]


def test_nobody_knows_the_way_through_a_silence():
    assert walk([(0, 0, 0), (10, 0, 10), (500, 0, 1000), (510, 0, 1010)]) == [
        "LINESTRING (0 0, 10 0)",
        "LINESTRING (500 0, 510 0)",
    ]


@pytest.mark.parametrize("fixes", [[], [(0, 0, 0)], [(0, 0, 0), (9000, 0, 1)]])
def test_where_nobody_went_there_is_no_line(fixes):
    assert walk(fixes) == []
