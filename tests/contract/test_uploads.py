"""Uploads: what is written beside a file, and who may send one at all."""

from __future__ import annotations

import asyncio
import csv
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.domain.actors import Role
from geo.domain.exchange import Layer, OnExisting
from geo.domain.grids import Level

pytestmark = pytest.mark.database

BOUNDARY = "----wangge"
EXAMPLES = 25


def multipart(*parts: tuple[bytes, bytes]) -> bytes:
    """A body of parts, each with what stands behind `form-data; ` and what it holds."""
    written = b"".join(
        b"------wangge\r\nContent-Disposition: form-data; " + name + b"\r\n\r\n" + content + b"\r\n"
        for name, content in parts
    )
    return written + b"------wangge--\r\n"


@pytest.fixture
def headers(app, client, city):
    return {
        "Authorization": f"Bearer {city.token(app, Role.ADMIN, 'city')}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
    }


STRANGE = [
    b"\x00",
    b'{"name": "\x00"}',
    b'{"name": "\\u0000"}',
    b'{"name": "\\ud800"}',
    b'{"mapping": {"\\u0000": "name"}}',
    b'{"constants": {"name": "\\u0000"}}',
    b'{"constants": {"\\udfff": "x"}}',
    b'{"translations": {"kind": {"x": "\\u0000"}}}',
    b'{"timezone": "\\u0000"}',
    b'{"encoding": "\\u0000"}',
    b'{"layer": "\\u0000"}',
    b'{"reference": "\\u0000"}',
    b'{"time_format": "\\u0000"}',
    b'{"code_prefix": "\\u0000", "name": "\\u0000", "parent_codes": {"street": "\\u0000"}}',
    b'{"tolerance_m": NaN}',
    b'{"tolerance_m": 1e999}',
    b"[" * 5000,
]


@pytest.mark.parametrize("layer", ["grids", "entities"])
@pytest.mark.parametrize("options", STRANGE, ids=repr)
def test_strange_options_are_refused(client, city, headers, layer, options):
    content = city.square() if layer == "grids" else city.premises()
    name = b'name="file"; filename="x.geojson"' if layer == "grids" else b'name="file"; filename="x.csv"'
    body = multipart((b'name="options"', options), (b'name="dry_run"', b"false"), (name, content))
    answer = client.post(f"/api/v1/imports/{layer}", content=body, headers=headers)
    assert answer.status_code in {413, 422}, answer.text


@pytest.mark.parametrize(
    "name", [b"\x00.csv", b"\xed\xa0\x80.csv", b"a\x00/../b.csv", b"..", b".", b"/", b""], ids=repr
)
def test_no_name_of_a_file_makes_the_house_fail(client, city, headers, name):
    body = multipart(
        (b'name="dry_run"', b"false"), (b'name="file"; filename="' + name + b'"', city.premises())
    )
    answer = client.post("/api/v1/imports/entities", content=body, headers=headers)
    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    "value", ["\0", "a\0b", "\ud800", "\U0010ffff", "x" * 100_000], ids=lambda v: repr(v[:4])
)
@pytest.mark.parametrize("layer", ["entities", "people", "addresses", "issues", "visits"])
def test_no_text_in_a_file_makes_the_house_fail(client, city, headers, layer, value):
    properties = {
        "name": value,
        "text": value,
        "number": value,
        "kind": "premises",
        "category": value,
        value: value,
    }
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [city.lon, city.lat]},
        "properties": properties
        | {"visited_at": "2026-11-01T00:00:00Z", "reported_at": "2026-11-01T00:00:00Z"},
    }
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    body = multipart((b'name="dry_run"', b"false"), (b'name="file"; filename="x.geojson"', content))
    answer = client.post(f"/api/v1/imports/{layer}", content=body, headers=headers)
    assert answer.status_code < 500, answer.text


