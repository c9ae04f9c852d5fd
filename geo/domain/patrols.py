"""Patrols: visits to entities and places, and tracks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shapely import LineString, Point

from geo.domain.personal import IN_WORDS, personal


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit of one or more people to an entity or a place.

    Attributes
    ----------
    id, revision : int
        Row and lock counter.
    ref : str or None
        Key in the system that it came from.
    kind : str
        Kind of visit in the words of the profile (``patrol``, ``home_visit``, ``check`` …).
    visited_at : datetime
        When, aware.
    entity_id : int or None
        What was visited, if it is an entity.
    people : tuple of int
        Ids of the people who went.
    geometry : Point or None
        EPSG:4326; where it was reported from, or where the entity stands.
    grid_code : str or None
        The leaf grid in the generation in force.
    result, note : str or None
        What was found.
    attributes : Mapping[str, Any]
        Everything else that came with it.
    household_id : int or None
        The household that was visited; the entity is its building then.
    """

    id: int
    revision: int
    ref: str | None
    kind: str
    visited_at: datetime
    entity_id: int | None
    people: tuple[int, ...]
    geometry: Point | None
    grid_code: str | None
    result: str | None = field(default=None, metadata=IN_WORDS)
    note: str | None = field(default=None, metadata=IN_WORDS)
    attributes: Mapping[str, Any] = field(default_factory=dict, metadata=personal("visit.*"))
    household_id: int | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """The way that somebody went, as a line whose M is the time of each fix.

    Attributes
    ----------
    id : int
        Row.
    ref : str or None
        Key in the system that it came from.
    person_id : int or None
        Who went.
    started_at, ended_at : datetime
        Times of the first and the last fix, aware.
    fixes : int
        How many fixes.
    length_m : float
        Length on the ground in metres.
    geometry : LineString
        EPSG:4326 with M = seconds since 1970-01-01 UTC.
    attributes : Mapping[str, Any]
        Everything else that came with it.
    """

    id: int
    ref: str | None
    person_id: int | None
    started_at: datetime
    ended_at: datetime
    fixes: int
    length_m: float
    geometry: LineString
    attributes: Mapping[str, Any] = field(default_factory=dict, metadata=personal("track.*"))
