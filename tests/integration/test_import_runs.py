"""Imports that go on after their request: told stage by stage, whole or not at all, whatever is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.settings import Limits, Settings
from geo.db.import_runs import Hold, one_run
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR, Grant, Role
from geo.domain.exchange import Layer, RunState
from geo.domain.jobs import JobKey, Terms
from geo.services import accounts, jobs
from geo.services.exchange import importing
from geo.services.exchange.runs import MOST
from geo.services.generations import publish

pytestmark = pytest.mark.database
PASSWORD = "four quiet grey herons"
ROWS = "ref,name,lon,lat\n1,甲,120.01,30.01\n2,乙,120.05,30.02\n"
BAD = ROWS + "2,丙,120,30\n"
LATER = {"Prefer": "respond-async"}


@pytest.fixture(scope="module")
def database(module_database_url: str, strip_division: Any) -> Iterator[Database]:
    database = Database(module_database_url)
    with database.write() as uow:
        publish(OPERATOR, uow, strip_division(4), name="一", valid_from=datetime(2020, 1, 1, tzinfo=UTC))
        accounts.create(OPERATOR, uow, username="root", password=PASSWORD, grants=[Grant(Role.ADMIN)])
        street = Grant(Role.PLANNER, "330106001")
        accounts.create(OPERATOR, uow, username="plan", password=PASSWORD, grants=[street])
        accounts.create(OPERATOR, uow, username="chief", password=PASSWORD, grants=[Grant(Role.PLANNER)])
    yield database
    database.close()


@pytest.fixture(autouse=True)
def _empty(database: Database) -> None:
    with database.write() as uow:
        uow.connection.execute(text("DELETE FROM entity"))
        uow.connection.execute(text("DELETE FROM import_run"))
        uow.connection.execute(text("DELETE FROM import_batch"))


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    limits = Limits(upload_bytes=200_000, at_once_bytes=1_000)
    settings = Settings(database_url=database.url, data_dir=tmp_path, limits=limits)
    with TestClient(create_app(settings)) as client:
        client.headers["Authorization"] = _token(client, "root")
        yield client


def _token(client: TestClient, username: str) -> str:
    answer = client.post("/api/v1/auth/token", data={"username": username, "password": PASSWORD})
    return f"Bearer {answer.json()['access_token']}"


def _post(client: TestClient, content: str, *, layer: str = "entities", **more: Any) -> Any:
    options = json.dumps({"reference": "wgs84"} | more.pop("options", {}))
    name = more.pop("name", "a.csv")
    files = [("file", (name, content)), *(("upper", one) for one in more.pop("upper", ()))]
    form = {"options": options, "dry_run": more.pop("dry_run", "true")}
    return client.post(f"/api/v1/imports/{layer}", files=files, data=form, headers=more.pop("headers", {}))


def _ended(client: TestClient, address: str) -> Any:
    while (run := client.get(address).json())["state"] == "running":
        time.sleep(0.02)
    return run


def _count(database: Database, table: str) -> int:
    with database.read() as uow:
        return int(uow.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_who_would_rather_not_wait_gets_an_address_and_the_same_report(
    client: TestClient, database: Database
) -> None:
    at_once = _post(client, BAD).json()
    answer = _post(client, BAD, headers=LATER)
    assert answer.status_code == 202
    run = _ended(client, answer.headers["location"])
    assert (run["state"], run["stage"], run["dry_run"], run["batch"]) == ("done", "check", True, None)
    assert run["report"] == at_once
    assert run["report"]["problems"][0]["en"] == "“2” stands twice"
    assert _count(database, "entity") == 0
    assert [one["id"] for one in client.get("/api/v1/imports/runs").json()["runs"]] == [run["id"]]


def test_a_large_file_goes_on_after_the_answer_and_is_kept_with_its_run(
    client: TestClient, database: Database
) -> None:
    many = ROWS + "".join(f"{n},户{n},120.02,30.02\n" for n in range(3, 200))
    answer = _post(client, many, dry_run="false")
    assert answer.status_code == 202
    run = _ended(client, answer.headers["location"])
    assert (run["state"], run["report"]["state"], run["stage"]) == ("done", "committed", "locate")
    assert run["batch"] == run["report"]["batch"] == client.get("/api/v1/imports").json()["batches"][0]["id"]
    assert _count(database, "entity") == 199


def test_bad_rows_leave_nothing_and_are_told(client: TestClient, database: Database) -> None:
    run = _ended(client, _post(client, BAD, dry_run="false", headers=LATER).headers["location"])
    assert (run["state"], run["report"]["state"], run["report"]["bad_rows"]) == ("done", "refused", 1)
    assert _count(database, "entity") == _count(database, "import_batch") == 0


@pytest.mark.parametrize(
    ("name", "content", "code"), [("a.exe", "MZ", "unknown-format"), ("a.geojson", "{", "malformed")]
)
def test_what_cannot_be_read_is_told_in_words(client: TestClient, name: str, content: str, code: str) -> None:
    run = _ended(client, _post(client, content, name=name, headers=LATER).headers["location"])
    assert (run["state"], run["problem"]["code"], run["report"]) == ("failed", code, None)
    assert run["problem"]["detail_zh"]


def test_limits_options_and_rights_are_judged_before_the_answer(
    client: TestClient, database: Database
) -> None:
    assert _post(client, "x" * 300_000, headers=LATER).status_code == 413
    assert _post(client, ROWS, headers=LATER, options={"nonsense": 1}).status_code == 422
    assert (
        _post(client, ROWS, headers=LATER, options={"outlines": {"street": "/etc/passwd"}}).status_code == 422
    )
    client.headers["Authorization"] = _token(client, "plan")
    assert _post(client, ROWS, headers=LATER).status_code == 403
    assert client.get("/api/v1/imports/runs").status_code == 403
    assert _count(database, "import_run") == 0


def test_levels_above_come_in_files_of_their_own(client: TestClient) -> None:
    cells = {
        f"33010600100100{at}": shapely.box(121 + at / 100, 30, 121 + (at + 1) / 100, 30.01) for at in (1, 2)
    }
    street = {"330106001": shapely.box(121.01, 30, 121.03, 30.01)}
    upper = [("streets.geojson", _collection(street, "西溪街道"))]
    options = {"outlines": {"street": "streets.geojson"}, "name": "二"}
    answer = _post(
        client, _collection(cells, "格"), layer="grids", name="g.geojson", upper=upper, options=options
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["facts"]["levels"]["street"] == 1


def _collection(cells: dict[str, Any], name: str) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name},
            "geometry": shapely.geometry.mapping(cell),
        }
        for code, cell in cells.items()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_planners_follow_divisions_alone(client: TestClient) -> None:
    of_admin = _post(client, ROWS, headers=LATER).headers["location"]
    client.headers["Authorization"] = _token(client, "chief")
    cells = {"330106001001001": shapely.box(121, 30, 121.01, 30.01)}
    answer = _post(client, _collection(cells, "格"), layer="grids", name="g.geojson", headers=LATER)
    assert _ended(client, answer.headers["location"])["state"] == "done"
    assert [run["layer"] for run in client.get("/api/v1/imports/runs").json()["runs"]] == ["grids"]
    assert client.get(of_admin).status_code == 403


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Imports wait after reading until this is set."""
    go_on, read_rows = Event(), importing.read_rows

    def waiting(*asked: Any) -> Any:
        go_on.wait()
        return read_rows(*asked)

    monkeypatch.setattr(importing, "read_rows", waiting)
    yield go_on
    go_on.set()


