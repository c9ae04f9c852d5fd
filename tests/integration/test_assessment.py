"""Assessments over the demo city: scores equal a recount, rules hold from their day on, trails lead down."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import shapely
from sqlalchemy import text

from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.actors import OPERATOR, Actor, Grant, Role
from geo.domain.assessment import span_of
from geo.domain.demo import DemoSize
from geo.domain.grids import Level
from geo.domain.plan_operations import OperationKind
from geo.domain.plans import PlanState
from geo.domain.profiles.assessment import AssessedPeriod, Rate, Tally
from geo.errors import BadValue, Conflict, NotFound, OutsideJurisdiction
from geo.services import assessment, demo, findings, plans, privacy, profiles
from geo.services.assessment_measures import VERSIONS, Asked
from geo.services.duties import Clock
from geo.services.plan_drafts import Drafts
from geo.services.plan_operations import Asked as AskedOperation
from geo.services.plan_operations import operate
from geo.services.plan_publication import publish_plan
from geo.services.plan_states import take_step
from geo.services.profile_documents import document_of, shipped_profile, shipped_profiles
from geo.services.working_days import city_calendar
from tests.integration.planners import across

pytestmark = [pytest.mark.database, pytest.mark.slow]

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 15, tzinfo=ZONE)
OCTOBER = span_of(AssessedPeriod.MONTH, date(2026, 10, 1))


@pytest.fixture(scope="module")
def database(demo_database):
    return demo_database


def clock(uow, now=NOW):
    return Clock(ZONE, city_calendar(uow), now)


def assess(database, asked, actor=OPERATOR):
    with database.read() as uow:
        return assessment.assess(actor, uow, asked, clock(uow))


def row(database, statement, **values):
    with database.read() as uow:
        return uow.connection.execute(text(statement), values).one()


def test_what_is_seen_of_people_is_asked_once_for_all_duties_and_once_for_the_scores(database, monkeypatch):
    asked = []
    for module, name in ((privacy, "chains"), (privacy.rows, "places_of")):
        original = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, of=original: asked.append(of) or of(*given))
    assess(database, Asked(OCTOBER, None))
    assert len(asked) == 4


def earned(assessed, measure):
    (part,) = assessed.ranked.score.parts
    return next(one for one in part.earned if one.rule.measure == measure)


def test_on_time_closing_of_a_grid_equals_an_obvious_recount(database):
    made = assess(database, Asked(OCTOBER, Level.COMMUNITY))
    assert made.assessed
    for one in made.assessed:
        counted = row(
            database,
            """SELECT count(*) FILTER (WHERE closed_at <= due_at) AS good, count(*) AS due
            FROM issue JOIN grid ON grid.id = issue.grid_id
            WHERE state <> 'void' AND due_at >= '2026-10-01T00:00+08' AND due_at < '2026-11-01T00:00+08'
                AND left(grid.code, 12) = :code""",
            code=one.ranked.score.subject,
        )
        share = earned(one, Rate.ON_TIME).share
        assert (share.numerator, share.denominator) == (counted.good, counted.due)


def test_the_trail_leads_to_each_issue_that_was_counted(database):
    made = assess(database, Asked(OCTOBER, Level.COMMUNITY))
    one = next(one for one in made.assessed if earned(one, Rate.ON_TIME).share.denominator)
    with database.read() as uow:
        facts = assessment.trail(
            OPERATOR,
            uow,
            Asked(OCTOBER, Level.COMMUNITY),
            clock(uow),
            measure=Rate.ON_TIME,
            subject=one.ranked.score.subject,
        )
    share = earned(one, Rate.ON_TIME).share
    assert {fact.kind for fact in facts} == {"issue"}
    assert sum(fact.numerator for fact in facts) == share.numerator
    assert sum(fact.denominator for fact in facts) == share.denominator
    known = row(database, "SELECT array_agg(number) AS numbers FROM issue").numbers
    assert {fact.label for fact in facts} <= set(known)


def test_people_are_scored_on_what_lies_where_they_serve(database):
    made = assess(database, Asked(OCTOBER, None))
    assert {one.name for one in made.assessed}
    scored = [one for one in made.assessed if one.ranked.score.value is not None]
    assert scored
    with database.read() as uow:
        facts = assessment.trail(
            OPERATOR,
            uow,
            Asked(OCTOBER, None),
            clock(uow),
            measure=Rate.ON_TIME,
            subject=scored[0].ranked.score.subject,
        )
    assert sum(f.denominator for f in facts) == earned(scored[0], Rate.ON_TIME).share.denominator


def test_ranks_follow_the_scores(database):
    made = assess(database, Asked(OCTOBER, Level.UNIT))
    values = [one.ranked.score.value for one in made.assessed if one.ranked.rank]
    assert values == sorted(values, reverse=True)
    assert made.versions == VERSIONS


@contextmanager
def undone(database):
    """A transaction of which nothing stays."""
    with database.engine.connect() as connection, connection.begin() as transaction:
        yield UnitOfWork(connection)
        transaction.rollback()


@pytest.mark.rule("G1", "G2", "G3", "G4", "G5")
def test_each_profile_gives_its_own_scores(database):
    asked = {}
    for key in shipped_profiles():
        with undone(database) as uow:
            profiles.adopt(OPERATOR, uow, shipped_profile(key), grid_code=None, valid_from=date(2026, 1, 1))
            made = assessment.assess(OPERATOR, uow, Asked(OCTOBER, Level.COMMUNITY), clock(uow))
        (part,) = made.assessed[0].ranked.score.parts
        assert part.earned
        asked[key] = tuple((one.rule.measure, one.rule.weight) for one in part.earned)
    assert len(set(asked.values())) >= 7


def test_a_value_holds_from_its_day_on_and_not_before(database):
    asked, september = Asked(OCTOBER, Level.COMMUNITY), span_of(AssessedPeriod.MONTH, date(2026, 9, 1))
    before = assess(database, asked)
    with undone(database) as uow:
        rules = document_of(profiles.profile_at(uow, None, date(2026, 10, 1)))["assessment"]
        place = [one["measure"] for one in rules["indicators"]].index("on_time")
        indicators = [dict(one) for one in rules["indicators"]]
        indicators[place]["target"] = 0.5
        profiles.override(
            OPERATOR,
            uow,
            "assessment.indicators",
            indicators,
            grid_code=None,
            valid_from=date(2026, 10, 16),
        )
        after = assessment.assess(OPERATOR, uow, asked, clock(uow))
        earlier = assessment.assess(OPERATOR, uow, replace(asked, span=september), clock(uow))
    for old, new in zip(by_subject(before), by_subject(after), strict=True):
        first, second = new.ranked.score.parts
        assert (first.until, second.since, second.days) == (date(2026, 10, 16), date(2026, 10, 16), 16)
        targets = [
            next(e for e in part.earned if e.rule.measure == Rate.ON_TIME).rule.target
            for part in (first, second)
        ]
        assert targets == [1.0, 0.5]
        (whole,) = old.ranked.score.parts
        halves = [
            next(e for e in part.earned if e.rule.measure == Rate.ON_TIME).share for part in (first, second)
        ]
        share = next(e for e in whole.earned if e.rule.measure == Rate.ON_TIME).share
        assert sum(half.denominator for half in halves) == share.denominator
    assert by_subject(earlier) == by_subject(assess(database, replace(asked, span=september)))


def by_subject(made):
    return sorted(made.assessed, key=lambda one: one.ranked.score.subject)


def record(uow, tally, code, person_id=None, *, day=date(2026, 10, 10), actor=OPERATOR):
    return findings.record_finding(
        actor,
        uow,
        tally=tally,
        happened_on=day,
        grid_code=code,
        person_id=person_id,
        note="居民投诉属实",
        today=NOW.date(),
    )


def a_grid(database, level="community"):
    return row(database, "SELECT min(code) AS code FROM grid WHERE level = :level", level=level).code


@pytest.mark.rule("G2")
def test_four_complaints_upheld_in_a_year_have_their_consequence(database):
    year = span_of(AssessedPeriod.YEAR, NOW.date())
    person = row(database, "SELECT person_id, grid_code FROM assignment ORDER BY id LIMIT 1")
    subject = str(person.person_id)
    with undone(database) as uow:
        profiles.adopt(
            OPERATOR, uow, shipped_profile("community"), grid_code=None, valid_from=date(2026, 1, 1)
        )
        for count in range(1, 5):
            record(uow, Tally.COMPLAINTS_UPHELD, person.grid_code, person.person_id)
            made = assessment.assess(OPERATOR, uow, Asked(year, None), clock(uow))
            told = next(one for one in made.assessed if one.ranked.score.subject == subject)
            reasons = [one.rule.measure for one in told.consequences if one.rule.consequence == "dismissal"]
            assert (Tally.COMPLAINTS_UPHELD in reasons) == (count == 4)


@pytest.mark.rule("G3")
def test_deductions_cost_what_the_profile_says(database):
    code = a_grid(database)
    with undone(database) as uow:
        profiles.adopt(
            OPERATOR, uow, shipped_profile("enterprise"), grid_code=None, valid_from=date(2026, 1, 1)
        )
        plain = score_of(uow, code)
        record(uow, Tally.MISSING_REPORTS, code)
        record(uow, Tally.ACCIDENTS, code)
        costly = score_of(uow, code)
    assert [b - a for a, b in zip(plain.yuan, costly.yuan, strict=True)] == [1100, 5100]


def score_of(uow, code, span=OCTOBER):
    made = assessment.assess(OPERATOR, uow, Asked(span, Level.COMMUNITY), clock(uow))
    return next(one.ranked.score for one in made.assessed if one.ranked.score.subject == code)


def test_a_finding_is_withdrawn_and_stays_where_it_is(database):
    code = a_grid(database)
    with undone(database) as uow:
        kept = record(uow, Tally.ACCIDENTS, code)
        gone = findings.withdraw_finding(OPERATOR, uow, kept.id, because="复查后不属实", now=NOW)
        assert gone.withdrawn_because == "复查后不属实"
        with pytest.raises(Conflict):
            findings.withdraw_finding(OPERATOR, uow, kept.id, because="再次", now=NOW)
        listed = findings.list_findings(OPERATOR, uow, date(2026, 1, 1), date(2027, 1, 1), day=NOW.date())
        assert [one.id for one in listed] == [kept.id]


def test_findings_have_their_place_and_their_day(database):
    code = a_grid(database)
    leader = Actor("leader", grants=(Grant(Role.LEADER, code),))
    other = row(database, "SELECT max(code) AS code FROM grid WHERE level = 'community'").code
    with undone(database) as uow:
        assert record(uow, Tally.ACCIDENTS, code, actor=leader)
        with pytest.raises(OutsideJurisdiction):
            record(uow, Tally.ACCIDENTS, other, actor=leader)
        with pytest.raises(BadValue):
            record(uow, Tally.ACCIDENTS, code, day=date(2026, 12, 1))
        with pytest.raises(NotFound):
            record(uow, Tally.ACCIDENTS, code, person_id=999_999)


def test_an_assessment_stays_inside_the_jurisdiction(database):
    code = a_grid(database)
    leader = Actor("leader", grants=(Grant(Role.LEADER, code),))
    mine = assess(database, Asked(OCTOBER, Level.UNIT, code), leader)
    assert {one.ranked.score.subject[:12] for one in mine.assessed} == {code}
    with pytest.raises(OutsideJurisdiction):
        assess(database, Asked(OCTOBER, Level.UNIT), leader)


def test_what_was_kept_is_never_altered(database):
    asked = Asked(OCTOBER, Level.COMMUNITY)
    with database.write() as uow:
        kept = assessment.keep_assessment(OPERATOR, uow, asked, clock(uow))
    with database.write() as uow:
        uow.connection.execute(
            text("UPDATE issue SET due_at = due_at - interval '1 hour' WHERE due_at IS NOT NULL")
        )
    with database.read() as uow:
        assert assessment.list_kept(OPERATOR, uow, asked, clock(uow).today()) == (kept,)
    for change in ("UPDATE assessment_snapshot SET made_by = 'x'", "DELETE FROM assessment_snapshot"):
        with pytest.raises(Conflict), database.write() as uow:
            uow.connection.execute(text(change))


def test_a_span_ahead_is_refused(database):
    with pytest.raises(BadValue):
        assess(database, Asked(span_of(AssessedPeriod.MONTH, date(2026, 12, 1)), Level.UNIT))


def published_split(database, code):
    """Split a grid and let the division that comes of it hold from now on."""
    drafts = Drafts()
    leader = Actor("leader", grants=(Grant(Role.LEADER),))
    with database.write() as uow:
        plan = plans.create(OPERATOR, uow, name="一分为二").plan
    with database.read() as uow:
        shape = uow.connection.execute(
            text(
                "SELECT ST_AsBinary(geom) FROM grid WHERE code = :code"
                " AND generation_id = (SELECT max(id) FROM generation)"
            ),
            {"code": code},
        ).scalar_one()
    line = across(shapely.from_wkb(bytes(shape)))
    with database.write() as uow:
        asked = AskedOperation(plan.revision, OperationKind.SPLIT, {"key": code, "lines": line}, force=True)
        plan = operate(OPERATOR, uow, drafts, plan.id, asked).plan
    for actor, state in ((OPERATOR, PlanState.SUBMITTED), (leader, PlanState.APPROVED)):
        with database.write() as uow:
            plan = take_step(actor, uow, drafts, plan.id, revision=plan.revision, to=state, reason=None).plan
    with database.write() as uow:
        publish_plan(
            OPERATOR, uow, drafts, plan.id, revision=plan.revision, name=None, valid_from=None, zone=ZONE
        )


def test_a_grid_that_was_split_is_scored_over_its_lineage(own_demo_database):
    database = own_demo_database
    asked = Asked(OCTOBER, Level.UNIT)
    before = {one.ranked.score.subject: one for one in assess(database, asked).assessed}
    code = max(before, key=lambda key: earned(before[key], Rate.ON_TIME).share.denominator)
    published_split(database, code)
    after = {one.ranked.score.subject: one for one in assess(database, asked).assessed}
    heirs = [one for one in after.values() if one.predecessors]
    assert code not in after
    assert [one.predecessors for one in heirs] == [(code,), (code,)]
    whole = earned(before[code], Rate.ON_TIME).share
    shares = [earned(one, Rate.ON_TIME).share for one in heirs]
    assert sum(share.denominator for share in shares) == whole.denominator > 0
    assert sum(share.numerator for share in shares) == whole.numerator


def told(uow, asked, actor=OPERATOR):
    """An assessment with all facts behind it; names and predecessors among them."""
    made = assessment.assess(actor, uow, asked, clock(uow))
    facts = {
        (one.ranked.score.subject, measure): assessment.trail(
            actor, uow, asked, clock(uow), measure=measure, subject=one.ranked.score.subject
        )
        for one in made.assessed[:3]
        for measure in (Rate.ON_TIME, Rate.ATTENDANCE)
    }
    return made.assessed, facts


def test_what_was_told_before_a_publication_is_told_as_of_then(database_url):
    database = Database(database_url)
    with database.write() as uow:
        demo.load(OPERATOR, uow, size=DemoSize(12, 3), now=NOW)
    code = row(
        database,
        """SELECT code FROM grid JOIN issue ON issue.grid_id = grid.id
        GROUP BY 1 ORDER BY count(*) DESC, code LIMIT 1""",
    ).code
    above = code[:12]
    wanted = [
        Asked(OCTOBER, level, place)
        for level, place in ((Level.UNIT, code), (Level.UNIT, None), (None, above))
    ]
    with database.write() as uow:
        person = uow.connection.execute(
            text("SELECT person_id FROM assignment WHERE grid_code = :code LIMIT 1"), {"code": code}
        ).scalar_one()
        record(uow, Tally.COMPLAINTS_UPHELD, code, person)
        profiles.adopt(
            OPERATOR, uow, shipped_profile("enterprise"), grid_code=code, valid_from=date(2026, 1, 1)
        )
    with database.read() as uow:
        then = uow.connection.execute(text("SELECT now()")).scalar_one()
        before = [told(uow, asked) for asked in wanted]
        assert told(uow, replace(wanted[0], at=then)) == before[0]
    published_split(database, code)
    leader = Actor("leader", grants=(Grant(Role.LEADER, code),))
    with database.read() as uow:
        assert [told(uow, replace(asked, at=then)) for asked in wanted] == before
        assert told(uow, wanted[1]) != before[1]
        of_mine = Asked(OCTOBER, Level.UNIT, code, then)
        assert told(uow, of_mine, leader)[0] == before[0][0]
        with pytest.raises(NotFound):
            told(uow, replace(of_mine, at=None), leader)
        with pytest.raises(OutsideJurisdiction):
            told(uow, Asked(OCTOBER, Level.UNIT, above, then), leader)
    with database.write() as uow:
        kept = assessment.keep_assessment(OPERATOR, uow, of_mine, clock(uow))
    assert datetime.fromisoformat(kept.document["grids_at"]) == then
    database.close()
