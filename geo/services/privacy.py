"""Personal data leave here, veiled by the profile of the place; a look at key people leaves a trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from geo.db import privacy as rows
from geo.db.jurisdictions import chains
from geo.db.people import is_known_code
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.pages import Page
from geo.domain.privacy import KeyCount, KeyPerson, Look, Veil, seen_classes, veil
from geo.errors import AgainstRule, NotFound
from geo.services.profiles import profile_at

_FIELDS = ("name", "phone", "id_number", "note")


class Veils:
    """What somebody sees of people, place by place; each place is asked about once.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    day : date
        Today in the city.
    """

    def __init__(self, actor: Actor, uow: UnitOfWork, day: date) -> None:
        self._actor = actor
        self._uow = uow
        self._day = day
        self._known: dict[str | None, Veil] = {}

    def over(self, grid_code: str | None) -> Veil:
        """Give what is seen in a grid; outside every grid, by the rules and the roles of the whole city.

        Parameters
        ----------
        grid_code : str or None
            Code of a grid of any level.
        """
        if grid_code not in self._known:
            self._known[grid_code] = self._made(grid_code)
        return self._known[grid_code]

    def _made(self, grid_code: str | None) -> Veil:
        connection, actor = self._uow.connection, self._actor
        rules = profile_at(self._uow, grid_code, self._day).privacy
        chain = chains(connection, (grid_code,))[grid_code] if grid_code else ()
        posts: frozenset[str] = frozenset()
        if actor.person_id is not None:
            posts = rows.posts_held(connection, actor.person_id, chain, self._day)
        return veil(rules, seen_classes(rules, actor.grants, posts, chain))


# the register of key people ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyPersonData:
    """All that can be kept of somebody on the register; see `KeyPerson`."""

    kind: str
    grid_code: str
    name: str
    phone: str | None = None
    id_number: str | None = None
    note: str | None = None


def list_key_people(
    actor: Actor,
    uow: UnitOfWork,
    day: date,
    *,
    grid_code: str | None,
    kind: str | None,
    after: int,
    limit: int,
) -> Page[KeyPerson]:
    """Give those on the register where the actor may read it, masked whoever asks: to see one is to `look`.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    day : date
        Today in the city.
    grid_code, kind : str or None
        Only those in this grid and below, only those of this kind.
    after, limit : int
        At most so many, with higher numbers.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read the register anywhere.
    """
    jurisdiction = actor.jurisdiction(Action.READ_KEY_PEOPLE)
    page = rows.list_key_people(
        uow.connection, jurisdiction, grid_code=grid_code, kind=kind, after=after, limit=limit
    )
    return Page(_masked(uow, page.rows, day), page.next)


def count_key_people(actor: Actor, uow: UnitOfWork) -> tuple[KeyCount, ...]:
    """Give how many are on the register where the actor may read measures: counted, not named.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read measures anywhere.
    """
    return rows.count_key_people(uow.connection, actor.jurisdiction(Action.READ_MEASURES))


def look(actor: Actor, uow: UnitOfWork, key: int, *, reason: str, day: date) -> KeyPerson:
    """Give somebody on the register as the actor may see them, and keep who looked, when, and why.

    Parameters
    ----------
    actor : Actor
        Who looks.
    uow : UnitOfWork
        A transaction that writes.
    key : int
        Number on the register.
    reason : str
        Why.
    day : date
        Today in the city.

    Raises
    ------
    NotFound
        If there is nobody with this number.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not read the register there.

    Notes
    -----
    The trace is part of the transaction that reads, and doors open only after it: a door hands nothing out
    before the commit. What is read has a trace; an answer that fails on its way leaves one too.
    """
    found = _admitted(actor, uow, key, Action.READ_KEY_PEOPLE)
    rows.insert_look(
        uow.connection,
        {
            "actor": actor.name,
            "account_id": actor.account_id,
            "key_person_id": key,
            "grid_code": found.grid_code,
            "reason": reason,
        },
    )
    return _veiled(found, Veils(actor, uow, day).over(found.grid_code))


def list_looks(actor: Actor, uow: UnitOfWork, *, before: int | None, limit: int) -> Page[Look]:
    """Give the looks at people of the grids that the actor supervises, the latest first.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    before : int or None
        Only those with a lower number.
    limit : int
        At most so many.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor supervises nobody.
    """
    return rows.list_looks(uow.connection, actor.jurisdiction(Action.READ_LOOKS), before=before, limit=limit)


def put_on_register(actor: Actor, uow: UnitOfWork, data: KeyPersonData, day: date) -> KeyPerson:
    """Put somebody on the register.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction.
    data : KeyPersonData
        Who it is.
    day : date
        Today in the city.

    Returns
    -------
    KeyPerson
        Masked.

    Raises
    ------
    NotFound
        If there is no such grid.
    AgainstRule
        If the profile of the grid knows no such kind.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not write the register there.
    """
    _require_writable(actor, uow, data, day)
    kept = rows.insert_key_person(uow.connection, asdict(data))
    uow.record(actor, "create", "key_person", kept.id, {"grid": data.grid_code, "kind": data.kind})
    return _masked(uow, (kept,), day)[0]


def change_on_register(
    actor: Actor, uow: UnitOfWork, key: int, *, revision: int, data: KeyPersonData, day: date
) -> KeyPerson:
    """Let somebody on the register be what is told now.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        Who, and the revision that the change is based on.
    data : KeyPersonData
        All that is kept.
    day : date
        Today in the city.

    Returns
    -------
    KeyPerson
        Masked.

    Raises
    ------
    NotFound
        If there is nobody with this number, or no such grid.
    StaleRevision
        If somebody has changed it since.
    AgainstRule
        If the profile of the grid knows no such kind.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not write the register there, or where it goes.
    """
    before = _admitted(actor, uow, key, Action.WRITE_KEY_PEOPLE)
    _require_writable(actor, uow, data, day)
    kept = rows.update_key_person(uow.connection, key, revision, asdict(data))
    changed = sorted(name for name, value in asdict(data).items() if getattr(before, name) != value)
    uow.record(actor, "change", "key_person", key, {"fields": changed})
    return _masked(uow, (kept,), day)[0]


def take_off_register(actor: Actor, uow: UnitOfWork, key: int, revision: int) -> None:
    """Keep nothing of somebody any more but the looks at them.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        Who, and the revision that was read.

    Raises
    ------
    NotFound
        If there is nobody with this number.
    StaleRevision
        If somebody has changed it since.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not write the register there.
    """
    found = _admitted(actor, uow, key, Action.WRITE_KEY_PEOPLE)
    rows.delete_key_person(uow.connection, key, revision)
    uow.record(actor, "delete", "key_person", key, {"grid": found.grid_code, "kind": found.kind})


def _admitted(actor: Actor, uow: UnitOfWork, key: int, action: Action) -> KeyPerson:
    actor.jurisdiction(action)
    found = rows.find_key_person(uow.connection, key)
    actor.require(action, chains(uow.connection, (found.grid_code,))[found.grid_code])
    return found


def _require_writable(actor: Actor, uow: UnitOfWork, data: KeyPersonData, day: date) -> None:
    actor.jurisdiction(Action.WRITE_KEY_PEOPLE)
    if not is_known_code(uow.connection, data.grid_code):
        raise NotFound(kind="grid", key=data.grid_code)
    actor.require(Action.WRITE_KEY_PEOPLE, chains(uow.connection, (data.grid_code,))[data.grid_code])
    kinds = profile_at(uow, data.grid_code, day).privacy.key_kinds
    if data.kind not in {kind.key for kind in kinds}:
        known = [kind.key for kind in kinds]
        raise AgainstRule(field="kind", value=data.kind, expected=known, rules=[], clause=None)


def _masked(uow: UnitOfWork, people: Sequence[KeyPerson], day: date) -> tuple[KeyPerson, ...]:
    """Give people as those see them who see nothing."""
    nobody = Veils(Actor(""), uow, day)
    return tuple(_veiled(one, nobody.over(one.grid_code)) for one in people)


def _veiled(found: KeyPerson, over: Veil) -> KeyPerson:
    seen: dict[str, Any] = {name: over.value(f"key_person.{name}", getattr(found, name)) for name in _FIELDS}
    return replace(found, **seen)
