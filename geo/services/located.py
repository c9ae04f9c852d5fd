"""What the use cases of entities, visits and issues have in common: rights, revisions and a trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar

from geo.db.located import Located, point
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.filters import Filter
from geo.domain.pages import Page
from geo.errors import NotFound, StaleRevision


class Revised(Protocol):
    """A value with an id and a lock counter."""

    @property
    def id(self) -> int:
        """Its row."""

    @property
    def revision(self) -> int:
        """Its lock counter."""


T = TypeVar("T", bound=Revised)


@dataclass(frozen=True)
class Things(Generic[T]):
    """Located rows of one kind with the actions that reading and writing them are.

    Attributes
    ----------
    kind : str
        Name of the kind, for errors and the trail.
    rows : Located
        Where they are kept.
    reading, writing : Action
        What the actor must be allowed to do.
    """

    kind: str
    rows: Located[T]
    reading: Action
    writing: Action

    def find(self, actor: Actor, uow: UnitOfWork, wanted: Filter, *, limit: int, after: int) -> Page[T]:
        """Give those that are wanted and lie where the actor may read.

        Parameters
        ----------
        actor : Actor
            Who asks.
        uow : UnitOfWork
            The transaction.
        wanted : Filter
            Which ones.
        limit, after : int
            At most so many, after the one with this id.

        Returns
        -------
        Page
            By time and id, with the cursor to the next page.

        Raises
        ------
        NotFound
            If they go by time and the one that they come after has gone.
        Unauthenticated, Forbidden
            If the actor may not read any.
        """
        jurisdiction = actor.jurisdiction(self.reading)
        conditions = self.rows.conditions(wanted, jurisdiction)
        return self.rows.page(uow.connection, conditions, limit=limit, after=after, jurisdiction=jurisdiction)

    def get(self, actor: Actor, uow: UnitOfWork, key: int) -> T:
        """Give one.

        Parameters
        ----------
        actor : Actor
            Who asks.
        uow : UnitOfWork
            The transaction.
        key : int
            Its id.

        Returns
        -------
        value
            What is kept.

        Raises
        ------
        NotFound
            If there is none.
        Unauthenticated, Forbidden, OutsideJurisdiction
            If the actor may not read it.
        """
        actor.jurisdiction(self.reading)
        return self._admitted(actor, uow, key, self.reading, self.rows.one(uow.connection, key))

    def create(self, actor: Actor, uow: UnitOfWork, values: Mapping[str, Any]) -> int:
        """Keep a new one.

        Parameters
        ----------
        actor : Actor
            Who writes.
        uow : UnitOfWork
            The transaction.
        values : mapping
            Columns, with ``place`` as a pair of lon and lat in degrees (EPSG:4326) or None.

        Returns
        -------
        int
            Its id.

        Raises
        ------
        Unauthenticated, Forbidden, OutsideJurisdiction
            If the actor may not write there; the transaction must then be given up.
        """
        actor.jurisdiction(self.writing)
        key = self.rows.insert(uow.connection, _columns(values))
        actor.require(self.writing, self.rows.chain(uow.connection, key))
        uow.record(actor, "create", self.kind, key, readable(values))
        return key

    def locked(self, actor: Actor, uow: UnitOfWork, key: int, revision: int) -> T:
        """Give one as it is, kept from others until the transaction ends, for the actor to change.

        Parameters
        ----------
        actor : Actor
            Who writes.
        uow : UnitOfWork
            The transaction.
        key : int
            Its id.
        revision : int
            The revision that the actor has seen.

        Returns
        -------
        value
            What is kept.

        Raises
        ------
        NotFound
            If there is none.
        StaleRevision
            If somebody else has changed it since.
        Unauthenticated, Forbidden, OutsideJurisdiction
            If the actor may not write there.
        """
        actor.jurisdiction(self.writing)
        found = self.rows.locked(uow.connection, key)
        present = self._admitted(actor, uow, key, self.writing, found)
        if present.revision != revision:
            raise StaleRevision(kind=self.kind, key=key, revision=revision, current=present.revision)
        return present

    def change(self, actor: Actor, uow: UnitOfWork, key: int, values: Mapping[str, Any]) -> T:
        """Change one that is `locked`.

        Parameters
        ----------
        actor : Actor
            Who writes.
        uow : UnitOfWork
            The transaction.
        key : int
            Its id.
        values : mapping
            The columns that change; see `create`.

        Returns
        -------
        value
            What is kept now.

        Raises
        ------
        OutsideJurisdiction
            If it was moved to where the actor may not write; the transaction must then be given up.
        """
        self.rows.update(uow.connection, key, _columns(values))
        actor.require(self.writing, self.rows.chain(uow.connection, key))
        uow.record(actor, "change", self.kind, key, readable(values))
        changed = self.rows.one(uow.connection, key)
        if changed is None:
            raise NotFound(kind=self.kind, key=key)
        return changed

    def _admitted(self, actor: Actor, uow: UnitOfWork, key: int, action: Action, found: T | None) -> T:
        if found is None:
            raise NotFound(kind=self.kind, key=key)
        actor.require(action, self.rows.chain(uow.connection, key))
        return found


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the columns with the place as a point."""
    columns = {name: value for name, value in values.items() if name != "place"}
    if "place" in values:
        place = values["place"]
        columns["geom"] = None if place is None else point(*place)
    return columns


def readable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give values as the trail keeps them: JSON-ready, times in ISO 8601.

    Parameters
    ----------
    values : mapping
        Columns and their values.

    Returns
    -------
    dict
        The same, with times as text.
    """
    return {
        name: value.isoformat() if isinstance(value, datetime | date) else value
        for name, value in values.items()
    }