def test_no_more_run_at_once_than_may(client: TestClient, held_up: Event) -> None:
    begun = [_post(client, ROWS, headers=LATER) for _ in range(MOST)]
    assert [answer.status_code for answer in begun] == [202] * MOST
    one_more = _post(client, ROWS, headers=LATER)
    assert (one_more.status_code, one_more.json()["code"]) == (409, "contended")
    assert client.get(begun[0].headers["location"]).json()["state"] == "running"
    held_up.set()
    assert {_ended(client, answer.headers["location"])["state"] for answer in begun} == {"done"}


def test_a_run_whose_connection_has_gone_was_interrupted(database: Database) -> None:
    hold = Hold(database, layer=Layer.ENTITIES, filename="a.csv", writes=True, created_by="root")
    assert _state(database, hold.run_id) == RunState.RUNNING
    hold.close()
    assert _state(database, hold.run_id) == RunState.INTERRUPTED


def _state(database: Database, run_id: int) -> RunState:
    with database.read() as uow:
        run = one_run(uow.connection, run_id)
        assert run is not None
        return run.state


KILLED = """
import sys, time
from contextlib import ExitStack
from sqlalchemy import text
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.domain.exchange import Layer
from geo.services.exchange.runs import ImportRuns, Task

def work(uow, progress):
    progress("write")
    uow.connection.execute(text("INSERT INTO entity (kind, name) VALUES ('premises', 'x')"))
    print("writing", flush=True)
    time.sleep(600)

database = Database(sys.argv[1])
task = Task(OPERATOR, Layer.ENTITIES, "a.csv", True, work, told=dict, explained=lambda error: {})
ImportRuns(database).start(task, ExitStack())
"""


