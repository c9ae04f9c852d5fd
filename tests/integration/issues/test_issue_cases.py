"""Cases that go to a section and come back, what the public reads, what reporters say, and the rates."""

from dataclasses import asdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from geo.domain.actors import ANONYMOUS, OPERATOR, Actor, Grant, Role
from geo.domain.issue_cases import Reporter
from geo.domain.issue_open311 import service_request
from geo.domain.issues import IssueState, Step
from geo.domain.measures import Period, Share
from geo.errors import CaseOpen, NotFound, UnknownSection, WrongStep
from geo.services import issue_cases, issue_flow, issue_results, issue_views, issues, profiles
from geo.services.issues import ISSUES

pytestmark = pytest.mark.database
ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 9, 25, 10, tzinfo=ZONE)
KEPT_PRIVATE = ("张三", "13912345678", "朝阳路12号", "举报人住对面", "内部研判")


def handed_over(uow, issue, section):
    return issue_cases.transfer(
        OPERATOR,
        uow,
        issue.id,
        revision=ISSUES.get(OPERATOR, uow, issue.id).revision,
        section=section,
        facts="无证经营",
        now=FRIDAY,
    )


@pytest.mark.rule("E5")
@pytest.mark.parametrize(("section", "matter"), [("business", "ordinary"), ("enforcement", "illegal")])
def test_a_case_goes_to_its_section_and_its_outcome_comes_back(uow, under, report, go, *, section, matter):
    under("food-drug")
    issue = go(report(), "accepted")
    case = handed_over(uow, issue, section)
    assert (case.matter, case.outcome, case.number[:7]) == (matter, None, "YJ2026-")
    issue = ISSUES.get(OPERATOR, uow, issue.id)
    assert issue.state is IssueState.DISPATCHED
    with pytest.raises(CaseOpen) as still_open:
        go(issue, "handled")
    assert still_open.value.fields["number"] == case.number
    with pytest.raises(CaseOpen):
        handed_over(uow, issue, section)
    issue = issue_cases.record_outcome(
        OPERATOR, uow, issue.id, revision=issue.revision, outcome="罚款结案", now=FRIDAY
    )
    with pytest.raises(NotFound):
        issue_cases.record_outcome(OPERATOR, uow, issue.id, revision=issue.revision, outcome="x", now=FRIDAY)
    closed = go(issue, "handled", "checked", "closed")
    assert closed.result == "罚款结案"
    assert [one.outcome for one in issue_cases.cases_of(OPERATOR, uow, issue.id)] == ["罚款结案"]


@pytest.mark.rule("E5")
@pytest.mark.parametrize("profile", ["food-drug", "community"])
def test_a_transfer_to_nowhere_names_the_field_and_the_rule(uow, under, report, profile):
    under(profile)
    with pytest.raises(UnknownSection) as unknown:
        handed_over(uow, report(), "moon")
    assert unknown.value.fields["field"] == "section"
    assert unknown.value.fields["value"] == "moon"
    known = {"food-drug": (["E5"], ["business", "enforcement"]), "community": ([], [])}[profile]
    assert (unknown.value.fields["rules"], unknown.value.fields["known"]) == known


def a_closed_issue(uow, report, go):
    issue = report(description=KEPT_PRIVATE[3], address=KEPT_PRIVATE[2], attributes={"提供人": "张三"})
    code = issue_results.welcome_reporter(
        OPERATOR,
        uow,
        issue.id,
        revision=issue.revision,
        reporter=Reporter(KEPT_PRIVATE[0], KEPT_PRIVATE[1]),
    )
    issue = go(issue, "accepted", "dispatched", "handled", "fed_back", "checked")
    return go(issue, "closed", result=KEPT_PRIVATE[4], public_result="路面已修复"), code


@pytest.mark.rule("E1")
def test_the_public_reads_results_and_nothing_personal(uow, under, report, go):
    under("township")
    issue, _ = a_closed_issue(uow, report, go)
    found = issue_results.public_results(ANONYMOUS, uow, zone=ZONE.key, limit=1, after=0).rows[0]
    assert (found.number, found.result, found.on_time) == (issue.number, "路面已修复", True)
    told = str(asdict(found))
    assert [word for word in KEPT_PRIVATE if word in told] == []
    assert KEPT_PRIVATE[4] in str(asdict(issue)), "the control: who works on it reads all of it"


