"""How long a year of duties takes to count, and suspicious visits to find: 10,000 premises, a million visits.

By hand: ``python -m tests.benchmarks.test_duties``. No test: a busy machine would make it lie. The demo city
with 400 unit grids gets visits at random until there are a million. Each question is asked three times, and
the best answer counts. Pandas has the visits in memory already and is asked for the same numbers.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from geo.db.cluster import Cluster
from geo.db.duties import Question, grid_tallies, person_tallies
from geo.db.migrations import upgrade
from geo.db.suspicions import suspicions
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR, WHOLE_CITY
from geo.domain.demo import DemoSize
from geo.domain.duties import slots
from geo.domain.filters import Filter
from geo.domain.grids import Level
from geo.domain.measures import Period
from geo.domain.profiles.duties import Duty, Frequency, Per, TargetKind, Targets
from geo.domain.profiles.regulations import Regime
from geo.domain.profiles.rules import Words
from geo.domain.suspicions import SuspicionKind
from geo.domain.working_days import calendar
from geo.services import demo, profiles
from geo.services.profile_documents import shipped_profile

GRIDS = 400
VISITS = 1_000_000
TURNS = 3
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 15, tzinfo=ZONE)
STANDS_SINCE = date(2025, 11, 20)
"""When the demo city was put up: nothing owes a stretch that began before."""
YEAR = Period(datetime(2025, 11, 24, tzinfo=ZONE), datetime(2026, 11, 16, tzinfo=ZONE))

FILL = """
    WITH premises AS (SELECT array_agg(id ORDER BY id) AS ids FROM entity WHERE kind = 'premises')
    INSERT INTO visit (ref, kind, visited_at, created_at, entity_id, geom, grid_id)
    SELECT 'X' || n, (ARRAY['check', 'check', 'supervision_check'])[1 + n % 3], at, at + interval '5 minutes',
        entity.id, entity.geom, entity.grid_id
    FROM generate_series(1, :count) AS n CROSS JOIN premises CROSS JOIN LATERAL (
            SELECT timestamptz '2025-11-20 08:30+08'
                + make_interval(days => (random() * 364 + 0 * n)::int, secs => random() * 32400) AS at
        ) AS moment
        JOIN entity ON entity.id = premises.ids[1 + ((n::bigint * 7919) % cardinality(premises.ids))::int]
"""
ALWAYS_HELD = "UPDATE assignment SET valid_from = :since"
"""Whoever is a head was one at each visit, also in a grid of the latest division: pandas asks no dates."""
ATTEND = """
    INSERT INTO visit_person
    SELECT visit.id, held.person_id
    FROM visit JOIN grid ON grid.id = visit.grid_id
        JOIN (
            SELECT grid_code, min(person_id) AS person_id FROM assignment WHERE post = 'head' GROUP BY 1
        ) AS held ON held.grid_code = grid.code
    WHERE visit.ref LIKE 'X%'
    ON CONFLICT DO NOTHING
