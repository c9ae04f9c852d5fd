"""Who sees what, by role, post and place; masks; and the end of what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.activities import Activity, Attendance, Presence
from geo.domain.actors import Grant, Role
from geo.domain.inspections import Acknowledgement, Answer, Answered, Findings
from geo.domain.privacy import (
    end_of_time,
    mask_in,
    masked_id_number,
    masked_name,
    masked_numbers,
    masked_phone,
    months_later,
    retention_of,
    seen_classes,
    unveiled,
    veil,
)
from geo.services.profile_documents import shipped_profile

INSIDE = ("990106", "990106001", "990106001001", "990106001001001")
PROFILES = sorted(path.stem for path in Path("data/profiles").glob("*.yaml"))
SEEN = {
    Role.ADMIN: {"public", "work", "personal"},
    Role.PLANNER: {"public", "work"},
    Role.LEADER: {"public", "work", "personal", "sensitive"},
    Role.INSPECTOR: {"public", "work", "personal"},
}


def seen(rules, role, grid_code, posts=()):
    return veil(rules, seen_classes(rules, [Grant(role, grid_code)], posts, INSIDE)).seen


@pytest.mark.rule("H2")
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_its_classes_where_it_holds_and_nothing_elsewhere(profile, role):
    rules = shipped_profile(profile).privacy
    assert seen(rules, role, None) == SEEN[role]
    assert seen(rules, role, "990106001001") == SEEN[role]
    assert seen(rules, role, "990106002") == {"public"}


@pytest.mark.rule("H2")
def test_a_post_in_the_grid_lets_see_and_none_does_not():
    rules = shipped_profile("community").privacy
    assert "sensitive" in seen(rules, Role.INSPECTOR, None, {"police"})
    assert "sensitive" not in seen(rules, Role.INSPECTOR, None, {"volunteer"})


@pytest.mark.rule("H2")
def test_what_is_not_seen_is_masked_by_its_kind():
    rules = shipped_profile("community").privacy
    blind, open_ = veil(rules, ()), veil(rules, ("sensitive",))
    kept = {"name": "张建国", "phone": "13812341234", "id_number": "330106199001011234", "note": "独居"}
    assert blind.values("key_person", kept) == {
        "name": "张**",
        "phone": "138****1234",
        "id_number": "3****************4",
        "note": "***",
    }
    assert open_.values("key_person", kept) == kept
    assert blind.value("key_person.phone", None) is None


def test_a_field_that_no_profile_knows_is_sensitive():
    rules = shipped_profile("community").privacy
    assert veil(rules, ("work", "personal")).value("diary.page", "今天") == "***"
    assert veil(rules, ("sensitive",)).value("diary.page", "今天") == "今天"


@pytest.mark.rule("H2")
def test_what_is_marked_is_masked_in_all_parts_of_a_thing_and_nothing_else():
    rules = shipped_profile("community").privacy
    activity = Activity(
        id=1,
        revision=1,
        ref=None,
        kind="training",
        title="张建国先进事迹",
        starts_at=datetime(2026, 10, 1, tzinfo=UTC),
        ends_at=datetime(2026, 10, 1, tzinfo=UTC),
        grid_code="990106",
        geometry=None,
        note=None,
        attendances=(Attendance(7, "张建国", Presence.PRESENT),),
        created_by="operator",
    )
    seen = veil(rules, ()).shown(activity)
    assert seen == replace(activity, attendances=(Attendance(7, "张**", Presence.PRESENT),))
    assert veil(rules, ("work",)).shown(activity) == activity


@pytest.mark.rule("H2")
@pytest.mark.parametrize("profile", PROFILES)
def test_attributes_are_masked_where_the_profile_names_them_numbers_too(profile):
    rules = shipped_profile(profile).privacy
    kept = {"phone": 13712345678, "联系人": "张建国", "rating": "****", "size": 3}
    told = {**kept, "phone": "137****5678", "联系人": "张**"}
    assert veil(rules, ("work",)).value("entity.*", kept) == told
    assert veil(rules, ("personal",)).value("entity.*", kept) == kept
    assert veil(rules, ("work",)).value("person.attributes", {"wechat": "zjg"}) == {"wechat": "***"}


NUMBERS = (
    "13812341234",
    "138-1234-1234",
    "138 1234 1234",
    "+86 13812341234",
    "8613812341234",
    "0571-88001234",
    "05718800123",
    "010-88001234",
    "0571）88001234",
    "021 6880 1234",
    "11010519491231002X",
    "11010519491231002x",
    "440524188001010014",
)
"""Phones, and identity numbers whose check digit holds."""

NO_NUMBERS = (
    "330106001001001",
    "330106001001001001",
    "110105194912310021",
    "110105194913310028",
    "91330106MA27XXXX1X",
    "E13812341234",
    "13812341234A",
    "138123412345",
    "12812341234",
    "120.13812341234",
    "2026-11-22 08:00:00",
    "WT20261122-0001",
    "YJ2026-00001",
    "110",
    "12345",
    "138****1234",
)
"""Codes of grids and of subjects, wrong identity numbers, times, places, and what was masked before."""


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("around", ["{}", "请拨打{}联系", "电话：{}。", "13900001111、{}", "({})"])
def test_numbers_of_somebody_are_masked_in_words(number, around):
    seen = masked_numbers(around.format(number))
    assert number not in seen
    assert mask_in(seen) is not None
    assert seen.endswith(around.rpartition("}")[2])
    assert masked_numbers(seen) == seen


@pytest.mark.parametrize("code", NO_NUMBERS)
@pytest.mark.parametrize("around", ["{}", "编号{}，", "{} 见附件"])
def test_what_is_no_number_of_somebody_stays_in_words(code, around):
    assert masked_numbers(around.format(code)) == around.format(code)


@given(st.from_regex(r"[1-9][0-9]{5}([0-9]{3}){0,3}", fullmatch=True))
def test_no_code_of_a_grid_is_masked(code):
    assert masked_numbers(f"网格{code}内") == f"网格{code}内"


@pytest.mark.rule("H2")
@pytest.mark.parametrize("profile", PROFILES)
def test_words_are_seen_with_their_numbers_where_phones_are(profile):
    rules = shipped_profile(profile).privacy
    kept = Answered("fire", Answer.NO, "业主 13812341234")
    assert veil(rules, ("work",)).shown(kept).note == "业主 138****1234"
    assert veil(rules, ("personal",)).shown(kept) == kept


def test_words_that_come_back_masked_stay_what_they_are_one_by_one():
    answers = (Answered("fire", Answer.NO, "业主 13812341234"), Answered("exit", Answer.YES))
    kept = Findings(form="usual", result="good", answers=answers, acknowledgement=Acknowledgement.TYPED)
    seen = veil(shipped_profile("community").privacy, ()).shown(kept)
    told = replace(seen, answers=(seen.answers[0], Answered("exit", Answer.NO, "已封堵")))
    assert seen != kept
    assert unveiled(told, seen, kept) == replace(kept, answers=(answers[0], told.answers[1]))
    for some in (slice(1), slice(1, 2)):
        fewer = replace(seen, answers=seen.answers[some])
        assert unveiled(fewer, seen, kept) == replace(kept, answers=answers[some])


def test_words_around_a_masked_number_may_be_changed():
    kept = "联系13812341234或0571-88001234"
    seen = masked_numbers(kept)
    assert unveiled(f"请先{seen}，再来", seen, kept) == f"请先{kept}，再来"
    assert unveiled("只有138****1234", seen, kept) == "只有13812341234"
    assert unveiled("电话139****1234", seen, kept) == "电话139****1234"


def test_a_masked_number_that_may_be_either_of_two_stays():
    kept = "13812341234、13899991234"
    assert unveiled("找138****1234", masked_numbers(kept), kept) == "找138****1234"


def test_values_of_attributes_come_back_one_by_one():
    kept, seen = {"phone": "13812341234", "size": 3}, {"phone": "138****1234", "size": 3}
    assert unveiled({"phone": "138****1234", "size": 4, "new": 1}, seen, kept) == {
        "phone": "13812341234",
        "size": 4,
        "new": 1,
    }
    assert unveiled({"phone": "13900000000"}, seen, kept) == {"phone": "13900000000"}


@pytest.mark.parametrize("mask", [masked_name, masked_phone, masked_id_number])
@pytest.mark.parametrize("value", ["", "1", "12", "1234567", "12345678"])
def test_masks_show_less_than_there_is(mask, value):
    assert len(set(mask(value)) - {"*"}) <= max(1, len(value) - 1)


@pytest.mark.rule("D6")
def test_food_and_drugs_keep_inspections_for_two_years():
    kept = retention_of(shipped_profile("food-drug").privacy, "inspections")
    assert end_of_time(kept, date(2024, 2, 29)) == date(2026, 2, 28)
    assert (
        end_of_time(retention_of(shipped_profile("campus").privacy, "inspections"), date(2024, 2, 29)) is None
    )


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 6, 15), 24, date(2028, 6, 15)),
    ],
)
def test_months_end_where_months_end(day, months, later):
    assert months_later(day, months) == later
