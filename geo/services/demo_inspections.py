"""Inspections, licences, key people and suspicious records of the demo city."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO
from itertools import islice
from typing import Any

import numpy as np
from PIL import Image

from geo.db import demo_inspections as rows
from geo.db.bulk import copy_rows, reserve_ids
from geo.db.demo_inspections import Check
from geo.db.jurisdictions import chains
from geo.db.unit_of_work import UnitOfWork
from geo.domain.demo import Ingredients
from geo.domain.demo.inspections import (
    DAYS,
    FEW,
    KEY_PEOPLE_A_GRID,
    PICTURES,
    REFUSED,
    choose,
    licensed,
    scene,
    scribble,
)
from geo.domain.privacy import end_of_time, retention_of
from geo.domain.profiles import Profile
from geo.domain.profiles.inspections import Result
from geo.services.photos import Picture, keep, picture
from geo.services.profiles import regimes

FILED_BY = "demo"
RECENTLY = timedelta(days=30)
TIME_TO_CORRECT = timedelta(days=15)
REASONS = ("入户走访前核对", "更新台账", "核对联系电话")
"""Why people of the demo look at key people."""

COLUMNS = (
    "visit_id",
    "version",
    "profile",
    "form",
    "answers",
    "result",
    "measures",
    "hazards",
    "correct_by",
    "subject_name",
    "subject_phone",
    "acknowledgement",
    "signature",
    "refusal_reason",
    "witness",
    "keep_until",
    "at_end",
    "filed_at",
    "filed_by",
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the inspections of the demo take place.

    Attributes
    ----------
    seed : int
        The same seed, the same inspections.
    ingredients : Ingredients
        Names.
    now : datetime
        The end of its history, aware, in the city's time zone.
    premises : sequence of int
        Ids of the premises.
    codes : sequence of str
        Codes of the unit grids.
    """

    seed: int
    ingredients: Ingredients
    now: datetime
    premises: Sequence[int]
    codes: Sequence[str]

    def name(self, rng: np.random.Generator) -> str:
        """Give somebody's name."""
        return f"{rng.choice(self.ingredients['surnames'])}{rng.choice(self.ingredients['given_names'])}"


def inspect(uow: UnitOfWork, city: Scene) -> None:
    """Let some checks of a demo city be inspections with a record, and a few records be suspicious.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction, in which visits have been written, each entered at its time.
    city : Scene
        The city.
    """
    rng = np.random.default_rng(city.seed + 20)
    rows.hurry(uow.connection, city.now - RECENTLY, FEW)
    profiles = _profiles(uow, city)
    checks = rows.checks_since(uow.connection, city.now - timedelta(days=DAYS))
    chosen = choose(rng, len(checks))
    rows.enter_late(uow.connection, [checks[k].id for k in chosen.late])
    rows.move_away(uow.connection, [checks[k].id for k in chosen.away])
    recorded = [checks[k] for k in chosen.recorded]
    rows.add_second_officers(uow.connection, [check.id for check in recorded])
    records = (_record(rng, city, check, profiles[check.code]) for check in recorded)
    copy_rows(uow.connection, "inspection", COLUMNS, records)
    _suspend(uow, [check for check in recorded if _result(check, profiles[check.code]).suspends], profiles)
    photographed = [checks[k] for k in chosen.photographed]
    _photograph(uow, rng, photographed, chosen.picture.tolist())
    _license(uow, rng, city)
    _register(uow, rng, city, profiles)


def _profiles(uow: UnitOfWork, city: Scene) -> Mapping[str, Profile]:
    today = city.now.date()
    ruling = regimes(uow, today, today + timedelta(days=1))
    known = chains(uow.connection, city.codes)
    return {
        code: next(regime.profile for regime in ruling if regime.covers(chain))
        for code, chain in known.items()
    }


def _result(check: Check, profile: Profile) -> Result:
    """Give the result of the profile in whose words the visit was told; else its first or its last."""
    results = profile.inspections.results
    usual = results[0 if check.result.startswith("正常") else -1]
    return next((result for result in results if result.name.zh == check.result), usual)


