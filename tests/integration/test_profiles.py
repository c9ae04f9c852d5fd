"""Regulations: what holds where, and from when."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from geo.db.unit_of_work import Database
from geo.errors import Conflict
from geo.services import profiles
from geo.services.profile_documents import shipped_profile

pytestmark = pytest.mark.database


@pytest.fixture
def database(database_url):
    opened = Database(database_url)
    yield opened
    opened.close()


def test_a_new_city_has_a_regulation_from_the_beginning(database):
    with database.read() as uow:
        assert profiles.profile_at(uow, None, date.min) == shipped_profile(profiles.DEFAULT)
        (regime,) = profiles.regimes(uow, date(2026, 1, 1), date(2026, 2, 1))
    assert (regime.since, regime.until, regime.within) == (date(2026, 1, 1), date(2026, 2, 1), None)


def test_settling_twice_changes_nothing(database):
    with database.write() as uow:
        profiles.settle(uow, "campus")
        assert profiles.profile_at(uow, None, date(2026, 1, 1)).key == profiles.DEFAULT


@pytest.mark.parametrize(
    "change", ["UPDATE regulation SET path = 'x'", "DELETE FROM regulation", "TRUNCATE regulation"]
)
def test_regulations_are_kept_as_they_were_written(database, change):
    with pytest.raises(Conflict), database.write() as uow:
        uow.connection.execute(text(change))
