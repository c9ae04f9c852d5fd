"""Files hold of people what whoever takes them away may see; what a mask has left never comes in again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.actors import OPERATOR, Actor, Grant, Role
from geo.domain.exchange import Layer, OnExisting
from geo.domain.issues import IssueState, Step
from geo.services import issues, people, profiles
from geo.services.exchange.export import Exported, export_layer
from geo.services.exchange.importing import import_files
from geo.services.exchange.limits import Limits
from geo.services.exchange.options import Options
from geo.services.generations import publish
from geo.services.people import PersonData

pytestmark = [pytest.mark.database, pytest.mark.rule("H2")]
START = datetime(2020, 1, 1, tzinfo=UTC)
TODAY = date(2026, 11, 20)
VISIT = "ref,visited_at,entity_ref,{}\nv1,2026-11-01T09:00:00+08:00,e1,{}"
ISSUE = "number,category,reported_at,{}\nq1,噪音,2026-11-01T09:00:00+08:00,{}"
STEPS = '"[{""kind"": ""changed"", ""note"": ""电话138****1234""}]"'
PLANNER = Actor("planner", grants=(Grant(Role.PLANNER),))


@pytest.fixture
def uow(database_url: str, strip_division: Any, tmp_path: Path) -> Iterator[UnitOfWork]:
    database = Database(database_url, pool_size=1)
    with database.write() as uow:
        publish(OPERATOR, uow, strip_division(4), name="一", valid_from=START)
        profiles.settle(uow)
        for layer, rows in (
            (
                Layer.PEOPLE,
                "ref,name,phone,grid_code,valid_from,微信\np1,张建国,13812341234,330106001001001,2020-01-01,zjg",
            ),
            (Layer.PEOPLE, "name,phone,grid_code,valid_from\n李敏,13900000001,330106001001002,2020-01-01"),
            (Layer.ENTITIES, "ref,name,联系电话,星级\ne1,面馆,13700001111,****"),
            (Layer.VISITS, "ref,visited_at,entity_ref,people\nv1,2026-11-01T09:00:00+08:00,e1,p1;李敏"),
        ):
            assert brought(uow, tmp_path, layer, rows).batch_id
        yield uow
    database.close()


def brought(uow: UnitOfWork, folder: Path, layer: Layer, rows: str, **options: Any) -> Any:
    path = folder / f"{layer}-{len(list(folder.iterdir()))}.csv"
    path.write_text(rows, encoding="utf-8")
    asked = Options(reference="wgs84", **options)
    return import_files(OPERATOR, uow, layer, [path], options=asked, limits=Limits(), commit=True)


def taken(actor: Actor, uow: UnitOfWork, folder: Path, layer: Layer) -> tuple[Exported, str]:
    path = folder / f"taken-{actor.name}-{layer}.csv"
    return export_layer(actor, uow, layer, "csv", path), path.read_text("utf-8-sig")


def test_a_planner_takes_phones_and_attributes_away_masked_and_an_administrator_all(uow, tmp_path):
    done, told = taken(PLANNER, uow, tmp_path, Layer.PEOPLE)
    assert (done.rows, done.masked) == (2, {"phone": 2, "attributes": 1})
    assert "138****1234" in told
    assert "张建国" in told
    assert "zjg" not in told
    done, told = taken(OPERATOR, uow, tmp_path, Layer.PEOPLE)
    assert done.masked == {}
    assert {"13812341234", "zjg"} <= set(told.replace('"', ",").replace("\\n", ",").split(","))


def test_attributes_of_entities_are_masked_where_the_profile_names_them(uow, tmp_path):
    done, told = taken(PLANNER, uow, tmp_path, Layer.ENTITIES)
    assert done.masked == {"attributes": 1}
    assert "137****1111" in told
    assert "****" in told


def test_words_are_taken_away_without_numbers_of_anybody(uow, tmp_path):
    now = datetime(2026, 11, 1, tzinfo=UTC)
    values = {"category": "噪音", "description": "电话13812341234", "reported_at": now}
    issue = issues.report_issue(OPERATOR, uow, values=values, now=now)
    back = Step(IssueState.VOID, note="身份证11010519491231002X，网格330106001001001")
    issues.take_step(OPERATOR, uow, issue.id, revision=issue.revision, step=back, now=now)
    done, told = taken(PLANNER, uow, tmp_path, Layer.ISSUES)
    assert done.masked == {"description": 1, "history": 1}
    assert {"电话138****1234", "网格330106001001001"} <= set(re.findall(r"电话[0-9*]+|网格[0-9]+", told))
    assert "11010519491231002" not in told
    done, told = taken(OPERATOR, uow, tmp_path, Layer.ISSUES)
    assert done.masked == {}
    assert "13812341234" in told
    assert "11010519491231002X" in told


def test_attributes_of_tracks_are_masked_where_the_profile_names_them(uow, tmp_path):
    fields = [{"field": "track.电话", "holds": "personal", "mask": "phone"}]
    profiles.override(OPERATOR, uow, "privacy.fields", fields, grid_code=None, valid_from=date(2020, 1, 1))
    fixes = "t1,2026-11-01T09:00:00+08:00,120.1,30.1,{}\nt1,2026-11-01T09:01:00+08:00,120.101,30.1,{}"
    rows = "ref,time,lon,lat,电话\n" + fixes.format("13812341234", "13812341234")
    assert brought(uow, tmp_path, Layer.TRACKS, rows).batch_id
    done, told = taken(PLANNER, uow, tmp_path, Layer.TRACKS)
    assert done.masked == {"attributes": 1}
    assert "138****1234" in told
    assert "13812341234" not in told
    assert "13812341234" in taken(OPERATOR, uow, tmp_path, Layer.TRACKS)[1]


def test_who_went_is_named_as_the_grid_of_the_visit_lets_see(uow, tmp_path):
    profiles.override(OPERATOR, uow, "privacy.sight", [], grid_code=None, valid_from=date(2020, 1, 1))
    done, told = taken(PLANNER, uow, tmp_path, Layer.VISITS)
    assert done.masked == {"people": 1}
    assert "p1;李*" in told


@pytest.mark.parametrize(
    ("layer", "rows", "field"),
    [
        (Layer.PEOPLE, "ref,name,phone\np1,张**,13812341234", "name"),
        (Layer.PEOPLE, "ref,name,phone\np1,张建国,138****1234", "phone"),
        (Layer.PEOPLE, "ref,name,微信\np1,张建国,***", "微信"),
        (Layer.ENTITIES, "ref,name,联系电话\ne1,面馆,137****1111", "联系电话"),
        (Layer.VISITS, VISIT.format("people", "李*"), "people"),
        (Layer.VISITS, VISIT.format("note", "电话138****1234"), "note"),
        (Layer.ISSUES, ISSUE.format("history", STEPS), "history"),
    ],
)
def test_a_masked_value_never_takes_the_place_of_the_truth(uow, tmp_path, layer, rows, field):
    before = taken(OPERATOR, uow, tmp_path, layer)
    outcome = brought(uow, tmp_path, layer, rows, on_existing=OnExisting.UPDATE)
    told = [(one.code, one.row, one.field) for one in outcome.report.problems if one.code == "masked"]
    assert told == [("masked", 1, field)]
    assert outcome.refused
    assert taken(OPERATOR, uow, tmp_path, layer) == before


def test_what_an_administrator_may_not_see_stays_what_it_is_when_it_comes_back(uow):
    profiles.override(OPERATOR, uow, "privacy.sight", [], grid_code=None, valid_from=date(2020, 1, 1))
    page = people.list_people(OPERATOR, uow, TODAY, name=None, after=0, limit=10)
    seen = page.rows[0]
    assert (seen.name, seen.phone) == ("张**", "138****1234")
    back = PersonData(seen.name, "p1", seen.phone, "街道办", seen.attributes)
    changed = people.change(OPERATOR, uow, seen.id, TODAY, revision=1, data=back)
    assert (changed.name, changed.organisation) == ("张**", "街道办")
    profiles.override(
        OPERATOR,
        uow,
        "privacy.sight",
        [{"of": "personal", "roles": ["admin"]}, {"of": "work", "roles": ["admin"]}],
        grid_code=None,
        valid_from=date(2020, 1, 1),
    )
    kept = people.get(OPERATOR, uow, seen.id, TODAY)
    assert (kept.name, kept.phone, kept.attributes) == ("张建国", "13812341234", {"微信": "zjg"})
