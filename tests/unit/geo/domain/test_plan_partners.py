"""A/B partners of retired grids: who stands in for whom among their heirs."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from geo.domain.plan_partners import inherited, tenable
from geo.domain.posts import Partnership

DAY = date(2026, 6, 1)
NEVER_BEFORE = date(2026, 1, 1)
EVERYWHERE = {(one, other) for one in "ABCDEFGH" for other in "ABCDEFGH" if one != other}


def partnership(number, one, other, *, since=NEVER_BEFORE, until=None, post="head"):
    return Partnership(number, 1, post, one, other, since, until)


def kept(pairs, heirs, bordering=EVERYWHERE):
    due = inherited(pairs, heirs, DAY)
    standing = [pair for pair in pairs if pair not in {one.before for one in due}]
    return [one.codes for one in due if one in tenable(due, standing, bordering)]


def test_the_heir_is_the_partner_from_its_day_on():
    (one,) = inherited([partnership(1, "A", "B")], {"A": "C"}, DAY)
    assert (one.codes, one.after.valid_from, one.after.valid_to) == (("C", "B"), DAY, None)


def test_a_partnership_to_come_begins_when_it_was_to_begin():
    later = DAY + timedelta(days=9)
    (one,) = inherited([partnership(1, "A", "B", since=later)], {"A": "C"}, DAY)
    assert one.after.valid_from == later


def test_both_partners_may_retire():
    assert kept([partnership(1, "A", "B")], {"A": "C", "B": "D"}) == [("C", "D")]


def test_nobody_is_their_own_partner():
    assert kept([partnership(1, "A", "B")], {"A": "C", "B": "C"}) == []
    assert kept([partnership(1, "A", "B")], {"A": "B"}) == []


def test_heirs_without_a_common_border_are_no_partners():
    assert kept([partnership(1, "A", "B")], {"A": "C"}, bordering={("B", "D")}) == []


def test_who_has_a_partner_gets_no_second_one():
    assert kept([partnership(1, "A", "B"), partnership(2, "C", "D")], {"A": "C"}) == []
    assert kept([partnership(1, "A", "B"), partnership(2, "C", "D", post="police")], {"A": "C"}) == [
        ("C", "B")
    ]


def test_of_two_that_merge_the_older_partnership_goes_on():
    pairs = [partnership(1, "A", "B", since=DAY - timedelta(days=1)), partnership(2, "C", "D")]
    assert kept(pairs, {"A": "E", "C": "E"}) == [("E", "D")]


def test_one_may_follow_the_other():
    end = DAY + timedelta(days=30)
    pairs = [partnership(1, "A", "B", until=end), partnership(2, "C", "D", since=end)]
    assert kept(pairs, {"A": "E", "C": "E"}) == [("E", "B"), ("E", "D")]


@given(
    st.lists(st.sampled_from(sorted(EVERYWHERE)), max_size=8),
    st.dictionaries(st.sampled_from("ABCD"), st.sampled_from("EFGH")),
)
def test_nobody_ever_has_two_partners_at_once(codes, heirs):
    pairs = [partnership(number, *pair, post=f"p{number % 2}") for number, pair in enumerate(codes)]
    due = inherited(pairs, heirs, DAY)
    after = sorted(
        (post, code)
        for one in tenable(due, (), EVERYWHERE)
        for post in [one.after.post]
        for code in one.codes
    )
    assert all(one != other for one, other in pairwise(after))
