"""Which regulation profile holds where, and from when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from geo.db import profiles as rows
from geo.db.grids import one_grid
from geo.db.jurisdictions import chains
from geo.db.posts import add_posts
from geo.db.profiles import StoredRegulation
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import OPERATOR, Action, Actor
from geo.domain.profiles import Profile
from geo.domain.profiles.documents import value_at, with_value
from geo.domain.profiles.regulations import BEGINNING, Regime, Regulation, holding_in, regimes_of
from geo.domain.profiles.values import Difference, Holding, RulePart, Spell, differing, rule_parts, spells
from geo.errors import BadValue, NoOwnRules, NotFound
from geo.services.profile_documents import document_of, read_document, read_stored, shipped_profile

CHANNEL = "wangge_rules"
"""Where processes hear that other rules hold."""

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
    chain = () if grid_code is None else chains(uow.connection, {grid_code})[grid_code]
    return _profile_in(uow, chain, day)


def _profile_in(uow: UnitOfWork, chain: Sequence[str], day: date) -> Profile:
    found = rows.regulation_at(uow.connection, chain, day)
    if found is None or found.document is None:
        raise NotFound(kind="regulation", key=next(reversed(chain), None))
    return read_stored(found.document)


def regimes(
    uow: UnitOfWork, since: date, until: date, grid_code: str | None = None, at: datetime | None = None
) -> tuple[Regime, ...]:
    """Give what holds on each day and in each grid, once each, by grid and first day.

    Parameters
    ----------
    uow : UnitOfWork
        The open transaction.
    since, until : date
        The days in the city, half-open.
    grid_code : str or None, optional
        Only what holds in this grid and below.
    at : datetime, optional
        What lies below what is that of the division that held then; of the one in force by default.

    Returns
    -------
    tuple of Regime
        See `geo.domain.profiles.regulations.joined` for regimes that differ in one part alone, and
        `geo.db.profiles.in_regime` for the rows that one rules.
    """
    regulations = tuple(map(_regulation, rows.all_regulations(uow.connection, before=until)))
    codes: Collection[str] = {one.grid_code for one in regulations if one.grid_code}
    known = chains(uow.connection, {*codes} if grid_code is None else {*codes, grid_code}, at)
    return regimes_of(regulations, known, since=since, until=until, within=grid_code)


def _regulation(stored: StoredRegulation) -> Regulation:
    return Regulation(
        stored.id,
        stored.grid_code,
        stored.valid_from,
        None if stored.document is None else read_stored(stored.document),
        stored.path,
        stored.adopted_by,
        stored.adopted_at,
    )


def _append(
    uow: UnitOfWork, profile: Profile, *, grid_code: str | None, valid_from: date, path: str | None, by: str
) -> Regulation:
    add_posts(uow.connection, profile.posts)
    return _keep(
        uow,
        grid_code=grid_code,
        valid_from=valid_from,
        document=document_of(profile),
        path=path,
        adopted_by=by,
    )


def _keep(uow: UnitOfWork, **values: Any) -> Regulation:
    stored = rows.insert_regulation(uow.connection, **values)
    uow.notify(CHANNEL, "")
    return _regulation(stored)


# choosing ------------------------------------------------------------------------------------------------


def adopt(
    actor: Actor, uow: UnitOfWork, profile: Profile, *, grid_code: str | None, valid_from: date
) -> Regulation:
    """Let a profile hold in a grid, or in the city, from a day on until the next one there begins.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    profile : Profile
        What is to hold.
    grid_code : str or None
        Where, with all below; None for the whole city.
    valid_from : date
        The first day.

    Returns
    -------
    Regulation
        As it is kept.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may manage the rules there.
    NotFound
        If no grid of today has this code.
    """
    _require(actor, uow, Action.MANAGE_RULES, grid_code)
    rows.lock_adoption(uow.connection)
    adopted = _append(uow, profile, grid_code=grid_code, valid_from=valid_from, path=None, by=actor.name)
    told = {"profile": profile.key, "grid": grid_code, "valid_from": valid_from.isoformat()}
    uow.record(actor, "adopt", "regulation", adopted.id, told)
    return adopted


def override(
    actor: Actor, uow: UnitOfWork, path: str, value: object, *, grid_code: str | None, valid_from: date
) -> Regulation:
    """Let another single value hold in a grid, or in the city, from a day on.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    path : str
        Which value, such as ``posts.posts.head.least``.
    value : object
        JSON-ready.
    grid_code : str or None
        Where, with all below; None for the whole city.
    valid_from : date
        The first day.

    Returns
    -------
    Regulation
        As it is kept: what holds there on that day, with this value and the next version.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may manage the rules there.
    NotFound
        If no grid of today has this code.
    BadValue
        If nothing stands at the path, or what stands there can't be set by itself, or is the same already.
    ProfileRefused
        If the profile can't hold with this value.
    """
    rows.lock_adoption(uow.connection)
    profile = overridden(actor, uow, path, value, grid_code=grid_code, valid_from=valid_from)
    adopted = _append(uow, profile, grid_code=grid_code, valid_from=valid_from, path=path, by=actor.name)
    told = {"path": path, "value": value, "grid": grid_code, "valid_from": valid_from.isoformat()}
    uow.record(actor, "override", "regulation", adopted.id, told)
    return adopted


def withdraw(actor: Actor, uow: UnitOfWork, *, grid_code: str, valid_from: date) -> Regulation:
    """Let what holds above a grid hold in it again, from a day on.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    grid_code : str
        A grid with rules of its own on that day.
    valid_from : date
        The first day.

    Returns
    -------
    Regulation
        As it is kept, without a profile.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may manage the rules there.
    NotFound
        If no grid of today has this code.
    NoOwnRules
        If the rules above hold there already.
    """
    rows.lock_adoption(uow.connection)
    inherited(actor, uow, grid_code=grid_code, valid_from=valid_from)
    kept = _keep(
        uow, grid_code=grid_code, valid_from=valid_from, document=None, path=None, adopted_by=actor.name
    )
    told = {"grid": grid_code, "valid_from": valid_from.isoformat()}
    uow.record(actor, "withdraw", "regulation", kept.id, told)
    return kept


def inherited(actor: Actor, uow: UnitOfWork, *, grid_code: str, valid_from: date) -> Profile:
    """Give what would hold in a grid on a day if its own rules were withdrawn; nothing is kept.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    grid_code : str
        A grid with rules of its own on that day.
    valid_from : date
        The day.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction, NotFound, NoOwnRules
        See `withdraw`.
    """
    _require(actor, uow, Action.MANAGE_RULES, grid_code)
    chain = _chain(uow, grid_code)
    present = rows.regulation_at(uow.connection, chain, valid_from)
    if present is None or present.grid_code != grid_code:
        raise NoOwnRules(grid=grid_code, day=valid_from.isoformat())
    return _profile_in(uow, chain[:-1], valid_from)


def overridden(
    actor: Actor, uow: UnitOfWork, path: str, value: object, *, grid_code: str | None, valid_from: date
) -> Profile:
    """Give what holds in a grid on a day, with another single value; nothing is kept.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    path : str
        Which value.
    value : object
        JSON-ready.
    grid_code : str or None
        Where; None for the whole city.
    valid_from : date
        The day.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction, NotFound, BadValue, ProfileRefused
        See `override`.
    """
    _require(actor, uow, Action.MANAGE_RULES, grid_code)
    present = document_of(profile_at(uow, grid_code, valid_from))
    return read_document(_overridden(present, path, value))


def _overridden(present: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    if "." not in path:
        raise BadValue(field="path", value=path, expected="SECTION.NAME")
    if value_at(present, path) == value:
        raise BadValue(field=path, value=value, expected="another value")
    return {**with_value(present, path, value), "version": present["version"] + 1}


def differences(
    actor: Actor, uow: UnitOfWork, profile: Profile, *, grid_code: str | None, valid_from: date
) -> tuple[Difference, ...]:
    """Give what would be different if a profile were adopted; nothing is kept.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    profile : Profile
        What is to hold.
    grid_code : str or None
        Where; None for the whole city.
    valid_from : date
        The first day.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction, NotFound
        See `adopt`.
    """
    _require(actor, uow, Action.MANAGE_RULES, grid_code)
    present = document_of(profile_at(uow, grid_code, valid_from))
    return differing(present, document_of(profile))


# reading -------------------------------------------------------------------------------------------------


def list_regulations(actor: Actor, uow: UnitOfWork) -> tuple[Regulation, ...]:
    """Give what was adopted and changed, by first day.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read rules.
    """
    actor.jurisdiction(Action.READ_RULES)
    return tuple(map(_regulation, rows.all_regulations(uow.connection)))


def ruling(actor: Actor, uow: UnitOfWork, grid_code: str | None, day: date) -> Profile:
    """Give the profile that holds in a grid of today on a day.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    grid_code : str or None
        Where; None for what holds in the city where nothing narrower does.
    day : date
        The day.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read rules.
    NotFound
        If no grid of today has this code.
    """
    actor.jurisdiction(Action.READ_RULES)
    _chain(uow, grid_code)
    return profile_at(uow, grid_code, day)


def rules_on(actor: Actor, uow: UnitOfWork, grid_code: str | None, day: date) -> tuple[RulePart, ...]:
    """Give the rules that hold in a grid on a day, with from when each value holds.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    grid_code : str or None
        Where; None for what holds in the city where nothing narrower does.
    day : date
        The day.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read rules.
    NotFound
        If no grid of today has this code.
    """
    return rule_parts(_holding(actor, uow, grid_code), day)


def history(actor: Actor, uow: UnitOfWork, path: str, grid_code: str | None) -> tuple[Spell, ...]:
    """Give the values that stood and are going to stand at a path, the earliest first.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    path : str
        Such as ``posts.posts.head.least``.
    grid_code : str or None
        Where.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read rules.
    NotFound
        If no grid of today has this code.
    BadValue
        If nothing ever stood at the path.
    """
    holding = _holding(actor, uow, grid_code)
    found = spells(holding, path)
    if all(spell.value is None for spell in found):
        value_at(holding[-1].document, path)
    return found


def _holding(actor: Actor, uow: UnitOfWork, grid_code: str | None) -> tuple[Holding, ...]:
    actor.jurisdiction(Action.READ_RULES)
    chain = _chain(uow, grid_code)
    regulations = tuple(map(_regulation, rows.all_regulations(uow.connection)))
    return tuple(
        Holding(since, one, document_of(one.profile))
        for since, one in holding_in(regulations, chain)
        if one.profile
    )


def _require(actor: Actor, uow: UnitOfWork, action: Action, grid_code: str | None) -> None:
    actor.jurisdiction(action)
    actor.require(action, _chain(uow, grid_code))


def _chain(uow: UnitOfWork, grid_code: str | None) -> tuple[str, ...]:
    if grid_code is None:
        return ()
    if one_grid(uow.connection, grid_code, None) is None:
        raise NotFound(kind="grid", key=grid_code)
    return chains(uow.connection, {grid_code})[grid_code]
