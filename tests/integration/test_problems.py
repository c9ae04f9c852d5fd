"""What the database refuses, or its absence, as problems."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.settings import Settings
from geo.db.migrations import downgrade
from geo.db.unit_of_work import Database
from geo.errors import AlreadyExists, BadValue, Conflict, Contended, StillInUse, Unavailable

pytestmark = pytest.mark.database


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


def run(database, statement, **values):
    with database.write() as uow:
        uow.connection.execute(text(statement), values)


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("INSERT INTO level VALUES ('unit', 9, '', '')", AlreadyExists),
        ("INSERT INTO level VALUES ('x', 99999, '', '')", BadValue),
        ("INSERT INTO account_grant VALUES (1, 'admin', NULL)", StillInUse),
        ("INSERT INTO person (name) VALUES ('')", BadValue),
        ("INSERT INTO person (name) VALUES (NULL)", BadValue),
        ("INSERT INTO person (name, batch_id) VALUES ('x', 9223372036854775808)", BadValue),
        ("INSERT INTO person (name, attributes) VALUES ('x', '{')", BadValue),
        ("TRUNCATE audit_log", Conflict),
    ],
)
def test_refusals_are_errors_of_the_house(database, statement, error):
    with pytest.raises(error) as caught:
        run(database, statement)
    assert type(caught.value) is error


def test_a_duplicate_names_its_key(database):
    with pytest.raises(AlreadyExists) as caught:
        run(database, "INSERT INTO level VALUES ('unit', 9, '', '')")
    assert caught.value.fields == {"kind": "level", "key": "unit"}


def test_a_deadlock_is_contention(database):
    run(database, "INSERT INTO person (name) VALUES ('a'), ('b')")
    met, caught = Barrier(2), []

    def change(first: int, second: int) -> None:
        try:
            with database.write() as uow:
                for number, person in enumerate((first, second)):
                    uow.connection.execute(
                        text("UPDATE person SET name = 'c' WHERE id = :id"), {"id": person}
                    )
                    if number == 0:
                        met.wait()
        except Contended as error:
            caught.append(error)

    threads = [Thread(target=change, args=order) for order in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(caught) == 1


def test_without_its_database_the_house_says_so():
    database = Database("postgresql+psycopg2://nobody@/nowhere?host=/nowhere")
    with pytest.raises(Unavailable) as caught, database.read():
        pass
    assert caught.value.fields["retry_after_s"] > 0


def test_alive_is_not_ready(tmp_path):
    settings = Settings(database_url="postgresql+psycopg2://nobody@/nowhere?host=/nowhere", data_dir=tmp_path)
    with TestClient(create_app(settings)) as client:
        assert client.get("/healthz").status_code == 200
        refused = client.get("/readyz")
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert int(refused.headers["Retry-After"]) > 0
        assert client.get("/api/v1/grids").status_code == 503


def test_ready_with_the_newest_schema_alone(database, tmp_path):
    settings = Settings(database_url=database.url, data_dir=tmp_path)
    with TestClient(create_app(settings)) as client:
        assert client.get("/readyz").json() == {"status": "ready"}
        downgrade(database.url, "base")
        assert client.get("/readyz").status_code == 503


def test_limits_are_published(database, tmp_path):
    settings = Settings(database_url=database.url, data_dir=tmp_path)
    with TestClient(create_app(settings)) as client:
        assert client.get("/api/v1/limits").json() == settings.limits.model_dump()
