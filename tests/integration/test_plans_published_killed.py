"""A publication that is killed at any moment, with its process or the database, has happened or it hasn't."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from zoneinfo import ZoneInfo

import pytest
import shapely
from sqlalchemy import event, text

from geo.db import plan_publication as rows
from geo.db.cluster import Cluster
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.domain.plan_operations import OperationKind
from geo.services import plan_operations, plans
from geo.services.generations import publish
from geo.services.plan_drafts import Drafts
from geo.services.plan_publication import publish_plan
from geo.services.profiles import settle
from tests.integration.planners import NOW
from tests.integration.victims import Victim, ask, kill_database, own_cluster

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.timeout(900)]

KILLS = 50
ZONE = ZoneInfo("Asia/Shanghai")


# what is to be whole -------------------------------------------------------------------------------------

FAULTS = {
    "generations don't follow one another": """
        SELECT 1 FROM generation AS one LEFT JOIN generation AS next ON next.valid_from = one.valid_to
        WHERE one.valid_to IS NOT NULL AND next.id IS NULL
        UNION ALL SELECT 1 FROM generation HAVING count(*) FILTER (WHERE valid_to IS NULL) <> 1
    """,
    "a generation lacks grids, or never took effect": """
        SELECT 1 FROM generation AS one LEFT JOIN grid ON generation_id = one.id AND is_leaf
        GROUP BY one.id HAVING count(grid.id) < 2 OR one.took_effect_at IS NULL
    """,
    "a grid doesn't lie in those above it": """
        SELECT 1 FROM grid JOIN level ON key = level LEFT JOIN grid_within ON grid_id = grid.id
        GROUP BY grid.id, depth HAVING count(ancestor_id) <> depth + 1
    """,
    "ground went nowhere": """
        SELECT 1 FROM grid JOIN generation ON generation.id = generation_id AND valid_to IS NOT NULL
            LEFT JOIN lineage ON predecessor_id = grid.id
        GROUP BY grid.id HAVING abs(coalesce(sum(area_share), 0) - 1) > 1e-9
    """,
    "codes and grids disagree": """
        SELECT 1 FROM grid_code LEFT JOIN (grid JOIN generation ON generation.id = generation_id
            AND valid_to IS NULL) ON grid.code = grid_code.code
        WHERE (retired_by_generation_id IS NULL) <> (grid.id IS NOT NULL)
    """,
    "something is at home in a grid that is no more": """
        WITH home AS (SELECT home_id FROM grid JOIN generation ON generation.id = generation_id
            WHERE valid_to IS NULL AND is_leaf)
        SELECT 1 FROM (SELECT grid_id FROM entity UNION ALL SELECT grid_id FROM address
            UNION ALL SELECT grid_id FROM visit UNION ALL SELECT grid_id FROM issue) AS located
        WHERE grid_id NOT IN (SELECT home_id FROM home)
    """,
    "somebody holds a post in a grid that is no more": """
        SELECT 1 FROM assignment JOIN grid_code ON code = grid_code
        WHERE retired_by_generation_id IS NOT NULL AND valid_to IS NULL
    """,
    "plans, generations, reports and the trail disagree": """
        SELECT 1 FROM (SELECT
            (SELECT count(*) FROM generation) - 1 AS generations,
            (SELECT count(*) FROM plan JOIN generation ON generation.id = published_generation_id
                WHERE state = 'published') AS plans,
            (SELECT count(*) FROM publication_report JOIN plan ON plan.id = plan_id
                AND published_generation_id = generation_id) AS reports,
            (SELECT count(*) FROM audit_log WHERE kind = 'generation' AND action = 'publish') - 1 AS trail,
            (SELECT count(*) FROM audit_log WHERE kind = 'plan' AND change ->> 'state' = 'published') AS told
        ) AS counted WHERE NOT (generations = plans AND plans = reports AND reports = trail AND trail = told)
    """,
}
MISPLACED = """
    SELECT count(*) FROM entity WHERE grid_id IS DISTINCT FROM (
        SELECT home_id FROM grid JOIN generation ON generation.id = generation_id AND valid_to IS NULL
        WHERE is_leaf AND ST_Covers(grid.geom, ST_ForceCollection(entity.geom))
        ORDER BY code COLLATE "C" LIMIT 1)
