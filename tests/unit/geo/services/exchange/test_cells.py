"""Cells hold what they were given, and no spreadsheet takes a text for a formula."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.services.exchange.formats.cells import guarded, joined, parted, unguarded
from geo.services.exchange.table import objects

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
risky = st.builds(str.__add__, st.sampled_from(["=", "+", "-", "@", "'=", "''-", "\t", "'", "\r", ""]), texts)


@given(risky)
def test_guarding_is_undone_by_unguarding(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(risky)
def test_no_guarded_text_begins_like_a_formula_unless_it_is_a_number(text: str) -> None:
    safe = guarded(text)
    assert not safe.startswith(("=", "@", "\t", "\r"))
    if safe.startswith(("+", "-")):
        assert not any(character.isalpha() and character not in "eE" for character in safe)


@pytest.mark.parametrize("text", ["-1.5", "+86 571 8888", "+86-13800000000", "3", "-1e5"])
def test_numbers_and_telephone_numbers_stay_what_they_are(text: str) -> None:
    assert guarded(text) == text


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1"])
def test_formulas_are_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"


@given(st.lists(st.one_of(st.none(), texts.filter(lambda text: text == text.strip())), max_size=5))
def test_parts_of_long_texts_are_put_together_again(values: list[str | None]) -> None:
    parts = parted(list(values), 12, lambda text: len(text.encode()))
    columns = {f"name~{at}" if at else "name": objects(part) for at, part in enumerate(parts)}
    assert list(joined(columns)["name"]) == values
