"""What is told before an issue is reported is what it gets."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from geo.domain.actors import OPERATOR
from geo.services.issue_rules import deadlines

pytestmark = pytest.mark.database
FRIDAY = datetime(2026, 9, 25, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize("profile", ["township", "community", "food-drug", "street"])
def test_the_deadline_that_is_told_is_the_one_that_comes(uow, under, report, profile):
    under(profile)
    told = deadlines(OPERATOR, uow, ["暴露垃圾", "设施损坏", ""], FRIDAY)
    for category in ("暴露垃圾", "设施损坏"):
        assert told[category] == report(at=FRIDAY, category=category).due_at
    assert told[""] == report(at=FRIDAY, category="一个从未有过的类别").due_at


def test_of_no_category_nothing_is_told(uow, under):
    under("township")
    assert deadlines(OPERATOR, uow, [], FRIDAY) == {}
