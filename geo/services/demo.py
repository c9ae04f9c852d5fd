"""Loads the demo city, so that a new user sees at once what the product does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely
import yaml
from numpy.typing import NDArray

from geo.db import demo as rows
from geo.db.bulk import copy_rows, geometry_texts, measured_line_texts, reserve_ids
from geo.db.generations import all_generations, leaf_cells
from geo.db.homes import leaf_homes
from geo.db.patrols import make_track_months
from geo.db.plan_publication import heirs_of_retired
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Actor, Grant, Role
from geo.domain.addresses import normalize
from geo.domain.demo import DemoSize, Ingredients, history
from geo.domain.demo.adjustment import adjusted_at
from geo.domain.demo.division import Site, divisions
from geo.domain.demo.ground import Floats, Ground, Ints, lay_out
from geo.domain.demo.staff import staff
from geo.domain.demo.things import Things, put_up
from geo.domain.demo.walks import ENTERED_AFTER
from geo.domain.generations import Division, Generation
from geo.domain.grids import Level
from geo.errors import AlreadyExists
from geo.geometry.adjacency import neighbours
from geo.geometry.crs import to_metric
from geo.geometry.locate import OUTSIDE, LocateIndex
from geo.services import accounts, people
from geo.services.demo_duties import Workplace, work
from geo.services.demo_inspections import Scene, inspect
from geo.services.demo_issue_photos import photograph_issues
from geo.services.demo_issues import follow_rules
from geo.services.demo_plans import begin_plans
from geo.services.demo_staff import place_staff, send_on_leave, supervise_last_street
from geo.services.generations import publish
from geo.services.people import PersonData

INGREDIENTS = Path(__file__).resolve().parents[2] / "data" / "demo" / "city.yaml"
YEAR = timedelta(days=365)

ACCOUNTS = ("admin", "planner", "leader", "street", "inspector")
"""Usernames of the demo accounts: one a role, and a leader of one street alone."""

LEADERS = {"leader": PersonData(name="林岚", ref="L1"), "street": PersonData(name="沈岳", ref="L2")}
"""Who leads by username: what no post owes is on their list."""

VISIT_KINDS = {"premises": "check", "building": "home_visit", "facility": "check"}
"""Kinds of entities with the kind of visit that each is paid."""
ACCURACY_M = {"premises": 5, "building": 2, "facility": 2}

Progress = Callable[[str], None]
"""Told the name of each table as it is begun."""


@dataclass(frozen=True, slots=True)
class City:
    """The made-up city and where it was put.

    Attributes
    ----------
    size, ingredients, ground, things, site, division
        What it is made of.
    now : datetime
        The end of its history, aware, in the city's time zone.
    ids, index
        Homes of the leaf grids by code, and the lookup over them.
    """

    size: DemoSize
    ingredients: Ingredients
    ground: Ground
    things: Things
    site: Site
    division: Division
    now: datetime
    ids: NDArray[np.int64]
    index: LocateIndex

    def times(self, seconds: Floats) -> list[datetime | None]:
        """Give moments for seconds before now; NaN is None."""
        return [None if np.isnan(s) else self.now + timedelta(seconds=round(float(s))) for s in seconds]

    def place(self, xy: Floats) -> tuple[list[str | None], list[int | None]]:
        """Give points as COPY takes them, and the homes of the leaf grids that cover them."""
        points = self.site.points(xy)
        cell, _ = self.index.find_many(shapely.get_x(points), shapely.get_y(points))
        grid_ids = [None if found == OUTSIDE else int(self.ids[found]) for found in cell]
        return geometry_texts(points), grid_ids

    def codes(self, level: Level) -> list[str]:
        """Give the codes of a level, in the order of the ground."""
        return [
            code for code, at in zip(self.division.codes, self.division.levels, strict=True) if at is level
        ]


class Subjects(NamedTuple):
    """What is visited, in the order of `history.Visits.subject`: ids of entities and their kinds."""

    ids: list[int]
    kinds: list[str]


def load(
    actor: Actor, uow: UnitOfWork, *, size: DemoSize, now: datetime, progress: Progress | None = None
) -> Generation:
    """Load a made-up city with half a year of history; the same for the same size, seed and time.

    Parameters
    ----------
    actor : Actor
        Who loads it; needs the right to publish a division.
    uow : UnitOfWork
        The transaction: all of it happens, or nothing.
    size : DemoSize
        How large, and which seed.
    now : datetime
        The end of the history, aware, in the city's time zone.
    progress : callable, optional
        Told what is being made.

    Returns
    -------
    Generation
        The division of today, which followed another one.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not publish for the whole city.
    AlreadyExists
        If the database holds a division: the demo city goes into an empty one alone.
    """
    if all_generations(uow.connection):
        raise AlreadyExists(kind="division", key="demo")
    tell = progress or (lambda _: None)
    tell("grid")
    ingredients: Ingredients = yaml.safe_load(INGREDIENTS.read_text(encoding="utf-8"))
    ground = lay_out(size, ingredients)
    things = put_up(size, ingredients, ground)
    site = Site(ingredients)
    before, division = divisions(ingredients, ground, things, site)
    began, adjusted = now - YEAR, adjusted_at(now)
    earlier = publish(actor, uow, before, name=f"{began.year} 年划分", valid_from=began)
    generation = publish(actor, uow, division, name=f"{adjusted.year} 年调整", valid_from=adjusted)
    _, cells = leaf_cells(uow.connection, generation.id)
    ids = leaf_homes(uow.connection, generation.id)
    index = LocateIndex.build(cells)
    city = City(size, ingredients, ground, things, site, division, now, ids, index)
    _ground_features(uow, city)
    tell("person")
    heads = _people(uow, city)
    _staff(uow, city, heads)
    heirs = heirs_of_retired(uow.connection, earlier.id, generation.id)
    rows.begin_posts(uow.connection, generation.id, heirs, adjusted.date())
    supervise_last_street(actor, uow, city.codes(Level.STREET), now.date())
    tell("address")
    _addresses(uow, city)
    tell("entity")
    subjects = _entities(uow, city)
    tell("visit")
    _visits(uow, city, heads, subjects)
    _work(uow, city, heads, subjects)
    inspect(uow, _scene(city, subjects))
    tell("track")
    _tracks(uow, city, heads)
    tell("issue")
    _issues(actor, uow, city)
    follow_rules(actor, uow, ingredients["issue_categories"], now)
    photograph_issues(uow, size.seed)
    uow.record(actor, "load", "demo", size.grids, {"seed": size.seed})
    return generation


def _ground_features(uow: UnitOfWork, city: City) -> None:
    ground = city.ground
    shapes = [
        *((("road", road.name, {"main": road.is_main}), road.line) for road in ground.roads),
        (("river", "云溪", {}), ground.river),
        *((("green", None, {}), block.buffer(-12)) for block in ground.blocks[ground.is_green]),
        *((("building", None, {}), shape) for shape in city.things.building_shape),
    ]
    texts = geometry_texts(city.site.on_earth([shape for _, shape in shapes]))
    copy_rows(
        uow.connection,
        "ground_feature",
        ("kind", "name", "attributes", "geom"),
        ((*what, text) for (what, _), text in zip(shapes, texts, strict=True)),
    )


def _people(uow: UnitOfWork, city: City) -> NDArray[np.int64]:
    """Write people and their posts; gives the ids of the heads."""
    rng = np.random.default_rng(city.size.seed + 6)
    posts = _posts(city)
    count = max(city.size.people, len(posts))
    ids = reserve_ids(uow.connection, "person", count)
    names = [
        f"{rng.choice(city.ingredients['surnames'])}{rng.choice(city.ingredients['given_names'])}"
        for _ in range(count)
    ]
    copy_rows(
        uow.connection,
        "person",
        ("id", "ref", "name", "phone", "organisation"),
        (
            (person, f"P{k + 1:05d}", name, f"0990-555{k:05d}", city.ingredients["district"]["name"])
            for k, (person, name) in enumerate(zip(ids, names, strict=True))
        ),
    )
    begin = (city.now - YEAR).date()
    copy_rows(
        uow.connection,
        "assignment",
        ("person_id", "grid_code", "post", "valid_from"),
        (
            (person, code, post, begin)
            for person, held in zip(ids, posts, strict=False)
            for code, post in held
        ),
    )
    return np.array(ids[: history.heads(city.size).max() + 1])


def _posts(city: City) -> list[list[tuple[str, str]]]:
    """Give the posts of each person: heads of a few units first, then supervisors, then police officers."""
    units = np.array(city.codes(Level.UNIT))
    head = history.heads(city.size)
    return [
        *([(str(code), "head") for code in units[head == number]] for number in range(head.max() + 1)),
        *([(code, "supervisor")] for code in city.codes(Level.COMMUNITY)),
        *([(code, "police")] for code in city.codes(Level.STREET)),
    ]


def _staff(uow: UnitOfWork, city: City, heads: NDArray[np.int64]) -> None:
    """Write who serves beside the heads, who stands in for whom, and who is away."""
    codes = city.codes(Level.UNIT)
    head = history.heads(city.size)
    one, other, shared_m = neighbours(to_metric(city.division.geometries[: len(codes)], city.site.crs))
    longest = np.argsort(-shared_m, kind="stable")
    households = np.array(city.division.households[: len(codes)], dtype=np.intp)
    made = staff(households, city.ground.community_of_unit, head, (one[longest], other[longest]))
    rng = np.random.default_rng(city.size.seed + 8)
    begin, today = (city.now - YEAR).date(), city.now.date()
    place_staff(uow, made, ingredients=city.ingredients, codes=codes, begin=begin, rng=rng)
    send_on_leave(uow, made, heads, head, today)


def _full_addresses(city: City, address: Ints) -> list[str]:
    """Give addresses with their district and street in front."""
    streets = [
        name
        for name, level in zip(city.division.names, city.division.levels, strict=True)
        if level is Level.STREET
    ]
    of_block = city.ground.street_of_community[city.ground.community_of_unit[city.ground.unit]]
    district = city.ingredients["district"]["name"]
    blocks, texts = city.things.address_block[address], city.things.address_text
    return [
        f"{district}{streets[of_block[block]]}{texts[k]}" for k, block in zip(address, blocks, strict=True)
    ]


def _addresses(uow: UnitOfWork, city: City) -> None:
    everything = np.arange(len(city.things.address_text))
    texts = _full_addresses(city, everything)
    points, grids = city.place(city.things.address_xy)
    copy_rows(
        uow.connection,
        "address",
        ("ref", "text", "normalized", "geom", "grid_id"),
        (
            (f"A{k + 1:07d}", text, normalize(text), point, grid)
            for k, (text, point, grid) in enumerate(zip(texts, points, grids, strict=True))
        ),
    )


def _entities(uow: UnitOfWork, city: City) -> Subjects:
    """Write premises, buildings and facilities."""
    things = city.things
    counts = (len(things.premises_name), len(things.building_xy), len(things.facility_xy))
    kinds = [kind for kind, count in zip(VISIT_KINDS, counts, strict=True) for _ in range(count)]
    ids = reserve_ids(uow.connection, "entity", len(kinds))
    places = (things.address_xy[things.premises_address], things.building_xy, things.facility_xy)
    points, grids = city.place(np.concatenate(places))
    categories = [*things.premises_category, *["住宅楼"] * counts[1], *things.facility_category]
    numbered = (f"{category}{k + 1}" for k, category in enumerate(categories[counts[0] :]))
    unknown = [None] * counts[2]
    copy_rows(
        uow.connection,
        "entity",
        ("id", "ref", "kind", "category", "name", "address", "accuracy_m", "households", "geom", "grid_id"),
        zip(
            ids,
            (f"E{k + 1:07d}" for k in range(len(ids))),
            kinds,
            categories,
            (*things.premises_name, *numbered),
            (*_full_addresses(city, things.premises_address), *[None] * counts[1], *unknown),
            (ACCURACY_M[kind] for kind in kinds),
            (*[None] * counts[0], *things.building_households, *unknown),
            points,
            grids,
            strict=True,
        ),
    )
    return Subjects(ids, kinds)


def _visits(uow: UnitOfWork, city: City, heads: NDArray[np.int64], subjects: Subjects) -> None:
    made = history.visits(city.size, city.ingredients, city.ground, city.things, city.now)
    ids = reserve_ids(uow.connection, "visit", len(made.at))
    points, grids = city.place(made.xy)
    kinds = [VISIT_KINDS[subjects.kinds[k]] if k >= 0 else "patrol" for k in made.subject]
    times = city.times(made.at)
    copy_rows(
        uow.connection,
        "visit",
        ("id", "ref", "kind", "visited_at", "created_at", "entity_id", "result", "geom", "grid_id"),
        zip(
            ids,
            (f"V{k + 1:08d}" for k in range(len(ids))),
            kinds,
            times,
            city.times(made.at + ENTERED_AFTER.total_seconds()),
            (subjects.ids[k] if k >= 0 else None for k in made.subject),
            (result if kind == "check" else None for result, kind in zip(made.result, kinds, strict=True)),
            points,
            grids,
            strict=True,
        ),
    )
    copy_rows(
        uow.connection, "visit_person", ("visit_id", "person_id"), zip(ids, heads[made.head], strict=True)
    )


def _work(uow: UnitOfWork, city: City, heads: NDArray[np.int64], subjects: Subjects) -> None:
    buildings = [key for key, kind in zip(subjects.ids, subjects.kinds, strict=True) if kind == "building"]
    place = Workplace(
        city.size,
        city.ground,
        city.things,
        city.now,
        heads,
        buildings,
        city.codes(Level.UNIT),
        city.codes(Level.COMMUNITY),
        city.place,
    )
    work(uow, place, city.now - YEAR)


def _scene(city: City, subjects: Subjects) -> Scene:
    kinds = zip(subjects.ids, subjects.kinds, strict=True)
    premises = [key for key, kind in kinds if kind == "premises"]
    return Scene(city.size.seed, city.ingredients, city.now, premises, city.codes(Level.UNIT))


def _tracks(uow: UnitOfWork, city: City, heads: NDArray[np.int64]) -> None:
    made = history.tracks(city.size, city.ground, city.now)
    lonlat = shapely.get_coordinates(city.site.points(made.xy))
    epoch = city.now.timestamp() + made.at
    lines = measured_line_texts(np.column_stack([lonlat, epoch]), np.bincount(made.track))
    first = np.searchsorted(made.track, np.arange(len(made.head)))
    last = np.append(first[1:], len(made.track)) - 1
    steps = np.where(np.diff(made.track) == 0, np.hypot(*np.diff(made.xy, axis=0).T), 0.0)
    passed = np.concatenate([[0.0], np.cumsum(steps)])
    starts, ends = city.times(made.at[first]), city.times(made.at[last])
    make_track_months(uow.connection, min(filter(None, starts)), max(filter(None, starts)))
    copy_rows(
        uow.connection,
        "track",
        ("ref", "person_id", "started_at", "ended_at", "fixes", "length_m", "geom"),
        zip(
            (f"T{k + 1:07d}" for k in range(len(first))),
            heads[made.head],
            starts,
            ends,
            last - first + 1,
            passed[last] - passed[first],
            lines,
            strict=True,
        ),
    )


def _issues(actor: Actor, uow: UnitOfWork, city: City) -> None:
    made = history.issues(city.size, city.ingredients, city.ground)
    ids = reserve_ids(uow.connection, "issue", len(made.reported))
    points, grids = city.place(made.xy)
    reported, due, closed = (city.times(column) for column in (made.reported, made.due, made.closed))
    open_states = np.random.default_rng(city.size.seed + 7).choice(
        ["reported", "accepted", "dispatched", "handled"], len(ids)
    )
    states = ["closed" if end else str(state) for end, state in zip(closed, open_states, strict=True)]
    copy_rows(
        uow.connection,
        "issue",
        ("id", "number", "category", "state", "reported_at", "due_at", "closed_at", "geom", "grid_id"),
        (
            (number, f"{city.now:%Y}{k + 1:07d}", *rest)
            for k, (number, *rest) in enumerate(
                zip(ids, made.category, states, reported, due, closed, points, grids, strict=True)
            )
        ),
    )
    history_columns = ("issue_id", "at", "actor", "kind", "from_state", "to_state")
    created = zip(ids, reported, repeat(actor.name), repeat("created"), repeat(None), repeat("reported"))
    copy_rows(uow.connection, "issue_event", history_columns, created)
    copy_rows(
        uow.connection,
        "issue_event",
        history_columns,
        (
            (number, end or begin, actor.name, "state", "reported", state)
            for number, begin, end, state in zip(ids, reported, closed, states, strict=True)
            if state != "reported"
        ),
    )


def open_accounts(actor: Actor, uow: UnitOfWork, passwords: Mapping[str, str]) -> None:
    """Open an account for each role in a demo city that is loaded, and begin the plans of its planner.

    Parameters
    ----------
    actor : Actor
        Who opens them; needs the right to manage accounts.
    uow : UnitOfWork
        The transaction.
    passwords : mapping of str to str
        The password of each of `ACCOUNTS`.

    Raises
    ------
    AlreadyExists
        If one of the usernames is taken.
    """
    head, units = rows.first_head(uow.connection)
    streets = rows.first_street(uow.connection)
    grants = {
        "admin": [Grant(Role.ADMIN)],
        "planner": [Grant(Role.PLANNER)],
        "leader": [Grant(Role.LEADER)],
        "street": [Grant(Role.LEADER, streets)],
        "inspector": [Grant(Role.INSPECTOR, unit) for unit in units],
    }
    leaders = {name: people.create(actor, uow, who).id for name, who in LEADERS.items()}
    for name in ACCOUNTS:
        accounts.create(
            actor,
            uow,
            username=name,
            password=passwords[name],
            grants=grants[name],
            person_id=leaders.get(name, head if name == "inspector" else None),
        )
    begin_plans(Actor("planner", grants=tuple(grants["planner"])), uow)
