"""What came of duties, against a slow and obvious recount in pandas."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geo.db.bulk import copy_rows, geometry_texts
from geo.db.duties import Question, grid_tallies, owings, person_tallies, trail
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
                    """INSERT INTO household (ref, building_id, door, marks, since)
                       VALUES (:r, :k, :d, :m, '2026-02-10')"""
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
                    """INSERT INTO assignment (person_id, grid_code, post, valid_from, valid_to)
                       VALUES (:p, :g, :o, :f, :t)"""
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

    def charged(self, asked: Question, targets: pd.DataFrame, held: pd.DataFrame, records) -> Tally:
        """What somebody answers for of the targets of one unit, or of the community, and what came of it."""
        own = held[held.code.isin([targets.unit.iloc[0], COMMUNITY])]
        slots_ = [slot for slot in asked.slots if ((own.since <= slot.first) & (slot.last < own.until)).any()]
        part = replace(asked, slots=slots_)
        found = sum((self._of_key(part, key, rows, records) for key, rows in targets.groupby("key")), Tally())
        owed_ever = [self._of_key(asked, key, rows, records).targets for key, rows in targets.groupby("key")]
        return replace(found, targets=sum(owed_ever) if found.due else 0)


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
    "first working afternoon": duty(
        Frequency(per=Per.MONTH, month_day=MonthDay.FIRST_WORKING_AFTERNOON), GRIDS
    ),
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


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000),
    frequency=st.builds(
        Frequency,
        times=st.integers(1, 4),
        per=st.sampled_from(list(Per)),
        counted=st.sampled_from([Counted.TIMES, Counted.DAYS]),
        by_days=st.just(()),
        month_day=st.none(),
        from_month=st.just(1),
    ),
    targets=st.sampled_from([PREMISES, GRIDS, HOUSEHOLDS]),
    posts=st.sampled_from([(), ("head",), ("head", "supervisor")]),
)
def test_counts_are_those_of_the_recount_whatever_happened(database, seed, frequency, targets, posts):
    one = duty(frequency, targets, posts=posts)
    period = Period(BEGIN, BEGIN + timedelta(days=365 if frequency.per is Per.YEAR else 100))
    with scene(database) as uow:
        city = City(uow, seed, premises=8, visits=60)
        asked = question(one, period=period)
        if asked.slots:
            total, _ = grid_tallies(uow.connection, asked, None)
            assert total == sum(city.expected(asked).values(), Tally())


def test_ten_visits_to_one_shop_never_make_up_for_nine_that_had_none(database):
    with scene(database) as uow:
        City(uow, seed=1, premises=10, visits=0)
        run = uow.connection.execute
        run(text("UPDATE entity_active SET since = '2020-01-01', until = NULL"))
        run(text("UPDATE entity SET kind = 'premises'"))
        first = run(text("SELECT min(id) FROM entity")).scalar_one()
        for day in range(10):
            run(
                text("INSERT INTO visit (kind, visited_at, entity_id) VALUES ('check', :at, :key)"),
                {"at": BEGIN + timedelta(days=day), "key": first},
            )
        asked = question(
            DUTIES["each premises once a quarter"], period=Period(BEGIN, BEGIN + timedelta(days=90))
        )
        total, _ = grid_tallies(uow.connection, asked, None)
        assert (total.due, total.done, total.reached) == (10, 1, 1)


DERIVED = """
    SELECT visit.id, visit_person.person_id, visit.kind, visit.visited_at, visit.entity_id,
        visit.household_id,
        leaf_code_at(coalesce(visit.geom, entity.geom), visit.visited_at), ST_X(visit.geom), ST_Y(visit.geom)
    FROM visit LEFT JOIN visit_person ON visit_id = visit.id LEFT JOIN entity ON entity.id = visit.entity_id
