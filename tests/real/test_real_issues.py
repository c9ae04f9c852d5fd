"""Verdicts on the 10,000 service requests of Baltimore: each one as pandas counts it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.domain.deadlines import due_clocks
from geo.domain.exchange import Layer
from geo.domain.filters import Filter
from geo.domain.issues import Issue
from geo.domain.profiles.limits import DayRules, TimeLimit
from geo.domain.working_days import calendar
from geo.services.issues import ISSUES

from .imports import DATA, import_layer

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif("WANGGE_REAL_DATA" not in os.environ, reason="WANGGE_REAL_DATA is unset"),
]
ZONE = ZoneInfo("America/New_York")
NOW = datetime(2020, 1, 1, tzinfo=UTC)
CLOCK = "%m/%d/%Y %I:%M:%S %p"


@pytest.fixture(scope="module")
def requests() -> pd.DataFrame:
    """The requests with their times on the clock of Baltimore."""
    table = pd.read_csv(DATA / "baltimore/baltimore_311_sample.csv", low_memory=False)
    for name in ("CreatedDate", "DueDate", "CloseDate"):
        table[name] = pd.to_datetime(table[name], format=CLOCK)
    return table


@pytest.fixture(scope="module")
def kept(module_database_url: str) -> Iterator[dict[str, Issue]]:
    """The same requests as they are kept, by number."""
    database = Database(module_database_url)
    import_layer(database, Layer.ISSUES, "baltimore/baltimore_311_sample.csv", reference="wgs84", zone=ZONE)
    with database.read() as uow:
        rows = ISSUES.find(OPERATOR, uow, Filter(), limit=20_000, after=0).rows
    yield {issue.number: issue for issue in rows}
    database.close()


@pytest.mark.database
@pytest.mark.slow
def test_each_request_is_overdue_and_closed_as_pandas_says(
    requests: pd.DataFrame, kept: dict[str, Issue]
) -> None:
    aware = {
        name: requests[name].dt.tz_localize(
            "America/New_York", nonexistent="shift_forward", ambiguous=np.ones(len(requests), dtype=bool)
        )
        for name in ("DueDate", "CloseDate")
    }
    ended = aware["CloseDate"].fillna(pd.Timestamp(NOW))
    told = pd.DataFrame(
        {
            "closed": requests.CloseDate.notna(),
            "overdue": requests.DueDate.notna() & (ended > aware["DueDate"]),
            "late": requests.DueDate.notna() & (aware["CloseDate"] > aware["DueDate"]),
        }
    )
    issues = [kept[number] for number in requests.ServiceRequestNum.astype(str)]
    found = pd.DataFrame(
        {
            "closed": [issue.closed_at is not None for issue in issues],
            "overdue": [issue.is_overdue(NOW) for issue in issues],
            "late": [issue.closed_at is not None and issue.is_overdue(NOW) for issue in issues],
        }
    )
    assert len(found) == 10_000
    pd.testing.assert_frame_equal(found, told)
    assert told.late.sum() == 1_567
    assert (~told.closed).sum() == 208


def test_deadlines_in_calendar_days_fall_on_the_days_that_pandas_counts(requests: pd.DataFrame) -> None:
    dated = requests[requests.DueDate.notna()]
    created = dated.CreatedDate.to_numpy().astype("datetime64[us]")
    amounts = (dated.DueDate.dt.normalize() - dated.CreatedDate.dt.normalize()).dt.days.to_numpy()
    due = np.empty(len(dated), dtype="datetime64[us]")
    china = calendar()
    for amount in np.unique(amounts):
        chosen = amounts == amount
        limit = TimeLimit(amount=int(amount), unit="days")
        due[chosen] = due_clocks(china, created[chosen], limit, DayRules())
    recount = (dated.DueDate.dt.normalize() + pd.Timedelta(days=1)).to_numpy().astype("datetime64[us]")
    assert len(dated) == 10_000 - 286
    np.testing.assert_array_equal(due, recount)
    closed = dated.CloseDate.to_numpy().astype("datetime64[us]")
    days_late = (dated.CloseDate.dt.normalize() - dated.DueDate.dt.normalize()).dt.days
    np.testing.assert_array_equal(closed > due, (days_late > 0).to_numpy() & (closed != recount))
