import json
import re
from dataclasses import dataclass, replace
from html import escape

import folium
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from jinja2.utils import htmlsafe_json_dumps

from geo.domain.measures import Share
from geo.geometry.datum import wgs84_to_bd09, wgs84_to_gcj02
from tests.unit.webmap.drawn import (
    HOSTILE,
    SIDE,
    SOUTH,
    WEST,
    backlog,
    coverage,
    density,
    ground,
    hotspots,
    issues,
    shapes,
    walked,
)
from webmap import theme
from webmap.assets import Linked
from webmap.base_map import parts
from webmap.i18n import Language, Translator
from webmap.layers.books import score_bounds
from webmap.layers.coverage import Scale, class_edges, rate_class
from webmap.layers.issues import upper_bounds
from webmap.maps import Setting, coverage_map, division_map, hotspot_map, issue_map, walked_map

NONCE = "abc123"


@dataclass(frozen=True)
class Tiles:
    name: str = "天地图"
    url: str = "https://tiles.example/{z}/{x}/{y}.png"
    datum: str = "wgs84"
    attribution: str = "© somebody"


def setting(*base_maps, name="网格", language=Language.CHINESE):
    return Setting(shapes(name), ground(), Translator(language), Linked(NONCE), base_maps)


def every_map(on):
    drawn = on.shapes
    return {
        "coverage": coverage_map(coverage(drawn), density(), on),
        "walked": walked_map(walked(drawn), on),
        "hotspots": hotspot_map(hotspots(drawn), on),
        "issues": issue_map(backlog(drawn), issues(), on),
        "division": division_map(on),
    }


KINDS = ["coverage", "walked", "hotspots", "issues", "division"]