"""


@dataclass(frozen=True)
class Seen:
    """What is found after a kill."""

    generations: int
    faults: frozenset[str]


def seen(url: str) -> Seen:
    checks = (f"SELECT $${name}$$ WHERE EXISTS ({rows_})" for name, rows_ in FAULTS.items())
    count, *faults = ask(url, " UNION ALL ".join(["SELECT count(*)::text FROM generation", *checks]))
    return Seen(int(count), frozenset(faults))


# the process that publishes ------------------------------------------------------------------------------


def publishing(url: str, plan_id: int, revision: int, pipe: Connection) -> None:
    """Publish a plan when told to, and tell of every statement as it begins, of the commit and of the end."""
    drafts = Drafts()
    database = Database(url, pool_size=1)
    event.listen(database.engine, "commit", lambda _: pipe.send("commit"))
    with database.write() as uow:
        pipe.send(uow.connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
        pipe.recv()
        event.listen(uow.connection, "before_cursor_execute", lambda *_: pipe.send("statement"))
        publish_plan(OPERATOR, uow, drafts, plan_id, revision=revision, name=None, valid_from=None, zone=ZONE)
    pipe.send("done")


def publishing_in_two_transactions(url: str, plan_id: int, revision: int, pipe: Connection) -> None:
    """Publish a plan, but commit before all of it is done, and wait there."""

    def commit_and_wait(connection, *_):
        connection.connection.driver_connection.commit()
        pipe.send("halfway")
        pipe.recv()

    rows.keep_report = commit_and_wait
    publishing(url, plan_id, revision, pipe)


PLACE = "ST_SetSRID(ST_MakePoint(120 + i * 0.12 / 2000, 30.02), 4326) FROM generate_series(1, 1999) AS i"
THINGS = (
    f"INSERT INTO entity (kind, name, households, geom) SELECT 'building', i::text, 3, {PLACE}",
    f"INSERT INTO address (text, normalized, geom) SELECT i::text, i::text, {PLACE}",
    f"INSERT INTO visit (kind, visited_at, geom) SELECT 'check', now(), {PLACE}",
    f"INSERT INTO issue (number, category, reported_at, geom) SELECT i::text, 'x', now(), {PLACE}",
)
POSTS = """
    WITH someone AS (INSERT INTO person (name) SELECT code FROM grid WHERE is_leaf RETURNING id, name)
    INSERT INTO assignment (person_id, grid_code, post, valid_from)
    SELECT id, name, 'head', '2026-01-01' FROM someone
"""


@pytest.fixture
def cluster(strip_division) -> Iterator[Cluster]:
    with own_cluster() as cluster:
        database = Database(cluster.url(), pool_size=1)
        with database.write() as uow:
            settle(uow)
            for statement in THINGS:
                uow.connection.execute(text(statement))
            publish(OPERATOR, uow, strip_division(80), name="one", valid_from=NOW)
            uow.connection.execute(text(POSTS))
        database.close()
        yield cluster


def approved_plan(url: str) -> tuple[int, int]:
    """A plan that merges two grids of the newest division and may be published: its id and revision."""
    database, drafts = Database(url, pool_size=1), Drafts()
    with database.write() as uow:
        waiting = uow.connection.execute(
            text("SELECT id, revision FROM plan WHERE state = 'approved'")
        ).one_or_none()
        if waiting is not None:
            database.close()
            return tuple(waiting)
        plan_id = plans.create(OPERATOR, uow, name="合并").plan.id
    with database.write() as uow:
        _, draft = plans.get(OPERATOR, uow, drafts, plan_id)
        keys = list(neighbours(draft.tiling.cells))
        asked = plan_operations.Asked(0, OperationKind.MERGE, {"keys": keys})
        plan_operations.operate(OPERATOR, uow, drafts, plan_id, asked)
        state = "UPDATE plan SET state = 'approved' WHERE id = :plan RETURNING id, revision"
        made = uow.connection.execute(text(state), {"plan": plan_id}).one()
    database.close()
    return tuple(made)


def neighbours(cells):
    return next(
        (a, b)
        for a in sorted(cells)
        for b in sorted(cells)
        if a < b
        and cells[a].parent == cells[b].parent
        and shapely.intersection(cells[a].geometry, cells[b].geometry).length > 1e-5
    )


def kill_session(_: Cluster, publisher: Victim) -> None:
    with suppress(ProcessLookupError):  # it was done
        os.kill(publisher.backend, signal.SIGKILL)
    publisher.end()


def kill_application(_: Cluster, publisher: Victim) -> None:
    publisher.end()


def session_ends(url: str, backend: int) -> None:
    """Wait until the database knows that nobody is there any more."""
    for _ in range(600):
        if not ask(url, "SELECT 1 FROM pg_stat_activity WHERE pid = :pid", pid=backend):
            return
        time.sleep(0.05)
    raise AssertionError("the session of a killed process doesn't end")


def test_a_killed_publication_has_happened_whole_or_not_at_all(cluster: Cluster) -> None:
    url = cluster.url()
    publisher = Victim.started(publishing, url, *approved_plan(url))
    publisher.go()
    steps = len(publisher.heard(sys.maxsize))
    publisher.end()
    assert seen(url) == Seen(2, frozenset())

    chance, before, happened = random.Random(20261122), 2, 0
    for round_ in range(KILLS):
        kill = (kill_application, kill_session, kill_database)[round_ % 3]
        publisher = Victim.started(publishing, url, *approved_plan(url))
        publisher.go()
        publisher.heard(int(chance.uniform(0, 1.25) * steps))
        time.sleep(chance.uniform(0, 0.01))  # so that a kill falls into statements, too
        kill(cluster, publisher)
        session_ends(url, publisher.backend)
        found = seen(url)
        assert found.faults == frozenset(), (round_, kill.__name__)
        assert found.generations in {before, before + 1}
        happened += found.generations - before
        before = found.generations
    assert 0 < happened < KILLS, "no kill came in time, or each did: the test proves nothing"
    assert ask(url, MISPLACED) == [0]


def test_a_publication_in_two_transactions_would_be_caught(cluster: Cluster) -> None:
    """The negative control of the test above."""
    url = cluster.url()
    publisher = Victim.started(publishing_in_two_transactions, url, *approved_plan(url))
    publisher.go()
    assert "halfway" in iter(publisher.pipe.recv, "done")
    kill_application(cluster, publisher)
    session_ends(url, publisher.backend)
    assert seen(url).faults == {"plans, generations, reports and the trail disagree"}
