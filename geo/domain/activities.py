"""Trainings, meetings, check-ins, logs: what is done beside visits, and who was there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shapely import Point

from geo.domain.personal import IN_WORDS, personal


class Presence(StrEnum):
    """Whether somebody was there."""

    PRESENT = "present"
    ABSENT = "absent"
    MADE_UP = "made_up"


@dataclass(frozen=True, slots=True)
class Attendance:
    """Somebody who was to be there.

    Attributes
    ----------
    person_id : int
        Who.
    name : str
        Their name.
    state : Presence
        Whether they were.
    made_up_in : int or None
        The activity in which they made it up (补训), for those who did.
    """

    person_id: int
    name: str = field(metadata=personal("person.name"))
    state: Presence
    made_up_in: int | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that was held, attended or written at a time.

    Attributes
    ----------
    id, revision : int
        Row and lock counter.
    ref : str or None
        Key that a phone made, so that sending it twice keeps it once.
    kind : str
        Kind of activity in the words of the profile (``training``, ``meeting``, ``check_in``, ``log`` …).
    title : str
        What it was about.
    starts_at, ends_at : datetime
        From when to when, aware.
    grid_code : str
        The grid, of any level, for which it was held: codes outlive generations.
    geometry : Point or None
        EPSG:4326; where it was reported from.
    note : str or None
        Agenda, minutes, the text of a log.
    attendances : tuple of Attendance
        Who was to be there, by number of the person.
    created_by : str
        Who wrote it down.
    attributes : Mapping[str, Any]
        Everything else; of a survey ``asked`` and ``satisfied``.
    """

    id: int
    revision: int
    ref: str | None
    kind: str
    title: str = field(metadata=IN_WORDS)
    starts_at: datetime
    ends_at: datetime
    grid_code: str
    geometry: Point | None
    note: str | None = field(metadata=IN_WORDS)
    attendances: tuple[Attendance, ...]
    created_by: str
    attributes: Mapping[str, Any] = field(default_factory=dict, metadata=personal("activity.*"))
