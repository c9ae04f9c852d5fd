"""Issues, their states, and the steps between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shapely import Point


class IssueState(StrEnum):
    """Where an issue stands."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    HANDLED = "handled"
    CLOSED = "closed"
    VOID = "void"


NEXT_STATES: dict[IssueState, frozenset[IssueState]] = {
    IssueState.REPORTED: frozenset({IssueState.ACCEPTED, IssueState.VOID, IssueState.CLOSED}),
    IssueState.ACCEPTED: frozenset({IssueState.DISPATCHED, IssueState.HANDLED, IssueState.VOID}),
    IssueState.DISPATCHED: frozenset({IssueState.HANDLED, IssueState.ACCEPTED}),
    IssueState.HANDLED: frozenset({IssueState.CLOSED, IssueState.DISPATCHED}),
    IssueState.CLOSED: frozenset({IssueState.ACCEPTED}),
    IssueState.VOID: frozenset({IssueState.REPORTED}),
}
"""上报 → 受理 → 派遣 → 处置 → 结案, with return, reopening and voiding."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that is wrong somewhere and has to be seen through.

    Attributes
    ----------
    id, revision : int
        Row and lock counter.
    number : str
        The number that people quote; unique.
    category : str
        Its category in the words of its source.
    description, address : str or None
        What and where, in words.
    state : IssueState
        Where it stands.
    reported_at, due_at, closed_at : datetime or None
        Aware; ``due_at`` is None without a deadline, ``closed_at`` until it is closed.
    geometry : Point or None
        EPSG:4326; None while nobody knows where it is.
    grid_code : str or None
        The leaf grid in the generation in force.
    attributes : Mapping[str, Any]
        Everything else that came with it.
    """

    id: int
    revision: int
    number: str
    category: str
    description: str | None
    address: str | None
    state: IssueState
    reported_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    geometry: Point | None
    grid_code: str | None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether the deadline has passed, or had passed at its closing; a void one is never overdue."""
        if self.due_at is None or self.state is IssueState.VOID:
            return False
        return (self.closed_at or now) > self.due_at


@dataclass(frozen=True, slots=True)
class IssueEvent:
    """One step in the history of an issue; appended, never changed.

    Attributes
    ----------
    id, issue_id : int
        Rows.
    at : datetime
        When, aware.
    actor : str
        Username of who did it.
    kind : str
        ``created``, ``state``, ``changed``, ``imported``, ``note``.
    from_state, to_state : IssueState or None
        The states before and after, when they differ.
    note : str or None
        The reason, where one was given.
    """

    id: int
    issue_id: int
    at: datetime
    actor: str
    kind: str
    from_state: IssueState | None
    to_state: IssueState | None
    note: str | None
