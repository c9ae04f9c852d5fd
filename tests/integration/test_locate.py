"""Lookups: exact, without the database, and in step with every process that publishes."""

import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import current_thread, main_thread
from typing import ClassVar
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import event, text

from api.app import create_app
from api.settings import Settings
from geo.db.generations import leaf_cells
from geo.db.subscriptions import Subscription
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.errors import NoDivision, Unavailable
from geo.geometry.crs import reference
from geo.geometry.locate import OUTSIDE, LocateIndex
from geo.services import locate
from geo.services.generations import publish
from geo.services.locate import Fault, Lookups

pytestmark = pytest.mark.database

ZONE = ZoneInfo("Asia/Shanghai")
JANUARY, JUNE = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)
PLACE = 120.01, 30.02


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


@contextmanager
def following(database):
    lookups = Lookups(database, ZONE)
    lookups.start()
    try:
        yield lookups
    finally:
        lookups.stop()


def published(database, division, valid_from=JANUARY):
    with database.write() as uow:
        return publish(OPERATOR, uow, division, name="x", valid_from=valid_from)


def unit_at(lookups, at=None):
    return lookups.index(at).find(*PLACE).chain[-1].grid.code[-3:]


def eventually(condition, timeout_s=15.0):
    """Wait until a condition holds, and tell whether it came to hold."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


# what is answered ----------------------------------------------------------------------------------------


def test_a_lookup_gives_the_chain_from_district_to_unit(database, strip_division):
    generation = published(database, strip_division(4))
    with following(database) as lookups:
        found = lookups.index().find(*PLACE)
    assert [link.grid.level for link in found.chain] == ["district", "street", "community", "unit"]
    assert [link.grid.code for link in found.chain] == [
        "330106",
        "330106001",
        "330106001001",
        "330106001001001",
    ]
    assert (found.generation.id, found.on_border, found.nearest) == (generation.id, False, None)


def test_outside_every_grid_the_nearest_one_is_named(database, strip_division):
    published(database, strip_division(4))
    with following(database) as lookups:
        found = lookups.index().find(120.13, 30.02)
    assert found.chain == ()
    assert found.nearest.grid.code == "330106001001004"
    assert found.nearest.distance_m == pytest.approx(0.01 * 111_320 * np.cos(np.radians(30.02)), rel=2e-3)


def test_on_a_shared_border_the_lowest_code_is_given(database, strip_division):
    published(database, strip_division(4))
    with following(database) as lookups:
        found = lookups.index().find(float(np.linspace(120, 120.12, 5)[2]), 30.02)
    assert (found.chain[-1].grid.code[-3:], found.on_border) == ("002", True)


def test_before_anything_is_published_there_is_no_division(database):
    with following(database) as lookups, pytest.raises(NoDivision):
        lookups.index()


def test_only_public_posts_that_are_held_today_are_named(database, strip_division):
    published(database, strip_division(4))
    with following(database) as lookups:
        assert lookups.index().find(*PLACE).chain[-1].responsible == ()
        with database.write() as uow:
            uow.connection.execute(
                text(
                    "WITH p AS (INSERT INTO person (name, phone) VALUES ('王芳', '123'), ('李强', '456'),"
                    " ('赵敏', NULL), ('钱多', NULL) RETURNING id, name)"
                    " INSERT INTO assignment (person_id, grid_code, post, valid_from, valid_to)"
                    " SELECT p.id, '330106001001001', post, since::date, until::date FROM p JOIN (VALUES"
                    " ('王芳', 'assistant', '2020-01-01', NULL), ('李强', 'head', '2020-01-01', NULL),"
                    " ('赵敏', 'volunteer', '2020-01-01', NULL),"
                    " ('钱多', 'head', '2020-01-01', '2021-01-01'))"
                    " AS a (name, post, since, until) USING (name)"
                )
            )
            uow.notify("wangge_people", "")
        assert eventually(lambda: lookups.index().find(*PLACE).chain[-1].responsible)
        people = lookups.index().find(*PLACE).chain[-1].responsible
    assert [(one.post, one.name, one.phone) for one in people] == [
        ("head", "李强", "456"),
        ("assistant", "王芳", "123"),
    ]


def test_a_day_is_asked_as_of_its_end_in_the_city(database, strip_division):
    published(database, strip_division(4))
    noon = datetime(2025, 6, 1, 12, tzinfo=ZONE)
    published(database, strip_division(3, first=11), noon)
    with following(database) as lookups:
        assert unit_at(lookups) == "011"
        assert unit_at(lookups, date(2025, 5, 31)) == "001"
        assert unit_at(lookups, date(2025, 6, 1)) == "011"
        assert unit_at(lookups, date(9999, 12, 31)) == "011"
        for early in (date(2024, 12, 31), date(1, 1, 1)):
            with pytest.raises(NoDivision):
                lookups.index(early)


def test_many_points_get_what_each_gets_alone(database, strip_division):
    published(database, strip_division(4))
    rng = np.random.default_rng(5)
    lon = np.append(rng.uniform(119.99, 120.13, 500), np.linspace(120, 120.12, 5))
    lat = np.append(rng.uniform(29.99, 30.06, 500), [30, 30.05, 30.02, 30.02, 30.02])
    with following(database) as lookups:
        index = lookups.index()
    many = index.find_many(lon, lat, reference("wgs84"))
    alone = [index.find(x, y) for x, y in zip(lon, lat, strict=True)]
    assert [cell == OUTSIDE for cell in many.cell] == [not one.chain for one in alone]
    assert many.on_border.tolist() == [one.on_border for one in alone]
    assert [index.leaf(cell).code for cell in many.cell if cell != OUTSIDE] == [
        one.chain[-1].grid.code for one in alone if one.chain
    ]
    assert many.distance_m[many.cell == OUTSIDE] == pytest.approx(
        [one.nearest.distance_m for one in alone if one.nearest], rel=1e-9
    )


def test_rows_that_are_no_place_disturb_no_other(database, strip_division):
    published(database, strip_division(4))
    with following(database) as lookups:
        index = lookups.index()
    x = [120.01, np.nan, 120.01, 500, np.inf, 120.01]
    y = [30.02, 30.02, np.nan, 30.02, 30.02, 91]
    found = index.find_many(x, y, reference("gcj02"))
    assert found.fault.tolist() == [Fault.NONE, Fault.X, Fault.Y, Fault.PLACE, Fault.X, Fault.PLACE]
    assert found.cell[0] == 0
    assert (found.cell[1:] == OUTSIDE).all()


def awkward_division(strip_division):
    """Units that overlap, leave gaps, have a hole with an island in it, and a sliver."""
    ring = shapely.box(120.06, 30, 120.12, 30.05).difference(shapely.box(120.08, 30.01, 120.1, 30.03))
    cells = [
        shapely.box(120, 30, 120.031, 30.05),
        shapely.box(120.03, 30, 120.05, 30.05),
        shapely.box(120.05, 30, 120.05 + 1e-9, 30.05),
        ring,
        shapely.box(120.08, 30.01, 120.09, 30.03),
    ]
    division = strip_division(len(cells))
    division.geometries[3:] = [shapely.multipolygons([cell]) for cell in cells]
    return division


def test_sql_and_python_give_the_same_grid_everywhere(database, strip_division):
    generation = published(database, awkward_division(strip_division))
    with database.read() as uow:
        _, cells = leaf_cells(uow.connection, generation.id)
    corners = shapely.get_coordinates(cells)
    ends = shapely.get_coordinates(shapely.boundary(cells).tolist())
    middles = (ends[:-1] + ends[1:]) / 2
    rng = np.random.default_rng(11)
    scattered = np.column_stack([rng.uniform(119.99, 120.13, 2000), rng.uniform(29.99, 30.06, 2000)])
    nudged = np.nextafter(corners, rng.choice([-np.inf, np.inf], corners.shape))
    points = np.vstack([corners, middles, nudged, scattered])
    with following(database) as lookups:
        index = lookups.index()
    found = index.find_many(points[:, 0], points[:, 1], reference("wgs84"))
    in_python = [None if cell == OUTSIDE else index.leaf(cell).code for cell in found.cell]
    with database.read() as uow:
        in_sql = (
            uow.connection.execute(
                text(
                    "SELECT (SELECT code FROM grid WHERE generation_id = :generation AND is_leaf"
                    " AND ST_Covers(geom, ST_SetSRID(ST_MakePoint(x, y), 4326))"
                    ' ORDER BY code COLLATE "C" LIMIT 1)'
                    " FROM unnest(:x, :y) WITH ORDINALITY AS point (x, y, n) ORDER BY n"
                ),
                {"generation": generation.id, "x": points[:, 0].tolist(), "y": points[:, 1].tolist()},
            )
            .scalars()
            .all()
        )
    assert in_python == in_sql
    assert len(set(in_python)) == 6  # every cell, and outside
    assert found.on_border.sum() >= len(corners)


# in step -------------------------------------------------------------------------------------------------


def test_a_publication_is_followed(database, strip_division):
    published(database, strip_division(4))
    with following(database) as lookups:
        assert unit_at(lookups) == "001"
        before = lookups.index()
        published(database, strip_division(3, first=11), JUNE)
        assert eventually(lambda: unit_at(lookups) == "011")
        assert before.find(*PLACE).chain[-1].grid.code[-3:] == "001"  # whoever holds it keeps one truth
        assert unit_at(lookups, date(2025, 3, 1)) == "001"


def test_a_publication_that_is_given_up_is_never_seen(database, strip_division):
    published(database, strip_division(4))
    with following(database) as lookups:
        with pytest.raises(ZeroDivisionError), database.write() as uow:  # noqa: PT012
            publish(OPERATOR, uow, strip_division(3, first=11), name="x", valid_from=JUNE)
            raise ZeroDivisionError
        time.sleep(0.3)
        assert unit_at(lookups) == "001"


@pytest.mark.slow
def test_a_division_published_ahead_takes_effect_in_time(database, strip_division):
    published(database, strip_division(4))
    with database.write() as uow:
        uow.connection.execute(
            text(
                "INSERT INTO entity (kind, name, geom) VALUES"
                " ('facility', 'x', ST_SetSRID(ST_MakePoint(120.01, 30.02), 4326))"
            )
        )
    with following(database) as lookups:
        published(database, strip_division(3, first=11), datetime.now(UTC) + timedelta(seconds=2))
        assert unit_at(lookups) == "001"
        assert eventually(lambda: unit_at(lookups) == "011")
        with database.read() as uow:
            homes = uow.connection.execute(
                text("SELECT code FROM entity JOIN grid ON grid.id = grid_id")
            ).all()
        assert homes == [("330106001001011",)]


PUBLISHER = """
import sys
from datetime import UTC, datetime
sys.path.insert(0, sys.argv[2])
from conftest import strips
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.services.generations import publish
with Database(sys.argv[1]).write() as uow:
    publish(OPERATOR, uow, strips(3, first=11), name="two", valid_from=datetime(2025, 6, 1, tzinfo=UTC))
