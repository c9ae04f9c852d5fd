"""Households of the demo city, and what its people do beside the usual visits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from geo.db import demo as rows
from geo.db.bulk import copy_rows, reserve_ids
from geo.db.unit_of_work import UnitOfWork
from geo.domain.demo import DemoSize
from geo.domain.demo.duties import Doors, Held, Rounds, held, households, rounds
from geo.domain.demo.ground import Floats, Ground
from geo.domain.demo.history import heads
from geo.domain.demo.things import Things
from geo.domain.demo.walks import ENTERED_AFTER
from geo.domain.working_days import calendar

TITLES = {
    "check_in": "签到",
    "log": "工作日志",
    "meeting": "每月例会",
    "briefing": "民情通报会",
    "log_check": "日志检查",
    "visit_report": "走访情况上报",
    "training": "业务培训",
    "survey": "满意度调查",
}
VISITORS = ("head", "worker", "police", "building_head")
"""Posts whose holders visit households."""
Place = Callable[[Floats], tuple[list[str | None], list[int | None]]]


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where people of the demo city work.

    Attributes
    ----------
    size, ground, things : DemoSize, Ground, Things
        The city.
    now : datetime
        The end of its history, aware, in the city's time zone.
    heads : NDArray[int64]
        Ids of the heads.
    buildings : sequence of int
        Ids of the buildings.
    units, communities : sequence of str
        Codes of the units and communities.
    place : callable
        Gives points as COPY takes them, and the ids of the leaf grids that cover them.
    """

    size: DemoSize
    ground: Ground
    things: Things
    now: datetime
    heads: NDArray[np.int64]
    buildings: Sequence[int]
    units: Sequence[str]
    communities: Sequence[str]
    place: Place


def work(uow: UnitOfWork, city: Workplace, began: datetime) -> None:
    """Let households live in buildings, and people do their duties for half a year.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    city : Workplace
        The city.
    began : datetime
        Since when all that stands there has stood.
    """
    rows.stand_since(uow.connection, began.date())
    doors = households(city.size, city.things)
    ids = _live(uow, city, doors, began)
    rows.visit_households(uow.connection)
    _go_round(uow, city, rounds(city.size, city.ground, city.things, doors, city.now), doors, ids)
    _hold(uow, city)


def _live(uow: UnitOfWork, city: Workplace, doors: Doors, began: datetime) -> list[int]:
    ids = reserve_ids(uow.connection, "household", len(doors.door))
    copy_rows(
        uow.connection,
        "household",
        ("id", "ref", "building_id", "door", "marks", "since"),
        (
            (key, f"H{k + 1:07d}", city.buildings[building], door, f"{{{mark or ''}}}", began.date())
            for k, (key, building, door, mark) in enumerate(
                zip(ids, doors.building.tolist(), doors.door, doors.mark, strict=True)
            )
        ),
    )
    return ids


def _go_round(uow: UnitOfWork, city: Workplace, made: Rounds, doors: Doors, households_: list[int]) -> None:
    ids = reserve_ids(uow.connection, "visit", len(made.at))
    points, grids = city.place(made.xy)
    of_head = heads(city.size)
    building = [city.buildings[doors.building[k]] if k >= 0 else None for k in made.household]
    times = [city.now + timedelta(seconds=round(at)) for at in made.at.tolist()]
    copy_rows(
        uow.connection,
        "visit",
        ("id", "ref", "kind", "visited_at", "created_at", "entity_id", "household_id", "geom", "grid_id"),
        zip(
            ids,
            (f"R{k + 1:08d}" for k in range(len(ids))),
            made.kind,
            times,
            (at + ENTERED_AFTER for at in times),
            building,
            (households_[k] if k >= 0 else None for k in made.household),
            points,
            grids,
            strict=True,
        ),
    )
    rng = np.random.default_rng(city.size.seed + 24)
    visitors = _visitors(uow, city)
    people = (
        int(rng.choice(visitors[unit])) if kind == "home_visit" else int(city.heads[of_head[unit]])
        for unit, kind in zip(made.unit.tolist(), made.kind, strict=True)
    )
    copy_rows(uow.connection, "visit_person", ("visit_id", "person_id"), zip(ids, people, strict=True))


def _visitors(uow: UnitOfWork, city: Workplace) -> list[list[int]]:
    """Give who visits households of each unit: a head of two communities in one of them alone."""
    held = rows.holders(uow.connection, VISITORS)
    of_head, community = heads(city.size), city.ground.community_of_unit
    is_at_home = community == community[np.searchsorted(of_head, of_head)]
    visitors = []
    for unit, code in enumerate(city.units):
        head = int(city.heads[of_head[unit]])
        others = [who for who in held.get(code, []) if who != head]
        visitors.append([*others, head] if is_at_home[unit] or not others else others)
    return visitors


def _hold(uow: UnitOfWork, city: Workplace) -> None:
    communities = city.ground.community_of_unit
    made = held(city.size, communities, city.now, calendar())
    ids = reserve_ids(uow.connection, "activity", len(made))
    copy_rows(
        uow.connection,
        "activity",
        ("id", "ref", "kind", "title", "starts_at", "ends_at", "grid_code", "attributes", "created_by"),
        (
            (
                key,
                f"D{k + 1:07d}",
                one.kind,
                TITLES[one.kind],
                one.starts_at,
                one.starts_at + timedelta(minutes=one.minutes),
                city.communities[one.community],
                {"asked": 60, "satisfied": 54} if one.kind == "survey" else {},
                "demo",
            )
            for k, (key, one) in enumerate(zip(ids, made, strict=True))
        ),
    )
    of_head = heads(city.size)
    teams = [np.unique(of_head[communities == k]) for k in range(len(city.communities))]
    copy_rows(
        uow.connection,
        "attendance",
        ("activity_id", "person_id", "state"),
        (
            (key, int(city.heads[who]), "present" if there else "absent")
            for key, one in zip(ids, made, strict=True)
            for who, there in _attended(one, teams)
        ),
    )


def _attended(one: Held, teams: list[NDArray[np.intp]]) -> list[tuple[int, bool]]:
    if one.head >= 0:
        return [(one.head, True)]
    return list(zip(teams[one.community].tolist(), one.present, strict=False))