def test_nothing_is_public_where_the_profile_publishes_nothing(uow, under, report, go):
    under("community")
    go(report(), "accepted", "handled", "closed", result="已清运", public_result="已清运")
    assert issue_results.public_results(ANONYMOUS, uow, zone=ZONE.key, limit=9, after=0).rows == ()


def test_reporters_follow_and_rate_by_their_code_alone(uow, under, report, go):
    under("township")
    issue, code = a_closed_issue(uow, report, go)
    followed = issue_results.followed(ANONYMOUS, uow, issue.number, code=code, zone=ZONE.key)
    assert followed.result == "路面已修复"
    rate = {"score": 5, "words": "很快", "now": FRIDAY}
    for number, wrong in ((issue.number, "x"), (issue.number, ""), ("no-such", code)):
        with pytest.raises(NotFound):
            issue_results.followed(ANONYMOUS, uow, number, code=wrong, zone=ZONE.key)
        with pytest.raises(NotFound):
            issue_results.rate(ANONYMOUS, uow, number, code=wrong, **rate)
    issue_results.rate(ANONYMOUS, uow, issue.number, code=code, **{**rate, "score": 2})
    issue_results.rate(ANONYMOUS, uow, issue.number, code=code, **rate)
    view = issue_views.view_of(OPERATOR, uow, ISSUES.get(OPERATOR, uow, issue.id), FRIDAY)
    assert view.rating.score == 5
    assert reporter(OPERATOR, uow, issue) == Reporter("张三", "13912345678")
    go(issue, "accepted", note="又坏了")
    with pytest.raises(WrongStep):
        issue_results.rate(ANONYMOUS, uow, issue.number, code=code, **rate)


def reporter(actor, uow, issue):
    return issue_results.reporter_of(actor, uow, issue.id, FRIDAY.date())


@pytest.mark.rule("H2")
def test_who_reported_is_masked_where_the_profile_lets_others_see(uow, under, report, go):
    under("township")
    issue, _ = a_closed_issue(uow, report, go)
    inspector = Actor("wang", grants=(Grant(Role.INSPECTOR),))
    assert reporter(inspector, uow, issue) == Reporter("张三", "13912345678")
    sight = [{"of": "work", "roles": ["inspector"]}, {"of": "personal", "roles": ["leader"]}]
    profiles.override(
        OPERATOR, uow, "privacy.sight", sight, grid_code=None, valid_from=FRIDAY.date() - timedelta(days=400)
    )
    masked = reporter(inspector, uow, issue)
    assert (masked.name, masked.phone) == ("张*", "139****5678")


@pytest.mark.rule("H2")
def test_numbers_in_words_are_for_those_who_see_phones_and_never_for_the_public(uow, under, report, go):
    under("township")
    told = "已请13812341234到场"
    issue = report(description="店主13812341234")
    go(issue, "accepted", "dispatched", "handled", "fed_back", "checked")
    go(issue, "closed", result=told, public_result=told)
    sight = [{"of": "personal", "roles": ["leader"]}]
    profiles.override(
        OPERATOR, uow, "privacy.sight", sight, grid_code=None, valid_from=FRIDAY.date() - timedelta(days=400)
    )
    kept = ISSUES.get(OPERATOR, uow, issue.id)
    leader, inspector = (
        issue_views.view_of(Actor(role, grants=(Grant(role),)), uow, kept, FRIDAY).issue
        for role in (Role.LEADER, Role.INSPECTOR)
    )
    assert (leader.description, leader.result) == ("店主13812341234", told)
    assert (inspector.description, inspector.result) == ("店主138****1234", "已请138****1234到场")
    public = issue_results.public_results(ANONYMOUS, uow, zone=ZONE.key, limit=1, after=0).rows[0]
    assert (public.number, public.result) == (issue.number, "已请138****1234到场")


