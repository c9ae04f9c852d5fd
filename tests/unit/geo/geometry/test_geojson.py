import json
import sys
from typing import Any

import pytest

from geo.errors import GridError, LimitExceeded, Malformed
from geo.geometry.geojson import (
    Limits,
    Note,
    check_geojson,
    feature_geometry,
    geojson_features,
    geojson_geometry,
)

RING = [[0, 0], [4, 0], [4, 4], [0, 0]]
POINT = {"type": "Point", "coordinates": [1, 2]}


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def nested(depth: int) -> dict[str, Any]:
    geometry: dict[str, Any] = POINT
    for _ in range(depth - 1):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    return geometry


@pytest.mark.parametrize(
    ("value", "wkt"),
    [
        (POINT, "POINT (1 2)"),
        ({"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}, "MULTIPOINT ((1 2), (3 4))"),
        ({"type": "LineString", "coordinates": [[1, 2], [3, 4]]}, "LINESTRING (1 2, 3 4)"),
        ({"type": "MultiLineString", "coordinates": [[[1, 2], [3, 4]]]}, "MULTILINESTRING ((1 2, 3 4))"),
        (polygon(RING), "POLYGON ((0 0, 4 0, 4 4, 0 0))"),
        ({"type": "MultiPolygon", "coordinates": [[RING]]}, "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)))"),
        (nested(2), "GEOMETRYCOLLECTION (POINT (1 2))"),
        ({"type": "GeometryCollection", "geometries": []}, "GEOMETRYCOLLECTION EMPTY"),
        (polygon(), "POLYGON EMPTY"),
        ({"type": "MultiPolygon", "coordinates": []}, "MULTIPOLYGON EMPTY"),
        ({"type": "MultiPoint", "coordinates": []}, "MULTIPOINT EMPTY"),
    ],
)
def test_each_type_is_read(value, wkt):
    assert geojson_geometry(value, Limits()).wkt == wkt


def test_heights_and_measures_are_left_out_and_said_so():
    value = polygon([[*position, 5, 6] for position in RING])
    assert check_geojson(value, Limits()) == {Note.EXTRA_DIMENSIONS}
    assert not geojson_geometry(value, Limits()).has_z
    assert check_geojson(polygon(RING), Limits()) == set()


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        (None, "", "object"),
        ([], "", "object"),
        ("Point", "", "object"),
        ({}, "type", "geometry-type"),
        ({"type": {}}, "type", "geometry-type"),
        ({"type": "point", "coordinates": [1, 2]}, "type", "geometry-type"),
        ({"type": "Feature", "geometry": POINT}, "type", "geometry-type"),
        ({"type": "Point"}, "coordinates", "position"),
        ({"type": "Point", "coordinates": [1]}, "coordinates", "position"),
        ({"type": "Point", "coordinates": [1, 2, 3, 4, 5]}, "coordinates", "position"),
        ({"type": "Point", "coordinates": ["1", 2]}, "coordinates[0]", "number"),
        ({"type": "Point", "coordinates": [1, True]}, "coordinates[1]", "number"),
        ({"type": "Point", "coordinates": [1, None]}, "coordinates[1]", "number"),
        ({"type": "Point", "coordinates": [[1, 2]]}, "coordinates", "position"),
        ({"type": "Point", "coordinates": [float("nan"), 2]}, "coordinates[0]", "finite"),
        ({"type": "Point", "coordinates": [1, float("inf")]}, "coordinates[1]", "finite"),
        ({"type": "Point", "coordinates": [10**400, 2]}, "coordinates[0]", "finite"),
        (polygon(RING, [*RING[:2], [1, "x"], RING[3]]), "coordinates[1][2][1]", "number"),
        (polygon(RING[:3]), "coordinates[0]", "ring of 4"),
        (polygon([*RING[:3], [0, 1]]), "coordinates[0]", "closed-ring"),
        (polygon(5), "coordinates[0]", "array"),
        ({"type": "Polygon", "coordinates": RING}, "coordinates[0]", "ring of 4"),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "coordinates[0]", "rings of 1"),
        ({"type": "LineString", "coordinates": [[1, 2]]}, "coordinates", "line of 2"),
        ({"type": "GeometryCollection", "geometries": [POINT, None]}, "geometries[1]", "object"),
        (
            {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, "2"]}]},
            "geometries[0].coordinates[1]",
            "number",
        ),
        ({**POINT, "bbox": [1, 2, 3]}, "bbox", "bbox"),
        ({**POINT, "bbox": "all"}, "bbox", "bbox"),
        ({**POINT, "bbox": [1, 2, 3, "4"]}, "bbox[3]", "number"),
    ],
)
def test_what_is_malformed_is_refused_with_its_place(value, path, expected):
    with pytest.raises(Malformed) as refused:
        geojson_geometry(value, Limits())
    assert refused.value.fields == {"path": path, "expected": expected}


