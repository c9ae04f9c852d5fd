"""Photos of issues: each belongs to its step for good, and is seen by those who see the issue alone."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from threading import Event, Thread
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from sqlalchemy import text

from geo.db.unit_of_work import Database
from geo.domain.actors import ANONYMOUS, OPERATOR, Actor, Grant, Role
from geo.domain.issues import Step
from geo.domain.photos import Shows, StepPhotos
from geo.errors import Forbidden, NotFound, OutsideJurisdiction, Unauthenticated
from geo.services import issue_cases, issue_flow, issue_results, issues, photos
from geo.services.suspicions import photos_seen_before
from webmap.i18n import Language, Translator
from webmap.pages.issue_forms import transfer_form

pytestmark = pytest.mark.database
ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 9, 25, 10, tzinfo=ZONE)


def a_picture(angle):
    made = BytesIO()
    Image.linear_gradient("L").rotate(angle).resize((640, 480)).save(made, "PNG")
    return photos.picture(made.getvalue(), pixels=10**7, timezone=ZONE.key)


@pytest.fixture
def upload(uow):
    def one(angle=90, actor=OPERATOR):
        return photos.upload(actor, uow, a_picture(angle)).id

    return one


@pytest.fixture
def seen_through(uow, place, upload):
    """An issue that was reported and handled with photos, and their ids."""
    before, on_site, after = upload(0), upload(10), upload(90)
    values = {"category": "暴露垃圾", "place": place[1], "reported_at": FRIDAY}
    issue = issues.report_issue(OPERATOR, uow, values=values, photos=StepPhotos((before,)), now=FRIDAY)
    for state, taken in (("accepted", StepPhotos()), ("handled", StepPhotos((on_site,), (after,)))):
        step = Step(state, result="已清运", photos=taken)
        issue = issues.take_step(OPERATOR, uow, issue.id, revision=issue.revision, step=step, now=FRIDAY)
    return issue, (before, on_site, after)


def shown(uow, issue):
    return [
        (event.to_state, [(one.id, one.shows) for one in event.photos])
        for event in issues.history(OPERATOR, uow, issue.id)
    ]


def test_photos_belong_to_the_step_for_which_they_were_taken(uow, under, seen_through):
    issue, (before, on_site, after) = seen_through
    assert shown(uow, issue) == [
        ("reported", [(before, Shows.BEFORE)]),
        ("accepted", []),
        ("handled", [(on_site, Shows.BEFORE), (after, Shows.AFTER)]),
    ]


def test_what_the_reporter_is_told_may_have_photos(uow, under, report, upload):
    under("township")
    issue, photo = report(), upload()
    issue_flow.tell_reporter(
        OPERATOR,
        uow,
        issue.id,
        revision=issue.revision,
        stage="handled",
        note="已修复",
        photos=StepPhotos(after=(photo,)),
        now=FRIDAY,
    )
    told = issues.history(OPERATOR, uow, issue.id)[-1]
    assert (told.kind, [one.id for one in told.photos]) == ("feedback", [photo])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE photo SET issue_event_id = NULL, shows = NULL",
        "UPDATE photo SET shows = 'before'",
        "DELETE FROM photo",
    ],
)
def test_what_a_step_shows_stays(uow, seen_through, upload, statement):
    _, (_, _, after) = seen_through
    changed = text(f"{statement} WHERE id = :id")
    with pytest.raises(Exception, match="kept until"), uow.connection.begin_nested():
        uow.connection.execute(changed, {"id": after})
    assert (
        uow.connection.execute(text("DELETE FROM photo WHERE id = :id"), {"id": upload(45)}).rowcount == 1
    ), "the control: what belongs nowhere may go"


def test_a_photo_belongs_to_one_step_of_its_uploader(uow, report, upload, seen_through):
    _, (before, *_) = seen_through
    issue = report()
    foreign = upload(20, Actor("wang", grants=(Grant(Role.INSPECTOR),)))
    for photo in (before, foreign, 10**9):
        step = Step("accepted", photos=StepPhotos((photo,)))
        with pytest.raises(NotFound), uow.connection.begin_nested():
            issues.take_step(OPERATOR, uow, issue.id, revision=issue.revision, step=step, now=FRIDAY)


def test_who_sees_the_issue_sees_its_photos_and_nobody_else(uow, place, seen_through):
    _, (before, *_) = seen_through
    here = Actor("li", grants=(Grant(Role.PLANNER, place[0]),))
    elsewhere = Actor("wang", grants=(Grant(Role.INSPECTOR, "990106999"),))
    assert photos.content(here, uow, before)[:2] == b"\xff\xd8"
    for ask in (photos.content, photos.thumbnail):
        with pytest.raises(OutsideJurisdiction):
            ask(elsewhere, uow, before)
        with pytest.raises(Unauthenticated):
            ask(ANONYMOUS, uow, before)


@pytest.fixture
def handled(report, go, upload):
    """Report and handle an issue with pictures of two gradients; gives it and its photos."""

    def make(before, after):
        taken = upload(before), upload(after)
        issue = go(report(photos=StepPhotos(taken[:1])), "accepted")
        return go(issue, "handled", result="已清运", photos=StepPhotos(after=taken[1:])), taken

    return make


def alike(uow, issue, actor=OPERATOR):
    known = photos_seen_before(actor, uow, issue, FRIDAY.date())
    return [(one.photo.id, one.earlier.id, one.issue_number) for one in known]


def test_a_photo_that_another_issue_has_shown_is_told(uow, place, handled):
    (first, first_photos), (second, second_photos) = handled(90, 30), handled(270, 30)
    assert alike(uow, first) == []
    assert alike(uow, second) == [(second_photos[1], first_photos[1], first.number)]
    here = Actor("li", grants=(Grant(Role.LEADER, place[0]),))
    elsewhere = Actor("wang", grants=(Grant(Role.LEADER, "990106999"),))
    assert alike(uow, second, here) == alike(uow, second)
    assert alike(uow, second, elsewhere) == []
    with pytest.raises(Forbidden):
        alike(uow, second, Actor("zhao", grants=(Grant(Role.INSPECTOR, place[0]),)))


def test_a_photo_of_after_that_is_one_of_before_is_told(uow, handled):
    issue, (before, after) = handled(60, 60)
    assert alike(uow, issue) == [(after, before, issue.number)]


def test_a_thumbnail_is_small(uow, upload):
    photo = upload()
    small = Image.open(BytesIO(photos.thumbnail(OPERATOR, uow, photo)))
    assert max(small.size) == photos.SMALL_SIDE


def test_the_public_sees_no_photos(uow, under, report, go, upload):
    under("township")
    photo = upload()
    issue = report()
    go(issue, "accepted", photos=StepPhotos((photo,)))
    go(issue, "dispatched", "handled", "fed_back", "checked", "closed", result="已修", public_result="已修")
    public = issue_results.public_results(ANONYMOUS, uow, zone=ZONE.key, limit=1, after=0).rows[0]
    assert public.number == issue.number
    assert "photo" not in str(public)
    assert "Photo" in str(issues.history(OPERATOR, uow, issue.id)), "the control: those who work on it do"


@pytest.mark.slow
def test_a_case_is_printed_with_the_photos_of_its_issue(uow, under, report, upload):
    under("food-drug")
    taken = [upload(angle) for angle in (0, 10, 90)]
    issue = report(photos=StepPhotos(tuple(taken[:2]), tuple(taken[2:])))
    case = issue_cases.transfer(
        OPERATOR, uow, issue.id, revision=issue.revision, section="business", facts="过期食品", now=FRIDAY
    )
    pictures = photos.printed(OPERATOR, uow, issue.id)
    assert [photo.id for photo, _ in pictures] == taken
    words = Translator(Language.CHINESE, ZONE.key)
    with_photos, without = (transfer_form(words, issue, case, shown, at=FRIDAY) for shown in (pictures, ()))
    assert (with_photos.count(b"/Subtype /Image"), without.count(b"/Subtype /Image")) == (3, 0)


# photos that nobody filed ----------------------------------------------------------------------------------


def kept(uow):
    return set(uow.connection.scalars(text("SELECT id FROM photo")))


def age(uow, *ids):
    moved = "UPDATE photo SET uploaded_at = now() - interval '2 days' WHERE id = ANY(:ids)"
    uow.connection.execute(text(moved), {"ids": list(ids)})


def a_day_ago(uow):
    return uow.connection.execute(text("SELECT now() - interval '1 day'")).scalar_one()


def test_photos_that_nobody_filed_are_forgotten_and_all_others_stay(uow, report, upload):
    same_picture = upload(30)
    old, young = upload(30), upload(60)
    age(uow, old, same_picture)
    issue = report()
    step = Step("accepted", photos=StepPhotos((same_picture,)))
    issues.take_step(OPERATOR, uow, issue.id, revision=issue.revision, step=step, now=FRIDAY)
    before = kept(uow)
    assert photos.forget_unattached(OPERATOR, uow, a_day_ago(uow)) == 1
    assert kept(uow) == before - {old}
    assert photos.content(OPERATOR, uow, same_picture)[:2] == b"\xff\xd8", "the bytes that both had"
    assert photos.content(OPERATOR, uow, young)
    trace = "SELECT change FROM audit_log WHERE action = 'delete' AND kind = 'photo' ORDER BY id DESC LIMIT 1"
    assert uow.connection.execute(text(trace)).scalar_one() == {"count": 1, "ids": [old]}
    assert photos.forget_unattached(OPERATOR, uow, a_day_ago(uow)) == 0


def test_bytes_that_no_photo_names_go_with_the_last(uow, upload):
    old = upload(33)
    age(uow, old)
    named = "SELECT count(*) FROM photo_content WHERE sha256 = :sha256"
    sha256 = a_picture(33).sha256
    photos.forget_unattached(OPERATOR, uow, a_day_ago(uow))
    assert uow.connection.execute(text(named), {"sha256": sha256}).scalar_one() == 0


@pytest.fixture
def others(database_url):
    database = Database(database_url)
    yield database
    database.close()


def old_upload(database, angle):
    with database.write() as uow:
        photo = photos.upload(OPERATOR, uow, a_picture(angle)).id
        age(uow, photo)
    return photo


def test_a_crash_in_between_leaves_all_as_it_was(others):
    photo = old_upload(others, 5)
    with pytest.raises(ZeroDivisionError), others.write() as uow:  # noqa: PT012 - what dies is a transaction
        photos.forget_unattached(OPERATOR, uow, a_day_ago(uow))
        raise ZeroDivisionError
    with others.read() as uow:
        assert photos.content(OPERATOR, uow, photo)


def test_who_uploads_the_same_picture_meanwhile_keeps_its_bytes(others):
    old_upload(others, 5)
    uploaded, finished = Event(), Event()

    def forget():
        uploaded.wait()
        with others.write() as uow:
            photos.forget_unattached(OPERATOR, uow, a_day_ago(uow))
        finished.set()

    cleaner = Thread(target=forget)
    cleaner.start()
    with others.write() as uow:
        again = photos.upload(OPERATOR, uow, a_picture(5)).id
        uploaded.set()
        assert not finished.wait(timeout=0.5), "it waits for who holds the bytes"
    cleaner.join()
    assert finished.is_set()
    with others.read() as uow:
        assert photos.content(OPERATOR, uow, again)
        assert kept(uow) == {again}
