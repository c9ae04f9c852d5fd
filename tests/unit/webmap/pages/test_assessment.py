"""Which scores lead to a page of records, and which to one of duties."""

from __future__ import annotations

import pytest

from geo.domain.profiles.assessment import Rate, Tally
from webmap.pages.assessment import has_trail


@pytest.mark.parametrize("measure", [Rate.ATTENDANCE, Rate.ON_TIME, Tally.LATE_REPORTS])
def test_records_have_a_page(measure: Rate | Tally) -> None:
    assert has_trail(measure)


@pytest.mark.parametrize("measure", [Rate.FREQUENCY, Rate.COVERAGE, Rate.TRAINING])
def test_duties_have_one_of_their_own(measure: Rate) -> None:
    assert not has_trail(measure)
