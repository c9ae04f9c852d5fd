"""Personal data leave here, veiled by the profile of the place; a look at key people leaves a trace."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Protocol, TypeVar, get_args

from geo.db import privacy as rows
from geo.db.jurisdictions import chains
from geo.db.people import is_known_code
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.pages import Page
from geo.domain.privacy import KeyCount, KeyPerson, Look, Veil, seen_classes, unveiled, veil
from geo.domain.profiles.privacy import FieldClass
from geo.domain.profiles.regulations import Regime
from geo.errors import AgainstRule, NotFound
from geo.services.profile_documents import shipped_profile
from geo.services.profiles import DEFAULT, profile_at, regimes

T = TypeVar("T")


class Placed(Protocol):
    """What lies in a grid, or in none."""

    @property
    def grid_code(self) -> str | None:
        """Code of a grid of any level."""


class Described(Placed, Protocol):
    """What lies in a grid, with everything else that came with it."""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """By name."""


P = TypeVar("P", bound=Placed)


class Veils:
    """What somebody sees of people, place by place; all that is asked for at once is asked in one go.

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
        self._chains: dict[str, tuple[str, ...]] = {}

    def over(self, grid_code: str | None) -> Veil:
        """Give what is seen in a grid; outside every grid, by the rules and the roles of the whole city.

        Parameters
        ----------
        grid_code : str or None
            Code of a grid of any level.

        Notes
        -----
        In a city that has chosen no profile yet, the one holds that it begins with.
        """
        return self.over_each((grid_code,))[0]

    def over_each(self, codes: Iterable[str | None]) -> list[Veil]:
        """Give what is seen in each of some grids; see `over`."""
        asked = list(codes)
        self._learn(set(asked))
        return [self._known[code] for code in asked]

    def shown(self, things: Iterable[P]) -> tuple[P, ...]:
        """Give things, each as it is seen where it lies.

        Parameters
        ----------
        things : iterable
            With the code of a grid of any level, or None, as ``grid_code``.
        """
        found = tuple(things)
        over = self.over_each(one.grid_code for one in found)
        return tuple(veil.shown(one) for one, veil in zip(found, over, strict=True))

    def one(self, thing: P) -> P:
        """Give a thing as it is seen where it lies."""
        return self.over(thing.grid_code).shown(thing)

    def returned(self, values: Mapping[str, Any], before: Described) -> dict[str, Any]:
        """Give values that somebody tells of a thing; what comes back as it was seen stays.

        Parameters
        ----------
        values : Mapping
            What is told now.
        before : Described
            What is kept.
        """
        seen = self.one(before)
        known = [name for name in values if hasattr(seen, name)]
        kept = {name: getattr(before, name) for name in known if values[name] == getattr(seen, name)}
        if "attributes" in values:
            kept["attributes"] = _returned(values["attributes"], seen.attributes, before.attributes)
        return {**values, **kept}

    def people(self, things: Iterable[T], who: Callable[[T], int | None]) -> tuple[T, ...]:
        """Give things that tell of those who serve, each as it is seen where that person does.

        Parameters
        ----------
        things : iterable
            What tells of people and of no place.
        who : callable
            The number of the person, or None: then the rules and the roles of the whole city say it.
        """
        found = tuple(things)
        over = self.over_people(map(who, found))
        return tuple(veil.shown(one) for one, veil in zip(found, over, strict=True))

    def over_people(self, people: Iterable[int | None]) -> list[Veil]:
        """Give what is seen of each of some people; see `people`."""
        asked = list(people)
        known = self.of_people({one for one in asked if one is not None})
        nobody = self.over(None)
        return [nobody if one is None else known[one] for one in asked]

    def of_people(self, people: Collection[int]) -> dict[int, Veil]:
        """Give what is seen of those who serve, by number.

        Parameters
        ----------
        people : collection of int
            Numbers of people.

        Notes
        -----
        Whoever serves in several grids is seen as in the one where most is; whoever serves in a grid serves
        in all below it too; whoever never served is seen by the rules and the roles of the whole city.
        Everybody sees all of themselves.
        """
        held = rows.places_of(self._uow.connection, people)
        own = {grant.grid_code for grant in self._actor.grants if grant.grid_code}
        places = {code for codes in held.values() for code in codes}
        chain_of = self._chains_of(own | places)
        met = {code: {code, *(one for one in own if code in chain_of[one])} for code in places}
        self._learn({None, *own, *met})
        everything = replace(self._known[None], seen=frozenset(get_args(FieldClass)))
        veils = {
            person: max(
                (self._known[place] for code in held.get(person, ()) for place in met[code]),
                key=lambda veil: len(veil.seen),
                default=self._known[None],
            )
            for person in people
        }
        return {
            person: everything if person == self._actor.person_id else veil for person, veil in veils.items()
        }

    def _learn(self, codes: Collection[str | None]) -> None:
        new = set(codes) - self._known.keys()
        if not new:
            return
        chain_of = self._chains_of({code for code in new if code is not None})
        for code in new:
            chain = () if code is None else chain_of[code]
            holding = (regime.profile for regime in self._regimes if regime.covers(chain))
            rules = next(holding, shipped_profile(DEFAULT)).privacy
            posts = {post for place, post in self._posts if place in chain}
            self._known[code] = veil(rules, seen_classes(rules, self._actor.grants, posts, chain))

    def _chains_of(self, codes: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        new = set(codes) - self._chains.keys()
        if new:
            self._chains.update(chains(self._uow.connection, new))
        return self._chains

    @cached_property
    def _regimes(self) -> tuple[Regime, ...]:
        return regimes(self._uow, self._day, self._day + timedelta(days=1))

    @cached_property
    def _posts(self) -> list[tuple[str, str]]:
        person = self._actor.person_id
        return [] if person is None else rows.posts_held(self._uow.connection, person, self._day)


def _returned(told: Mapping[str, Any], seen: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    same = [name for name in told.keys() & seen.keys() if told[name] == seen[name]]
    return {**told, **{name: kept[name] for name in same}}


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
    return Veils(actor, uow, day).one(found)


def list_looks(actor: Actor, uow: UnitOfWork, day: date, *, before: int | None, limit: int) -> Page[Look]:
    """Give the looks at people of the grids that the actor supervises, the latest first.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    day : date
        Today in the city.
    before : int or None
        Only those with a lower number.
    limit : int
        At most so many.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor supervises nobody.
    """
    page = rows.list_looks(uow.connection, actor.jurisdiction(Action.READ_LOOKS), before=before, limit=limit)
    return Page(Veils(actor, uow, day).shown(page.rows), page.next)


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

    Notes
    -----
    What comes back masked, as the list shows it or as the actor sees it, stays what it is.
    """
    before = _admitted(actor, uow, key, Action.WRITE_KEY_PEOPLE)
    for reader in (Actor(""), actor):
        data = unveiled(data, Veils(reader, uow, day).shown((before,))[0], before)
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


def _masked(uow: UnitOfWork, people: Iterable[KeyPerson], day: date) -> tuple[KeyPerson, ...]:
    """Give people as those see them who see nothing."""
    return Veils(Actor(""), uow, day).shown(people)
