"""Times that are kept are times that can be read again."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from api.schemas.issues import IssueChange, NewIssue
from api.schemas.moments import Moment
from api.schemas.patrols import NewVisit

UNREADABLE = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:00-14:00", "1969-12-31T23:59:59Z"]


@pytest.mark.parametrize("text", UNREADABLE)
def test_times_that_no_part_of_the_house_can_tell_are_refused(text):
    for refused in (
        lambda: NewVisit.model_validate({"kind": "check", "entity_id": 1, "visited_at": text}),
        lambda: NewIssue.model_validate({"number": "1", "category": "a", "reported_at": text}),
        lambda: IssueChange.model_validate({"due_at": text}),
    ):
        with pytest.raises(ValidationError, match="1970"):
            refused()


def test_times_have_a_zone():
    read = TypeAdapter(Moment).validate_python
    assert read("1970-01-01T08:00:00+08:00") == datetime(1970, 1, 1, tzinfo=UTC)
    with pytest.raises(ValidationError):
        read("2026-11-20T09:30:00")
