"""Files that are only looked at: every format that can be imported, within the limits, and nothing kept."""

from __future__ import annotations

import json

import pytest
import shapely
from shapely.geometry import shape

from geo.geometry.datum import gcj02_to_wgs84
from geo.services import reference_layers
from geo.services.exchange.formats.registry import FORMATS
from geo.services.exchange.table import Table, numbered, objects
from tests.integration.planners import query

pytestmark = pytest.mark.database

PLACES = [shapely.Point(120.1, 30.2), shapely.LineString([(120.1, 30.2), (120.2, 30.3)])]
POINTS = "name,lon,lat\n甲,120.1,30.2\n乙,,\n"


def sent(house, token, name, content, **data):
    return house.ask("POST", "/reference-layers", token, files={"file": (name, content)}, data=data)


def written(format_name, tmp_path, places):
    table = Table(
        {"name": objects([f"第{n}" for n in range(len(places))])},
        objects(places),
        numbered(len(places)),
        "wgs84",
    )
    kind = FORMATS[format_name]
    path = tmp_path / f"file{kind.extensions[0]}"
    kind.write(table, path)
    return path.name, path.read_bytes()


@pytest.mark.parametrize("format_name", ["geojson", "kml", "shapefile", "gpkg", "csv", "parquet"])
def test_a_file_of_any_format_is_shown(house, people, tmp_path, format_name):
    places = PLACES[:1] if format_name == "shapefile" else PLACES
    name, content = written(format_name, tmp_path, places)
    answer = sent(
        house, people.ann, name, content, **({"reference": "wgs84"} if format_name == "csv" else {})
    )
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["name"], told["left_out"]) == (name, 0)
    assert [shape(one["geometry"]) for one in told["features"]] == places
    assert told["features"][0]["properties"] == {"name": "第0"}


def test_nothing_is_kept(house, people):
    tables = ("import_batch", "entity", "ground_feature", "audit_log")
    before = [query(house, f"SELECT count(*) FROM {table}") for table in tables]
    assert sent(house, people.eve, "points.csv", POINTS, reference="wgs84").status_code == 200
    assert [query(house, f"SELECT count(*) FROM {table}") for table in tables] == before


def test_numbers_are_what_somebody_says_they_are(house, people):
    told = sent(house, people.ann, "points.csv", POINTS, reference="gcj02").json()
    assert (told["reference"], told["left_out"]) == ("gcj02", 1)
    there = shape(told["features"][0]["geometry"])
    assert (there.x, there.y) == pytest.approx(tuple(map(float, gcj02_to_wgs84(120.1, 30.2))), abs=1e-6)


def test_where_nobody_says_what_the_numbers_are_it_is_asked(house, people):
    answer = sent(house, people.ann, "points.csv", POINTS)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-value")
    assert answer.json()["fields"]["field"] == "reference"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("drawing.dwg", b"AC1027", "unknown-format"),
        ("map.geojson", b"GIF89a", "unknown-format"),
        ("map.geojson", b'{"type": "FeatureCollection", "features": [', "malformed"),
        ("empty.geojson", b'{"type": "FeatureCollection", "features": []}', "bad-value"),
        ("layer.zip", b"PK\3\4 and then nothing", "malformed"),
    ],
)
def test_what_cannot_be_shown_is_refused(house, people, name, content, code):
    answer = sent(house, people.ann, name, content)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_more_than_a_browser_draws_is_refused(house, people, monkeypatch):
    monkeypatch.setattr(reference_layers, "MOST_VERTICES", 9)
    line = {"type": "LineString", "coordinates": [[120 + n / 100, 30] for n in range(10)]}
    answer = sent(house, people.ann, "line.geojson", json.dumps(line).encode())
    assert (answer.status_code, answer.json()["code"]) == (413, "limit-exceeded")
    assert answer.json()["fields"]["maximum"] == 9