"""
KEPT = "SELECT visit_id, person_id, kind, at, entity_id, household_id, grid_code, lon, lat FROM deed"


def drifted(uow: UnitOfWork) -> int:
    """How many rows of what visits count as differ from what the visits say."""
    differences = f"({DERIVED} EXCEPT {KEPT}) UNION ALL ({KEPT} EXCEPT {DERIVED})"
    return uow.connection.execute(text(f"SELECT count(*) FROM ({differences}) AS d")).scalar_one()


CHANGES = {
    "another time": "UPDATE visit SET visited_at = visited_at - interval '3 days' WHERE id % 3 = 0",
    "another kind": "UPDATE visit SET kind = 'patrol' WHERE id % 2 = 0",
    "another place": "UPDATE visit SET geom = ST_SetSRID(ST_Point(120.07, 30.02), 4326) WHERE id % 5 = 0",
    "no household": "UPDATE visit SET household_id = NULL",
    "nobody went": "DELETE FROM visit_person WHERE visit_id % 3 = 1",
    "somebody else went": """
        DELETE FROM visit_person;
        INSERT INTO visit_person SELECT id, (SELECT max(id) FROM person) FROM visit WHERE id % 2 = 1
    """,
    "one more went": """
        INSERT INTO visit_person SELECT id, (SELECT max(id) FROM person) FROM visit ON CONFLICT DO NOTHING
    """,
    "never happened": "DELETE FROM visit WHERE id % 4 = 0",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_visits_count_as_never_drifts(database, change):
    with scene(database) as uow:
        City(uow, seed=2, visits=120)
        place = (
            "UPDATE visit SET geom = entity.geom FROM entity WHERE entity.id = entity_id AND visit.id % 7 > 0"
        )
        uow.connection.execute(text(place))
        assert drifted(uow) == 0
        for statement in CHANGES[change].split(";"):
            uow.connection.execute(text(statement))
        assert drifted(uow) == 0
        assert uow.connection.execute(text("SELECT count(*) FROM deed")).scalar_one()


def test_drift_would_be_noticed(database):
    with scene(database) as uow:
        City(uow, seed=2, visits=20)
        uow.connection.execute(text("ALTER TABLE visit DISABLE TRIGGER visit_counts_as_corrected"))
        uow.connection.execute(text(CHANGES["another kind"]))
        assert drifted(uow)


def test_what_is_new_or_closed_is_known_from_and_to_its_day(database):
    with scene(database) as uow:
        run = uow.connection.execute
        run(
            text("""INSERT INTO entity (ref, kind, name, attributes) VALUES
            ('new', 'premises', '新店', '{}'), ('dated', 'premises', '老店', '{"opened_on": "2026-03-05"}'),
            ('odd', 'premises', '怪店', '{"opened_on": "2026-02-31"}')""")
        )
        run(text("UPDATE entity SET state = 'closed' WHERE ref = 'dated'"))
        today = run(text("SELECT CURRENT_DATE")).scalar_one()
        spans = run(
            text("SELECT ref, since, until FROM entity_active JOIN entity ON id = entity_id ORDER BY ref")
        )
        assert [tuple(row) for row in spans] == [
            ("dated", date(2026, 3, 5), today),
            ("new", today, None),
            ("odd", today, None),
        ]
        run(text("UPDATE entity SET state = 'active' WHERE ref = 'dated'"))
        assert run(text("SELECT count(*) FROM entity_active WHERE until IS NULL")).scalar_one() == 3


def test_each_answers_for_what_they_held_the_post_for_all_along(database):
    one = duty(Frequency(per=Per.MONTH), GRIDS, posts=("head",))
    asked = question(one, period=Period(BEGIN, datetime(2026, 5, 1, tzinfo=ZONE)))
    with scene(database) as uow:
        city = City(uow, seed=3, visits=0)
        found = {row.name: row.tally.due for row in person_tallies(uow.connection, asked)}
    assert found == {"甲": 4 + 2, "乙": 4 + 1}  # a hands unit 2 over to b on 10 March: March is nobody's
    assert set(city.people) == {"a", "b", "c"}


BY_POST = {name: one for name, one in DUTIES.items() if one.posts} | {
    "households by the head": duty(Frequency(per=Per.MONTH, by_days=(15,)), HOUSEHOLDS, posts=("head",)),
    "grids by two posts": duty(Frequency(times=2, per=Per.WEEK), GRIDS, posts=("head", "supervisor")),
}


@pytest.mark.parametrize("name", BY_POST)
def test_each_person_is_told_what_the_recount_says(database, name):
    asked = question(BY_POST[name])
    with scene(database) as uow:
        city = City(uow, seed=len(name) + 20)
        told = {row.person_id: row.tally for row in person_tallies(uow.connection, asked)}
        targets, records = city.targets(asked.duty), city.records(asked.duty)
        for person in city.people.values():
            held = city.posts[(city.posts.person == person) & city.posts.post.isin(asked.duty.posts)]
            mine = sum(
                (city.charged(asked, rows, held, records) for _, rows in targets.groupby("unit")), Tally()
            )
            assert told.get(person, Tally()) == mine
        assert sum(tally.done for tally in told.values())


@pytest.mark.parametrize("name", DUTIES | BY_POST)
def test_the_stretches_of_a_trail_add_up_to_what_is_told(database, name):
    asked = question((DUTIES | BY_POST)[name])
    with scene(database) as uow:
        City(uow, seed=len(name) + 40)
        total, _ = grid_tallies(uow.connection, asked, None)
        found = owings(uow.connection, asked, person_id=None, limit=100_000)
        assert summed(found) == (total.due, total.done, total.late)
        assert [one.missed for one in found] == sorted((one.missed for one in found), reverse=True)
        counted_ = {deed.id for one in found for deed in one.deeds}
        assert counted_ == set(trail(uow.connection, asked, person_id=None, limit=100_000, after=0))
        assert all(one.slot.start <= deed.at < one.slot.end for one in found for deed in one.deeds)
        for row in person_tallies(uow.connection, asked):
            own = owings(uow.connection, asked, person_id=row.person_id, limit=100_000)
            assert summed(own) == (row.tally.due, row.tally.done, row.tally.late)


def summed(found) -> tuple[int, int, int]:
    return (
        sum(one.duty.frequency.times for one in found),
        sum(one.done for one in found),
        sum(one.late for one in found),
    )


def test_the_trail_names_what_was_counted(database):
    with scene(database) as uow:
        city = City(uow, seed=4)
        asked = question(DUTIES["each grid twice a week"])
        ids = trail(uow.connection, asked, person_id=None, limit=1000, after=0)
        first, last = asked.slots[0].start, asked.slots[-1].end
        counted_ = city.visits[
            (city.visits.kind == "check") & (first <= city.visits["at"]) & (city.visits["at"] < last)
        ]
        assert ids == sorted(counted_.id)
        assert trail(uow.connection, asked, person_id=None, limit=3, after=ids[2]) == ids[3:6]


def test_nobody_learns_of_grids_outside_their_jurisdiction(database):
    with scene(database) as uow:
        City(uow, seed=5)
        one = DUTIES["each grid every working day"]
        whole, _ = grid_tallies(uow.connection, question(one), None)
        part, grids = grid_tallies(
            uow.connection, question(one, jurisdiction=Jurisdiction(frozenset({UNITS[0]}))), None
        )
        assert [row.grid.code for row in grids] == [UNITS[0]]
        assert grids[0].tally == part != whole
        rest = replace(EVERYWHERE, except_in=frozenset(UNITS[:3]))
        _, ruled = grid_tallies(uow.connection, question(one, regime=rest), None)
        assert [row.grid.code for row in ruled] == [UNITS[3]]


@pytest.mark.rule("C3", "C10", "C12", "C13", "C15")
def test_hours_check_ins_and_trainings_are_counted_with_their_make_ups(database):
    hours = duty(
        Frequency(times=2, per=Per.WEEK, counted=Counted.HOURS),
        Targets(kind=TargetKind.PERSON),
        posts=("head",),
        record=Record.TRACK,
        activities=(),
    )
    training = duty(
        Frequency(times=2, per=Per.QUARTER),
        Targets(kind=TargetKind.PERSON),
        posts=("head",),
        record=Record.ACTIVITY,
        activities=("training",),
    )
    meeting = duty(
        Frequency(per=Per.MONTH, month_day=MonthDay.FIRST_WORKING_AFTERNOON),
        Targets(kind=TargetKind.GRID, level=Level.COMMUNITY),
        record=Record.ACTIVITY,
        activities=("meeting",),
    )
    quarter = Period(BEGIN, datetime(2026, 4, 1, tzinfo=ZONE))
    with scene(database) as uow:
        city = City(uow, seed=6, visits=0)
        run = uow.connection.execute
        monday = datetime(2026, 1, 5, 9, tzinfo=ZONE)
        for start, minutes in (
            (monday, 70),
            (monday + timedelta(days=2), 65),
            (monday + timedelta(days=7), 90),
        ):
            run(
                text("""INSERT INTO track (person_id, started_at, ended_at, fixes, length_m, geom)
                        VALUES (:who, :start, :end, 2, 10,
                            'SRID=4326;LINESTRING M (120.01 30.01 1, 120.02 30.01 2)')"""),
                {"who": city.people["a"], "start": start, "end": start + timedelta(minutes=minutes)},
            )
        total, _ = grid_tallies(uow.connection, question(hours, period=quarter), None)
        assert (total.done, total.targets) == (2 + 1, 2)
        for key, kind, at in (
            (1, "training", monday),
            (2, "training", monday + timedelta(days=30)),
            (3, "meeting", datetime(2026, 1, 4, 9, tzinfo=ZONE)),  # a make-up Sunday, but before noon
            (4, "meeting", datetime(2026, 2, 2, 14, tzinfo=ZONE)),
            (5, "meeting", datetime(2026, 3, 9, 14, tzinfo=ZONE)),
        ):
            run(
                text("""INSERT INTO activity (id, kind, title, starts_at, ends_at, grid_code, created_by)
                        OVERRIDING SYSTEM VALUE VALUES (:key, :kind, '活动', :at, :at, :code, 'test')"""),
                {"key": 900 + key, "kind": kind, "at": at, "code": COMMUNITY},
            )
        run(
            text(
                """INSERT INTO attendance VALUES (901, :a, 'present', NULL), (901, :b, 'made_up', 902),
                       (902, :a, 'absent', NULL)"""
            ),
            city.people,
        )
        total, _ = grid_tallies(uow.connection, question(training, period=quarter), None)
        assert (total.due, total.done, total.reached) == (4, 2, 2)
        people = {
            row.name: row.tally.done
            for row in person_tallies(uow.connection, question(training, period=quarter))
        }
        assert people == {"甲": 1, "乙": 1}
        total, upper = grid_tallies(uow.connection, question(meeting, period=quarter), Level.COMMUNITY)
        assert (total.due, total.done, total.late, total.missed) == (3, 1, 1, 1)
        assert [row.tally for row in upper] == [total]
