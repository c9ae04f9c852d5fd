"""Which regulation profile holds where, and from when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from geo.db import profiles as rows
from geo.db.jurisdictions import chains
from geo.db.profiles import StoredRegulation
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import OPERATOR
from geo.domain.profiles import Profile
from geo.domain.profiles.regulations import BEGINNING, Regime, Regulation, regimes_of
from geo.errors import NotFound
from geo.services.profile_documents import document_of, read_stored, shipped_profile

DEFAULT = "community"
"""The profile of a city that has chosen none: the one that has rules for the most capabilities."""


def settle(uow: UnitOfWork, key: str = DEFAULT) -> None:
    """Make sure that the city has a regulation from the beginning; one that it has is left alone.

    Parameters
    ----------
    uow : UnitOfWork
        The open transaction.
    key : str, optional
        Which of the shipped profiles a new city gets.

    Raises
    ------
    NotFound
        If no shipped profile has this key.
    """
    rows.lock_adoption(uow.connection)
    if rows.regulation_at(uow.connection, (), BEGINNING) is None:
        _append(uow, shipped_profile(key), grid_code=None, valid_from=BEGINNING, path=None, by=OPERATOR.name)


def profile_at(uow: UnitOfWork, grid_code: str | None, day: date) -> Profile:
    """Give the profile that holds in a grid on a day.

    Parameters
    ----------
    uow : UnitOfWork
        The open transaction.
    grid_code : str or None
        The grid, of any level; None for what holds in the city where nothing narrower does.
    day : date
        The day in the city.

    Raises
    ------
    NotFound
        If the city was never settled: see `settle`.
    """
    return read_stored(_regulation_at(uow, grid_code, day).document)


def _regulation_at(uow: UnitOfWork, grid_code: str | None, day: date) -> StoredRegulation:
    chain = () if grid_code is None else chains(uow.connection, {grid_code})[grid_code]
    found = rows.regulation_at(uow.connection, chain, day)
    if found is None:
        raise NotFound(kind="regulation", key=grid_code)
    return found


def regimes(uow: UnitOfWork, since: date, until: date, grid_code: str | None = None) -> tuple[Regime, ...]:
    """Give what holds on each day and in each grid, once each, by grid and first day.

    Parameters
    ----------
    uow : UnitOfWork
        The open transaction.
    since, until : date
        The days in the city, half-open.
    grid_code : str or None, optional
        Only what holds in this grid and below.

    Returns
    -------
    tuple of Regime
        See `geo.domain.profiles.regulations.joined` for regimes that differ in one part alone, and
        `geo.db.profiles.in_regime` for the rows that one rules.
    """
    regulations = tuple(map(_regulation, rows.all_regulations(uow.connection, before=until)))
    codes: Collection[str] = {one.grid_code for one in regulations if one.grid_code}
    known = chains(uow.connection, {*codes, grid_code} if grid_code else codes)
    return regimes_of(regulations, known, since=since, until=until, within=grid_code)


def _regulation(stored: StoredRegulation) -> Regulation:
    return Regulation(
        stored.id,
        stored.grid_code,
        stored.valid_from,
        read_stored(stored.document),
        stored.path,
        stored.adopted_by,
        stored.adopted_at,
    )


def _append(
    uow: UnitOfWork, profile: Profile, *, grid_code: str | None, valid_from: date, path: str | None, by: str
) -> Regulation:
    stored = rows.insert_regulation(
        uow.connection,
        grid_code=grid_code,
        valid_from=valid_from,
        document=document_of(profile),
        path=path,
        adopted_by=by,
    )
    return _regulation(stored)