"""

PREMISES = Targets(kind=TargetKind.ENTITY, entity="premises")
EVERY = ("check", "supervision_check")
WORDS = Words(zh="", en="")


def duty(frequency: Frequency, targets: Targets, **values: Any) -> Duty:
    given = {"key": "d", "name": WORDS, "posts": ("head",), "activities": EVERY, **values}
    return Duty(frequency=frequency, targets=targets, **given)


DUTIES = {
    "each premises once a quarter": duty(Frequency(per=Per.QUARTER), PREMISES),
    "… visited by anybody": duty(Frequency(per=Per.QUARTER), PREMISES, posts=()),
    "each premises once a week": duty(Frequency(per=Per.WEEK), PREMISES),
    "each grid once a day": duty(Frequency(per=Per.DAY), Targets(kind=TargetKind.GRID)),
}


def question(one: Duty) -> Question:
    regime = Regime(shipped_profile("food-drug"), date(2020, 1, 1), date(2030, 1, 1), None, frozenset())
    return Question(one, slots(one.frequency, YEAR, ZONE, calendar()), regime, WHOLE_CITY, None, ZONE)


def fill(database: Database) -> None:
    """Make a city with a year of a million visits."""
    with database.write() as uow:
        profiles.settle(uow)
        demo.load(OPERATOR, uow, size=DemoSize(GRIDS, 7), now=NOW)
        run = uow.connection.execute
        present = run(text("SELECT count(*) FROM visit")).scalar_one()
        run(text(FILL), {"count": VISITS - present})
        run(text(ALWAYS_HELD), {"since": STANDS_SINCE})
        run(text(ATTEND))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def best(ask: Callable[[], Any]) -> tuple[float, Any]:
    """Give the shortest of some turns in seconds, and the answer."""
    taken = []
    for _ in range(TURNS):
        begin = time.perf_counter()
        answer = ask()
        taken.append(time.perf_counter() - begin)
    return min(taken), answer


def recount(deeds: pd.DataFrame, targets: pd.Index, asked: Question, key: str) -> int:
    """Count what was done in time in pandas: stretches by bisection, then groups, capped."""
    kinds = deeds.kind.isin(asked.duty.activities)
    people = deeds.is_head if asked.duty.posts else True
    chosen = deeds[kinds & people & deeds[key].isin(targets)]
    owed = [slot for slot in asked.slots if slot.first > STANDS_SINCE]
    moments = [*(slot.start for slot in owed), owed[-1].end]
    naive = [moment.astimezone(UTC).replace(tzinfo=None) for moment in moments]
    edges = np.array(naive, dtype="datetime64[us]")
    place = np.searchsorted(edges, chosen["at"].to_numpy(), side="right")
    inside = (place > 0) & (place < len(edges))
    placed = chosen.assign(n=place)[inside].drop_duplicates(["visit_id", key])
    times = placed.groupby([key, "n"]).size()
    return int(times.clip(upper=asked.duty.frequency.times).sum())


def watch(database: Database) -> None:
    """Print how long it takes to find what is suspicious: visits at random are so thousands of times."""
    regime = question(DUTIES["each premises once a quarter"]).regime
    table = Table("suspicious", "records", "s")
    with database.read() as uow:
        for kind in (*SuspicionKind, None):
            wanted = Filter(kind=kind)
            took, found = best(lambda w=wanted: suspicions(uow.connection, YEAR, regime, w, WHOLE_CITY))
            table.add_row(kind or "all", f"{len(found):,}", f"{took:.2f}")
    Console(width=130).print(table)


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory(prefix="wangge-duties-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with Cluster(folder / "cluster", durable=False).running() as url:
            upgrade(url)
            database = Database(url)
            fill(database)
            measure(database)
            watch(database)
            database.close()


def measure(database: Database) -> None:
    """Ask each question, and pandas too."""
    table = Table("duty", "due", "done", "by grid, s", "by street, s", "by person, s", "pandas, s", "ratio")
    with database.read() as uow:
        run = uow.connection.execute
        deeds = pd.DataFrame(
            run(text("SELECT visit_id, person_id, kind, at, entity_id, grid_code FROM deed")).all(),
            columns=["visit_id", "person_id", "kind", "at", "entity_id", "grid_code"],
        )
        deeds["at"] = deeds["at"].dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]")
        heads = set(run(text("SELECT person_id FROM assignment WHERE post = 'head'")).scalars())
        deeds["is_head"] = deeds.person_id.isin(heads)
        of_kind = {
            TargetKind.ENTITY: ("entity_id", "SELECT id FROM entity WHERE kind = 'premises'"),
            TargetKind.GRID: ("grid_code", "SELECT code FROM grid_code WHERE level = 'unit'"),
        }
        for name, one in DUTIES.items():
            asked = question(one)
            key, statement = of_kind[one.targets.kind]
            targets = pd.Index(run(text(statement)).scalars().all())
            took, (total, _) = best(lambda asked=asked: grid_tallies(uow.connection, asked, None))
            street, _ = best(lambda asked=asked: grid_tallies(uow.connection, asked, Level.STREET))
            person, _ = best(lambda asked=asked: person_tallies(uow.connection, asked))
            slow, done = best(lambda a=asked, t=targets, k=key: recount(deeds, t, a, k))
            assert done == total.done, (name, done, total)
            seconds = (f"{value:.2f}" for value in (took, street, person, slow))
            table.add_row(name, f"{total.due:,}", f"{total.done:,}", *seconds, f"{took / slow:.2f}")
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
