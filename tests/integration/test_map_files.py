"""`wangge map` writes files that name no other host."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.errors import NoDivision
from geo.services.generations import publish
from tests.integration.conftest import strips

pytestmark = pytest.mark.database

Run = Callable[..., object]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database_url)
    monkeypatch.setenv("WANGGE_DATA_DIR", str(tmp_path))

    def run(*words: str) -> None:
        CliRunner().invoke(app, ["map", *words], catch_exceptions=False)

    return run


def _publish(url: str) -> None:
    database = Database(url)
    with database.write() as uow:
        publish(OPERATOR, uow, strips(3), name="strips", valid_from=datetime(2026, 1, 1, tzinfo=UTC))
    database.close()


@pytest.mark.slow
def test_every_map_becomes_a_file_of_its_own(run: Run, database_url: str, tmp_path: Path) -> None:
    _publish(database_url)
    for kind in ("coverage", "walked", "hotspots", "issues"):
        out = tmp_path / f"{kind}.html"
        run(kind, "--out", str(out), "--from", "2026-01-01", "--to", "2026-01-31", "--lang", "en")
        html = out.read_text(encoding="utf-8")
        assert "第001网格" in html
        assert "1 Jan 2026" in html
        assert not re.search(r"""(?:src|href)\s*=\s*["']?(?!data:)[\w./]""", html.partition("<body>")[0])
        assert "default-src &#39;none&#39;" in html


def test_without_a_division_there_is_no_file(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "map.html"
    with pytest.raises(NoDivision):
        run("coverage", "--out", str(out))
    assert not out.exists()
