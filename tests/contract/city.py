"""A small city in which everything that a route may be asked about is there once, in a known grid."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from PIL import Image
from sqlalchemy import text

from geo.db.unit_of_work import Database
from geo.domain.accounts import Credentials
from geo.domain.activities import Presence
from geo.domain.actors import OPERATOR, Actor, Grant, Role
from geo.domain.draws import ALGORITHM, Frame, Item, commitment, draw, listed
from geo.domain.grids import Level
from geo.domain.inspections import Acknowledgement, Findings
from geo.domain.plan_operations import OperationKind
from geo.domain.plans import PlanState
from geo.domain.profiles.assessment import Tally
from geo.domain.profiles.duties import TargetKind, Targets
from geo.services import (
    accounts,
    activities,
    draws,
    findings,
    inspections,
    people,
    photos,
    plan_comments,
    plan_operations,
    plan_states,
    plan_steps,
    plans,
    posts,
    profiles,
    statistics,
)
from geo.services.plan_drafts import Drafts
from geo.services.plan_operations import Asked
from geo.services.plan_publication import publish_plan
from geo.services.profile_documents import shipped_profile

NOW = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
PASSWORD = "four quiet grey herons"

RENAME = OperationKind.RENAME

PLACES = ("city", "inside", "outside")
"""Where an account has its role: everywhere, in the community of the things asked about, in another one."""

_NUMBERS = count(1)


@dataclass(frozen=True)
class City:
    """What the requests of the tests are about; all of it lies in the community `inside`."""

    database: Database
    inside: str
    outside: str
    unit: str
    neighbour: str
    lon: float
    lat: float
    ids: dict[str, int]

    def revision(self, kind: str) -> int:
        """The present revision of the thing of a kind."""
        with self.database.read() as uow:
            statement = text(f"SELECT revision FROM {kind} WHERE id = :id")
            return uow.connection.execute(statement, {"id": self.ids[kind]}).scalar_one()

    def if_match(self, kind: str) -> dict[str, str]:
        """The header of a change of the thing of a kind."""
        return {"If-Match": f'"{self.revision(kind)}"'}

    @property
    def place(self) -> dict[str, float]:
        """A point in `unit`."""
        return {"lon": self.lon, "lat": self.lat}

    def plan(self, *, done: int = 0, undone: int = 0) -> tuple[int, int]:
        """The number and the revision of a new plan that has renamed `unit` so often."""
        drafts = Drafts()
        with self.database.write() as uow:
            plan = plans.create(OPERATOR, uow, name=unique("方案")).plan
            for _ in range(done + undone):
                values = {"key": self.unit, "name": unique("网格")}
                plan = plan_operations.operate(
                    OPERATOR, uow, drafts, plan.id, Asked(plan.revision, RENAME, values)
                ).plan
            for _ in range(undone):
                plan = plan_steps.undo(OPERATOR, uow, drafts, plan.id, revision=plan.revision).plan
        return plan.id, plan.revision

    def approved_plan(self) -> tuple[int, int]:
        """The number and the revision of a new plan that has renamed `unit` and may be published."""
        plan_id, revision = self.plan(done=1)
        leader = Actor("leader", grants=(Grant(Role.LEADER),))
        for actor, state in ((OPERATOR, PlanState.SUBMITTED), (leader, PlanState.APPROVED)):
            with self.database.write() as uow:
                record = plan_states.take_step(
                    actor, uow, Drafts(), plan_id, revision=revision, to=state, reason=None
                )
            revision = record.plan.revision
        return plan_id, revision

    def published_plan(self) -> int:
        """The number of a plan that has become the division in force."""
        plan_id, revision = self.approved_plan()
        with self.database.write() as uow:
            publish_plan(
                OPERATOR,
                uow,
                Drafts(),
                plan_id,
                revision=revision,
                name=None,
                valid_from=None,
                zone=ZoneInfo("Asia/Shanghai"),
            )
        return plan_id

    def commented_plan(self) -> tuple[int, int]:
        """The numbers of a new plan, and of a comment that is pinned to `unit`."""
        plan_id, _ = self.plan()
        with self.database.write() as uow:
            comment = plan_comments.add_comment(
                OPERATOR, uow, Drafts(), plan_id, grid_key=self.unit, text="划归东侧网格", day=NOW.date()
            )
        return plan_id, comment.id

    def officer(self) -> int:
        """The number of somebody who serves where the entity stands."""
        with self.database.read() as uow:
            return uow.connection.execute(
                text("""SELECT min(person_id) FROM assignment JOIN grid ON grid.code = grid_code
                        JOIN entity ON entity.grid_id = grid.id
                        WHERE entity.id = :id AND valid_to IS NULL"""),
                {"id": self.ids["entity"]},
            ).scalar_one()

    def inspection(self) -> int:
        """The number of a new record of an inspection of the entity, that it has stopped."""
        said = Findings(
            form="routine",
            result="violation",
            acknowledgement=Acknowledgement.TYPED,
            subject_name="张建国",
        )
        filing = inspections.Filing(
            entity_id=self.ids["entity"],
            visited_at=NOW,
            place=(self.lon, self.lat),
            officers=(self.officer(),),
            said=said,
        )
        with self.database.write() as uow:
            return inspections.file_inspection(OPERATOR, uow, filing, now=NOW, timezone="Asia/Shanghai").id

    def training(self, day: int, state: Presence) -> int:
        """The number of a new training of the community on a day of October."""
        at = datetime(2026, 10, day, 9, tzinfo=NOW.tzinfo)
        values = {
            "kind": "training",
            "title": "培训",
            "starts_at": at,
            "ends_at": at,
            "grid_code": self.inside,
        }
        attendances = {} if state is Presence.MADE_UP else {self.ids["person"]: state}
        with self.database.write() as uow:
            return activities.report_activity(
                OPERATOR, uow, values=values, attendances=attendances, now=NOW, zone=NOW.tzinfo
            ).id

    def missed_training(self) -> tuple[int, int]:
        """The numbers of a new training that the person has missed, and of a later one to make it up in."""
        return self.training(8, Presence.ABSENT), self.training(9, Presence.MADE_UP)

    @property
    def proof(self) -> dict[str, Any]:
        """All that somebody needs to repeat a draw."""
        frame = Frame(1, 0, (Item(1), Item(2)), ())
        return {
            "algorithm": ALGORITHM,
            "digest": frame.digest(),
            "commitment": commitment("seed"),
            "seed": "seed",
            "frame": frame.document(),
            "drawn": [listed(one) for one in draw(frame, "seed")],
        }

    def photo(self) -> int:
        """The number of a photo of a new record."""
        inspection = self.inspection()
        taken = photos.picture(a_picture(), pixels=10_000, timezone="Asia/Shanghai")
        with self.database.write() as uow:
            photo = photos.upload(OPERATOR, uow, taken)
            uow.connection.execute(
                text("""UPDATE photo SET visit_id = inspection.visit_id FROM inspection
                        WHERE photo.id = :photo AND inspection.id = :id"""),
                {"photo": photo.id, "id": inspection},
            )
        return photo.id

    def deregistration(self) -> int:
        """The number of a new deregistration of an entity."""
        with self.database.write() as uow:
            run = uow.connection.execute
            run(text("DELETE FROM deregistration"))
            return run(
                text(
                    "INSERT INTO deregistration (entity_id, visit_id) VALUES (:entity, :visit) RETURNING id"
                ),
                {name: self.ids[name] for name in ("entity", "visit")},
            ).scalar_one()

    def key_person(self) -> int:
        """The number of somebody new on the register of `unit`."""
        with self.database.write() as uow:
            return uow.connection.execute(
                text("""INSERT INTO key_person (kind, grid_code, name, phone)
                        VALUES ('elderly_alone', :unit, '张建国', '13812341234') RETURNING id"""),
                {"unit": self.unit},
            ).scalar_one()

    def a_visit(self) -> int:
        """The number of a visit in `inside` that was not explained yet."""
        with self.database.read() as uow:
            return uow.connection.execute(
                text("""SELECT visit.id FROM visit JOIN grid ON grid.id = grid_id
                        WHERE starts_with(code, :inside) AND visit.id NOT IN
                            (SELECT visit_id FROM suspicion_explanation) LIMIT 1"""),
                {"inside": self.inside},
            ).scalar_one()

    def own_rules(self) -> dict[str, str]:
        """Where and from when `unit` has new rules of its own."""
        profile, begin = shipped_profile("community"), date(2027, 1, 1)
        with self.database.write() as uow:
            profiles.adopt(OPERATOR, uow, profile, grid_code=self.unit, valid_from=begin)
        return {"grid": self.unit, "valid_from": begin.isoformat()}

    def square(self) -> bytes:
        """A file with one small grid."""
        ring = [[self.lon + x, self.lat + y] for x, y in ((0, 0), (0.01, 0), (0.01, 0.01), (0, 0.01), (0, 0))]
        feature = {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [ring]},
            "properties": {"code": "990106009009009", "name": "新网格"},
        }
        return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()

    def premises(self) -> bytes:
        """A file with one entity in `unit`."""
        return f"ref,kind,name,lon,lat\n{unique('E')},premises,面馆,{self.lon},{self.lat}\n".encode()

    def kept_statistics(self) -> int:
        """The number of statistics of the community `inside` that were kept."""
        asked = statistics.Asked(date(2026, 10, 1), Level.UNIT, self.inside)
        with self.database.write() as uow:
            kept = statistics.keep_statistics(OPERATOR, uow, asked, timezone="Asia/Shanghai", now=NOW)
        return kept.id

    def finding(self) -> int:
        """The number of a new finding in `unit`."""
        with self.database.write() as uow:
            kept = findings.record_finding(
                OPERATOR,
                uow,
                tally=Tally.ACCIDENTS,
                happened_on=date(2026, 10, 12),
                grid_code=self.unit,
                person_id=None,
                note="火灾",
                today=NOW.date(),
            )
        return kept.id

    def token(self, app: FastAPI, role: Role, place: str) -> str:
        """A token of the account that has one role in one place."""
        with self.database.read() as uow:
            row = uow.connection.execute(
                text("SELECT id, username, password_hash FROM account WHERE username = :name"),
                {"name": f"{role}-{place}"},
            ).one()
        return app.state.tokens.issue(Credentials(*row))


def a_picture() -> bytes:
    """A small picture."""
    made = BytesIO()
    Image.linear_gradient("L").resize((64, 48)).save(made, "PNG")
    return made.getvalue()


def unique(prefix: str) -> str:
    """A name that no test has used before."""
    return f"{prefix}-{next(_NUMBERS)}"


def a_day() -> dict[str, str]:
    """The beginning and the end of a day that no test has used before."""
    day = date(2000, 1, 1) + timedelta(days=next(_NUMBERS))
    return {"valid_from": day.isoformat(), "valid_to": (day + timedelta(days=1)).isoformat()}


def build(database: Database) -> City:
    """Build the city: onto the demo, an account a role and place, one thing of each kind in one unit grid."""
    with database.write() as uow:
        run = uow.connection.execute
        inside, outside = run(
            text("SELECT DISTINCT code FROM grid WHERE level = 'community' ORDER BY code LIMIT 2")
        ).scalars()
        unit, lon, lat = run(
            text("""SELECT code, ST_X(p), ST_Y(p) FROM grid, ST_PointOnSurface(geom) AS p
                    WHERE is_leaf AND starts_with(code, :inside)
                        AND generation_id = (SELECT max(id) FROM generation)
                    ORDER BY code LIMIT 1"""),
            {"inside": inside},
        ).one()
        neighbour = run(
            text("""SELECT other.code FROM grid AS one JOIN grid AS other ON other.parent_id = one.parent_id
                    WHERE one.code = :unit AND other.code <> :unit
                        AND one.generation_id = (SELECT max(id) FROM generation)
                        AND ST_Length(ST_Intersection(one.geom, other.geom)) > 0
                    ORDER BY other.code LIMIT 1"""),
            {"unit": unit},
        ).scalar_one()
        for role in Role:
            for place, code in zip(PLACES, (None, inside, outside), strict=True):
                _account(uow, f"{role}-{place}", Grant(role, code))
        _account(uow, "subject", Grant(Role.LEADER, inside))
        person = people.create(OPERATOR, uow, people.PersonData(name="王芳"))
        assignment = people.assign(
            OPERATOR, uow, person.id, grid_code=unit, post="head", valid_from=NOW.date() - timedelta(days=9)
        )
        pair = posts.pair(
            OPERATOR,
            uow,
            post="volunteer",
            grid_code=unit,
            partner_code=neighbour,
            valid_from=NOW.date() - timedelta(days=9),
        )
        away = posts.take_leave(
            OPERATOR,
            uow,
            person.id,
            NOW.date(),
            valid_from=date(1999, 1, 1),
            valid_to=date(1999, 2, 1),
        )
        ids = {
            "person": person.id,
            "assignment": assignment.id,
            "partnership": pair.id,
            "leave": away.id,
        } | {
            table: run(
                text(f"""SELECT thing.id FROM {table} AS thing JOIN grid ON grid.id = thing.grid_id
                         WHERE grid.code LIKE :inside || '%' ORDER BY thing.id LIMIT 1"""),
                {"inside": inside},
            ).scalar_one()
            for table in ("entity", "visit", "issue", "address")
        }
        ids["import_batch"] = run(
            text("""INSERT INTO import_batch (kind, filename, sha256, reference, row_count, created_by)
                    VALUES ('entities', 'x.csv', '', 'wgs84', 0, 'operator') RETURNING id""")
        ).scalar_one()
        ids["import_run"] = run(
            text("""INSERT INTO import_run (layer, filename, writes, created_by)
                    VALUES ('grids', 'x.csv', false, 'operator') RETURNING id""")
        ).scalar_one()
        ids["generation"] = run(text("SELECT max(id) FROM generation")).scalar_one()
    city = City(database, inside, outside, unit, neighbour, lon, lat, ids)
    households = Targets(kind=TargetKind.HOUSEHOLD)
    with database.write() as uow:
        ids["draw"] = draws.commit(
            OPERATOR, uow, title="抽查", size=1, targets=households, grid_code=inside, day=NOW.date()
        ).id
    ids["activity"] = city.training(7, Presence.PRESENT)
    return city


def _account(uow: Any, username: str, grant: Grant) -> None:
    accounts.create(OPERATOR, uow, username=username, password=PASSWORD, grants=[grant])
