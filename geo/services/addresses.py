"""Finding standard addresses by likeness, and keeping them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from geo.db import addresses as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import ANONYMOUS, Action, Actor
from geo.domain.addresses import WRONG_NUMBER, Address, Candidate, normalize, same_numbers
from geo.errors import BadValue
from geo.services.located import Things
from geo.services.privacy import Veils

_ADDRESSES = Things("address", rows.ADDRESSES, Action.SEARCH_ADDRESSES, Action.WRITE_ADDRESSES)

_LOOKED_AT = 200
"""How many addresses are compared number by number."""

_WEIGHT_OF_WHOLE = 0.1
"""How much the likeness to the whole address counts beside that to its most similar part."""


def search(actor: Actor, uow: UnitOfWork, text: str, day: date, *, limit: int) -> tuple[Candidate, ...]:
    """Give the addresses that may be meant by a text, the most like first.

    Parameters
    ----------
    actor : Actor
        Who asks; without an account nobody sees the attributes.
    uow : UnitOfWork
        The transaction.
    text : str
        An address, or a part of one, as somebody has written it.
    day : date
        Today in the city.
    limit : int
        At most so many.

    Returns
    -------
    tuple of Candidate
        With score and grids. One whose house number differs never scores above `WRONG_NUMBER`.

    Raises
    ------
    BadValue
        If the text is blank.

    Notes
    -----
    ``score = 0.9 · likeness to the most similar part + 0.1 · likeness to the whole``
    """
    if not text.strip():
        raise BadValue(field="q", value=text, expected="text")
    asked = normalize(text)
    hits = rows.similar(uow.connection, asked, max(limit, _LOOKED_AT)) if asked else []
    ranked = sorted(hits, key=lambda hit: -_score(asked, hit))[:limit]
    ids = [hit.id for hit in ranked]
    found, chains = rows.addresses_of(uow.connection, ids), rows.chains_of(uow.connection, ids)
    seen = _as_seen_by(actor, uow, day, [found[hit.id] for hit in ranked])
    return tuple(
        Candidate(address, _score(asked, hit), chains.get(hit.id, ()))
        for address, hit in zip(seen, ranked, strict=True)
    )


def _score(asked: str, hit: rows.Hit) -> float:
    likeness = (1 - _WEIGHT_OF_WHOLE) * hit.part + _WEIGHT_OF_WHOLE * hit.whole
    return likeness if same_numbers(asked, hit.normalized) else min(likeness, WRONG_NUMBER)


def _as_seen_by(actor: Actor, uow: UnitOfWork, day: date, found: Iterable[Address]) -> tuple[Address, ...]:
    if actor == ANONYMOUS:
        return tuple(replace(address, attributes={}) for address in found)
    return Veils(actor, uow, day).shown(found)


def get_address(actor: Actor, uow: UnitOfWork, address_id: int, day: date) -> Address:
    """Give the address of that id; `Things.get` tells what is raised.

    Parameters
    ----------
    actor : Actor
        Who asks; without an account nobody sees the attributes.
    uow : UnitOfWork
        The transaction.
    address_id : int
        Which one.
    day : date
        Today in the city.
    """
    return _as_seen_by(actor, uow, day, (_ADDRESSES.get(actor, uow, address_id),))[0]


def create_address(actor: Actor, uow: UnitOfWork, values: Mapping[str, Any], day: date) -> Address:
    """Keep a new address, which knows its grid at once; `Things.create` tells what is raised.

    Parameters
    ----------
    actor : Actor
        Who writes.
    uow : UnitOfWork
        The transaction.
    values : Mapping[str, Any]
        ``text``, and as far as they are known ``ref``, ``attributes`` and ``place`` (lon, lat).
    day : date
        Today in the city.

    Returns
    -------
    Address
        As the actor sees it now, with its id and its grid.
    """
    return get_address(actor, uow, _ADDRESSES.create(actor, uow, _with_spelling(values)), day)


def replace_address(
    actor: Actor, uow: UnitOfWork, address_id: int, *, revision: int, values: Mapping[str, Any], day: date
) -> Address:
    """Put other values in the place of an address; `Things.locked` and `Things.change` tell what is raised.

    Parameters
    ----------
    actor : Actor
        Who writes.
    uow : UnitOfWork
        The transaction.
    address_id : int
        Which one.
    revision : int
        The revision that the actor has seen.
    values : Mapping[str, Any]
        See `create_address`; attributes that come back masked, as the actor sees them, stay what they are.
    day : date
        Today in the city.

    Returns
    -------
    Address
        As the actor sees it now, at the next revision.
    """
    present = _ADDRESSES.locked(actor, uow, address_id, revision)
    veils = Veils(actor, uow, day)
    told = _with_spelling(veils.returned(values, present))
    return veils.one(_ADDRESSES.change(actor, uow, address_id, told))


def _with_spelling(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, "normalized": normalize(values["text"])}
