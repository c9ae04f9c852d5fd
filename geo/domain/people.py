"""People, their posts, and who is responsible for a grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from geo.domain.personal import personal


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in grids. All of it but the name is personal data.

    Attributes
    ----------
    id, revision : int
        Row and lock counter.
    ref : str or None
        Key in the system that the person came from.
    name, phone, organisation : str
        As published where the post is public, else for those with the right to read people.
    attributes : Mapping[str, Any]
        Everything else that came with them.
    """

    id: int
    revision: int
    ref: str | None
    name: str = field(metadata=personal("person.name"))
    phone: str | None = field(default=None, metadata=personal("person.phone"))
    organisation: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict, metadata=personal("person.attributes"))


@dataclass(frozen=True, slots=True)
class Assignment:
    """A person holding a post in a grid for a time.

    Attributes
    ----------
    id, revision, person_id : int
        Rows and lock counter.
    grid_code : str
        The grid, by its code: assignments outlive generations.
    post : str
        Key of the post.
    valid_from, valid_to : date
        Half-open; ``valid_to`` is None while the post is held.
    """

    id: int
    revision: int
    person_id: int
    grid_code: str
    post: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Responsible:
    """What the public may know of who is responsible for a grid.

    Attributes
    ----------
    grid_code : str
        The grid.
    post, post_zh, post_en : str
        Key and names of the post.
    name : str
        The person's name.
    phone : str or None
        The number for this duty, as published with the post.
    stands_in : bool
        Whether the person covers for the leave of whoever holds the post.
    """

    grid_code: str
    post: str
    post_zh: str
    post_en: str
    name: str
    phone: str | None
    stands_in: bool = False
