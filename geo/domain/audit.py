"""The trail of changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change, as the append-only log keeps it.

    Attributes
    ----------
    id : int
        Number in the log.
    at : datetime
        When.
    actor : str
        Username of who did it.
    action, kind, key : str
        What was done, to what kind of thing, to which one.
    change : Mapping[str, Any]
        What is different since.
    """

    id: int
    at: datetime
    actor: str
    action: str
    kind: str
    key: str
    change: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which changes are wanted; None doesn't narrow.

    Attributes
    ----------
    actor : str or None
        Those that this username made.
    kind, key : str or None
        Those of this kind of thing, and of this one.
    since, until : datetime or None
        Those of the half-open time, aware.
    """

    actor: str | None = None
    kind: str | None = None
    key: str | None = None
    since: datetime | None = None
    until: datetime | None = None
