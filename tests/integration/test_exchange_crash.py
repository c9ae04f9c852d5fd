"""An import that is killed, with its database, at any moment is there whole or not at all."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from geo.db.cluster import Cluster
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.domain.exchange import Layer
from geo.services.exchange.importing import import_files
from geo.services.exchange.limits import Limits
from geo.services.exchange.options import Options
from tests.integration.victims import Victim, ask, kill_database, own_cluster

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.timeout(420)]
KILLS = 20
ROWS = 4_000


def importing(url: str, file: Path, pipe: Connection) -> None:
    """Import a file when told to."""
    with Database(url, pool_size=1).write() as uow:
        pipe.send(uow.connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
        pipe.recv()
        options = Options(reference="wgs84")
        import_files(OPERATOR, uow, Layer.ISSUES, [file], options=options, limits=Limits(), commit=True)
    pipe.send("done")


def importing_row_by_row(url: str, pipe: Connection) -> None:
    """Commit each row by itself, and say when some are done."""
    batch = text(
        "INSERT INTO import_batch (kind, filename, sha256, reference, row_count, created_by)"
        " VALUES ('issues', 'x', 'x', 'wgs84', :rows, 'operator') RETURNING id"
    )
    issue = text(
        "INSERT INTO issue (number, category, reported_at, batch_id) VALUES (:number, 'x', now(), :batch)"
    )
    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        number = connection.execute(batch, {"rows": ROWS}).scalar_one()
        pipe.send(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
        for row in range(ROWS):
            connection.execute(issue, {"number": str(row), "batch": number})
            if row == 100:
                pipe.send("done")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with own_cluster() as cluster:
        yield cluster


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "issues.csv"
    rows = (f"N{n},垃圾,2024-05-01 08:00,{120 + n / 1e5},{30 + n / 1e5}" for n in range(ROWS))
    path.write_text("\n".join(["number,category,reported_at,lon,lat", *rows]), encoding="utf-8")
    return path


def _state(url: str) -> tuple[object, ...]:
    """Give batches, issues, their events, and entries of the trail."""
    counted = ("import_batch", "issue", "issue_event", "audit_log WHERE action = 'import'")
    return tuple(ask(url, " UNION ALL ".join(f"SELECT count(*) FROM {rows}" for rows in counted)))


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
    _empty(url)
    victim = Victim.started(importing, url, file)
    begun = time.monotonic()
    victim.go()
    victim.heard(1)
    whole_s = time.monotonic() - begun
    victim.end()
    assert _state(url) == EVERYTHING
    seen = []
    chance = random.Random(20261122)
    for _ in range(KILLS):
        _empty(url)
        victim = Victim.started(importing, url, file)
        victim.go()
        time.sleep(chance.uniform(0, 1.1) * whole_s)
        kill_database(cluster, victim)
        seen.append(_state(url))
    assert set(seen) <= {NOTHING, EVERYTHING}
    assert NOTHING in seen, "no kill came in time: the test proves nothing"


def test_rows_that_are_committed_one_by_one_would_be_caught(cluster: Cluster) -> None:
    _empty(cluster.url())
    victim = Victim.started(importing_row_by_row, cluster.url())
    victim.heard(1)
    kill_database(cluster, victim)
    assert _state(cluster.url()) not in {NOTHING, EVERYTHING}
