"""The application over a demo city, and planners at work in it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from queue import SimpleQueue
from socket import SHUT_RDWR
from threading import Thread
from time import monotonic
from typing import Any, NamedTuple

import shapely
from pydantic_core import from_json
from sqlalchemy import text

from geo.domain.accounts import Credentials
from geo.domain.actors import OPERATOR, Grant
from geo.services import accounts

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
PASSWORD = "four quiet grey herons"


class House:
    """The application over a demo city, and people who ask it."""

    def __init__(self, client, database):
        self.client = client
        self.database = database

    def add(self, username, role, code=None):
        with self.database.write() as uow:
            accounts.create(OPERATOR, uow, username=username, password=PASSWORD, grants=[Grant(role, code)])
            row = uow.connection.execute(
                text("SELECT id, username, password_hash FROM account WHERE username = :name"),
                {"name": username},
            ).one()
        return self.client.app.state.tokens.issue(Credentials(*row))

    def ask(self, method, path, token, **options):
        headers = {"Authorization": f"Bearer {token}"}
        return self.client.request(method, f"/api/v1{path}", headers=headers, **options)


class Planner:
    """One planner at work on one plan."""

    def __init__(self, house, token, plan_id):
        self.house, self.token, self.id = house, token, plan_id

    def post(self, name, /, **body):
        return self.house.ask("POST", f"/plans/{self.id}/{name}", self.token, json=body)

    def read(self, name=""):
        response = self.house.ask("GET", f"/plans/{self.id}{name}", self.token)
        assert response.status_code == 200, response.text
        return response

    def get(self, name=""):
        return self.read(name).json()

    @property
    def revision(self):
        return self.get()["revision"]

    def do(self, kind, parameters, *, revision=None, force=True, **more):
        """Ask for an operation, forced: borders run where a test likes, unless it is about buildings."""
        revision = self.revision if revision is None else revision
        return self.post(
            "operations", revision=revision, kind=kind, parameters=parameters, force=force, **more
        )

    def done(self, kind, parameters, **more):
        response = self.do(kind, parameters, **more)
        assert response.status_code == 200, response.text
        return response.json()

    def division(self):
        """What is told of the grids, and their shapes, by their keys."""
        told = self.read("/grids").content
        grids = {one["id"]: one["properties"] for one in from_json(told)["features"]}
        return grids, dict(zip(grids, shapely.get_parts(shapely.from_geojson(told.decode())), strict=True))

    def grids(self):
        return {one["id"]: one for one in self.get("/grids")["features"]}

    def cells(self):
        return self.division()[1]


def across(cell):
    """A line from west to east through the middle of a cell and beyond."""
    west, _, east, _ = cell.bounds
    y = cell.representative_point().y
    return {"type": "LineString", "coordinates": [[west - 0.001, y], [east + 0.001, y]]}


def query(house, statement, **values):
    """The rows that a statement finds."""
    with house.database.read() as uow:
        return uow.connection.execute(text(statement), values).all()


def approved(house, people, plan):
    """The revision of a plan after its way through submission and approval."""
    plan.post("state", to="submitted", revision=plan.revision)
    answer = Planner(house, people.eve, plan.id).post("state", to="approved", revision=plan.revision)
    assert answer.status_code == 200, answer.text
    return answer.json()["revision"]


class Heard(NamedTuple):
    """An event of a plan, what it tells, and when it arrived."""

    name: str
    told: dict[str, Any]
    at: float


@contextmanager
def hearing(address, planner):
    """A queue of what a planner hears of a plan; ends when nobody listens any more."""
    heard = SimpleQueue()
    connection = HTTPConnection(*address, timeout=30)
    headers = {"Authorization": f"Bearer {planner.token}"}
    connection.request("GET", f"/api/v1/plans/{planner.id}/events?seconds=20", headers=headers)
    line_of_its_own = connection.sock
    response = connection.getresponse()

    def hear():
        name = None
        while line := response.readline():
            kind, _, told = line.decode().strip().partition(": ")
            if kind == "event":
                name = told
            elif kind == "data":
                heard.put(Heard(name, json.loads(told), monotonic()))

    thread = Thread(target=hear, daemon=True)
    thread.start()
    yield heard
    line_of_its_own.shutdown(SHUT_RDWR)
    thread.join()
    connection.close()