def _record(rng: np.random.Generator, city: Scene, check: Check, profile: Profile) -> tuple[Any, ...]:
    rules = profile.inspections
    result = _result(check, profile)
    is_fine = result is rules.results[0]
    day = check.visited_at.astimezone(city.now.tzinfo).date()
    orders = [
        one.key for one in rules.measures if one.orders_correction and not is_fine and not result.suspends
    ]
    forms = [form.key for form in rules.forms if not form.reasons]
    refuses = rng.random() < REFUSED
    kept = retention_of(profile.privacy, "inspections")
    return (
        check.id,
        1,
        profile.key,
        str(rng.choice(forms)),
        [_answer(item.key, is_fine or rng.random() < 0.7) for item in rules.contents],
        result.key,
        _array(orders),
        _array([]),
        day + TIME_TO_CORRECT if orders else None,
        city.name(rng),
        f"139{rng.integers(10**8):08d}",
        "refused" if refuses else "signed",
        None if refuses else scribble(rng),
        "对检查结果有异议" if refuses else None,
        city.name(rng) if refuses else None,
        end_of_time(kept, day),
        kept and kept.then,
        check.visited_at + timedelta(minutes=10),
        FILED_BY,
    )


def _answer(item: str, is_fine: bool) -> dict[str, str | None]:  # noqa: FBT001 - what is answered
    return {"item": item, "answer": "yes" if is_fine else "no", "note": None}


def _array(keys: Sequence[str]) -> str:
    return "{" + ",".join(keys) + "}"


def _suspend(uow: UnitOfWork, found: Sequence[Check], profiles: Mapping[str, Profile]) -> None:
    last = {check.entity_id: check for check in found}
    rows.suspend(uow.connection, list(last))
    leaving = [check for check in last.values() if _result(check, profiles[check.code]).deregisters]
    columns = ("entity_id", "visit_id", "begun_at")
    begun = ((check.entity_id, check.id, check.visited_at) for check in leaving)
    copy_rows(uow.connection, "deregistration", columns, begun)


def _photograph(
    uow: UnitOfWork, rng: np.random.Generator, checks: Sequence[Check], pictures: Sequence[int]
) -> None:
    """Let pictures have been taken at some checks: some a second time, the last in another size."""
    scenes = [scene(rng) for _ in range(PICTURES)]
    last = len(checks) - 1
    for place, (check, number) in enumerate(zip(checks, pictures, strict=True)):
        taken = _picture(scenes[number], (480, 360) if place == last else (640, 480))
        rows.put_up(uow.connection, keep(uow, replace(taken, taken_at=check.visited_at), FILED_BY), check.id)


def _picture(pixels: Any, size: tuple[int, int]) -> Picture:
    file = BytesIO()
    Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC).save(file, "PNG", compress_level=0)
    return picture(file.getvalue(), pixels=size[0] * size[1], timezone="UTC")


def _license(uow: UnitOfWork, rng: np.random.Generator, city: Scene) -> None:
    chosen, days = licensed(rng, len(city.premises))
    today = city.now.date()
    dates = [today - timedelta(days=int(ago)) for ago in days]
    copy_rows(
        uow.connection,
        "licence",
        ("entity_id", "founded_on", "licensed_on"),
        ((city.premises[k], day, day) for k, day in zip(chosen, dates, strict=True)),
    )


def _register(
    uow: UnitOfWork, rng: np.random.Generator, city: Scene, profiles: Mapping[str, Profile]
) -> None:
    people = list(_key_people(rng, city, profiles))
    ids = reserve_ids(uow.connection, "key_person", len(people))
    columns = ("id", "kind", "grid_code", "name", "phone")
    copy_rows(
        uow.connection, "key_person", columns, ((key, *one) for key, one in zip(ids, people, strict=True))
    )
    looked = zip(ids, people, REASONS, strict=False)
    copy_rows(
        uow.connection,
        "look",
        ("at", "actor", "key_person_id", "grid_code", "reason"),
        (
            (city.now - timedelta(days=ago), FILED_BY, key, code, reason)
            for ago, (key, (_, code, *_rest), reason) in enumerate(islice(looked, len(REASONS)), start=1)
        ),
    )


def _key_people(
    rng: np.random.Generator, city: Scene, profiles: Mapping[str, Profile]
) -> Iterator[tuple[str, str, str, str]]:
    for code in city.codes:
        kinds = [kind.key for kind in profiles[code].privacy.key_kinds]
        for kind in rng.choice(kinds, KEY_PEOPLE_A_GRID) if kinds else ():
            yield str(kind), code, city.name(rng), f"138{rng.integers(10**8):08d}"
