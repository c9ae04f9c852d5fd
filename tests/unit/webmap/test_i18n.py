from datetime import UTC, date, datetime

import pytest

from geo.domain.measures import Share
from webmap.i18n import Language, Translator, chosen

CHINESE, ENGLISH = Translator(Language.CHINESE), Translator(Language.ENGLISH)


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        (("en", "zh"), Language.ENGLISH),
        ((None, "en"), Language.ENGLISH),
        (("xx", "en"), Language.ENGLISH),
        (("", None), Language.CHINESE),
        ((), Language.CHINESE),
        (("EN",), Language.CHINESE),
    ],
)
def test_the_first_wish_that_is_spoken_is_granted(wishes: tuple[str | None, ...], language: Language) -> None:
    assert chosen(*wishes) is language


def test_gaps_are_filled_and_an_unknown_key_is_given_back() -> None:
    assert ENGLISH.text("footer.grids", grids="12") == "12 grids on the narrowest level"
    assert ENGLISH.text("no.such.key") == "no.such.key"


def test_braces_in_a_value_stay_what_they_are() -> None:
    assert "{grids}" in ENGLISH.text("footer.grids", grids="{grids}")


def test_words_of_a_prefix_lose_it() -> None:
    words = CHINESE.words("js.level.")
    assert words["unit"] == "单元网格"
    assert all(not key.startswith("js.") for key in words)


def test_numbers_are_grouped_and_none_is_a_dash() -> None:
    assert ENGLISH.number(1234567.891, digits=2) == "1,234,567.89"
    assert ENGLISH.number(4) == "4"
    assert ENGLISH.number(None) == "–"


def test_a_share_shows_what_it_is_made_of() -> None:
    assert ENGLISH.share(Share(1911, 2972)) == "64.3% (1,911/2,972)"
    assert ENGLISH.share(Share(0, 0)) == "– (0/0)"


def test_days_and_times_are_those_of_the_city() -> None:
    late = datetime(2026, 5, 31, 20, 5, tzinfo=UTC)
    assert CHINESE.time(late) == "2026年6月1日 04:05"
    assert ENGLISH.time(late) == "1 Jun 2026 04:05"
    assert ENGLISH.day(late) == "1 Jun 2026"
    assert ENGLISH.day(date(2026, 5, 31)) == "31 May 2026"
    assert ENGLISH.time(None) == "–"
