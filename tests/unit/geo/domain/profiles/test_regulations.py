"""Which profile holds where and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from geo.domain.profiles import Profile
from geo.domain.profiles.regulations import Regulation, holding_in, joined, regimes_of
from geo.domain.profiles.rules import Words

FIRST = date(2026, 1, 1)
CHAINS = {"1": ("1",), "11": ("1", "11"), "12": ("1", "12"), "2": ("2",)}
NAMES = Words(zh="某", en="some")


def profile(key: str, version: int = 1) -> Profile:
    return Profile(key=key, version=version, name=NAMES, source=NAMES)


def regulation(number: int, code: str | None, day: int, key: str | None) -> Regulation:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Regulation(number, code, FIRST + timedelta(days=day), key and profile(key), None, "x", at)


def in_order(*rows: tuple[str | None, int, str | None]) -> list[Regulation]:
    made = [regulation(number, *row) for number, row in enumerate(rows)]
    return sorted(made, key=lambda one: (one.valid_from, one.id))


def slow(regulations: list[Regulation], chain: tuple[str, ...], day: date) -> str | None:
    """What holds in a grid on a day, looked up the obvious way."""
    for code in (*reversed(chain), None):
        begun = [one for one in regulations if one.grid_code == code and one.valid_from <= day]
        latest = max(begun, key=lambda one: (one.valid_from, one.id), default=None)
        if latest and latest.profile:
            return latest.profile.key
    return None


DAYS = st.integers(0, 9)
ADOPTED = st.tuples(st.sampled_from([None, *CHAINS]), DAYS, st.sampled_from("abc"))
WITHDRAWN = st.tuples(st.sampled_from([*CHAINS]), DAYS, st.none())


@given(st.lists(ADOPTED | WITHDRAWN, max_size=8), st.sampled_from([None, *CHAINS]))
def test_each_day_and_grid_has_one_regime_and_it_is_the_right_one(rows, within):
    regulations = in_order((None, 0, "a"), *rows)
    until = FIRST + timedelta(days=12)
    found = regimes_of(regulations, CHAINS, since=FIRST, until=until, within=within)
    chains = [chain for chain in CHAINS.values() if within is None or within in chain]
    for number in range(12):
        day = FIRST + timedelta(days=number)
        for chain in [*chains, *([()] if within is None else [])]:
            holding = [one for one in found if one.since <= day < one.until and one.covers(chain)]
            assert [one.profile.key for one in holding] == [slow(regulations, chain, day)]


@given(st.lists(ADOPTED | WITHDRAWN))
def test_what_holds_in_a_grid_is_what_the_slow_way_finds(rows):
    regulations = in_order((None, 0, "a"), *rows)
    for chain in ((), *CHAINS.values()):
        holding = holding_in(regulations, chain)
        for number in range(12):
            day = FIRST + timedelta(days=number)
            last = [one for since, one in holding if since <= day][-1]
            assert last.profile.key == slow(regulations, chain, day)


def test_regimes_that_differ_elsewhere_alone_are_joined():
    regulations = in_order((None, 0, "a"), (None, 5, "b"))
    whole = regimes_of(regulations, CHAINS, since=FIRST, until=FIRST + timedelta(days=9))
    assert [one.profile.key for one in whole] == ["a", "b"]
    (one,) = joined(whole, lambda profile: profile.posts)
    assert (one.profile.key, one.since, one.until) == ("a", FIRST, FIRST + timedelta(days=9))


def test_no_days_no_regimes():
    assert regimes_of(in_order((None, 0, "a")), {}, since=FIRST, until=FIRST) == ()