@pytest.mark.parametrize(
    ("value", "limits", "limit"),
    [
        (polygon(RING, RING), Limits(max_vertices=7), "max_vertices"),
        (polygon(RING, RING), Limits(max_parts=1), "max_parts"),
        ({"type": "MultiPoint", "coordinates": [[1, 2]] * 9}, Limits(max_vertices=8), "max_vertices"),
        (nested(4), Limits(max_depth=3), "max_depth"),
        (nested(900), Limits(), "max_depth"),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_read(value, limits, limit):
    with pytest.raises(LimitExceeded) as refused:
        geojson_geometry(value, limits)
    assert refused.value.fields["limit"] == limit
    assert refused.value.fields["value"] == refused.value.fields["maximum"] + 1 or limit == "max_vertices"


def test_what_is_at_the_limit_is_read():
    assert geojson_geometry(polygon(RING, RING), Limits(max_vertices=8, max_parts=2)).geom_type == "Polygon"
    assert geojson_geometry(nested(3), Limits(max_depth=3)).geom_type == "GeometryCollection"


def test_coordinates_nested_deeper_than_their_type_are_not_followed():
    deep: list[Any] = []
    for _ in range(sys.getrecursionlimit() * 10):
        deep = [deep]
    with pytest.raises(Malformed):
        geojson_geometry({"type": "Polygon", "coordinates": deep}, Limits())


def test_features_come_out_of_every_kind_of_text():
    feature = {"type": "Feature", "properties": {}, "geometry": POINT}
    assert geojson_features({"type": "FeatureCollection", "features": [feature, None]}) == [feature, None]
    assert geojson_features(feature) == [feature]
    [bare] = geojson_features(POINT)
    assert feature_geometry(bare, Limits()).wkt == "POINT (1 2)"


def test_a_feature_may_have_no_place():
    assert feature_geometry({"type": "Feature", "properties": None, "geometry": None}, Limits()) is None


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"type": "FeatureCollection"}', "features"),
        ('{"type": "FeatureCollection", "features": {}}', "features"),
        ('{"type": "featurecollection", "features": []}', "type"),
        ('{"type": null}', "type"),
        ("[]", ""),
        ("3", ""),
    ],
)
def test_texts_that_are_no_geojson_are_refused(text, path):
    with pytest.raises(Malformed) as refused:
        geojson_features(json.loads(text))
    assert refused.value.fields["path"] == path


@pytest.mark.parametrize(
    ("feature", "path"),
    [
        (None, ""),
        ({"type": "Point"}, ""),
        ({"type": "Feature", "geometry": POINT}, "properties"),
        ({"type": "Feature", "geometry": POINT, "properties": []}, "properties"),
        ({"type": "Feature", "properties": {}}, "geometry"),
        ({"type": "Feature", "properties": {}, "geometry": "here"}, "geometry"),
        ({"type": "Feature", "id": {}, "properties": {}, "geometry": POINT}, "id"),
        (
            {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1]}},
            "geometry.coordinates",
        ),
    ],
)
def test_malformed_features_are_refused_with_their_place(feature, path):
    with pytest.raises(GridError) as refused:
        feature_geometry(feature, Limits())
    assert refused.value.fields["path"] == path
