"""Nasty files give a clear error or a stated repair: no traceback, nothing half-imported."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.domain.exchange import Layer, Severity
from geo.errors import GridError
from geo.services.exchange.importing import import_files
from geo.services.exchange.limits import Limits
from geo.services.exchange.options import DivisionOptions, Options

FOLDER = os.environ.get("WANGGE_REAL_DATA")
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.database,
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.skipif(FOLDER is None, reason="WANGGE_REAL_DATA names no folder of real data"),
]
NASTY = Path(FOLDER or ".") / "nasty"
GEOJSON = sorted(NASTY.glob("geojson-invalid-geometry/examples/*/*.geojson"))
EARCUT = sorted(NASTY.glob("earcut/fixtures/*.json"))
CLIPPING = sorted(NASTY.glob("polygon-clipping/test/end-to-end/*/*.geojson"))
METRIC = "EPSG:4549"
CORNER = (500_000.0, 3_300_000.0)
"""Plane figures stand here, in metres near the central meridian."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, pool_size=1)
    yield database
    database.close()


def _moved(value: Any) -> Any:
    if isinstance(value, list) and len(value) >= 2 and all(isinstance(n, int | float) for n in value):
        return [value[0] + CORNER[0], value[1] + CORNER[1], *value[2:]]
    if isinstance(value, list):
        return [_moved(one) for one in value]
    if isinstance(value, dict):
        return {name: _moved(one) if name != "bbox" else one for name, one in value.items()}
    return value


def _closed(rings: list[list[list[float]]]) -> list[list[list[float]]]:
    return [ring if not ring or ring[0] == ring[-1] else [*ring, ring[0]] for ring in rings]


def _outcome(database: Database, path: Path, *, repair: bool, reference: str | None) -> str:
    """Try to commit a file, and tell what became of it; nothing may be left of what was refused."""
    options = Options(repair=repair, reference=reference, tolerance_m=0.5)
    division = DivisionOptions(assign_codes=True, code_prefix="330106001001", allow_gaps=True)
    try:
        with database.write() as uow:
            outcome = import_files(
                OPERATOR,
                uow,
                Layer.GRIDS,
                [path],
                options=options,
                limits=Limits(),
                commit=True,
                division=division,
            )
            left = uow.connection.execute(text("SELECT count(*), bool_and(ST_IsValid(geom)) FROM grid")).one()
            batches = uow.connection.execute(text("SELECT count(*) FROM import_batch")).scalar_one()
            uow.connection.rollback()
    except GridError as error:
        with database.read() as uow:
            assert uow.connection.execute(text("SELECT count(*) FROM import_batch")).scalar_one() == 0
        return f"error {error.code}"
    if outcome.refused:
        assert (left[0], batches) == (0, 0)
        errors = [p.code for p in outcome.report.problems if p.severity is Severity.ERROR]
        assert errors
        return f"refused {errors[0]}"
    assert (left[0], left[1], batches) == (outcome.report.accepted, True, 1)
    stated = any(
        p.severity is Severity.REPAIRED and p.code != "code-assigned" for p in outcome.report.problems
    )
    return "repaired" if stated else "accepted"


@pytest.mark.parametrize("repair", [False, True])
def test_invalid_geojson_gives_a_clear_answer(database: Database, repair: bool) -> None:
    answers = {path.stem: _outcome(database, path, repair=repair, reference=None) for path in GEOJSON}
    assert len(answers) >= 74
    invalid = {path.stem for path in GEOJSON if path.parent.name == "invalid_structure"}
    tolerable = {name for name in invalid if answers[name] in {"accepted", "repaired"}}
    assert not tolerable, {name: answers[name] for name in tolerable}
    assert answers["valid_geometry_polygon"] == "accepted"


@pytest.mark.parametrize("repair", [False, True])
def test_polygons_of_earcut_give_a_clear_answer(database: Database, tmp_path: Path, repair: bool) -> None:
    answers = {}
    for path in EARCUT:
        rings = _moved(_closed(json.loads(path.read_text(encoding="utf-8"))))
        copy = tmp_path / f"{path.stem}.geojson"
        copy.write_text(json.dumps({"type": "Polygon", "coordinates": rings}), encoding="utf-8")
        answers[path.stem] = _outcome(database, copy, repair=repair, reference=METRIC)
    assert len(answers) == 59
    assert sum(answer == "accepted" for answer in answers.values()) >= 25
    assert sum(answer.startswith(("error", "refused", "repaired")) for answer in answers.values()) >= 15


def test_cases_of_polygon_clipping_give_a_clear_answer(database: Database, tmp_path: Path) -> None:
    answers = {}
    for path in CLIPPING:
        copy = tmp_path / f"{path.parent.name}-{path.stem}.geojson"
        copy.write_text(json.dumps(_moved(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
        answers[copy.stem] = _outcome(database, copy, repair=True, reference=METRIC)
    assert len(answers) == len(CLIPPING)
    kinds = {answer.partition(" ")[0] for answer in answers.values()}
    assert kinds >= {"accepted", "refused"}
