"""Files are bounded, told by their bytes, and read whole; what is hostile is refused in words."""

from __future__ import annotations

import dataclasses
import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geo.errors import BadValue, LimitExceeded, Malformed, NotFound, UnknownFormat
from geo.services.exchange.formats import csv_text, geojson, shapefile
from geo.services.exchange.formats.registry import FORMATS
from geo.services.exchange.limits import Limits
from geo.services.exchange.opening import Reading, open_file
from geo.services.exchange.table import Table, numbered, objects

TABLE = Table(
    {
        "code": objects(["001", "002", "003"]),
        "name": objects(["=1+1", "", None]),
        "count": objects([1, None, 3]),
        "attributes": objects([{"字": "网格员 " * 200, "x": [1.5, None]}, {}, {"n": None}]),
    },
    objects([shapely.Point(120.123456789012345, 1 / 3), None, shapely.Point(-2 / 3, 45)]),
    numbered(3),
    declared="wgs84",
)


def _as_json(value: object) -> object:
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "gpx"])
def test_what_a_format_writes_it_reads_again(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"layer{FORMATS[name].extensions[0]}"
    FORMATS[name].write(TABLE, path)
    found, facts = open_file(path, Limits(), Reading())
    columns = dict(found.columns)
    assert facts.format == name
    assert list(columns["code"]) == ["001", "002", "003"]
    expected = ["=1+1", None, None] if name == "shapefile" else ["=1+1", "", None]
    assert list(columns["name"]) == expected
    assert [None if n is None else int(n) for n in columns["count"]] == [1, None, 3]
    assert [_as_json(value) for value in columns["attributes"]] == list(TABLE.columns["attributes"])
    places = shapely.from_wkt(columns["wkt"]) if found.geometries is None else found.geometries
    assert list(places) == list(TABLE.geometries)


@pytest.mark.parametrize("name", ["geojson", "gpkg", "shapefile", "parquet"])
@pytest.mark.parametrize("datum", ["gcj02", "bd09", "EPSG:4549"])
def test_a_file_says_what_its_numbers_are(tmp_path: Path, name: str, datum: str) -> None:
    path = tmp_path / f"layer{FORMATS[name].extensions[0]}"
    FORMATS[name].write(dataclasses.replace(TABLE, declared=datum), path)
    assert open_file(path, Limits(), Reading())[1].declared == datum


def test_bytes_decide_between_utf8_and_gbk(tmp_path: Path) -> None:
    for encoding, name in (("gbk", "gb18030"), ("utf-8", "utf-8"), ("utf-16", "utf-16")):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes("名称,经度,纬度\n西湖,120.1,30.2\n".encode(encoding))
        table, facts = open_file(path, Limits(), Reading())
        assert facts.encoding == name
        assert table.columns["名称"][0] == "西湖"


@pytest.mark.parametrize("declared", [None, "UTF-8", "936"])
def test_a_gbk_shapefile_is_read_right_or_refused(tmp_path: Path, declared: str | None) -> None:
    table = Table(
        {"name": objects(["西湖区蒋村街道"])}, objects([shapely.Point(1, 2)]), numbered(1), declared="wgs84"
    )
    shapefile.write(table, tmp_path / "made.zip")
    folder = tmp_path / "gbk"
    with zipfile.ZipFile(tmp_path / "made.zip") as archive:
        archive.extractall(folder)
    dbf = folder / "made.dbf"
    utf8, gbk = "西湖区蒋村街道".encode(), "西湖区蒋村街道".encode("gbk")
    data = dbf.read_bytes()
    assert utf8 in data
    dbf.write_bytes(data.replace(utf8, gbk.ljust(len(utf8))))
    (folder / "made.cpg").unlink()
    if declared:
        (folder / "made.cpg").write_text(declared)
    if declared == "UTF-8":
        with pytest.raises(Malformed):
            open_file(folder, Limits(), Reading())
    else:
        found, _ = open_file(folder, Limits(), Reading())
        assert found.columns["name"][0] == "西湖区蒋村街道"


def test_a_folder_an_archive_and_a_file_are_the_same_shapefile(tmp_path: Path) -> None:
    path = tmp_path / "made.zip"
    shapefile.write(TABLE, path)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "folder")
    for one in (path, tmp_path / "folder", tmp_path / "folder" / "made.shp"):
        assert len(open_file(one, Limits(), Reading())[0]) == 3


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_is_told(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        f'name{delimiter}"a, b; c"{delimiter}lon\n"x\ny"{delimiter}""{delimiter}\n', encoding="utf-8"
    )
    columns = open_file(path, Limits(), Reading())[0].columns
    assert columns["name"][0] == "x\ny"
    assert columns["a, b; c"][0] == ""
    assert columns["lon"][0] is None


