"""Finding standard addresses by likeness, and keeping them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from geo.db import addresses as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import ANONYMOUS, Action, Actor
from geo.domain.addresses import WRONG_NUMBER, Address, Candidate, normalize, same_numbers
from geo.errors import BadValue
from geo.services.located import Things

_ADDRESSES = Things("address", rows.ADDRESSES, Action.SEARCH_ADDRESSES, Action.WRITE_ADDRESSES)

_LOOKED_AT = 200
"""How many addresses are compared number by number."""

_WEIGHT_OF_WHOLE = 0.1
"""How much the likeness to the whole address counts beside that to its most similar part."""


def search(actor: Actor, uow: UnitOfWork, text: str, *, limit: int) -> tuple[Candidate, ...]:
    """Give the addresses that may be meant by a text, the most like first.

    Parameters
    ----------
    actor : Actor
        Who asks; without an account nobody sees the attributes.
    uow : UnitOfWork
        The transaction.
    text : str
        An address, or a part of one, as somebody has written it.
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
    return tuple(
        Candidate(_as_seen_by(actor, found[hit.id]), _score(asked, hit), chains.get(hit.id, ()))
        for hit in ranked
    )


def _score(asked: str, hit: rows.Hit) -> float:
    likeness = (1 - _WEIGHT_OF_WHOLE) * hit.part + _WEIGHT_OF_WHOLE * hit.whole
    return likeness if same_numbers(asked, hit.normalized) else min(likeness, WRONG_NUMBER)


def _as_seen_by(actor: Actor, address: Address) -> Address:
    return replace(address, attributes={}) if actor == ANONYMOUS else address


def get_address(actor: Actor, uow: UnitOfWork, address_id: int) -> Address:
    """Give the address of that id; `Things.get` tells what is raised.

    Parameters
    ----------
    actor : Actor
        Who asks; without an account nobody sees the attributes.
    uow : UnitOfWork
        The transaction.
    address_id : int
        Which one.
    """
    return _as_seen_by(actor, _ADDRESSES.get(actor, uow, address_id))


def create_address(actor: Actor, uow: UnitOfWork, values: Mapping[str, Any]) -> Address:
    """Keep a new address, which knows its grid at once; `Things.create` tells what is raised.

    Parameters
    ----------
    actor : Actor
        Who writes.
    uow : UnitOfWork
        The transaction.
    values : Mapping[str, Any]
        ``text``, and as far as they are known ``ref``, ``attributes`` and ``place`` (lon, lat).

    Returns
    -------
    Address
        As it stands now, with its id and its grid.
    """
    key = _ADDRESSES.create(actor, uow, _with_spelling(values))
    return _ADDRESSES.get(actor, uow, key)


def replace_address(
    actor: Actor, uow: UnitOfWork, address_id: int, revision: int, values: Mapping[str, Any]
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
        See `create_address`.

    Returns
    -------
    Address
        As it stands now, at the next revision.
    """
    _ADDRESSES.locked(actor, uow, address_id, revision)
    return _ADDRESSES.change(actor, uow, address_id, _with_spelling(values))


def _with_spelling(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, "normalized": normalize(values["text"])}
