"""What the rules ask of a step before an issue may take it."""

from __future__ import annotations

from datetime import datetime

from geo.domain.issue_flow import Flow
from geo.domain.issues import Issue, IssueState, Step, is_backward
from geo.domain.profiles.issues import IssueRules
from geo.errors import CaseOpen, NobodyNamed, ReasonMissing, ResultMissing


def check_step(rules: IssueRules, issue: Issue, step: Step, flow: Flow, now: datetime) -> None:
    """Return only if the rules let an issue take a step that leads onward from where it stands.

    Parameters
    ----------
    rules : IssueRules
        The rules that it follows.
    issue : Issue
        As it stands.
    step : Step
        The step.
    flow : Flow
        What else is known of it.
    now : datetime
        The present, aware.

    Raises
    ------
    ReasonMissing
        If it returns, gives up or reopens the issue, or closes it late, without a reason.
    ResultMissing
        If it closes the issue and nobody has told what was done.
    CaseOpen
        If it goes on while a section still has the case.
    NobodyNamed
        If a person has to be named for that stage.
    """
    backward = is_backward(issue.state, step.to_state)
    if backward and not step.note:
        raise ReasonMissing(field="note", rules=rules.first_asked.rules)
    if backward:
        return
    if flow.open_case is not None and step.to_state in _AFTER_A_CASE:
        rule_numbers = [number for section in rules.sections for number in section.rules]
        raise CaseOpen(field="outcome", rules=sorted(set(rule_numbers)), number=flow.open_case)
    _check_people(rules, step, flow)
    if step.to_state is IssueState.CLOSED:
        _check_closing(rules, issue, step, now)


_AFTER_A_CASE = frozenset({IssueState.HANDLED, IssueState.FED_BACK, IssueState.CHECKED, IssueState.CLOSED})


def _check_people(rules: IssueRules, step: Step, flow: Flow) -> None:
    for charge in rules.charges:
        if charge.stage == step.to_state and charge.key not in flow.charges:
            raise NobodyNamed(field="people", rules=charge.rules, charge=charge.key)


def _check_closing(rules: IssueRules, issue: Issue, step: Step, now: datetime) -> None:
    if not (step.result or issue.result):
        raise ResultMissing(field="result", rules=rules.first_asked.rules)
    late = issue.missed_at is not None or issue.is_overdue(now)
    if rules.delay_states_reason.holds and late and not (step.delay_reason or issue.delay_reason):
        raise ReasonMissing(field="delay_reason", rules=rules.delay_states_reason.rules)
