"""Columns become fields as told, else by their names."""

from __future__ import annotations

import pytest

from geo.domain.exchange import Layer
from geo.errors import BadValue
from geo.services.exchange.mapping import fields_of, map_columns


def _mapped(layer: Layer, columns: list[str], **asked: str) -> dict[str, str]:
    return {source.field: source.column for source in map_columns(columns, asked, fields_of(layer))}


def test_chinese_and_english_names_are_known() -> None:
    assert _mapped(Layer.ENTITIES, ["名称", "地址", "LNG", "纬度"]) == {
        "name": "名称",
        "address": "地址",
        "lon": "LNG",
        "lat": "纬度",
    }


def test_names_that_a_shapefile_cut_are_known() -> None:
    assert (
        _mapped(Layer.ISSUES, ["number", "category", "reported_a", "descriptio"])["description"]
        == "descriptio"
    )


def test_what_is_told_comes_before_what_is_guessed() -> None:
    assert _mapped(Layer.GRIDS, ["code", "XZQHBM"], code="XZQHBM")["code"] == "XZQHBM"


def test_an_empty_column_leaves_a_field_alone() -> None:
    assert "code" not in _mapped(Layer.GRIDS, ["code"], code="")


def test_guesses_are_marked() -> None:
    sources = map_columns(["code", "wgmc"], {"code": "code"}, fields_of(Layer.GRIDS))
    assert [(source.field, source.guessed) for source in sources] == [("code", False), ("name", True)]


@pytest.mark.parametrize("asked", [{"nonsense": "code"}, {"code": "nonsense"}])
def test_what_does_not_exist_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(BadValue):
        map_columns(["code"], asked, fields_of(Layer.GRIDS))