def test_words_that_come_back_as_they_were_seen_stay_what_they_are(uow, under, report, go):
    under("township")
    profiles.override(
        OPERATOR, uow, "privacy.sight", [], grid_code=None, valid_from=FRIDAY.date() - timedelta(days=400)
    )
    inspector = Actor("wang", grants=(Grant(Role.INSPECTOR),))
    issue = report(description="店主13812341234")
    told = {"description": "店主138****1234", "category": "占道经营"}
    changed = issues.change_issue(inspector, uow, issue.id, revision=issue.revision, values=told, now=FRIDAY)
    assert (changed.description, changed.category) == ("店主13812341234", "占道经营")
    go(issue, "accepted", "dispatched", "handled", "fed_back", result="已请13812341234到场")
    revision = ISSUES.get(OPERATOR, uow, issue.id).revision
    step = Step(IssueState.CHECKED, result="已请138****1234到场")
    checked = issues.take_step(inspector, uow, issue.id, revision=revision, step=step, now=FRIDAY)
    assert (checked.state, checked.result) == (IssueState.CHECKED, "已请13812341234到场")


def test_rates_are_what_a_count_by_hand_says(uow, under, report, go, place):
    under("food-drug")
    on_time = go(report(), "accepted", "dispatched", "handled", "checked", "closed", result="x")
    late = report(due_at=FRIDAY + timedelta(hours=1))
    go(
        late,
        "accepted",
        "dispatched",
        "handled",
        "checked",
        "closed",
        now=FRIDAY + timedelta(days=1),
        result="x",
    )
    overdue = report(due_at=FRIDAY + timedelta(hours=1))
    report()  # neither due nor closed
    void = report()
    go(void, "void", note="误报")
    handed_over(uow, go(overdue, "accepted"), "business")
    for issue, score in ((on_time, 5), (late, 2)):
        revision = ISSUES.get(OPERATOR, uow, issue.id).revision
        code = issue_results.welcome_reporter(
            OPERATOR, uow, issue.id, revision=revision, reporter=Reporter(None, None)
        )
        issue_results.rate(ANONYMOUS, uow, issue.number, code=code, score=score, words=None, now=FRIDAY)
    period = Period(FRIDAY, FRIDAY + timedelta(minutes=1))
    found = issue_results.issue_rates(OPERATOR, uow, period, FRIDAY + timedelta(days=9))
    here = next(one.rates for one in found if one.grid.code == place[0])
    assert here.on_time == Share(1, 3)
    assert here.transferred == Share(1, 4)
    assert here.outcomes == Share(0, 1)
    assert here.satisfied == Share(1, 2)


def test_a_deadline_is_told_with_the_days_that_it_skips(uow, under, report):
    under("township")
    issue = report(at=datetime(2026, 9, 30, 10, tzinfo=ZONE))
    view = issue_views.view_of(OPERATOR, uow, issue, FRIDAY)
    assert view.due.due_at == issue.due_at
    assert (view.due.limit.amount, view.due.limit.unit) == (3, "working_days")
    assert [day.day for day in view.due.idle] == [1, 2, 3, 4, 5, 6, 7]
    assert view.level.key == "village"
    assert view.above.key == "departments"
    given = report(due_at=FRIDAY + timedelta(days=1))
    assert issue_views.view_of(OPERATOR, uow, given, FRIDAY).due is None


def test_a_deadline_after_waiting_is_told_as_it_is(uow, under, report):
    under("community")
    issue = report()
    issue = issue_flow.wait(OPERATOR, uow, issue.id, revision=issue.revision, reason="x", now=FRIDAY)
    issue = issue_flow.resume(
        OPERATOR, uow, issue.id, revision=issue.revision, now=FRIDAY + timedelta(days=4)
    )
    assert issue_views.view_of(OPERATOR, uow, issue, FRIDAY).due.due_at == issue.due_at


def test_an_issue_has_the_fields_of_open311(under, report, place):
    under("township")
    issue = report(attributes={"media_url": "photo.jpg"})
    request = service_request(issue, updated_at=FRIDAY, agency="村（社区）")
    assert request["service_request_id"] == issue.number
    assert (request["status"], request["agency_responsible"]) == ("open", "村（社区）")
    assert (request["long"], request["lat"]) == pytest.approx(place[1])
    assert request["expected_datetime"] == issue.due_at.isoformat()
    assert request["media_url"] == "photo.jpg"
