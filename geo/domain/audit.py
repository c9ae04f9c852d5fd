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
