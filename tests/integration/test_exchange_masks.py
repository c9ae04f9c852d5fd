"""Files hold of people what whoever takes them away may see; what a mask has left never comes in again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.actors import OPERATOR, Actor, Grant, Role
from geo.domain.exchange import Layer, OnExisting
from geo.services import people, profiles
from geo.services.exchange.export import Exported, export_layer
from geo.services.exchange.importing import import_files
from geo.services.exchange.limits import Limits
from geo.services.exchange.options import Options
from geo.services.generations import publish
from geo.services.people import PersonData

pytestmark = [pytest.mark.database, pytest.mark.rule("H2")]
START = datetime(2020, 1, 1, tzinfo=UTC)
TODAY = date(2026, 11, 20)
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
        (Layer.VISITS, "ref,visited_at,entity_ref,people\nv1,2026-11-01T09:00:00+08:00,e1,李*", "people"),
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
