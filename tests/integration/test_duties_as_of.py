"""Duties by the grids of a past day: what was told then is told for good, and a slow recount agrees."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from geo.db.bulk import copy_rows, geometry_texts
from geo.db.duties import Question, grid_tallies, owings, person_tallies
from geo.db.plan_publication import carry_posts, heirs_of_retired
from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.actors import OPERATOR, WHOLE_CITY, Actor, Grant, Jurisdiction, Role
from geo.domain.duties import Tally, slots
from geo.domain.generations import Division
from geo.domain.grids import Level
from geo.domain.measures import Period
from geo.domain.profiles import Profile
from geo.domain.profiles.assessment import Rate
from geo.domain.profiles.duties import Duty, Frequency, Per, TargetKind, Targets
from geo.domain.profiles.regulations import Regime
from geo.domain.profiles.rules import Words
from geo.domain.working_days import calendar
from geo.services import duties, profiles
from geo.services.duties import clock_at
from geo.services.generations import publish
from geo.services.profile_documents import shipped_profile

pytestmark = [pytest.mark.database, pytest.mark.slow]

ZONE = ZoneInfo("Asia/Shanghai")
EVER = date.max
WORDS = Words(zh="职责", en="Duty")
PROFILE = Profile(key="test", version=1, dated=date(2020, 1, 1), name=WORDS, source=WORDS)
EVERYWHERE = Regime(PROFILE, date(2020, 1, 1), date(2030, 1, 1), None, frozenset())

COMMUNITY, OTHER = "330106001001", "330106001002"


def unit(number):
    return f"{COMMUNITY}{number:03d}"


def month(number):
    return datetime(2026, number, 1, tzinfo=ZONE)


MARCH = Period(month(3), month(4))
HALF_YEAR = Period(month(1), month(7))

FIRST = {1: (120.00, 120.03), 2: (120.03, 120.06), 3: (120.06, 120.09), 4: (120.09, 120.12)}
"""The units of the first division, from west to east."""
SECOND = {5: (120.00, 120.01), 6: (120.01, 120.03), 2: (120.03, 120.065), 3: (120.065, 120.09), 4: FIRST[4]}
"""The first is split, the border between the second and the third is moved, the fourth changes parents."""
THIRD = {7: (120.00, 120.065), 3: (120.065, 120.09), 4: FIRST[4]}
"""The three in the west are merged."""
DIVISIONS = [(datetime(2025, 1, 1, tzinfo=ZONE), FIRST), (month(4), SECOND), (month(6), THIRD)]
THEN = month(3) + timedelta(days=9)
LATER = month(5) + timedelta(days=9)


def division(units, *, apart) -> Division:
    """Units from west to east; the fourth lies in a community of its own, or in that of the others."""
    parents = {number: OTHER if apart and number == 4 else COMMUNITY for number in units}
    cells = {number: shapely.box(west, 30.0, east, 30.05) for number, (west, east) in units.items()}
    wholes = {
        parent: shapely.union_all([cells[number] for number in units if parents[number] == parent])
        for parent in sorted({*parents.values()})
    }
    city = shapely.box(120.0, 30.0, 120.12, 30.05)
    shapes = [city, city, *wholes.values(), *cells.values()]
    count = len(shapes)
    codes = ("330106", "330106001", *wholes, *(unit(number) for number in cells))
    return Division(
        codes=codes,
        names=tuple(f"网格{code}" for code in codes),
        levels=(
            Level.DISTRICT,
            Level.STREET,
            *[Level.COMMUNITY] * len(wholes),
            *[Level.UNIT] * len(cells),
        ),
        parent_codes=(None, "330106", *["330106001"] * len(wholes), *(parents[number] for number in cells)),
        geometries=np.array([shapely.multipolygons([shape]) for shape in shapes], dtype=object),
        areas_m2=np.array([shape.area * 1e10 for shape in shapes]),
        households=(None,) * count,
        population=(None,) * count,
        attributes=({},) * count,
    )


class City:
    """Premises on a line through all grids, visits to them at random, and who holds which post."""

    def __init__(self, uow: UnitOfWork, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.uow = uow
        self.run = uow.connection.execute
        self.lon = np.round(random.uniform(120.0, 120.12, 30), 4) + 0.00003
        minutes = np.sort(random.integers(181 * 24 * 60, size=400))
        shops = random.integers(len(self.lon), size=400)
        self.visits = [
            (int(shop), month(1) + timedelta(minutes=int(minute)))
            for shop, minute in zip(shops, minutes, strict=True)
        ]
        self.divisions: list[tuple[datetime, dict]] = []
        places = geometry_texts(shapely.points(self.lon, 30.02))
        columns = ("ref", "kind", "name", "geom")
        rows = [(str(shop), "premises", "门店", place) for shop, place in enumerate(places)]
        copy_rows(uow.connection, "entity", columns, rows)
        self.run(text("UPDATE entity_active SET since = '2020-01-01'"))
        self.people = [
            self.run(
                text("INSERT INTO person (name) VALUES (:name) RETURNING id"), {"name": name}
            ).scalar_one()
            for name in "甲乙丙"
        ]
        self.divide()
        for person, numbers in zip(self.people, ((1,), (2,), (3, 4)), strict=True):
            for number in numbers:
                self.run(
                    text("""INSERT INTO assignment (person_id, grid_code, post, valid_from)
                        VALUES (:key, :code, 'head', '2025-01-01')"""),
                    {"key": person, "code": unit(number)},
                )

    def divide(self) -> None:
        """Let the next division be published, and the visits of its days be recorded."""
        began, units = DIVISIONS[len(self.divisions)]
        following = [start for start, _ in DIVISIONS[len(self.divisions) + 1 :]] or [month(7)]
        apart = bool(self.divisions)
        made = publish(OPERATOR, self.uow, division(units, apart=apart), name="划分", valid_from=began)
        if self.divisions:
            heirs = heirs_of_retired(self.uow.connection, self.generation, made.id)
            carry_posts(self.uow.connection, heirs, began.date())
        self.generation = made.id
        self.divisions.append((began, units))
        self._record([n for n, (_, at) in enumerate(self.visits) if began <= at < following[0]])

    def _record(self, numbers) -> None:
        keys = dict(self.run(text("SELECT ref, id FROM entity")).all())
        rows = [(f"v{n}", "check", at, keys[str(shop)]) for n in numbers for shop, at in [self.visits[n]]]
        copy_rows(self.uow.connection, "visit", ("ref", "kind", "visited_at", "entity_id"), rows)
        ids = dict(self.run(text("SELECT ref, id FROM visit")).all())
        went = [(ids[f"v{n}"], self.people[n % 4]) for n in numbers if n % 4 < len(self.people)]
        copy_rows(self.uow.connection, "visit_person", ("visit_id", "person_id"), went)

    # the recount

    def told(self, one: Duty, period: Period, at: datetime) -> dict[str, Tally]:
        """What was due of each unit of the division of a day, and what came of it."""
        divisions = self.divisions
        place = max(n for n, (began, _) in enumerate(divisions) if began <= at)
        wanted = slots(one.frequency, period, ZONE, calendar())
        found = {unit(number): Tally() for number in divisions[place][1]}
        if one.targets.kind is TargetKind.ENTITY:
            for shop, lon in enumerate(self.lon):
                times = [moment for which, moment in self.visits if which == shop]
                found[unit(_holding(divisions[place][1], lon))] += _tally(one, wanted, times)
            return found
        for number, first, gone in _lives(divisions):
            times = [at for shop, at in self.visits if self._leaf(divisions, shop, at) == number]
            owed = [slot for slot in wanted if first <= slot.first and slot.last < gone]
            found[unit(_standing(divisions, number, place))] += _tally(one, owed, times)
        return found

    def _leaf(self, divisions, shop, at):
        _, units = next(one for one in reversed(divisions) if one[0] <= at)
        return _holding(units, self.lon[shop])


def _holding(units, lon):
    return next(number for number, (west, east) in units.items() if west < lon < east)


def _lives(divisions):
    """Each unit with its first day, and the first one after."""
    for number in sorted({number for _, units in divisions for number in units}):
        there = [n for n, (_, units) in enumerate(divisions) if number in units]
        gone = divisions[there[-1] + 1][0].date() if there[-1] + 1 < len(divisions) else EVER
        yield number, divisions[there[0]][0].date(), gone


def _standing(divisions, number, place):
    """The unit of a division that stands for another one: step by step, where most of the ground is."""
    here = next(n for n, (_, units) in enumerate(divisions) if number in units)
    last = max(n for n, (_, units) in enumerate(divisions) if number in units)
    if here <= place <= last:
        return number
    start, after = (last, last + 1) if last < place else (here, here - 1)
    west, east = divisions[start][1][number]
    common = {
        other: min(east, right) - max(west, left) for other, (left, right) in divisions[after][1].items()
    }
    return _standing(divisions, max(common, key=common.__getitem__), place)


def _tally(one: Duty, owed, times) -> Tally:
    done = [sum(slot.start <= at < slot.deadline for at in times) for slot in owed]
    capped = sum(min(count, one.frequency.times) for count in done)
    return Tally(len(owed) * one.frequency.times, capped, 0, int(bool(owed)), int(capped > 0))


PREMISES = Targets(kind=TargetKind.ENTITY, entity="premises")
GRIDS = Targets(kind=TargetKind.GRID)
DUTIES = {
    "each premises monthly": Duty(
        key="d", name=WORDS, activities=("check",), frequency=Frequency(per=Per.MONTH), targets=PREMISES
    ),
    "each premises weekly by the head": Duty(
        key="d",
        name=WORDS,
        activities=("check",),
        frequency=Frequency(per=Per.WEEK),
        targets=PREMISES,
        answered_by=("head",),
    ),
    "each grid twice a week": Duty(
        key="d",
        name=WORDS,
        activities=("check",),
        frequency=Frequency(times=2, per=Per.WEEK),
        targets=GRIDS,
        answered_by=("head",),
    ),
    "each community daily": Duty(
        key="d",
        name=WORDS,
        activities=("check",),
        frequency=Frequency(per=Per.DAY),
        targets=Targets(kind=TargetKind.GRID, level=Level.COMMUNITY),
    ),
    "each head once a month": Duty(
        key="d",
        name=WORDS,
        activities=("check",),
        frequency=Frequency(per=Per.MONTH),
        targets=Targets(kind=TargetKind.PERSON),
        posts=("head",),
    ),
}
COUNTED = [name for name, one in DUTIES.items() if one.targets.level is None][:3]


def question(name, period=HALF_YEAR, at=None, jurisdiction=WHOLE_CITY, regime=EVERYWHERE):
    one = DUTIES[name]
    stretches = slots(one.frequency, period, ZONE, calendar())
    return Question(one, stretches, regime, jurisdiction, None, ZONE, at)


def told(uow, asked, level=None):
    """Everything that is told of a duty: all together, by grid, by person, and the trail."""
    connection = uow.connection
    return (
        grid_tallies(connection, asked, level),
        person_tallies(connection, asked),
        owings(connection, asked, person_id=None, limit=10_000),
    )


@pytest.fixture(scope="module")
def database(module_database_url):
    database = Database(module_database_url)
    yield database
    database.close()


@contextmanager
def city_of(database, seed):
    """A city in a transaction that leaves nothing behind."""
    with database.engine.connect() as connection, connection.begin() as transaction:
        yield City(UnitOfWork(connection), seed)
        transaction.rollback()


@pytest.mark.parametrize("name", COUNTED)
def test_what_is_told_by_the_grids_of_a_day_is_what_the_recount_says(database, name):
    with city_of(database, seed=len(name)) as city:
        city.divide()
        city.divide()
        totals = set()
        for at in (THEN, LATER, month(6)):
            total, grids = grid_tallies(city.uow.connection, question(name, at=at), None)
            assert {one.grid.code: one.tally for one in grids} == city.told(DUTIES[name], HALF_YEAR, at)
            totals.add(total)
        assert len(totals) == 1
        assert total.done


@pytest.mark.parametrize("name", DUTIES)
@pytest.mark.parametrize("level", [None, Level.COMMUNITY, Level.STREET])
def test_a_month_is_told_by_its_own_grids_as_it_was_told_before_they_went(database, name, level):
    with city_of(database, seed=len(name) + 10) as city:
        before = told(city.uow, question(name, MARCH), level)
        city.divide()
        city.divide()
        assert told(city.uow, question(name, MARCH, at=THEN), level) == before
        assert before[0][0].done
        by_those_of_today, *_ = told(city.uow, question(name, MARCH), level)
        assert (by_those_of_today == before[0]) is (level is Level.STREET)


def test_people_answer_for_what_lay_in_their_grids_then(database):
    name = "each premises weekly by the head"
    with city_of(database, seed=3) as city:
        city.divide()
        owed = {
            one.name: one.tally.due
            for one in person_tallies(city.uow.connection, question(name, MARCH, at=THEN))
        }
        weeks = len(slots(DUTIES[name].frequency, MARCH, ZONE, calendar()))
        held = Counter(_holding(FIRST, lon) for lon in city.lon)
        assert owed == {
            "甲": weeks * held[1],
            "乙": weeks * held[2],
            "丙": weeks * (held[3] + held[4]),
        }
        now = {one.name for one in person_tallies(city.uow.connection, question(name, MARCH))}
        assert "甲" not in now  # the grid of those days is no more


def test_leaders_see_the_grids_of_then_that_are_theirs(database):
    name = "each grid twice a week"

    def seen(city, number, at):
        asked = question(name, MARCH, at=at, jurisdiction=Jurisdiction(frozenset({unit(number)})))
        (total, grids), _, found = told(city.uow, asked)
        assert {one.grid_code for one in found} <= {one.grid.code for one in grids}
        return total, {one.grid.code for one in grids}

    with city_of(database, seed=4) as city:
        before = seen(city, 1, None)
        city.divide()
        assert seen(city, 1, THEN) == before
        assert seen(city, 1, None) == (Tally(), set())
        for number in (5, 6):
            assert seen(city, number, THEN) == (Tally(), set())
        # most of the first went to the sixth, which is told of what was owed there before
        assert seen(city, 6, None) == (before[0], {unit(6)})
        assert seen(city, 5, None) == (Tally(), {unit(5)})


def test_rules_of_a_grid_hold_on_its_ground_of_then(database):
    name = "each premises monthly"
    with city_of(database, seed=5) as city:
        own = replace(EVERYWHERE, within=unit(1))
        rest = replace(EVERYWHERE, except_in=frozenset({unit(1)}))
        before = [told(city.uow, question(name, MARCH, regime=one)) for one in (own, rest)]
        city.divide()
        after = [told(city.uow, question(name, MARCH, at=THEN, regime=one)) for one in (own, rest)]
        assert after == before
        assert sum(one[0][0].due for one in before) == len(city.lon)


def whole(actor, uow, clock, at):
    """Everything that the use cases tell of duties."""
    asked = {"grid_code": COMMUNITY, "at": at}
    return (
        duties.duty_tallies(actor, uow, MARCH, clock, level=Level.UNIT, **asked),
        duties.person_tallies(actor, uow, MARCH, clock, **asked),
        duties.people_together(actor, uow, MARCH, clock, at=at),
        *(
            duties.trail_of(actor, uow, MARCH, clock, rate=rate, **asked)
            for rate in (Rate.FREQUENCY, Rate.COVERAGE)
        ),
    )


def test_what_was_told_before_a_publication_is_told_as_of_then(database):
    with city_of(database, seed=6) as city:
        profiles.adopt(
            OPERATOR, city.uow, shipped_profile("community"), grid_code=None, valid_from=date(2025, 1, 1)
        )
        profiles.adopt(
            OPERATOR, city.uow, shipped_profile("food-drug"), grid_code=unit(1), valid_from=date(2025, 1, 1)
        )
        clock = clock_at(city.uow, ZONE, month(4))
        before = whole(OPERATOR, city.uow, clock, None)
        assert whole(OPERATOR, city.uow, clock, datetime.now(ZONE)) == before
        first = {one.duty.key for one in before[0]}
        assert duties.duty_trail(OPERATOR, city.uow, MARCH, clock, duty=min(first)) is not None
        city.divide()
        city.divide()
        assert whole(OPERATOR, city.uow, clock, THEN) == before
        assert whole(OPERATOR, city.uow, clock, None) != before
        assert whole(OPERATOR, city.uow, clock, datetime.now(ZONE)) == whole(OPERATOR, city.uow, clock, None)
        leader = Actor("leader", grants=(Grant(Role.LEADER, unit(1)),))
        seen = duties.duty_tallies(leader, city.uow, MARCH, clock, at=THEN)
        assert {row.grid.code for one in seen for row in one.grids} == {unit(1)}


def test_days_before_the_first_division_are_told_by_it(database):
    with city_of(database, seed=7) as city:
        city.divide()
        clock = clock_at(city.uow, ZONE, month(6))
        profiles.adopt(
            OPERATOR, city.uow, shipped_profile("community"), grid_code=None, valid_from=date(2025, 1, 1)
        )
        ancient = duties.duty_tallies(OPERATOR, city.uow, MARCH, clock, at=datetime(2000, 1, 1, tzinfo=ZONE))
        assert ancient == duties.duty_tallies(OPERATOR, city.uow, MARCH, clock, at=THEN)


def test_a_division_to_come_changes_nothing(database):
    name = "each grid twice a week"
    with city_of(database, seed=8) as city:
        before = told(city.uow, question(name, MARCH))
        ahead = datetime.now(ZONE) + timedelta(days=30)
        publish(OPERATOR, city.uow, division(SECOND, apart=True), name="以后", valid_from=ahead)
        assert told(city.uow, question(name, MARCH)) == before
