"""What came of duties, against a slow and obvious recount in pandas."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geo.db.bulk import copy_rows, geometry_texts
from geo.db.duties import Question, grid_tallies, person_tallies, trail
from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.actors import OPERATOR, WHOLE_CITY, Jurisdiction
from geo.domain.duties import Tally, slots
from geo.domain.grids import Level
from geo.domain.measures import Period
from geo.domain.profiles import Profile
from geo.domain.profiles.duties import Counted, Duty, Frequency, MonthDay, Per, Record, TargetKind, Targets
from geo.domain.profiles.regulations import Regime
from geo.domain.profiles.rules import Words
from geo.domain.working_days import calendar
from geo.services.generations import publish

pytestmark = pytest.mark.database

ZONE = ZoneInfo("Asia/Shanghai")
BEGIN = datetime(2026, 1, 1, tzinfo=ZONE)
HALF_YEAR = Period(BEGIN, datetime(2026, 7, 1, tzinfo=ZONE))
UNITS = [f"330106001001{number:03d}" for number in range(1, 5)]
COMMUNITY = "330106001001"
EVER = date.max
WORDS = Words(zh="职责", en="Duty")
NOWHERE = Profile(key="test", version=1, dated=date(2020, 1, 1), name=WORDS, source=WORDS)
EVERYWHERE = Regime(NOWHERE, date(2020, 1, 1), date(2030, 1, 1), None, frozenset())


def duty(frequency: Frequency, targets: Targets, **values) -> Duty:
    given = {"key": "d", "name": WORDS, "activities": ("check",), **values}
    return Duty(frequency=frequency, targets=targets, **given)


def question(one: Duty, *, period: Period = HALF_YEAR, regime=EVERYWHERE, jurisdiction=WHOLE_CITY, grid=None):
    stretches = slots(one.frequency, period, ZONE, calendar())
    return Question(one, stretches, regime, jurisdiction, grid, ZONE)


@pytest.fixture(scope="module")
def database(module_database_url, strip_division) -> Iterator[Database]:
    database = Database(module_database_url)
    with database.write() as uow:
        publish(OPERATOR, uow, strip_division(4), name="划分", valid_from=BEGIN - timedelta(days=400))
        uow.connection.execute(
            text("INSERT INTO person (ref, name) VALUES ('a', '甲'), ('b', '乙'), ('c', '丙')")
        )
    yield database
    database.close()


@contextmanager
def scene(database: Database) -> Iterator[UnitOfWork]:
    """A transaction that leaves nothing behind."""
    with database.engine.connect() as connection, connection.begin() as transaction:
        yield UnitOfWork(connection)
        transaction.rollback()


class City:
    """Random premises, households, posts and visits, in the database and in frames alike."""

    def __init__(self, uow: UnitOfWork, seed: int, *, premises: int = 20, visits: int = 400) -> None:
        self.random = np.random.default_rng(seed)
        self.uow = uow
        self.people = dict(uow.connection.execute(text("SELECT ref, id FROM person")).all())
        self.grid_ids = dict(uow.connection.execute(text("SELECT code, id FROM grid")).all())
        self.entities = self._entities(premises)
        self.households = self._households()
        self.posts = self._posts()
        self.visits = self._visits(visits)

    def _day(self) -> date:
        return date(2025, 11, 1) + timedelta(days=int(self.random.integers(0, 270)))

    def _entities(self, count: int) -> pd.DataFrame:
        frame = pd.DataFrame(
            {
                "ref": [f"e{n}" for n in range(count)],
                "unit": self.random.choice(UNITS, count),
                "kind": self.random.choice(["premises", "building"], count),
                "category": self.random.choice(["餐饮服务", "药品经营"], count),
                "risk": self.random.choice(["high", "low"], count),
            }
        )
        lon = [120.015 + 0.03 * UNITS.index(unit) for unit in frame.unit]
        places = geometry_texts(shapely.points(lon, np.full(count, 30.02)))
        rows = [
            (row.ref, row.kind, row.category, "门店", {"risk": row.risk}, place, self.grid_ids[row.unit])
            for row, place in zip(frame.itertuples(), places, strict=True)
        ]
        columns = ("ref", "kind", "category", "name", "attributes", "geom", "grid_id")
        copy_rows(self.uow.connection, "entity", columns, rows)
        run = self.uow.connection.execute
        ids = dict(run(text("SELECT ref, id FROM entity")).all())
        frame["key"] = frame.ref.map(ids)
        frame["since"] = [
            self._day() if flip < 0.5 else date(2020, 1, 1) for flip in self.random.random(count)
        ]
        frame["until"] = [self._day() if flip < 0.3 else EVER for flip in self.random.random(count)]
        frame["until"] = frame[["since", "until"]].max(axis=1)
        for row in frame.itertuples():
            until = None if row.until == EVER else row.until
            run(
                text("UPDATE entity_active SET since = :since, until = :until WHERE entity_id = :key"),
                {"since": row.since, "until": until, "key": row.key},
            )
        return frame

    def _households(self) -> pd.DataFrame:
        buildings = self.entities[self.entities.kind == "building"]
        rows = [
            (f"h{key}-{door}", key, f"{door}室", ["key"] if door == 1 else [])
            for key in buildings.key
            for door in (1, 2)
        ]
        run = self.uow.connection.execute
        for ref, key, door, marks in rows:
            run(
                text(
                    "INSERT INTO household (ref, building_id, door, marks, since) VALUES (:r, :k, :d, :m, '2026-02-10')"
                ),
                {"r": ref, "k": key, "d": door, "m": marks},
            )
        frame = pd.DataFrame(
            run(text("SELECT id AS key, building_id, marks, since FROM household")).all(),
            columns=["key", "building", "marks", "since"],
        )
        frame["unit"] = frame.building.map(self.entities.set_index("key").unit)
        frame["until"] = EVER
        return frame

    def _posts(self) -> pd.DataFrame:
        held = [
            ("a", UNITS[0], "head", date(2025, 1, 1), None),
            ("a", UNITS[1], "head", date(2025, 1, 1), date(2026, 3, 10)),
            ("b", UNITS[1], "head", date(2026, 3, 10), None),
            ("b", UNITS[2], "head", date(2025, 1, 1), None),
            ("c", COMMUNITY, "supervisor", date(2026, 2, 1), None),
        ]
        frame = pd.DataFrame(held, columns=["ref", "code", "post", "since", "until"])
        frame["person"] = frame.ref.map(self.people)
        for row in frame.itertuples():
            self.uow.connection.execute(
                text(
                    "INSERT INTO assignment (person_id, grid_code, post, valid_from, valid_to) VALUES (:p, :g, :o, :f, :t)"
                ),
                {"p": row.person, "g": row.code, "o": row.post, "f": row.since, "t": row.until},
            )
        return frame.assign(until=[until or EVER for until in frame.until])

    def _visits(self, count: int) -> pd.DataFrame:
        chosen = self.entities.iloc[self.random.integers(0, len(self.entities), count)]
        minutes = self.random.integers(0, 260 * 24 * 60, count)
        frame = pd.DataFrame(
            {
                "ref": [f"v{n}" for n in range(count)],
                "kind": self.random.choice(["check", "patrol"], count, p=[0.8, 0.2]),
                "at": [datetime(2025, 12, 1, tzinfo=ZONE) + timedelta(minutes=int(m)) for m in minutes],
                "entity": chosen.key.to_numpy(),
                "unit": chosen.unit.to_numpy(),
            }
        )
        of_building = self.households.groupby("building").key.apply(list)
        frame["household"] = [
            int(self.random.choice(of_building[key])) if key in of_building.index else None
            for key in frame.entity
        ]
        frame["people"] = [
            sorted(self.random.choice(list(self.people.values()), n, replace=False))
            for n in self.random.integers(0, 3, count)
        ]
        columns = ("ref", "kind", "visited_at", "entity_id", "household_id", "grid_id")
        copy_rows(
            self.uow.connection,
            "visit",
            columns,
            [
                (
                    row.ref,
                    row.kind,
                    row.at,
                    row.entity,
                    None if pd.isna(row.household) else int(row.household),
                    self.grid_ids[row.unit],
                )
                for row in frame.itertuples()
            ],
        )
        ids = dict(self.uow.connection.execute(text("SELECT ref, id FROM visit")).all())
        frame["id"] = frame.ref.map(ids)
        copy_rows(
            self.uow.connection,
            "visit_person",
            ("visit_id", "person_id"),
            [(row.id, person) for row in frame.itertuples() for person in row.people],
        )
        return frame

    # the recount

    def targets(self, one: Duty) -> pd.DataFrame:
        kind, wanted = one.targets.kind, one.targets
        if kind is TargetKind.GRID:
            codes = UNITS if wanted.level is None else [COMMUNITY]
            return pd.DataFrame({"key": codes, "unit": codes, "since": date(2025, 1, 1), "until": EVER})
        if kind is TargetKind.HOUSEHOLD:
            found = self.households
            return found[
                [not wanted.categories or bool(set(m) & set(wanted.categories)) for m in found.marks]
            ]
        if kind is TargetKind.PERSON:
            found = self.posts[self.posts.post.isin(one.posts)]
            return found.assign(key=found.person, unit=found.code)
        found = self.entities
        if wanted.entity:
            found = found[found.kind == wanted.entity]
        if wanted.categories:
            found = found[found.category.isin(wanted.categories)]
        return found[found.risk.isin(wanted.risk)] if wanted.risk else found

    def records(self, one: Duty) -> pd.DataFrame:
        found = self.visits[self.visits.kind.isin(one.activities)]
        kind = one.targets.kind
        if kind is TargetKind.PERSON:
            found = found.explode("people")
            return found.assign(key=found.people)
        if one.posts:
            found = found[[self._is_by(row, one.posts) for row in found.itertuples()]]
        column = {TargetKind.ENTITY: "entity", TargetKind.HOUSEHOLD: "household", TargetKind.GRID: "unit"}[
            kind
        ]
        return found.assign(key=COMMUNITY if one.targets.level else found[column])

    def _is_by(self, visit, posts) -> bool:
        day = visit.at.date()
        held = self.posts[self.posts.post.isin(posts) & (self.posts.since <= day) & (day < self.posts.until)]
        return bool(set(held.person) & set(visit.people))

    def expected(self, asked: Question) -> dict[str, Tally]:
        """What is due of each unit (or what holds the target), and what came of it."""
        one, found = asked.duty, {}
        targets, records = self.targets(one), self.records(one)
        for unit, owing in targets.groupby("unit"):
            found[unit] = sum(
                (self._of_key(asked, key, rows, records) for key, rows in owing.groupby("key")), Tally()
            )
        return found

    def _of_key(self, asked: Question, key, spans: pd.DataFrame, records: pd.DataFrame) -> Tally:
        tally = Tally()
        mine = records[records.key == key]
        for slot in asked.slots:
            if not ((spans.since <= slot.first) & (slot.last < spans.until)).any():
                continue
            in_time = counted(
                asked.duty.frequency, mine[(slot.start <= mine["at"]) & (mine["at"] < slot.deadline)]
            )
            ever = counted(asked.duty.frequency, mine[(slot.start <= mine["at"]) & (mine["at"] < slot.end)])
            tally += Tally(asked.duty.frequency.times, in_time, ever - in_time)
        return replace(tally, targets=int(tally.due > 0), reached=int(tally.done + tally.late > 0))


def counted(frequency: Frequency, records: pd.DataFrame) -> int:
    found = {
        Counted.TIMES: records.id.nunique(),
        Counted.DAYS: len({moment.astimezone(ZONE).date() for moment in records["at"]}),
        Counted.HOUSEHOLDS: records.household.nunique(),
        Counted.ENTITIES: records.entity.nunique(),
    }
    return min(found[frequency.counted], frequency.times)


PREMISES = Targets(kind=TargetKind.ENTITY, entity="premises")
GRIDS = Targets(kind=TargetKind.GRID)
HOUSEHOLDS = Targets(kind=TargetKind.HOUSEHOLD)
DUTIES = {
    "each premises once a quarter": duty(Frequency(per=Per.QUARTER), PREMISES),
    "by the head alone": duty(Frequency(per=Per.MONTH), PREMISES, posts=("head",)),
    "twice a month, pairs once": duty(
        Frequency(times=2, per=Per.MONTH), PREMISES, posts=("head", "supervisor")
    ),
    "risky restaurants weekly": duty(
        Frequency(per=Per.WEEK), Targets(kind=TargetKind.ENTITY, categories=("餐饮服务",), risk=("high",))
    ),
    "each grid twice a week": duty(Frequency(times=2, per=Per.WEEK), GRIDS),
    "each grid every working day": duty(
        Frequency(per=Per.WORKING_DAY), GRIDS, activities=("check", "patrol")
    ),
    "each community daily": duty(
        Frequency(per=Per.DAY), Targets(kind=TargetKind.GRID, level=Level.COMMUNITY)
    ),
    "three households a week": duty(Frequency(times=3, per=Per.WEEK, counted=Counted.HOUSEHOLDS), GRIDS),
    "each household between the 1st and the 15th": duty(Frequency(per=Per.MONTH, by_days=(15,)), HOUSEHOLDS),
    "key families twice a month": duty(
        Frequency(times=2, per=Per.MONTH), Targets(kind=TargetKind.HOUSEHOLD, categories=("key",))
    ),
    "first working afternoon": duty(Frequency(per=Per.MONTH, month_day=MonthDay.FIRST_WORKING_AFTERNOON), GRIDS),
    "half a year": duty(Frequency(per=Per.HALF_YEAR), PREMISES),
}


@pytest.mark.rule("C1", "C2", "C4", "C6", "C7", "C8", "C9", "C14")
@pytest.mark.parametrize("name", DUTIES)
def test_counts_are_those_of_the_recount(database, name):
    with scene(database) as uow:
        city = City(uow, seed=len(name))
        asked = question(DUTIES[name])
        expected = city.expected(asked)
        total, grids = grid_tallies(uow.connection, asked, None)
        assert total == sum(expected.values(), Tally())
        assert total.due
        assert total.done
        if DUTIES[name].targets.level is None:
            assert {row.grid.code: row.tally for row in grids} == {
                code: expected.get(code, Tally()) for code in UNITS
            }
        _, upper = grid_tallies(uow.connection, asked, Level.STREET)
        assert [row.tally for row in upper] == [total]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000),
    times=st.integers(1, 4),
    per=st.sampled_from(list(Per)),
    counted_as=st.sampled_from([Counted.TIMES, Counted.DAYS]),
    targets=st.sampled_from([PREMISES, GRIDS, HOUSEHOLDS]),
    posts=st.sampled_from([(), ("head",), ("head", "supervisor")]),
)
def test_counts_are_those_of_the_recount_whatever_happened(
    database, seed, times, per, counted_as, targets, posts
):
    one = duty(Frequency(times=times, per=per, counted=counted_as), targets, posts=posts)
    period = Period(BEGIN, BEGIN + timedelta(days=365 if per is Per.YEAR else 100))
    with scene(database) as uow:
        city = City(uow, seed, premises=8, visits=60)
        asked = question(one, period=period)
        if asked.slots:
            total, _ = grid_tallies(uow.connection, asked, None)
            assert total == sum(city.expected(asked).values(), Tally())