HEADER = "ref,kind,name,lon,lat,text,code,level,person,at,visited_at,reported_at,number,category,grid,post"
COLUMNS = HEADER.split(",")
NAMES = st.sampled_from(COLUMNS)
WORDS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["", "premises", "unit", "head", "2026-01-01", "13:61", "120.1", "-1e999", "nan", "%Y-%q", "%"]
    ),
    st.floats().map(str),
)
KEYS = st.one_of(NAMES, WORDS)
METRES = st.one_of(st.none(), st.floats(), st.sampled_from([1e-300, 1e-9, 0.5, 1000]))
LEVELS = st.sampled_from([*Level, "planet"])
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "mapping": st.dictionaries(NAMES, KEYS, max_size=4),
        "constants": st.dictionaries(KEYS, WORDS, max_size=4),
        "translations": st.dictionaries(NAMES, st.dictionaries(WORDS, WORDS, max_size=3), max_size=3),
        "reference": st.one_of(
            WORDS, st.sampled_from(["wgs84", "gcj02", "bd09", "EPSG:4490", "EPSG:3857", "EPSG:1"])
        ),
        "encoding": st.one_of(
            WORDS, st.sampled_from(["gbk", "utf-8", "utf-16", "idna", "zlib", "rot13", "undefined"])
        ),
        "layer": WORDS,
        "timezone": st.one_of(WORDS, st.sampled_from(["UTC", "../UTC", "/etc/passwd", "Asia"])),
        "time_format": WORDS,
        "on_existing": st.sampled_from([*OnExisting, "?"]),
        "skip_bad": st.booleans(),
        "repair": st.booleans(),
        "tolerance_m": METRES,
        "gap_m": METRES,
        "level": LEVELS,
        "parent_codes": st.dictionaries(LEVELS, KEYS, max_size=3),
        "parent_names": st.dictionaries(LEVELS, KEYS, max_size=3),
        "code_prefix": st.one_of(WORDS, st.sampled_from(["99", "990106"])),
        "assign_codes": st.booleans(),
        "join_parts": st.booleans(),
        "allow_gaps": st.booleans(),
        "name": WORDS,
        "valid_from": st.one_of(WORDS, st.datetimes().map(str)),
    },
)


def table(row: list[str]) -> bytes:
    """A file of one row, however strange."""
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, row])
    return text.getvalue().encode("utf-8", "replace")


@pytest.mark.slow
@pytest.mark.parametrize("layer", Layer)
def test_no_options_make_the_house_fail(client, city, headers, layer):
    places = st.sampled_from([city.unit, str(city.lon), str(city.lat)])

    @given(
        options=OPTIONS,
        row=st.lists(WORDS | places, min_size=len(COLUMNS), max_size=len(COLUMNS)),
        commit=st.booleans(),
    )
    @settings(
        max_examples=EXAMPLES,
        suppress_health_check=list(HealthCheck),
    )
    def asked(options, row, commit):
        is_division = layer is Layer.GRIDS
        file = city.square() if is_division else table(row)
        name = b'name="file"; filename="x.geojson"' if is_division else b'name="file"; filename="x.csv"'
        run = b"false" if commit else b"true"
        body = multipart(
            (b'name="options"', json.dumps(options).encode()), (b'name="dry_run"', run), (name, file)
        )
        answer = client.post(f"/api/v1/imports/{layer}", content=body, headers=headers)
        assert answer.status_code < 500, (options, row, answer.text)

    asked()


def sent(app, headers: dict[str, str], path: str = "/api/v1/imports/entities") -> tuple[int, int]:
    """The status of an upload that never ends, and how many pieces of it were read."""
    read = 0
    statuses = []

    async def receive():
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 1000, "more_body": read < 50}

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "server": ("127.0.0.1", 8000),
        "scheme": "http",
    }
    asyncio.run(app(scope, receive, send))
    return statuses[0], read


@pytest.mark.parametrize(
    "credentials",
    [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}, {"Cookie": "wangge_session=x"}],
)
@pytest.mark.parametrize(
    "path", ["/api/v1/imports/entities", "/api/v1/imports/grids", "/api/v1/auth/token", "/"]
)
def test_an_anonymous_upload_is_not_read(client, credentials, path):
    upload = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    assert sent(client.app, upload | credentials, path) == (401, 0)


def test_an_upload_of_somebody_is_read(client, headers):
    status, read = sent(client.app, headers)
    assert status in {400, 422}
    assert read > 0


def test_other_bodies_are_held_to_the_limit_of_a_body(client):
    headers = {
        "Content-Type": "text/csv",
        "Content-Length": str(client.app.state.settings.limits.body_bytes + 1),
    }
    assert sent(client.app, headers, "/api/v1/locate/batch") == (413, 0)