def test_ragged_rows_are_reported_and_the_others_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n1,2,3\n4\n5,6\n", encoding="utf-8")
    table, _ = open_file(path, Limits(), Reading())
    assert table.numbers.tolist() == [1, 4]
    assert [(problem.code, problem.row) for problem in table.problems] == [
        ("ragged-row", 2),
        ("ragged-row", 3),
    ]


def test_the_ending_and_the_bytes_must_agree(tmp_path: Path) -> None:
    layer = '<OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
    vrt = f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"
    for name in ("a.geojson", "a.gpkg", "a.zip", "a.xlsx", "a.parquet", "a.shp", "a.vrt", "a.kml", "a.gpx"):
        path = tmp_path / name
        path.write_text(vrt)
        with pytest.raises((UnknownFormat, Malformed)):
            open_file(path, Limits(), Reading())
    with pytest.raises(NotFound):
        open_file(tmp_path / "missing.csv", Limits(), Reading())


def test_archives_that_leave_their_folder_or_are_too_large_are_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.zip"
    with zipfile.ZipFile(outside, "w") as archive:
        archive.writestr("../evil.shp", b"\0\0\x27\x0a")
    with pytest.raises(Malformed):
        open_file(outside, Limits(), Reading())
    assert not (tmp_path.parent / "evil.shp").exists()
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * 10_000_000)
    with pytest.raises(LimitExceeded):
        open_file(bomb, Limits(unzipped_bytes=1_000_000), Reading())
    many = tmp_path / "many.xlsx"
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(300):
            archive.writestr(str(number), b"")
    with pytest.raises(LimitExceeded):
        open_file(many, Limits(), Reading())


def test_limits_hold_for_bytes_rows_vertices_and_depth(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    line = shapely.LineString(np.arange(200).reshape(-1, 2))
    geojson.write(Table({}, objects([line, line]), numbered(2)), path)
    for limits in (
        Limits(upload_bytes=10),
        Limits(features=1),
        Limits(vertices=150),
        Limits(geometry_vertices=50),
        Limits(depth=3),
    ):
        with pytest.raises(LimitExceeded):
            open_file(path, limits, Reading())
    assert len(open_file(path, Limits(), Reading())[0]) == 2


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"type": "FeatureCollection", "features": ' + "[" * 5_000 + "]" * 5_000 + "}",
        '{"type": "Point", "coordinates": [NaN, 1]}',
        '{"type": "FeatureCollection"}',
        "{",
        '"x"',
    ],
)
def test_hostile_json_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(text)
    with pytest.raises((Malformed, UnknownFormat)):
        open_file(path, Limits(), Reading())


@pytest.mark.parametrize("name", ["a.kml", "a.gpx"])
def test_xml_entities_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    entities = "".join(f'<!ENTITY a{n} "{"&a" + str(n - 1) + ";" if n else "x"}">' for n in range(9))
    path.write_text(f"<?xml version='1.0'?><!DOCTYPE kml [{entities}]><{name[2:]}>&a8;</{name[2:]}>")
    with pytest.raises(Malformed):
        open_file(path, Limits(), Reading())


def test_nested_binary_geometry_is_refused(tmp_path: Path) -> None:
    nested = struct.pack("<BII", 1, 7, 1) * 50_000 + shapely.to_wkb(shapely.Point(0, 0))
    tricky = struct.pack("<BII", 1, 6, 1) * 50_000
    geo = {"version": "1.1.0", "primary_column": "g", "columns": {"g": {"encoding": "WKB"}}}
    for number, binary in enumerate((nested, tricky, b"", b"\1\1")):
        path = tmp_path / f"{number}.parquet"
        table = pa.table({"g": [binary]}).replace_schema_metadata({"geo": json.dumps(geo)})
        pq.write_table(table, path)
        with pytest.raises(Malformed):
            open_file(path, Limits(), Reading())


def test_several_layers_ask_which_one(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["name"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(BadValue):
        open_file(tmp_path / "a.xlsx", Limits(), Reading(layer="nonsense"))


def test_csv_has_a_mark_for_spreadsheets(tmp_path: Path) -> None:
    csv_text.write(TABLE, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
