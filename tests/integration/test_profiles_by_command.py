"""`wangge profile`: checked, adopted, changed and looked up from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from geo.errors import BadValue, NotFound

pytestmark = pytest.mark.database

PROFILES = Path(__file__).parents[2] / "data" / "profiles"
HIGH = "division.households.high"


@pytest.fixture
def wangge(database_url, tmp_path):
    """Runs a command over a database of its own; gives status and what it has printed."""

    def run(*words: str) -> tuple[int, str]:
        told = {
            "WANGGE_DATABASE_URL": database_url,
            "WANGGE_DATA_DIR": str(tmp_path),
            "COLUMNS": "200",
        }
        result = CliRunner().invoke(app, ["profile", *words], env=told)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return run


def test_the_shipped_profiles_and_what_holds_are_listed(wangge):
    status, told = wangge("list")
    assert status == 0
    assert all(path.stem in told for path in PROFILES.glob("*.yaml"))
    assert "自始 · always" in told


@pytest.mark.parametrize("path", sorted(PROFILES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_file_is_sound(wangge, path):
    assert wangge("check", str(path))[0] == 0


def test_a_typo_in_a_file_is_told_in_both_languages(wangge, tmp_path):
    text = (PROFILES / "food-drug.yaml").read_text("utf-8")
    file = tmp_path / "ours.yaml"
    file.write_text(text.replace("weight: 30", "wieght: 30", 1), "utf-8")
    status, told = wangge("check", str(file))
    assert status == 1
    assert "assessment.indicators.0.wieght" in told
    assert "did you mean “weight”" in told
    assert "是否为“weight”" in told


def test_weights_that_do_not_sum_are_told_with_their_sum(wangge, tmp_path):
    text = (PROFILES / "food-drug.yaml").read_text("utf-8")
    file = tmp_path / "ours.yaml"
    file.write_text(text.replace("weight: 30", "weight: 31", 1), "utf-8")
    status, told = wangge("adopt", str(file), "--from", "2026-12-01", "--commit")
    assert status == 1
    assert "101" in told
    assert wangge("history", HIGH)[1].count("community") == 1


def test_a_file_is_tried_first_and_kept_when_it_is_meant(wangge):
    file = str(PROFILES / "township.yaml")
    status, told = wangge("adopt", file, "--from", "2026-12-01")
    assert status == 0
    assert "A dry run" in told
    assert "township" not in wangge("history", HIGH)[1]
    assert wangge("adopt", file, "--from", "2026-12-01", "--commit")[0] == 0
    assert "2026-12-01" in wangge("history", HIGH)[1]


def test_a_single_value_is_set_from_a_day_on(wangge):
    assert wangge("override", f"{HIGH}=900", "--from", "2026-12-01", "--commit")[0] == 0
    told = wangge("history", HIGH)[1]
    assert [line.split()[-3] for line in told.splitlines()[1:]] == ["1000", "900"]
    assert "high: 1000" in wangge("show", "community")[1]


def test_two_profiles_are_told_side_by_side(wangge):
    status, told = wangge("compare", "community", "township")
    assert status == 0
    (line,) = [line for line in told.splitlines() if HIGH in line]
    assert [cell for cell in line.split() if cell.isdigit()] == ["1000", "500"]
    assert "每个社区按500--1000户居民建立一个网格" not in line


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("override", "division.households.hihg=1", "--from", "2026-12-01"), BadValue),
        (("override", "nothing", "--from", "2026-12-01"), BadValue),
        (("adopt", "nobody", "--from", "2026-12-01"), NotFound),
        (("show", "nobody"), NotFound),
        (("history", "no.such.path"), BadValue),
        (("show", "--grid", "999"), NotFound),
        (("withdraw", "--grid", "999", "--from", "2026-12-01"), NotFound),
    ],
)
def test_what_is_not_there_is_refused_by_name(wangge, words, error):
    with pytest.raises(error):
        wangge(*words)


def test_a_value_that_can_not_hold_is_refused_in_words(wangge):
    status, told = wangge("override", f"{HIGH}=many", "--from", "2026-12-01")
    assert status == 1
    assert HIGH in told
    assert "integer" in told
