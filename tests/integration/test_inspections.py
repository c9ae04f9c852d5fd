"""Inspections on a real database: filed by the rules, corrected, due, retired; and what follows from them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli import app
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR, Actor, Grant, Role
from geo.domain.demo import DemoSize
from geo.domain.entities import EntityState
from geo.domain.filters import Filter
from geo.domain.inspections import Acknowledgement, Answer, Answered, Findings, Licence
from geo.errors import (
    AgainstRule,
    AlreadyExists,
    BadValue,
    NotFound,
    OutsideJurisdiction,
    WrongStep,
)
from geo.services import demo, inspections, issues, photos, profile_documents, profiles, retention
from geo.services.entities import ENTITIES
from geo.services.inspections import Filing
from geo.services.patrols import VISITS

pytestmark = pytest.mark.database

ZONE = "Asia/Shanghai"
NOW = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo(ZONE))
TODAY = NOW.date()
CONTENTS = ("licence", "scope", "conditions", "quality", "presence", "violations", "other")
STROKES = (((10, 10), (500, 900)), ((600, 100),))


class GivenUp(Exception):
    pass


def adopt(uow, key):
    """Let a shipped profile hold in the whole city."""
    profile = profile_documents.shipped_profile(key)
    profiles.adopt(OPERATOR, uow, profile, grid_code=None, valid_from=date(2026, 1, 1))


@pytest.fixture(scope="module")
def demo_database(module_database_url):
    database = Database(module_database_url)
    with database.write() as uow:
        adopt(uow, "food-drug")
        demo.load(OPERATOR, uow, size=DemoSize(24, 3), now=NOW)
        uow.connection.execute(text("SET LOCAL wangge.retention = 'on'"))
        for table in ("deregistration", "photo", "photo_content", "inspection", "licence"):
            uow.connection.execute(text(f"DELETE FROM {table}"))
    yield database
    database.close()


@pytest.fixture
def uow(demo_database):
    """A transaction that is given up at the end of the test."""
    with pytest.raises(GivenUp), demo_database.write() as uow:  # noqa: PT012 - the fixture's body is the test
        yield uow
        raise GivenUp


@pytest.fixture
def ground(uow):
    """A premises that nobody has visited for a day, with two people in service there and one elsewhere."""
    row = uow.connection.execute(
        text("""SELECT entity.id, entity.name, code, ST_X(entity.geom) AS lon, ST_Y(entity.geom) AS lat
                FROM entity JOIN grid ON grid.id = grid_id
                WHERE entity.kind = 'premises' AND entity.state = 'active'
                    AND NOT EXISTS (SELECT FROM visit WHERE entity_id = entity.id)
                ORDER BY entity.id LIMIT 1""")
    ).one()
    serving = "SELECT DISTINCT person_id FROM assignment WHERE :code LIKE grid_code || '%' ORDER BY 1"
    first, second, *_ = uow.connection.execute(text(serving), {"code": row.code}).scalars()
    elsewhere = uow.connection.execute(
        text(f"SELECT min(person_id) FROM assignment WHERE person_id NOT IN ({serving})"), {"code": row.code}
    ).scalar_one()
    inspector = Actor("inspector", 1, first, (Grant(Role.INSPECTOR, row.code),))
    return SimpleNamespace(
        entity=row.id,
        code=row.code,
        place=(row.lon, row.lat),
        officers=(first, second),
        elsewhere=elsewhere,
        inspector=inspector,
    )


def said(**given):
    usual = {
        "form": "special",
        "result": "normal",
        "answers": tuple(Answered(item, Answer.YES) for item in CONTENTS),
        "subject_name": "张建国",
        "subject_phone": "13812341234",
        "acknowledgement": Acknowledgement.SIGNED,
        "signature": STROKES,
    }
    return Findings(**{**usual, **given})


def filing(ground, *, at=NOW - timedelta(hours=1), **given):
    return Filing(
        entity_id=ground.entity,
        visited_at=at,
        place=ground.place,
        officers=given.pop("officers", ground.officers),
        photos=given.pop("photos", ()),
        said=said(**given),
    )


def file(uow, ground, **given):
    return inspections.file_inspection(ground.inspector, uow, filing(ground, **given), now=NOW, timezone=ZONE)


def refused(uow, ground, **given):
    with pytest.raises(AgainstRule) as breach:
        file(uow, ground, **given)
    return breach.value.fields["field"], breach.value.fields["rules"]


@pytest.mark.rule("D1", "D3", "D4", "D6")
def test_an_inspection_is_a_visit_with_its_record(uow, ground):
    kept = file(uow, ground)
    visit = VISITS.get(OPERATOR, uow, kept.visit_id)
    assert (visit.kind, visit.entity_id, visit.result) == ("check", ground.entity, "正常经营")
    assert visit.people == tuple(sorted(ground.officers))
    assert (kept.version, kept.profile, kept.grid_code) == (1, "food-drug", ground.code)
    assert kept.said == said()
    assert [person for person, _ in kept.officers] == sorted(ground.officers)
    assert (kept.keep_until, kept.at_end) == (date(2028, 11, 20), "delete")


@pytest.mark.rule("D3")
def test_one_officer_where_two_are_needed_is_refused_by_name(uow, ground):
    first, second = ground.officers
    assert refused(uow, ground, officers=(first,)) == ("officers", ["D3"])
    assert refused(uow, ground, officers=(first, first)) == ("officers", ["D3"])
    assert refused(uow, ground, officers=(first, ground.elsewhere)) == ("officers", ["D3"])
    assert file(uow, ground, officers=(first, second)).id


@pytest.mark.rule("D2")
def test_a_comprehensive_check_is_not_for_subjects_of_this_year(uow, ground):
    inspections.set_licence(ground.inspector, uow, ground.entity, Licence(founded_on=date(2026, 1, 1)))
    assert refused(uow, ground, form="comprehensive") == ("form", ["D2"])
    inspections.set_licence(ground.inspector, uow, ground.entity, Licence(founded_on=date(2025, 12, 31)))
    assert file(uow, ground, form="comprehensive").said.form == "comprehensive"


@pytest.mark.rule("D2")
def test_a_periodic_check_needs_its_reason(uow, ground):
    assert refused(uow, ground, form="periodic") == ("form", ["D2"])
    inspections.set_licence(ground.inspector, uow, ground.entity, Licence(licensed_on=date(2026, 9, 1)))
    assert file(uow, ground, form="periodic").said.form == "periodic"


@pytest.mark.rule("D4", "D5", "D6")
@pytest.mark.parametrize(
    ("given", "field", "rules"),
    [
        ({"result": "fine"}, "result", ["D4"]),
        ({"form": "casual"}, "form", []),
        ({"measures": ("closing",)}, "measures", ["D5"]),
        ({"measures": ("correction",)}, "correct_by", ["D5"]),
        ({"measures": ("correction",), "correct_by": date(2026, 11, 19)}, "correct_by", ["D5"]),
        ({"hazards": ("fire",)}, "hazards", []),
        ({"answers": ()}, "answers.licence", ["D1"]),
        ({"signature": None}, "signature", ["D6"]),
        ({"acknowledgement": Acknowledgement.REFUSED}, "refusal_reason", ["D6"]),
        (
            {"acknowledgement": Acknowledgement.REFUSED, "refusal_reason": "不同意"},
            "witness",
            ["D6"],
        ),
        ({"acknowledgement": Acknowledgement.TYPED, "subject_name": None}, "subject_name", ["D6"]),
    ],
)
def test_what_the_rules_forbid_is_refused_by_field_and_rule(uow, ground, given, field, rules):
    assert refused(uow, ground, **given) == (field, rules)


def test_a_visit_in_the_future_is_refused(uow, ground):
    with pytest.raises(BadValue) as future:
        file(uow, ground, at=NOW + timedelta(hours=1))
    assert future.value.fields["field"] == "visited_at"


def test_nobody_inspects_outside_the_own_grids(uow, ground):
    stranger = Actor("stranger", 2, None, (Grant(Role.INSPECTOR, "990106999"),))
    with pytest.raises(OutsideJurisdiction):
        inspections.file_inspection(stranger, uow, filing(ground), now=NOW, timezone=ZONE)


@pytest.mark.rule("D1", "D4")
def test_what_stopped_is_suspended_and_its_deregistration_begins(uow, ground):
    file(uow, ground, result="stopped")
    assert ENTITIES.get(OPERATOR, uow, ground.entity).state is EntityState.SUSPENDED
    (task,) = [
        one for one in inspections.deregistrations(ground.inspector, uow) if one.entity_id == ground.entity
    ]
    ended = inspections.end_deregistration(ground.inspector, uow, task.id, EntityState.CLOSED)
    assert ended.outcome == "closed"
    assert ENTITIES.get(OPERATOR, uow, ground.entity).state is EntityState.CLOSED
    with pytest.raises(WrongStep):
        inspections.end_deregistration(ground.inspector, uow, task.id, EntityState.ACTIVE)


def reasons(uow, ground, day=TODAY):
    found = inspections.due(ground.inspector, uow, Filter(), day, ZONE)
    return [(one.reason, one.since, one.due_by) for one in found if one.entity_id == ground.entity]


@pytest.mark.rule("D2")
def test_what_was_licensed_is_due_within_six_months(uow, ground):
    inspections.set_licence(ground.inspector, uow, ground.entity, Licence(licensed_on=date(2026, 8, 31)))
    assert reasons(uow, ground, date(2026, 8, 30)) == []
    assert reasons(uow, ground) == [("licensed", date(2026, 8, 31), date(2027, 2, 28))]
    file(uow, ground, form="periodic")
    assert reasons(uow, ground) == []


@pytest.mark.rule("D2", "D5")
def test_what_was_ordered_to_correct_is_due_until_it_is_checked_again(uow, ground):
    begun = NOW - timedelta(days=5)
    file(uow, ground, at=begun, measures=("correction",), correct_by=date(2026, 11, 18))
    assert reasons(uow, ground) == [("correction_ordered", date(2026, 11, 15), date(2026, 11, 18))]
    file(uow, ground, form="periodic", result="not_corrected")
    assert reasons(uow, ground) == []


@pytest.mark.rule("D2", "D5")
def test_a_case_is_handed_over_and_calls_for_a_check_when_it_is_closed(uow, ground):
    kept = file(uow, ground, at=NOW - timedelta(days=9), result="other_violation", measures=("transfer",))
    case = uow.connection.execute(
        text("SELECT issue_id, section FROM issue_transfer WHERE number = :number"),
        {"number": kept.case_number},
    ).one()
    assert case.section == "enforcement"
    assert issues.ISSUES.get(OPERATOR, uow, case.issue_id).grid_code == ground.code
    assert reasons(uow, ground) == []
    uow.connection.execute(
        text("""UPDATE issue_transfer SET outcome = '罚款', outcome_at = :at, outcome_by = 'x'
                WHERE issue_id = :id"""),
        {"at": NOW - timedelta(days=2), "id": case.issue_id},
    )
    assert reasons(uow, ground) == [("case_closed", date(2026, 11, 18), None)]


@pytest.mark.rule("D7", "E8")
def test_a_campus_lists_its_kinds_of_hazards_and_checks_again_what_is_to_be_corrected(uow, ground):
    adopt(uow, "campus")
    found = {
        "form": "hazards",
        "result": "hazard",
        "answers": (),
        "hazards": ("fire", "surroundings"),
        "measures": ("correction",),
        "correct_by": date(2026, 11, 19),
    }
    kept = file(uow, ground, at=NOW - timedelta(days=3), officers=ground.officers[:1], **found)
    assert kept.said.hazards == ("fire", "surroundings")
    assert reasons(uow, ground) == [("correction_ordered", date(2026, 11, 17), date(2026, 11, 19))]
    assert refused(uow, ground, **{**found, "hazards": ("noise",)}) == ("hazards", ["D7"])


# versions ------------------------------------------------------------------------------------------------


def correct(uow, ground, key, **given):
    return inspections.correct_inspection(
        ground.inspector, uow, key, said=said(**given), reason="笔误", today=TODAY, timezone=ZONE
    )


@pytest.mark.rule("D6", "H3")
def test_a_correction_is_a_new_version_that_names_the_old(uow, ground):
    first = file(uow, ground, findings="标签不全")
    second = correct(uow, ground, first.id, findings="标签齐全", result="other_violation")
    assert (second.version, second.replaces_id, second.reason) == (2, first.id, "笔误")
    old = inspections.get(OPERATOR, uow, first.id, TODAY)
    assert (old.said.findings, old.replaced_by_id) == ("标签不全", second.id)
    assert VISITS.get(OPERATOR, uow, first.visit_id).result == "其他违法违规行为"
    listed = inspections.find(
        OPERATOR, uow, Filter(), TODAY, entity_id=ground.entity, limit=9, before=None
    ).rows
    assert [one.id for one in listed] == [second.id]
    with pytest.raises(AlreadyExists):
        correct(uow, ground, first.id)


@pytest.mark.rule("D6", "H1")
@pytest.mark.parametrize("statement", ["UPDATE inspection SET result = 'normal'", "DELETE FROM inspection"])
def test_what_was_signed_stays_as_it_is(uow, ground, statement):
    file(uow, ground)
    with pytest.raises(Exception, match="kept until"), uow.connection.begin_nested():
        uow.connection.execute(text(statement))


# retention -----------------------------------------------------------------------------------------------


@pytest.mark.rule("D6", "H3")
def test_what_is_kept_long_enough_is_deleted_and_one_day_younger_stays(uow, ground):
    old = file(uow, ground, at=NOW - timedelta(days=1))
    younger = file(uow, ground)
    day = old.keep_until
    assert retention.expired(OPERATOR, uow, day).deleted == (old.id,)
    assert retention.expired(OPERATOR, uow, day - timedelta(days=1)).deleted == ()
    done = retention.retire(OPERATOR, uow, day)
    assert (done.deleted, done.anonymised) == ((old.id,), ())
    with pytest.raises(NotFound):
        inspections.get(OPERATOR, uow, old.id, TODAY)
    assert inspections.get(OPERATOR, uow, younger.id, TODAY).id == younger.id
    assert VISITS.get(OPERATOR, uow, old.visit_id).id == old.visit_id
    trace = uow.connection.execute(
        text("SELECT change FROM audit_log WHERE action = 'delete' AND kind = 'inspection'")
    ).scalar_one()
    assert trace == {"count": 1, "ids": [old.id]}


def test_what_is_made_anonymous_tells_of_nobody(uow, ground):
    answers = (*(Answered(item, Answer.NO, "张建国承认") for item in CONTENTS),)
    kept = file(uow, ground, answers=answers, findings="张建国称")
    uow.connection.execute(text("SET LOCAL wangge.retention = 'on'"))
    uow.connection.execute(text("UPDATE inspection SET at_end = 'anonymise'"))
    uow.connection.execute(text("SET LOCAL wangge.retention = 'off'"))
    assert retention.retire(OPERATOR, uow, kept.keep_until).anonymised == (kept.id,)
    row = uow.connection.execute(text("SELECT inspection::text FROM inspection")).scalar_one()
    assert "张建国" not in row
    assert "13812341234" not in row
    assert retention.expired(OPERATOR, uow, kept.keep_until).anonymised == ()


# photos --------------------------------------------------------------------------------------------------


def a_photo(shade=90):
    made = BytesIO()
    Image.linear_gradient("L").rotate(shade).save(made, "PNG")
    return photos.picture(made.getvalue(), pixels=10**7, timezone=ZONE)


def test_a_photo_belongs_to_the_record_that_its_uploader_files(uow, ground):
    taken = photos.upload(ground.inspector, uow, a_photo())
    kept = file(uow, ground, photos=(taken.id,))
    assert [one.id for one in inspections.photos(OPERATOR, uow, kept)] == [taken.id]
    assert photos.content(OPERATOR, uow, taken.id)[:2] == b"\xff\xd8"
    with pytest.raises(NotFound):
        file(uow, ground, photos=(taken.id,))


def test_a_photo_of_somebody_else_is_not_there(uow, ground):
    taken = photos.upload(OPERATOR, uow, a_photo())
    with pytest.raises(NotFound):
        photos.content(ground.inspector, uow, taken.id)
    with pytest.raises(NotFound):
        file(uow, ground, photos=(taken.id,))


def test_one_picture_is_kept_once(uow, ground):
    first, second = (photos.upload(OPERATOR, uow, a_photo()) for _ in range(2))
    assert first.sha256 == second.sha256
    assert uow.connection.execute(text("SELECT count(*) FROM photo_content")).scalar_one() == 1


# who sees what -------------------------------------------------------------------------------------------


@pytest.mark.rule("H2")
def test_who_was_there_is_masked_where_the_profile_lets_nobody_see(uow, ground):
    kept = file(uow, ground)
    leader = Actor("leader", 3, None, (Grant(Role.LEADER),))
    seen = inspections.get(leader, uow, kept.id, TODAY).said
    assert (seen.subject_name, seen.subject_phone, seen.signature) == ("张建国", "13812341234", STROKES)
    document = profile_documents.document_of(profiles.profile_at(uow, None, TODAY))
    sight = [one for one in document["privacy"]["sight"] if one["of"] != "personal"]
    profiles.override(OPERATOR, uow, "privacy.sight", sight, grid_code=None, valid_from=TODAY)
    unseen = inspections.get(leader, uow, kept.id, TODAY).said
    assert (unseen.subject_name, unseen.subject_phone, unseen.signature) == ("张**", "138****1234", None)
    listed = inspections.find(leader, uow, Filter(), TODAY, entity_id=None, limit=9, before=None).rows
    assert {one.said.subject_name for one in listed} == {"张**"}


def test_what_comes_back_masked_stays_what_it_is(uow, ground):
    kept = file(uow, ground)
    document = profile_documents.document_of(profiles.profile_at(uow, None, TODAY))
    sight = [one for one in document["privacy"]["sight"] if one["of"] != "personal"]
    profiles.override(OPERATOR, uow, "privacy.sight", sight, grid_code=None, valid_from=TODAY)
    seen = inspections.to_correct(ground.inspector, uow, kept.id, TODAY).said
    assert (seen.subject_name, seen.signature) == ("张**", None)
    again = correct(uow, ground, kept.id, subject_name="张**", signature=None, subject_phone="13900001111")
    assert (again.said.subject_name, again.said.signature) == ("张建国", STROKES)
    assert again.said.subject_phone == "13900001111"


def test_the_command_lists_first_and_acts_when_it_is_told_to(demo_database, monkeypatch):
    monkeypatch.setenv("WANGGE_DATABASE_URL", demo_database.url)
    told = CliRunner().invoke(app, ["retention"])
    assert told.exit_code == 0, told.output
    assert "--commit" in told.output
    done = CliRunner().invoke(app, ["retention", "--commit"])
    assert done.exit_code == 0, done.output
    assert "--commit" not in done.output