def data_of(html, maker):
    return json.loads(re.search(rf'id="{maker}_\w+" nonce="\w+">(.*?)</script>', html, re.DOTALL)[1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_is_one_of_folium_that_names_no_other_host(kind):
    made = every_map(setting())[kind]
    assert isinstance(made, folium.Map)
    drawn = parts(made)
    assert not re.findall(r"(?:https?:)?//[\w.-]+\.\w+", drawn.head + drawn.body + drawn.script)
    assert folium.Map.default_js, "other maps of Folium are left as they are"


@pytest.mark.parametrize("kind", KINDS)
def test_every_script_carries_the_nonce_and_no_markup_carries_style(kind):
    drawn = parts(every_map(setting(Tiles(), Tiles(name="影像")))[kind])
    html = drawn.head + drawn.body + drawn.script
    tags = re.findall(r"<(?:script|style)\b[^>]*>", html)
    assert tags
    assert all(f'nonce="{NONCE}"' in tag for tag in tags)
    outside_scripts = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r"\s(?:style|on\w+)=", outside_scripts)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", Language)
def test_every_word_is_there_in_both_languages(kind, language):
    drawn = parts(every_map(setting(language=language))[kind])
    assert not re.findall(r"map\.\w+\.[\w.-]+", drawn.body)


def test_names_and_tiles_stay_inside_their_quotes():
    hostile = Tiles(name=HOSTILE, url="https://tiles.example/</script>{z}/{x}/{y}", attribution=HOSTILE)
    on = setting(hostile, Tiles(), name=HOSTILE)
    drawn = parts(issue_map(backlog(on.shapes), issues(HOSTILE), on))
    html = drawn.body + drawn.script
    assert "<script>window" not in html
    assert "<img" not in html
    names = {feature["properties"]["name"] for feature in data_of(html, "choropleth")["grids"]["features"]}
    assert f"{HOSTILE}0" in names
    assert data_of(html, "points")["points"][0]["title"] == HOSTILE


PROGRAM = "{{ 7 * 7 }}{% if true %}ab{% endif %}{# gone #}"
"""A name that is run wherever it is taken for a template of the server."""


@pytest.mark.parametrize("name", [PROGRAM, "{{", "{%", "{#"])
def test_names_and_tiles_are_no_templates(name):
    on = setting(Tiles(name=name, url=f"{{x}}{name}", attribution=name), Tiles(), name=name)
    drawn = parts(issue_map(backlog(on.shapes), issues(name), on))
    names = {
        feature["properties"]["name"] for feature in data_of(drawn.body, "choropleth")["grids"]["features"]
    }
    assert f"{name}0" in names
    assert data_of(drawn.body, "points")["points"][0]["title"] == name
    assert drawn.script.count(htmlsafe_json_dumps(escape(name))) == 2  # the attribution, and the choice
    assert f"tiles({htmlsafe_json_dumps(f'{{x}}{name}')}" in drawn.script


def test_folium_would_run_a_name():
    made = folium.Map()
    made.add_child(folium.TileLayer(tiles="/{z}/{x}/{y}", name=PROGRAM, attr="x"))
    made.add_child(folium.LayerControl())
    figure = made.get_root()
    figure.render()
    assert "49ab" in figure.script.render()


def test_a_grid_without_anything_due_is_hatched_and_the_others_by_their_rate():
    on = setting()
    data = data_of(parts(coverage_map(coverage(on.shapes), density(), on)).body, "choropleth")
    entries = data["legend"]["entries"]
    shown = [entries[feature["properties"]["entry"]] for feature in data["grids"]["features"]]
    assert shown[0]["hatched"]
    assert [entry["hatched"] for entry in shown].count(True) == 1
    assert [entry["colour"] for entry in shown[1:6]] == [*theme.SEQUENTIAL[1:], theme.SEQUENTIAL[0]]
    assert data["grids"]["features"][3]["properties"]["values"] == ["3", "5", "60.0%"]


def test_classes_between_the_lowest_and_the_highest_rate_tell_grids_apart_that_are_alike():
    on = setting()
    found = coverage(on.shapes)
    rows = tuple(
        replace(row, share=Share(numerator=900 + 10 * at, denominator=1000))
        for at, row in enumerate(found.grids[:6])
    )
    close = replace(found, grids=rows)

    def entries_of(scale):
        data = data_of(parts(coverage_map(close, density(), on, scale)).body, "choropleth")
        return data["legend"], [feature["properties"]["entry"] for feature in data["grids"]["features"]]

    legend, whole = entries_of(Scale.WHOLE)
    assert set(whole[:6]) == {0}
    assert [entry["label"] for entry in legend["entries"]][:2] == ["80–100%", "60–80%"]
    legend, ranged = entries_of(Scale.RANGE)
    assert ranged[:6] == [4, 3, 2, 1, 0, 0]
    assert [entry["label"] for entry in legend["entries"]][:5] == [
        "94–95%",
        "93–94%",
        "92–93%",
        "91–92%",
        "90–91%",
    ]


@given(st.lists(st.none() | st.floats(0, 1)), st.sampled_from(Scale))
def test_each_rate_lies_in_the_class_that_it_is_given(rates, scale):
    edges = class_edges(rates, scale)
    assert list(edges) == sorted(set(edges))
    for rate in rates:
        place = rate_class(rate, edges)
        if rate is None:
            assert place == len(theme.SEQUENTIAL)
        else:
            below = len(theme.SEQUENTIAL) - 1 - place
            assert edges[below] - 1e-6 <= rate <= edges[below + 1] + 1e-6


def test_red_is_for_what_is_overdue_alone():
    on = setting()
    drawn = every_map(on)
    for kind, made in drawn.items():
        body = parts(made).body
        assert (theme.OVERDUE in body) == (kind == "issues")
    points = data_of(parts(drawn["issues"]).body, "points")
    assert [points["legend"]["entries"][point["entry"]]["colour"] for point in points["points"]] == [
        theme.OVERDUE,
        theme.PENDING,
    ]


def test_islands_are_hatched_and_hot_spots_hot():
    on = setting()
    data = data_of(parts(hotspot_map(hotspots(on.shapes), on)).body, "choropleth")
    entries = data["legend"]["entries"]
    shown = [entries[feature["properties"]["entry"]] for feature in data["grids"]["features"]]
    assert shown[0]["colour"] == theme.HOT[0]
    assert shown[-1]["hatched"]
    assert theme.NEUTRAL in {entry["colour"] for entry in shown}


@pytest.mark.parametrize(("datum", "shift"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_everything_moves_with_the_datum_of_the_tiles(datum, shift):
    on = setting(Tiles(datum=datum), Tiles(name="other datum"))
    drawn = parts(issue_map(backlog(on.shapes), issues(), on))
    points = data_of(drawn.body, "points")["points"]
    lon, lat = shift([120.015, 120.035], [30.035, 30.015])
    assert [point["place"] for point in points] == np.column_stack([lat, lon]).round(6).tolist()
    first = data_of(drawn.body, "choropleth")["grids"]["features"][0]["geometry"]
    corners = shapely.get_coordinates(shapely.from_geojson(json.dumps(first)))
    assert np.abs(corners - np.array(shift(WEST, SOUTH))).max(axis=1).min() < 2e-6
    told = re.findall(r'= tiles\(.+?"datum": "(\w+)"', drawn.script, re.DOTALL)
    assert told == [datum, "wgs84"], "the browser has to know which tiles to move"


def test_without_tiles_the_ground_is_drawn_and_with_tiles_it_is_not():
    kinds = [
        feature["properties"]["kind"]
        for feature in data_of(parts(division_map(setting())).body, "ground")["features"]
    ]
    assert kinds == ["river", "road", "outline"]
    assert 'id="ground_' not in parts(division_map(setting(Tiles()))).body


def test_outlines_keep_their_common_borders():
    drawn = data_of(parts(division_map(setting())).body, "choropleth")["grids"]["features"]
    cells = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in drawn]
    assert shapely.coverage_is_valid(cells)
    assert shapely.area(cells) == pytest.approx(SIDE**2, rel=1e-3)


def test_classes_of_counts_begin_with_nothing():
    assert upper_bounds([0, 0]) == [0]
    assert upper_bounds([4, 4, 4]) == [0, 4]
    assert upper_bounds(list(range(101))) == [0, 25, 50, 75, 100]


@given(st.lists(st.integers(-50_000, 50_000).map(lambda hundredths: hundredths / 100), min_size=1))
def test_five_equal_classes_hold_all_scores(scores):
    bounds = score_bounds(scores)
    assert len(bounds) == 6
    assert bounds[0] <= min(scores)
    assert max(scores) <= bounds[-1]
    assert np.ptp(np.diff(bounds)) < 1e-6
