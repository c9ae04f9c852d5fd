"""Fifty planners at once on one plan: nothing is lost or torn, and who comes too late has a choice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import shapely
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geo.db import plans as rows
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR, Role
from geo.domain.demo import DemoSize
from geo.domain.plans import Plan
from geo.services import demo
from tests.integration.planners import NOW, House, Planner
from tests.integration.wanderers import (
    Wanderer,
    draw,
    merge,
    move_border,
    move_vertex,
    reassign,
    rename,
    split,
)

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.timeout(900)]

EDITORS, OPERATIONS = 50, 20
CHOICES = {"rebase": 0.8, "branch": 0.05, "discard": 0.15}
"""What people do who come too late, and how often."""
GESTURES = (split, merge, move_border, move_vertex, reassign, draw, rename)


class Editor(Wanderer):
    """A planner who goes on from each refusal, and looks anew when told that others have changed the plan."""

    def __init__(self, planner: Planner, seed: int):
        super().__init__(planner, seed)
        self.made: list[int] = []
        self.branches: list[int] = []
        self.settled: Counter[str] = Counter()

    def work(self, operations):
        while len(self.made) + sum(self.settled.values()) < operations:
            gesture = GESTURES[self.chance.integers(len(GESTURES))]
            self.attempt(*gesture(self))

    def attempt(self, kind, parameters):
        answer = self.planner.do(kind, parameters, revision=self.revision)
        told = answer.json()
        if answer.status_code == 200:
            self.made.append(told["operation"]["seq"])
            if told["rebased"]:
                self.revision = told["revision"]
                self.read()
            else:
                self.keep(kind, answer)
        elif told["code"] == "stale-revision":
            assert told["fields"]["choices"] == list(CHOICES)
            self.revision = told["fields"]["current"]
            choice = str(self.chance.choice(list(CHOICES), p=list(CHOICES.values())))
            getattr(self, choice)(kind, parameters)
            self.read()
        else:
            assert told["code"] in REFUSED, answer.text
            self.refused[told["code"]] += 1

    def rebase(self, kind, parameters):
        """Ask for the same on what the others have left; where that can't be, the others have settled it."""
        answer = self.planner.do(kind, parameters, revision=self.revision)
        if answer.status_code == 200:
            self.made.append(answer.json()["operation"]["seq"])
            self.revision = answer.json()["revision"]
        else:
            self.settled["not to be rebased"] += 1

    def branch(self, *_):
        """Go on in a plan of one's own."""
        body = {"name": f"另案{self.planner.token[-6:]}", "branch_of": self.planner.id}
        answer = self.planner.house.ask("POST", "/plans", self.planner.token, json=body)
        assert answer.status_code == 201, answer.text
        self.branches.append(answer.json()["id"])
        self.settled["branched"] += 1

    def discard(self, *_):
        """Let the others have it."""
        self.settled["discarded"] += 1


REFUSED = {
    "bad-value",
    "not-found",
    "nothing-changes",
    "nothing-left",
    "falls-apart",
    "sliver",
    "not-adjacent",
    "off-border",
    "outside-grids",
    "broken-borders",
    "different-parents",
    "invalid-geometry",
}
"""How an operation is refused that doesn't fit the ground, or a grid that others have divided."""


@pytest.fixture(scope="module")
def house(module_database_url, tmp_path_factory):
    """The application over a demo city large enough for fifty."""
    database = Database(module_database_url)
    with database.write() as uow:
        demo.load(OPERATOR, uow, size=DemoSize(100, 3), now=NOW)
    app = create_app(Settings(database_url=module_database_url, data_dir=tmp_path_factory.mktemp("data")))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield House(client, database)
    database.close()


def edited(plan, tokens, operations):
    """Let editors work at once; gives them, when all are done."""
    editors = [
        Editor(Planner(plan.house, token, plan.id), seed) for seed, token in enumerate(tokens, start=1)
    ]
    with ThreadPoolExecutor(len(editors)) as pool:
        list(pool.map(lambda editor: editor.work(operations), editors))
    return editors


def assert_nothing_lost(plan, editors):
    """Each operation that was accepted is there once, and divides nothing that its maker hadn't seen."""
    told = plan.get()
    made = [seq for editor in editors for seq in editor.made]
    assert len(made) == len(set(made))
    assert sorted(made) == [one["seq"] for one in told["operations"]]
    assert told["revision"] == len(made)
    last: dict[str, int] = {}
    for one in told["operations"]:
        assert all(last.get(key, 0) <= one["made_on_revision"] for key in one["touched"])
        last.update(dict.fromkeys(one["touched"], one["seq"]))


def assert_a_division(plan, start):
    cells = plan.cells()
    assert shapely.coverage_is_valid(list(cells.values()))
    ground = [sum(cell.area for cell in of.values()) for of in (start, cells)]
    assert ground[1] == pytest.approx(ground[0], rel=1e-6)
    assert plan.get("/validation")["holds"]


def test_fifty_editors_lose_nothing_and_tear_nothing(plan):
    start = plan.cells()
    house = plan.house
    tokens = [house.add(f"editor{number}", Role.PLANNER) for number in range(EDITORS)]
    editors = edited(plan, tokens, OPERATIONS)
    settled = sum((editor.settled for editor in editors), Counter())
    assert sum(len(editor.made) for editor in editors) + settled.total() >= EDITORS * OPERATIONS
    assert settled.keys() >= {"branched", "discarded"}
    assert_nothing_lost(plan, editors)
    assert_a_division(plan, start)
    rebased = [one for one in plan.get()["operations"] if one["made_on_revision"] < one["seq"] - 1]
    assert len(rebased) > EDITORS
    for number in next(editor.branches for editor in editors if editor.branches):
        assert_a_division(Planner(house, plan.token, number), start)
    assert plan.post("jump", revision=plan.revision, to_seq=0).status_code == 200
    assert {key: cell.wkb for key, cell in plan.cells().items()} == {k: c.wkb for k, c in start.items()}


@pytest.mark.parametrize("missing", ["the lock", "the guard"])
def test_without_the_lock_or_the_guard_of_revisions_it_would_be_seen(house, plan, monkeypatch, missing):
    if missing == "the lock":
        monkeypatch.setattr(rows, "locked_plan", rows.one_plan)
    else:
        monkeypatch.setattr(Plan, "check_revision", lambda *_: None)
    tokens = [house.add(f"{missing.split()[-1]}{number}", Role.PLANNER) for number in range(12)]
    with pytest.raises(AssertionError):
        assert_nothing_lost(plan, edited(plan, tokens, 8))