"""


@pytest.mark.slow
def test_a_publication_of_another_process_is_followed(database, strip_division, request):
    published(database, strip_division(4))
    folder = str(request.path.parent)
    with following(database) as lookups:
        subprocess.run(
            [sys.executable, "-c", PUBLISHER, database.url, folder], check=True, cwd=request.config.rootpath
        )
        assert eventually(lambda: unit_at(lookups) == "011")


def end_listeners(database):
    with database.write() as uow:
        ended = uow.connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            )
        ).all()
    return len(ended)


def miss_one_publication(database, lookups, division, monkeypatch):
    """End the listening connection, and publish while nobody can listen."""
    connect = Subscription.__init__
    shut = [True]

    def connect_when_open(self, *arguments):
        if shut[0]:
            raise Unavailable(what="database")
        connect(self, *arguments)

    monkeypatch.setattr(Subscription, "__init__", connect_when_open)
    assert end_listeners(database) == 1
    assert eventually(lambda: not lookups.is_following)
    published(database, division, JUNE)
    shut[0] = False
    assert eventually(lambda: lookups.is_following)


@pytest.mark.slow
def test_what_was_missed_while_the_connection_was_gone_is_read_again(database, strip_division, monkeypatch):
    published(database, strip_division(4))
    with following(database) as lookups:
        miss_one_publication(database, lookups, strip_division(3, first=11), monkeypatch)
        assert unit_at(lookups) == "011"
        published(database, strip_division(2, first=21), JUNE + timedelta(days=1))
        assert eventually(lambda: unit_at(lookups) == "021")


def test_without_reading_again_the_index_would_stay_old(database, strip_division, monkeypatch):
    """The negative control of the test above."""
    published(database, strip_division(4))
    with following(database) as lookups:
        monkeypatch.setattr(lookups, "load", lambda: None)
        miss_one_publication(database, lookups, strip_division(3, first=11), monkeypatch)
        assert unit_at(lookups) == "001"


@pytest.mark.slow
def test_an_absent_database_is_said_and_waited_for(database, strip_division, monkeypatch):
    published(database, strip_division(4))
    connect = Subscription.__init__

    def refuse(self, *arguments):
        raise Unavailable(what="database")

    monkeypatch.setattr(Subscription, "__init__", refuse)
    with following(database) as lookups:
        with pytest.raises(Unavailable):
            lookups.index()
        monkeypatch.setattr(Subscription, "__init__", connect)
        assert eventually(lambda: lookups.is_following)
        assert unit_at(lookups) == "001"


def test_following_goes_on_after_whatever_has_failed(database, strip_division, monkeypatch):
    published(database, strip_division(4))
    build, failures = LocateIndex.build, [ZeroDivisionError]

    def fail_once(cells):
        is_follower = current_thread() is not main_thread()  # whoever publishes builds one too
        if is_follower and failures:
            raise failures.pop()
        return build(cells)

    with following(database) as lookups:
        monkeypatch.setattr(LocateIndex, "build", fail_once)
        published(database, strip_division(3, first=11), JUNE)
        assert eventually(lambda: unit_at(lookups) == "011")
    assert not failures


def test_a_past_day_that_was_being_read_while_people_changed_is_read_again(database, strip_division):
    published(database, strip_division(4))
    day = date(2025, 3, 1)
    with following(database) as lookups:
        before = lookups.index(day)
        assert lookups.index(day) is before
        lookups.load()
        assert lookups.index(day) is not before


class AcrossMidnight(datetime):
    """A clock on which midnight passes after it was looked at once."""

    times: ClassVar[list[datetime]] = []

    @classmethod
    def now(cls, tz=None):
        return (cls.times.pop(0) if len(cls.times) > 1 else cls.times[0]).astimezone(tz)


def test_people_of_the_day_before_are_not_kept_when_midnight_passes_while_reading(
    database, strip_division, monkeypatch
):
    published(database, strip_division(4))
    midnight = datetime(2026, 3, 2, tzinfo=ZONE)
    AcrossMidnight.times = [midnight - timedelta(seconds=1), midnight + timedelta(seconds=1)]
    monkeypatch.setattr(locate, "datetime", AcrossMidnight)
    lookups = Lookups(database, ZONE)
    lookups.load()
    assert lookups._is_due()


# over HTTP -----------------------------------------------------------------------------------------------


@pytest.fixture
def client(database, strip_division, tmp_path):
    published(database, strip_division(4))
    published(database, strip_division(3, first=11), JUNE)
    app = create_app(Settings(database_url=database.url, data_dir=tmp_path))
    with TestClient(app) as client:
        yield client


@contextmanager
def counted_statements(database):
    statements = []

    def count(*arguments):
        statements.append(arguments[2])

    event.listen(database.engine, "before_cursor_execute", count)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", count)


def test_a_lookup_touches_no_database(client):
    with counted_statements(client.app.state.database) as statements:
        for lon in (120.01, 120.06, 121):
            assert client.get("/api/v1/locate", params={"lon": lon, "lat": 30.02}).status_code == 200
        assert client.post(
            "/api/v1/locate/batch", json={"points": [{"lon": 120.01, "lat": 30.02}]}
        ).is_success
        assert statements == []
        client.get("/api/v1/generations")  # the negative control: this is how a statement is seen
        assert statements != []


def test_locate_answers_as_documented(client):
    answer = client.get("/api/v1/locate", params={"lon": 120.01, "lat": 30.02}).json()
    assert [link["code"] for link in answer["chain"]][-1] == "330106001001011"
    assert answer["chain"][0] == {"code": "330106", "name": "云溪区", "level": "district", "responsible": []}
    assert (answer["on_border"], answer["nearest"], answer["generation"]["grids"]) == (False, None, 6)
    earlier = client.get("/api/v1/locate", params={"lon": 120.01, "lat": 30.02, "at": "2025-03-01"}).json()
    assert earlier["chain"][-1]["code"] == "330106001001001"
    outside = client.get("/api/v1/locate", params={"lon": 120.13, "lat": 30.02}).json()
    assert (outside["chain"], outside["nearest"]["code"]) == ([], "330106001001013")


def test_the_datum_is_named_never_guessed(client):
    moved = client.get("/api/v1/locate", params={"lon": 120.01, "lat": 30.02, "datum": "gcj02"}).json()
    assert 100 < abs(moved["lon"] - 120.01) * 96_000 < 1000
    refusal = client.get("/api/v1/locate", params={"lon": 120.01, "lat": 30.02, "datum": "mars"})
    assert (refusal.status_code, refusal.json()["code"]) == (422, "unknown-reference")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("lon=nan&lat=30", 422),
        ("lon=inf&lat=30", 422),
        ("lon=181&lat=30", 422),
        ("lon=120&lat=-90.1", 422),
        ("lon=120", 422),
        ("lon=120&lat=30&at=2025-13-01", 422),
        ("lon=120&lat=30&at=0001-01-01", 409),
        ("lon=120&lat=30&datum=EPSG:1", 422),
        ("lon=0&lat=90", 200),
        ("lon=-180&lat=-90&datum=gcj02", 200),
    ],
)
def test_no_question_fails(client, asked, status):
    assert client.get(f"/api/v1/locate?{asked}").status_code == status


def test_a_batch_is_answered_row_by_row(client):
    points = [
        {"id": "a", "lon": 120.01, "lat": 30.02},
        {"id": 7, "lon": "x", "lat": 30.02},
        "nonsense",
        {"lon": True, "lat": 30.02},
        {"lon": 120.01, "lat": 95},
        {"lon": 120.13, "lat": 30.02},
    ]
    answer = client.post("/api/v1/locate/batch", json={"points": points}).json()
    rows = answer["answers"]
    assert [row["row"] for row in rows] == [0, 1, 2, 3, 4, 5]
    assert [row["id"] for row in rows] == ["a", 7, None, None, None, None]
    assert rows[0]["chain"][-1]["code"] == "330106001001011"
    assert [row.get("error", {}).get("field") for row in rows[1:5]] == ["lon", "lon", "lon", "lon, lat"]
    assert all(row["error"]["detail"] and row["error"]["detail_zh"] for row in rows[1:5])
    assert rows[5]["nearest"]["code"] == "330106001001013"


def post_csv(client, body, **params):
    return client.post(
        "/api/v1/locate/batch", content=body, headers={"Content-Type": "text/csv"}, params=params
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_table_keeps_its_columns(client, encoding):
    body = "名称,经度,纬度\r\n甲,120.01,30.02\r\n=1+1,abc,30.02\r\n丙,120.01\r\n"
    lines = post_csv(client, body.encode(encoding)).content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("名称,经度,纬度,district_code,")
    assert "330106001001011" in lines[1]
    assert lines[2].startswith("'=1+1,abc,30.02,")
    assert "bad-value" in lines[2]
    assert "bad-value" in lines[3]
    assert len(lines) == 4


def test_an_answer_can_be_asked_again(client):
    first = post_csv(client, b"id,lon,lat\n-1.5,120.01,30.02\n").content
    assert post_csv(client, first).content == first
    earlier = post_csv(client, first, at="2025-03-01").text
    assert "330106001001001" in earlier
    assert "330106001001011" not in earlier


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "text/csv"),
        (b"a,b\n1,2\n", "text/csv"),
        (b"\xff\xfe\x00", "text/csv"),
        (b"[]", "application/json"),
        (b"{}", "application/json"),
        (b'{"points": 3}', "application/json"),
        (b'{"points": [], "datum": 3}', "application/json"),
        (b'{"points": [], "at": "x"}', "application/json"),
        (b"{", "application/json"),
        (b"[" * 100_000, "text/plain"),
    ],
)
def test_what_is_no_list_of_points_is_refused(client, body, kind):
    answer = client.post("/api/v1/locate/batch", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 422


def test_a_batch_is_bounded(database, strip_division, tmp_path):
    published(database, strip_division(4))
    settings = Settings(database_url=database.url, data_dir=tmp_path, limits={"batch_points": 2})
    with TestClient(create_app(settings)) as client:
        assert post_csv(client, b"lon,lat\n1,1\n1,1\n").status_code == 200
        assert post_csv(client, b"lon,lat\n1,1\n1,1\n1,1\n").status_code == 413
        answer = client.post("/api/v1/locate/batch", json={"points": [{"lon": 1, "lat": 1}] * 3})
        assert answer.status_code == 413
