"""The ways that issues go, when they rise, and the time in which their clock stood."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.issue_deadlines import Pauses, due_on_level, kind_of
from geo.domain.issue_flow import Standing, due_by_rules, raised
from geo.domain.issues import ANY_WAY, IssueState, is_backward, way_of
from geo.domain.profiles.issues import (
    Category,
    Escalation,
    HandlingLevel,
    IssueKind,
    IssueRules,
)
from geo.domain.profiles.limits import DayRules, TimeLimit
from geo.domain.profiles.rules import Words
from geo.domain.working_days import calendar
from geo.errors import BadValue

from .published_days import is_worked

CHINA = calendar()
NAME = Words(zh="一般", en="Ordinary")
KIND = IssueKind(key="ordinary", name=NAME)
DAY = timedelta(days=1)
moment = datetime.fromisoformat


def clocks(*moments):
    return np.array(moments, dtype="datetime64[us]")


def test_a_way_leads_one_stage_onward_and_one_back():
    way = way_of(KIND)
    assert way[IssueState.REPORTED] == {IssueState.ACCEPTED, IssueState.VOID}
    assert way[IssueState.HANDLED] == {IssueState.CLOSED, IssueState.ACCEPTED, IssueState.VOID}
    assert way[IssueState.CLOSED] == {IssueState.ACCEPTED}
    assert way_of(None) is ANY_WAY


@given(
    st.permutations([*IssueState][1:-2]).flatmap(lambda states: st.integers(0, 7).map(lambda n: states[:n]))
)
def test_every_way_leads_from_the_report_to_the_close_and_nowhere_is_a_dead_end(middle):
    stages = ("reported", *map(str, middle), "closed")
    way = way_of(IssueKind(key="any", name=NAME, stages=stages))
    reached, state = [IssueState.REPORTED], IssueState.REPORTED
    for stage in stages[1:]:
        assert IssueState(stage) in way[state]
        state = IssueState(stage)
        reached.append(state)
    assert reached[-1] is IssueState.CLOSED
    assert all(way[state] for state in IssueState)


def test_returning_giving_up_and_reopening_go_backward():
    assert is_backward(IssueState.DISPATCHED, IssueState.ACCEPTED)
    assert is_backward(IssueState.REPORTED, IssueState.VOID)
    assert is_backward(IssueState.CLOSED, IssueState.ACCEPTED)
    assert not is_backward(IssueState.REPORTED, IssueState.ACCEPTED)


def test_a_category_has_the_kind_of_its_rule_and_a_chosen_one_must_be_there():
    rules = IssueRules(
        kinds=(KIND, IssueKind(key="urgent", name=NAME)),
        categories=(Category(key="火灾", kind="urgent"),),
        default_kind="ordinary",
    )
    assert kind_of(rules, "火灾").key == "urgent"
    assert kind_of(rules, "垃圾").key == "ordinary"
    assert kind_of(rules, "垃圾", "urgent").key == "urgent"
    assert kind_of(IssueRules(), "垃圾") is None
    with pytest.raises(BadValue):
        kind_of(rules, "垃圾", "moon")


days = st.datetimes(moment("2024-01-01"), moment("2026-10-01"))


@given(days, st.integers(0, 8), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 120)), max_size=3))
def test_days_of_pauses_are_not_counted(start, amount, gaps):
    pauses, at = [], start
    for after, length in gaps:
        since = at + timedelta(hours=after)
        at = since + timedelta(hours=length)
        pauses.append((since, at))
    stood = Pauses(
        np.zeros(len(pauses), dtype=np.int64),
        clocks(*(since for since, _ in pauses)),
        clocks(*(until for _, until in pauses)),
    )
    due = due_on_level(
        CHINA,
        IssueRules(days=DayRules()),
        TimeLimit(amount=amount),
        counted_since=clocks(start),
        level_since=clocks(start),
        pauses=stood,
    )
    assert due.item() == obviously_due(start, amount, pauses)


def obviously_due(start, amount, pauses):
    """Count the working days of the pauses day by day, and add them to the limit."""
    paused = 0
    for since, until in pauses:
        day = since.date() + DAY
        while day <= until.date():
            paused += is_worked(day)
            day += DAY
    day = start.date()
    while not is_worked(day):
        day += DAY
    for _ in range(amount + paused):
        day += DAY
        while not is_worked(day):
            day += DAY
    return datetime.combine(day + DAY, datetime.min.time())


def ladder(*limits):
    levels = tuple(
        HandlingLevel(key=f"level{k}", name=NAME, limit=TimeLimit(amount=limit, unit="days"))
        for k, limit in enumerate(limits)
    )
    return IssueRules(kinds=(KIND,), levels=levels, escalation=Escalation(when_overdue=True))


def standing_at(level, since):
    return Standing(
        np.array([1]),
        np.array(["垃圾"], dtype=object),
        np.array(["ordinary"], dtype=object),
        np.array([level], dtype=object),
        clocks(since),
        clocks(since),
        clocks(since),
        Pauses.none(),
    )


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.integers(0, 40 * 24))
def test_an_issue_rises_once_a_run_and_never_twice_for_one_deadline(limits, hours):
    rules, start = ladder(*limits), moment("2026-03-02T09:00")
    now = np.datetime64(start + timedelta(hours=hours), "us")
    first = standing_at("level0", start)
    due = due_by_rules(CHINA, rules, first)
    up = raised(rules, replace(first, due=due), now)
    should = bool(due[0] < now) and len(limits) > 1
    assert len(up.ids) == should
    if should:
        assert up.levels.tolist() == ["level1"]
        again = due_by_rules(CHINA, rules, up)
        assert again[0] >= now
