"""Issues under the regulation profiles: deadlines, levels, people, waiting, cases, duplicates."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from geo.db.profiles import insert_regulation
from geo.domain.actors import OPERATOR, Actor, Grant, Role
from geo.domain.issues import IssueState
from geo.domain.profiles.documents import with_value
from geo.domain.working_days import Schedule
from geo.errors import (
    BadValue,
    ClockRuns,
    FirstAskedStays,
    HighestLevel,
    NobodyNamed,
    OutsideJurisdiction,
    ReasonMissing,
    ResultMissing,
    StaleRevision,
    WrongStep,
)
from geo.services import issue_flow, issues, working_days
from geo.services.issue_clock import Run, run_clock
from geo.services.issues import ISSUES
from geo.services.profile_documents import document_of, shipped_profile

pytestmark = pytest.mark.database
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 15, tzinfo=ZONE)
FRIDAY = datetime(2026, 9, 25, 10, tzinfo=ZONE)


def person(uow, at=0):
    return uow.connection.execute(
        text("SELECT id FROM person ORDER BY id LIMIT 1 OFFSET :at"), {"at": at}
    ).scalar_one()


def kinds_of(uow, issue):
    return [event.kind for event in issues.history(OPERATOR, uow, issue.id)]


# deadlines -------------------------------------------------------------------------------------------------


@pytest.mark.rule("E1")
def test_the_township_counts_working_days_on_each_level(uow, under, report):
    under("township")
    issue = report(at=datetime(2026, 9, 30, 10, tzinfo=ZONE))
    assert (issue.kind, issue.level, issue.due_is_given) == ("matter", "village", False)
    assert issue.due_at == datetime(2026, 10, 10, 18, tzinfo=ZONE)  # the 8th, the 9th, the make-up Saturday
    up = issue_flow.escalate(
        OPERATOR, uow, issue.id, revision=issue.revision, reason=None, now=FRIDAY + timedelta(days=13)
    )
    assert up.level == "departments"
    assert up.due_at == datetime(2026, 10, 14, 18, tzinfo=ZONE)  # from the 8th: 9, 10, 12, 13, 14
    top = issue_flow.escalate(
        OPERATOR, uow, issue.id, revision=up.revision, reason=None, now=FRIDAY + timedelta(days=13)
    )
    assert (top.level, top.due_at) == ("city", datetime(2026, 10, 12, 18, tzinfo=ZONE))
    with pytest.raises(HighestLevel) as highest:
        issue_flow.escalate(OPERATOR, uow, issue.id, revision=top.revision, reason=None, now=FRIDAY)
    assert highest.value.fields["level"] == "city"


@pytest.mark.rule("E2")
@pytest.mark.parametrize(
    ("category", "kind", "due"),
    [
        ("暴露垃圾", None, datetime(2026, 9, 26, 18, tzinfo=ZONE)),
        ("邻里纠纷", None, datetime(2026, 9, 26, 18, tzinfo=ZONE)),
        ("消防隐患", None, datetime(2026, 9, 25, 18, tzinfo=ZONE)),
        ("办证", "complete_papers", datetime(2026, 9, 25, 18, tzinfo=ZONE)),
    ],
)
def test_the_community_counts_days_and_does_complete_papers_at_once(under, report, category, kind, due):
    under("community")
    assert report(category=category, kind=kind).due_at == due


@pytest.mark.rule("E2")
def test_no_level_allows_more_than_five_working_days_from_the_report(uow, under, report):
    under("community")
    issue = report()
    ceiling = datetime(2026, 10, 9, 18, tzinfo=ZONE)  # from Monday the 28th: 29, 30, 8, 9 … and the 10th
    for days in (1, 3, 13):
        issue = issue_flow.escalate(
            OPERATOR,
            uow,
            issue.id,
            revision=issue.revision,
            reason=None,
            now=FRIDAY + timedelta(days=days),
        )
    assert issue.level == "others"
    assert issue.due_at == ceiling + timedelta(days=1)
    assert issue.due_at < FRIDAY + timedelta(days=13 + 3)


def test_a_deadline_that_somebody_gives_stays(under, report):
    under("township")
    issue = report(due_at=FRIDAY + timedelta(days=1))
    assert issue.due_is_given
    assert issue.due_at == FRIDAY + timedelta(days=1)


@pytest.mark.rule("E1")
def test_a_rule_of_another_day_counts_for_reports_of_that_day(uow, under, report):
    under("township")
    township = document_of(shipped_profile("township"))
    insert_regulation(
        uow.connection,
        grid_code=None,
        valid_from=date(2026, 9, 28),
        document=with_value(township, "issues.levels.village.limit.amount", 1),
        path=None,
        adopted_by="district",
    )
    before, after = (
        report(at=datetime(2026, 9, 27, 10, tzinfo=ZONE)),
        report(at=datetime(2026, 9, 28, 10, tzinfo=ZONE)),
    )
    assert before.due_at == datetime(2026, 10, 8, 18, tzinfo=ZONE)  # the Sunday counts as Monday: 29, 30, 8
    assert after.due_at == datetime(2026, 9, 29, 18, tzinfo=ZONE)


def test_a_schedule_that_is_entered_moves_open_deadlines(uow, under, report):
    under("township")
    issue = report(at=datetime(2026, 12, 30, 10, tzinfo=ZONE))
    assert issue.due_at == datetime(2027, 1, 5, 18, tzinfo=ZONE)  # 31 December, 4 and 5 January: provisional
    schedule = Schedule(2027, frozenset({date(2027, 1, 1), date(2027, 1, 4)}), frozenset({date(2027, 1, 3)}))
    working_days.enter_schedule(OPERATOR, uow, schedule, source="国办发明电", now=NOW)
    now = datetime(2026, 12, 31, 9, tzinfo=ZONE)
    assert run_clock(OPERATOR, uow, now) == Run(redated=0, escalated=0)  # 31, Sunday the 3rd, 5
    other = Schedule(2027, frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 2), date(2027, 1, 3)}))
    working_days.enter_schedule(OPERATOR, uow, other, source="国办发明电", now=NOW)
    assert run_clock(OPERATOR, uow, now) == Run(redated=1, escalated=0)
    assert ISSUES.get(OPERATOR, uow, issue.id).due_at == datetime(2027, 1, 3, 18, tzinfo=ZONE)


# levels ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("E4")
def test_what_runs_out_goes_up_once_and_a_second_run_does_nothing(uow, under, report):
    under("community")
    issue = report()
    waiting = report()
    issue_flow.wait(OPERATOR, uow, waiting.id, revision=waiting.revision, reason="待补材料", now=FRIDAY)
    late = FRIDAY + timedelta(days=1, hours=9)
    assert run_clock(OPERATOR, uow, late - timedelta(hours=2)) == Run(0, 0)
    assert run_clock(OPERATOR, uow, late) == Run(0, 1)
    assert run_clock(OPERATOR, uow, late) == Run(0, 0)
    up = ISSUES.get(OPERATOR, uow, issue.id)
    assert (up.level, up.level_since) == ("committee", late)
    assert up.due_at == datetime(2026, 9, 27, 18, tzinfo=ZONE)
    step = issues.history(OPERATOR, uow, issue.id)[-1]
    assert (step.kind, step.data["from_level"], step.data["because"]) == ("escalated", "office", "overdue")
    assert ISSUES.get(OPERATOR, uow, waiting.id).level == "office"


@pytest.mark.rule("E4")
def test_ordinary_regional_and_global_matters_go_up_by_hand(uow, under, report):
    under("community")
    issue = report()
    levels = [issue.level]
    for _ in range(2):
        issue = issue_flow.escalate(
            OPERATOR, uow, issue.id, revision=issue.revision, reason="涉及全街道", now=FRIDAY
        )
        levels.append(issue.level)
    assert levels == ["office", "committee", "subdistrict"]


@pytest.mark.rule("E7")
def test_a_branch_explains_what_it_hands_on(uow, under, report):
    under("party")
    issue = report()
    assert issue.due_at == datetime(2026, 9, 25, 18, tzinfo=ZONE)
    with pytest.raises(ReasonMissing) as missing:
        issue_flow.escalate(OPERATOR, uow, issue.id, revision=issue.revision, reason="", now=FRIDAY)
    assert missing.value.fields == {"field": "reason", "rules": ("E7",)}
    up = issue_flow.escalate(
        OPERATOR, uow, issue.id, revision=issue.revision, reason="超出支部职权", now=FRIDAY
    )
    assert up.level == "party_committee"
    assert issues.history(OPERATOR, uow, issue.id)[-1].note == "超出支部职权"


def test_the_holder_of_the_post_in_the_narrowest_grid_sees_to_it(uow, under, report, place):
    under("township")
    holder = uow.connection.execute(
        text("SELECT person_id FROM assignment WHERE post = 'head' AND grid_code = :code"), {"code": place[0]}
    ).scalar_one()
    people = issue_flow.people_of(OPERATOR, uow, report().id, NOW.date())
    assert [(one.charge, one.person_id) for one in people] == [("handling", holder)]


# stages ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("E3")
@pytest.mark.parametrize(
    ("category", "stages"),
    [
        ("暴露垃圾", ["accepted", "handled", "closed"]),
        ("邻里纠纷", ["accepted", "dispatched", "handled", "fed_back", "checked", "closed"]),
        ("消防隐患", ["dispatched", "handled", "checked", "closed"]),
        ("违规户外广告", ["accepted", "reviewed", "approved", "closed"]),
    ],
)
def test_each_kind_goes_its_own_way(uow, under, report, go, *, category, stages):
    under("community")
    issue = report(category=category)
    for wrong in set(IssueState) - {IssueState(stages[0]), IssueState.VOID}:
        with pytest.raises(WrongStep):
            go(issue, wrong, note="x", result="x")
    closed = go(issue, *stages, result="已办结")
    assert closed.closed_at == FRIDAY
    assert [event.to_state for event in issues.history(OPERATOR, uow, issue.id)] == ["reported", *stages]


@pytest.mark.rule("E3")
def test_what_is_solved_on_the_spot_is_logged_with_all_its_stages(uow, under, report):
    under("community")
    issue = report(result="当场劝离")
    assert (issue.state, issue.result) == (IssueState.CLOSED, "当场劝离")
    assert [event.to_state for event in issues.history(OPERATOR, uow, issue.id)] == [
        "reported",
        "accepted",
        "handled",
        "closed",
    ]


@pytest.mark.rule("E6")
def test_nothing_is_struck_off_without_a_result(under, report, go):
    under("community")
    issue = go(report(), "accepted", "handled")
    with pytest.raises(ResultMissing) as missing:
        go(issue, "closed")
    assert missing.value.fields == {"field": "result", "rules": ("E6",)}
    assert go(issue, "closed", result="已清运").state == "closed"


@pytest.mark.rule("E1")
def test_a_delay_states_its_reason(under, report, go):
    under("township")
    late = FRIDAY + timedelta(days=30)
    issue = go(report(), "accepted", "dispatched", "handled", "fed_back", "checked", now=late)
    with pytest.raises(ReasonMissing) as missing:
        go(issue, "closed", now=late, result="已修")
    assert missing.value.fields == {"field": "delay_reason", "rules": ("E1",)}
    closed = go(issue, "closed", now=late, result="已修", delay_reason="配件到货晚")
    assert closed.delay_reason == "配件到货晚"


def test_returning_and_reopening_state_their_reason_and_start_the_time_anew(under, report, go):
    under("township")
    issue = go(report(), "accepted", "dispatched")
    with pytest.raises(ReasonMissing):
        go(issue, "accepted")
    issue = go(issue, "accepted", note="不属本村")
    issue = go(issue, "dispatched", "handled", "fed_back", "checked", "closed", result="已修")
    later = FRIDAY + timedelta(days=3)
    with pytest.raises(ReasonMissing):
        go(issue, "accepted", now=later)
    reopened = go(issue, "accepted", now=later, note="又坏了")
    assert (reopened.closed_at, reopened.counted_since) == (None, later)
    assert reopened.due_at == datetime(2026, 10, 8, 18, tzinfo=ZONE)  # from Monday the 28th: 29, 30, 8


@pytest.mark.rule("E6")
def test_whoever_was_asked_first_stays_named_until_it_is_struck_off(uow, under, report, go):
    under("community")
    first, other = person(uow), person(uow, 1)
    asked = Actor("inspector", account_id=None, person_id=first, grants=(Grant(Role.INSPECTOR),))
    issue = report(actor=asked)
    name = {"charge": "first_asked", "now": FRIDAY}
    with pytest.raises(FirstAskedStays):
        issue_flow.name_person(OPERATOR, uow, issue.id, revision=issue.revision, person_id=other, **name)
    issue_flow.name_person(
        OPERATOR, uow, issue.id, revision=issue.revision, charge="handling", person_id=other, now=FRIDAY
    )
    named = {one.charge: one.person_id for one in issue_flow.people_of(OPERATOR, uow, issue.id, NOW.date())}
    assert named == {"first_asked": first, "handling": other}
    closed = go(issue, "accepted", "handled", "closed", result="已办结")
    issue_flow.name_person(OPERATOR, uow, issue.id, revision=closed.revision, person_id=other, **name)


@pytest.mark.rule("E8")
def test_a_hazard_needs_one_named_person_at_each_stage(uow, under, report, go):
    under("campus")
    issue = report(category="消防安全")
    for stage, charge in (
        ("accepted", "listing"),
        ("handled", "correction"),
        ("checked", "recheck"),
        ("closed", "supervision"),
    ):
        with pytest.raises(NobodyNamed) as nobody:
            go(issue, stage, result="已整改")
        assert nobody.value.fields == {"field": "people", "rules": ("E8",), "charge": charge}
        issue = issue_flow.name_person(
            OPERATOR,
            uow,
            issue.id,
            revision=issue.revision,
            charge=charge,
            person_id=person(uow),
            now=FRIDAY,
        )
        issue = go(issue, stage, result="已整改")
    assert issue.state == "closed"
    with pytest.raises(BadValue):
        issue_flow.name_person(
            OPERATOR, uow, issue.id, revision=issue.revision, charge="boss", person_id=person(uow), now=FRIDAY
        )


# waiting and telling ---------------------------------------------------------------------------------------


def test_the_clock_stands_while_the_reporter_is_waited_for(uow, under, report):
    under("community")
    issue = report()
    issue = issue_flow.wait(OPERATOR, uow, issue.id, revision=issue.revision, reason="待补材料", now=FRIDAY)
    assert (issue.due_at, issue.waiting_since) == (None, FRIDAY)
    with pytest.raises(WrongStep):
        issue_flow.wait(OPERATOR, uow, issue.id, revision=issue.revision, reason="x", now=FRIDAY)
    later = FRIDAY + timedelta(days=4)
    issue = issue_flow.resume(OPERATOR, uow, issue.id, revision=issue.revision, now=later)
    assert (issue.due_at, issue.waiting_since) == (datetime(2026, 9, 30, 18, tzinfo=ZONE), None)
    pause = issue_flow.pauses_of(OPERATOR, uow, issue.id)
    assert [(one.paused_at, one.resumed_at, one.reason) for one in pause] == [(FRIDAY, later, "待补材料")]
    with pytest.raises(WrongStep):
        issue_flow.resume(OPERATOR, uow, issue.id, revision=issue.revision, now=later)


def test_a_given_deadline_is_as_much_later_as_its_clock_stood(uow, under, report):
    under("community")
    issue = report(due_at=FRIDAY + timedelta(days=1))
    issue = issue_flow.wait(OPERATOR, uow, issue.id, revision=issue.revision, reason="x", now=FRIDAY)
    later = FRIDAY + timedelta(hours=30)
    issue = issue_flow.resume(OPERATOR, uow, issue.id, revision=issue.revision, now=later)
    assert issue.due_at == later + timedelta(days=1)


def test_no_clock_stands_where_the_profile_lets_none(uow, under, report):
    under("township")
    issue = report()
    with pytest.raises(ClockRuns):
        issue_flow.wait(OPERATOR, uow, issue.id, revision=issue.revision, reason="x", now=FRIDAY)


@pytest.mark.rule("E2")
def test_stages_of_which_nobody_told_the_reporter_are_found(uow, under, report, go):
    under("community")
    issue = go(report(category="邻里纠纷"), "accepted", "dispatched")
    late = FRIDAY + timedelta(days=30)

    def untold(now):
        found = issue_flow.untold_stages(OPERATOR, uow, now)
        return [one.stage for one in found if one.id == issue.id]

    assert untold(FRIDAY + timedelta(days=2)) == []
    assert untold(late) == ["accepted", "dispatched"]
    revision = ISSUES.get(OPERATOR, uow, issue.id).revision
    issue_flow.tell_reporter(
        OPERATOR, uow, issue.id, revision=revision, stage="accepted", note="已受理", now=late
    )
    assert untold(late) == ["dispatched"]


# duplicates ------------------------------------------------------------------------------------------------


def test_duplicates_are_near_of_one_category_and_unresolved(uow, under, report, go, place):
    under("community")
    lon, lat = place[1]
    first = report(category="井盖缺失", place=(lon, lat))
    near = report(category="井盖缺失", place=(lon + 0.0002, lat), at=FRIDAY + timedelta(hours=1))
    report(category="井盖缺失", place=(lon + 0.01, lat), at=FRIDAY + timedelta(hours=1))
    report(category="路灯不亮", place=(lon, lat), at=FRIDAY + timedelta(hours=1))
    pairs = [
        pair
        for pair in issue_flow.duplicates(OPERATOR, uow, key=None, now=NOW)
        if first.id in {pair.id, pair.first_id}
    ]
    assert [(pair.id, pair.first_id) for pair in pairs] == [(near.id, first.id)]
    assert pairs[0].distance_m == pytest.approx(19.2, abs=0.3)
    merged = issue_flow.merge(
        OPERATOR, uow, near.id, revision=near.revision, into=first.id, now=FRIDAY + timedelta(hours=2)
    )
    assert (merged.state, merged.merged_into_id) == (IssueState.VOID, first.id)
    assert kinds_of(uow, first)[-1] == "absorbed"
    assert kinds_of(uow, near)[-1] == "merged"
    assert not [
        pair
        for pair in issue_flow.duplicates(OPERATOR, uow, key=None, now=NOW)
        if near.id in {pair.id, pair.first_id}
    ]
    with pytest.raises(BadValue):
        issue_flow.merge(OPERATOR, uow, first.id, revision=first.revision, into=first.id, now=NOW)
    with pytest.raises(WrongStep):
        issue_flow.merge(OPERATOR, uow, near.id, revision=merged.revision, into=first.id, now=NOW)


# who may ---------------------------------------------------------------------------------------------------


def test_only_those_who_may_and_have_seen_the_latest_act(uow, under, report, place):
    under("community")
    issue = report()
    with pytest.raises(StaleRevision):
        issue_flow.escalate(OPERATOR, uow, issue.id, revision=issue.revision + 1, reason="x", now=FRIDAY)
    elsewhere = uow.connection.execute(
        text("SELECT max(code) FROM grid WHERE is_leaf AND code <> :code"),
        {"code": place[0]},
    ).scalar_one()
    stranger = Actor("stranger", account_id=1, grants=(Grant(Role.INSPECTOR, elsewhere),))
    for act in (
        lambda: issue_flow.escalate(stranger, uow, issue.id, revision=issue.revision, reason="x", now=FRIDAY),
        lambda: issue_flow.wait(stranger, uow, issue.id, revision=issue.revision, reason="x", now=FRIDAY),
        lambda: issue_flow.people_of(stranger, uow, issue.id, NOW.date()),
        lambda: run_clock(stranger, uow, FRIDAY),
    ):
        with pytest.raises(OutsideJurisdiction):
            act()
    assert issue_flow.duplicates(stranger, uow, key=issue.id, now=NOW) == ()
