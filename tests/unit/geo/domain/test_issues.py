"""When an issue counts as overdue."""

from datetime import UTC, datetime, timedelta

import pytest

from geo.domain.issues import Issue, IssueState

DUE = datetime(2026, 11, 20, tzinfo=UTC)
BEFORE, AFTER = DUE - timedelta(hours=1), DUE + timedelta(hours=1)


def issue(state, due_at, closed_at=None):
    values = dict.fromkeys(Issue.__dataclass_fields__)
    return Issue(**{**values, "state": state, "due_at": due_at, "closed_at": closed_at})


@pytest.mark.parametrize(
    ("one", "now", "is_overdue"),
    [
        (issue(IssueState.ACCEPTED, DUE), BEFORE, False),
        (issue(IssueState.ACCEPTED, DUE), DUE, False),
        (issue(IssueState.ACCEPTED, DUE), AFTER, True),
        (issue(IssueState.ACCEPTED, None), AFTER, False),
        (issue(IssueState.CLOSED, DUE, BEFORE), AFTER, False),
        (issue(IssueState.CLOSED, DUE, AFTER), AFTER, True),
        (issue(IssueState.VOID, DUE), AFTER, False),
    ],
)
def test_overdue_is_what_had_not_been_closed_when_its_deadline_passed(one, now, is_overdue):
    assert one.is_overdue(now) is is_overdue
