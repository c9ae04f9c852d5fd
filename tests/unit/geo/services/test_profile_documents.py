"""Documents of profiles are read strictly, and each fault is told with its path."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.faults import FAULTS, told
from geo.domain.profiles.documents import leaves, quoted_at, value_at, with_value
from geo.errors import BadValue, GridError, LimitExceeded, NotFound, ProfileRefused
from geo.services.profile_documents import (
    document_of,
    read_document,
    read_stored,
    read_yaml,
    shipped_profile,
    shipped_profiles,
)

ROOT = Path(__file__).parents[4]
NINE = {
    "campus",
    "community",
    "enterprise",
    "food-drug",
    "party",
    "sales",
    "street",
    "town-three-level",
    "township",
}


def faults(text: str) -> list[tuple[str, str]]:
    with pytest.raises(ProfileRefused) as refused:
        read_yaml(text)
    return [(fault["path"], fault["code"]) for fault in refused.value.fields["faults"]]


def changed(key: str, path: str, value: object) -> str:
    return json.dumps(with_value(document_of(shipped_profile(key)), path, value))


def test_nine_profiles_are_shipped_under_their_names():
    assert set(shipped_profiles()) == NINE
    assert all(profile.key == name for name, profile in shipped_profiles().items())


@pytest.mark.parametrize("key", sorted(NINE))
def test_a_profile_survives_writing_and_reading(key):
    profile = shipped_profile(key)
    assert read_yaml(json.dumps(document_of(profile))) == profile


@pytest.mark.parametrize("key", sorted(NINE))
def test_each_value_is_found_at_its_path(key):
    document = document_of(shipped_profile(key))
    for path, value in leaves(document):
        assert value_at(document, path) == value
        assert with_value(document, path, value) == document


def test_what_an_older_version_has_kept_is_read():
    document = document_of(shipped_profile("community"))
    document["inspections"]["forgotten"] = 1
    document["posts"]["posts"][0]["forgotten"] = [2]
    assert read_stored(json.dumps(document)) == shipped_profile("community")


def test_a_typo_is_told_with_what_was_meant():
    text = changed("community", "posts.posts.head.least", 1).replace('"least"', '"lest"', 1)
    ((path, code),) = faults(text)
    assert (path, code) == ("posts.posts.head.lest", "mistyped-key")
    with pytest.raises(ProfileRefused) as refused:
        read_yaml(text)
    words = told(refused.value.fields["faults"][0])
    assert "least" in words["detail"]
    assert "least" in words["detail_zh"]


def test_weights_that_do_not_sum_are_refused():
    path = "assessment.indicators.0.weight"
    assert faults(changed("food-drug", path, 31)) == [("assessment.indicators", "weights-sum")]


@pytest.mark.parametrize(
    ("key", "path", "value", "told_path", "code"),
    [
        ("township", "division.households.low", 600, "division.households.low", "above-upper-limit"),
        ("township", "division.households.low", -1, "division.households.low", "at-least"),
        ("township", "division.households.low", "200", "division.households.low", "wrong-value"),
        ("township", "division.households.low", 200.5, "division.households.low", "wrong-value"),
        (
            "township",
            "division.levels.unit_grid.level",
            "town",
            "division.levels.unit_grid.level",
            "wrong-value",
        ),
        ("township", "division.levels.unit_grid.level", "district", "division.levels", "not-widest-first"),
        ("township", "posts.team.core", ["boss"], "posts.team.core", "unknown-post"),
        ("township", "posts.posts.head.key", "assistant", "posts.posts", "twice"),
        ("township", "posts.posts.head.least", 2, "posts.posts.head.least", "above-upper-limit"),
        ("community", "posts.pairing.posts", ["nobody"], "posts.pairing.posts", "unknown-post"),
        ("community", "posts.posts.building_head.per_households.low", 0, None, "at-least"),
        ("community", "version", True, "version", "wrong-value"),
        ("community", "name", {"zh": "某"}, "name.en", "missing"),
    ],
)
def test_what_can_not_hold_is_refused_at_its_path(key, path, value, told_path, code):
    found = faults(changed(key, path, value))
    assert (told_path or path, code) in [
        (where.replace("posts.posts.0.", "posts.posts.head."), c) for where, c in found
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "42",
        "[]",
        "key: a\nkey: b",
        "a: &x 1\nb: *x",
        "a: !!python/object:os.system x",
        "a: !!timestamp z",
        "? [a]\n: 1",
        "\x00",
        "{a: " * 60,
        "[" * 5000,
        "a: 2026-13-45",
        "a: .nan",
        "1: 2",
        "9" * 5000,
    ],
)
def test_anything_else_is_refused_in_words(text):
    for path, code in faults(text):
        assert isinstance(path, str)
        assert code in FAULTS


def test_a_document_is_bounded():
    with pytest.raises(LimitExceeded):
        read_yaml(" " * 1_000_001)


def refusals(document: object) -> list[dict[str, object]]:
    """What is the matter with a document; nothing, if it is a profile."""
    try:
        read_document(document)
    except ProfileRefused as refused:
        found: list[dict[str, object]] = refused.fields["faults"]
        return found
    return []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=9), below, max_size=3),
    max_leaves=8,
)
PATHS = [path for path, _ in leaves(document_of(shipped_profile("community")))]


@pytest.mark.slow
@given(st.sampled_from(PATHS), JSON)
def test_any_value_anywhere_is_read_or_refused(path, value):
    document = with_value(document_of(shipped_profile("community")), path, value)
    assert all(told(fault)["detail"] for fault in refusals(document))


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    with pytest.raises(GridError):
        read_yaml(text)


def test_each_fault_has_words_and_none_is_kept_for_nothing():
    sources = [*(ROOT / "geo/domain/profiles").glob("*.py"), ROOT / "geo/services/profile_documents.py"]
    calls = [
        node
        for source in sources
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"Fault", "_unknown"}
    ]
    codes = {call.args[1].value for call in calls if isinstance(call.args[1], ast.Constant)}
    assert codes == set(FAULTS)


def test_the_rule_behind_a_value_is_the_nearest_that_names_its_source():
    profile = shipped_profile("community")
    quoted = quoted_at(profile, "posts.posts.building_head.per_households.high")
    assert quoted.clause == "按100-150户居民设立1个楼栋长"
    assert quoted_at(profile, "version").clause is None


def test_nothing_stands_at_other_paths():
    for path in ("", "posts.", "posts.posts.99", "posts.posts.head.least.x"):
        with pytest.raises(BadValue):
            value_at(shipped_profile("community"), path)
    for key in ("none", "../demo/city", ""):
        with pytest.raises(NotFound):
            shipped_profile(key)
