"""What one process publishes, every other one answers with."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.planners import approved

pytestmark = [pytest.mark.database, pytest.mark.slow]

WITHIN_S = 10.0
OTHER_PROCESS = """
import json, sys
from pathlib import Path
from fastapi.testclient import TestClient
from api.app import create_app
from api.settings import Settings

app = create_app(Settings(database_url=sys.argv[1], data_dir=Path(sys.argv[2])))
with TestClient(app, base_url="http://127.0.0.1:8000") as client:
    print("ready", flush=True)
    for line in sys.stdin:
        found = client.get("/api/v1/locate", params=json.loads(line)).json()
        print(found["chain"][-1]["code"], flush=True)
"""


class Other:
    """Another process that serves the same city."""

    def __init__(self, house, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", OTHER_PROCESS, house.database.url, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout.readline() == "ready\n"

    def locate(self, place: dict[str, float]) -> str:
        self._process.stdin.write(json.dumps(place) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        self._process.communicate(timeout=30)


def test_another_process_answers_with_the_new_grid(house, people, plan, tmp_path):
    cells = plan.cells()
    first, second = next(
        (a, b)
        for a in sorted(cells)
        for b in sorted(cells)
        if a < b and a[:12] == b[:12] and cells[a].intersection(cells[b]).length > 1e-5
    )
    point = cells[first].representative_point()
    place = {"lon": point.x, "lat": point.y}
    other = Other(house, tmp_path)
    assert other.locate(place) == first
    plan.done("merge", {"keys": [first, second]})
    answer = plan.post("publish", revision=approved(house, people, plan))
    assert answer.status_code == 200, answer.text
    [merged] = answer.json()["report"]["new_codes"]
    deadline = time.monotonic() + WITHIN_S
    while (found := other.locate(place)) != merged and time.monotonic() < deadline:
        assert found == first
    assert found == merged
    other.end()


def test_the_report_can_be_read_again(house, people, plan):
    key = min(plan.cells())
    plan.done("rename", {"key": key, "name": "云溪网格"})
    assert house.ask("GET", f"/plans/{plan.id}/publication", people.ann).status_code == 404
    told = plan.post("publish", revision=approved(house, people, plan)).json()
    again = plan.get("/publication")
    assert again["report"] == told["report"]
    assert again["generation"]["id"] == told["generation"]["id"]
    assert told["report"]["rule"] == "largest-share"
