"""Posts of the demo city as its rules ask for them, with vacancies, partners, and somebody on leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from geo.db.bulk import copy_rows, reserve_ids
from geo.db.posts import add_posts
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Actor
from geo.domain.demo import Ingredients
from geo.domain.demo.ground import Ints
from geo.domain.demo.staff import Staff
from geo.services import profiles
from geo.services.profile_documents import shipped_profile

AWAY = ((-40, -33), (-2, 6))
"""From which day to which, counted from today, one head after the other is on leave."""
SUPERVISED_SINCE = timedelta(days=120)


def place_staff(
    uow: UnitOfWork,
    made: Staff,
    *,
    ingredients: Ingredients,
    codes: Sequence[str],
    begin: date,
    rng: np.random.Generator,
) -> None:
    """Let people serve as they were made up.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    made : Staff
        Who serves where.
    ingredients : Ingredients
        Names.
    codes : sequence of str
        Codes of the units.
    begin : date
        From when they serve.
    rng : Generator
        For their names.
    """
    add_posts(uow.connection, shipped_profile(profiles.DEFAULT).posts)
    ids = reserve_ids(uow.connection, "person", len(made.posts))
    names = (f"{rng.choice(ingredients['surnames'])}{rng.choice(ingredients['given_names'])}" for _ in ids)
    copy_rows(
        uow.connection,
        "person",
        ("id", "ref", "name", "phone", "organisation"),
        (
            (person, f"S{k + 1:05d}", name, f"0990-556{k:05d}", ingredients["district"]["name"])
            for k, (person, name) in enumerate(zip(ids, names, strict=True))
        ),
    )
    copy_rows(
        uow.connection,
        "assignment",
        ("person_id", "grid_code", "post", "valid_from"),
        (
            (person, codes[unit], post, begin)
            for person, post, units in zip(ids, made.posts, made.units, strict=True)
            for unit in units
        ),
    )
    copy_rows(
        uow.connection,
        "partnership",
        ("post", "grid_code", "partner_code", "valid_from"),
        (
            ("head", codes[one], codes[other], begin)
            for pair in made.pairs
            for one, other in (pair, pair[::-1])
        ),
    )


def send_on_leave(uow: UnitOfWork, made: Staff, heads: NDArray[np.int64], head: Ints, today: date) -> None:
    """Let heads be away one after the other, those with partners; the last of them still is.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    made : Staff
        With the partners.
    heads : NDArray[int64]
        Ids of the heads.
    head : NDArray[intp]
        Of each unit, its head by position.
    today : date
        In the city.
    """
    covered = dict.fromkeys(int(heads[head[unit]]) for pair in made.pairs for unit in pair)
    copy_rows(
        uow.connection,
        "leave",
        ("person_id", "valid_from", "valid_to"),
        (
            (person, today + timedelta(days=since), today + timedelta(days=until))
            for person, (since, until) in zip(reversed(covered), AWAY, strict=False)
        ),
    )


def supervise_last_street(actor: Actor, uow: UnitOfWork, streets: Sequence[str], today: date) -> None:
    """Let the last of several streets have rules of its own: those of food and drugs.

    Parameters
    ----------
    actor : Actor
        Who may manage the rules.
    uow : UnitOfWork
        The transaction.
    streets : sequence of str
        Codes of the streets.
    today : date
        In the city.
    """
    if len(streets) > 1:
        profile = shipped_profile("food-drug")
        since = today - SUPERVISED_SINCE
        profiles.adopt(actor, uow, profile, grid_code=streets[-1], valid_from=since)