@pytest.mark.slow
def test_a_killed_process_leaves_nothing_and_its_run_interrupted(database: Database) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, database.url], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with database.read() as uow:
            run_id = uow.connection.execute(text("SELECT max(id) FROM import_run")).scalar_one()
        assert _state(database, run_id) == RunState.RUNNING
        os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while _state(database, run_id) == RunState.RUNNING and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _state(database, run_id) == RunState.INTERRUPTED
    assert _count(database, "entity") == 0


def test_an_application_that_ends_ends_its_runs(database: Database, tmp_path: Path, held_up: Event) -> None:
    settings = Settings(database_url=database.url, data_dir=tmp_path)
    with TestClient(create_app(settings)) as client:
        client.headers["Authorization"] = _token(client, "root")
        run_id = _post(client, ROWS, dry_run="false", headers=LATER).json()["id"]
        client.app.state.import_runs._stopping.set()
        held_up.set()
    assert _state(database, run_id) == RunState.INTERRUPTED
    assert _count(database, "entity") == 0


def test_old_runs_are_forgotten_and_leave_a_trace(client: TestClient, database: Database) -> None:
    old, young = (_ended(client, _post(client, ROWS, headers=LATER).headers["location"]) for _ in range(2))
    kept = _ended(client, _post(client, ROWS, dry_run="false", headers=LATER).headers["location"])
    with database.write() as uow:
        aged = text("UPDATE import_run SET created_at = now() - interval '91 days' WHERE id = ANY(:ids)")
        uow.connection.execute(aged, {"ids": [old["id"], kept["id"]]})
    under_way = Hold(database, layer=Layer.ENTITIES, filename="b.csv", writes=True, created_by="root")
    with database.write() as uow:
        uow.connection.execute(
            text("UPDATE import_run SET created_at = '2000-01-01' WHERE id = :id"), {"id": under_way.run_id}
        )
    now = datetime.now(UTC)
    for expected in (2, 0):
        with database.write() as uow:
            assert jobs.WORKS[JobKey.IMPORT_RUNS](uow, now, Terms()) == {"deleted": expected}
    left = {run["id"] for run in client.get("/api/v1/imports/runs").json()["runs"]}
    assert left == {young["id"], under_way.run_id}
    under_way.close()
    assert _count(database, "entity") == 2
    assert _count(database, "import_batch") == 1
    with database.read() as uow:
        trace = "SELECT change FROM audit_log WHERE kind = 'import_run' AND action = 'delete'"
        changes = uow.connection.execute(text(trace)).scalars().all()
    assert [change["ids"] for change in changes] == [sorted([old["id"], kept["id"]])]


def test_how_long_runs_are_kept_is_a_setting() -> None:
    assert Settings(import_run_days=7).terms.import_runs == timedelta(days=7)
    with pytest.raises(ValueError, match="greater than 0"):
        Settings(import_run_days=0)
