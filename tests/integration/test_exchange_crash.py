"""An import that is killed, with its database, at any moment is there whole or not at all."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from geo.db.cluster import Cluster
from geo.db.migrations import upgrade

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.timeout(420)]
KILLS = 20
ROWS = 4_000
IMPORT = """
import sys
from pathlib import Path
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.domain.exchange import Layer
from geo.services.exchange.importing import import_files
from geo.services.exchange.limits import Limits
from geo.services.exchange.options import Options
print("ready", flush=True)
sys.stdin.readline()
with Database(sys.argv[1], pool_size=1).write() as uow:
    import_files(OPERATOR, uow, Layer.ISSUES, [Path(sys.argv[2])], options=Options(reference="wgs84"),
                 limits=Limits(), commit=True)
print("done", flush=True)
"""
PIECEMEAL = """
import sys
from sqlalchemy import create_engine, text
engine = create_engine(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
batch = ("INSERT INTO import_batch (kind, filename, sha256, reference, row_count, created_by)"
         " VALUES ('issues', 'x', 'x', 'wgs84', 4000, 'operator') RETURNING id")
with engine.begin() as connection:
    number = connection.execute(text(batch)).scalar_one()
for row in range(4000):
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO issue (number, category, reported_at, batch_id)"
                                f" VALUES ('{row}', 'x', now(), {number})"))
    if row == 100:
        print("done", flush=True)
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o711)  # the account that the server runs as passes through
    cluster = Cluster(tmp_path / "home")
    with cluster.running() as url:
        upgrade(url)
        yield cluster


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "issues.csv"
    rows = (f"N{n},垃圾,2024-05-01 08:00,{120 + n / 1e5},{30 + n / 1e5}" for n in range(ROWS))
    path.write_text("\n".join(["number,category,reported_at,lon,lat", *rows]), encoding="utf-8")
    return path


def _started(script: str, url: str, file: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", script, url, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def _killed(process: subprocess.Popen[str], cluster: Cluster) -> None:
    """Kill the import and the database, and start the database again."""
    server = cluster.status().pid
    assert server is not None
    process.kill()
    os.kill(server, signal.SIGKILL)
    process.communicate()
    while cluster.status().pid == server:
        time.sleep(0.02)
    cluster.start()


def _state(url: str) -> tuple[int, int, int, int]:
    """Give batches, issues, their events, and entries of the trail."""
    engine = create_engine(url, poolclass=NullPool)
    statement = (
        "SELECT (SELECT count(*) FROM import_batch), (SELECT count(*) FROM issue), "
        "(SELECT count(*) FROM issue_event), (SELECT count(*) FROM audit_log WHERE action = 'import')"
    )
    for _ in range(100):
        try:
            with engine.connect() as connection:
                return tuple(connection.execute(text(statement)).one())
        except OperationalError:
            time.sleep(0.1)
    raise AssertionError("the database doesn't come back")


def _empty(url: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_log DISABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM audit_log"))
        connection.execute(text("ALTER TABLE audit_log ENABLE TRIGGER USER"))
        for table in ("issue_event", "issue_rating"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM issue_event"))
        connection.execute(text("DELETE FROM issue"))
        connection.execute(text("DELETE FROM import_batch"))
        for table in ("issue_event", "issue_rating"):
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


NOTHING, EVERYTHING = (0, 0, 0, 0), (1, ROWS, ROWS, 1)


def test_a_killed_import_is_there_whole_or_not_at_all(cluster: Cluster, file: Path) -> None:
    url = cluster.url()
    process = _started(IMPORT, url, file)
    begun = time.monotonic()
    _go(process)
    process.communicate()
    whole_s = time.monotonic() - begun
    assert _state(url) == EVERYTHING
    seen = []
    chance = random.Random(20261122)
    for _ in range(KILLS):
        _empty(url)
        process = _started(IMPORT, url, file)
        _go(process)
        time.sleep(chance.uniform(0.2, 1.1) * whole_s)
        _killed(process, cluster)
        seen.append(_state(url))
    assert set(seen) <= {NOTHING, EVERYTHING}
    assert NOTHING in seen, "no kill came in time: the test proves nothing"


def test_rows_that_are_committed_one_by_one_would_be_caught(cluster: Cluster, file: Path) -> None:
    process = _started(PIECEMEAL, cluster.url(), file)
    _go(process)
    assert process.stdout is not None
    assert process.stdout.readline() == "done\n"
    _killed(process, cluster)
    assert _state(cluster.url()) not in {NOTHING, EVERYTHING}
