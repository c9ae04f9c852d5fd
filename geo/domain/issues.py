"""Issues, their states, and the steps between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shapely import Point

from geo.domain.personal import IN_WORDS, personal
from geo.domain.photos import NO_PHOTOS, Photo, StepPhotos
from geo.domain.profiles.issues import IssueKind


class IssueState(StrEnum):
    """Where an issue stands: a stage of its way, or void (作废)."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    DISPATCHED = "dispatched"
    HANDLED = "handled"
    FED_BACK = "fed_back"
    CHECKED = "checked"
    CLOSED = "closed"
    VOID = "void"


States = Mapping[IssueState, frozenset[IssueState]]
"""Which states may follow each state."""

ANY_WAY: States = {
    IssueState.REPORTED: frozenset({IssueState.ACCEPTED, IssueState.VOID, IssueState.CLOSED}),
    IssueState.ACCEPTED: frozenset({IssueState.DISPATCHED, IssueState.HANDLED, IssueState.VOID}),
    IssueState.REVIEWED: frozenset({IssueState.APPROVED, IssueState.ACCEPTED, IssueState.VOID}),
    IssueState.APPROVED: frozenset({IssueState.CLOSED, IssueState.REVIEWED, IssueState.VOID}),
    IssueState.DISPATCHED: frozenset({IssueState.HANDLED, IssueState.ACCEPTED, IssueState.VOID}),
    IssueState.HANDLED: frozenset(
        {IssueState.FED_BACK, IssueState.CHECKED, IssueState.CLOSED, IssueState.DISPATCHED}
    ),
    IssueState.FED_BACK: frozenset({IssueState.CHECKED, IssueState.CLOSED, IssueState.HANDLED}),
    IssueState.CHECKED: frozenset({IssueState.CLOSED, IssueState.HANDLED}),
    IssueState.CLOSED: frozenset({IssueState.ACCEPTED}),
    IssueState.VOID: frozenset({IssueState.REPORTED}),
}
"""上报 → 受理 → 派遣 → 处置 → 反馈 → 核查 → 结案 of issues that are of no kind."""


def way_of(kind: IssueKind | None) -> States:
    """Give which states may follow each state of an issue of a kind.

    Parameters
    ----------
    kind : IssueKind or None
        What the regulation profile says of them; None for one of no kind.

    Returns
    -------
    mapping
        One stage onward, one stage back, void until it is closed; a closed one is reopened at its second
        stage.
    """
    if kind is None:
        return ANY_WAY
    stages = [IssueState(stage) for stage in kind.stages]
    way = dict(ANY_WAY)  # an issue may stand where its kind does not lead since the profile changed
    for before, stage, after in zip([None, *stages], stages, stages[1:], strict=False):
        way[stage] = frozenset({after, IssueState.VOID} | ({before} if before else set()))
    way[IssueState.CLOSED] = frozenset({stages[min(1, len(stages) - 2)]})
    return way


def is_backward(state: IssueState, to_state: IssueState) -> bool:
    """Tell whether a step returns, reopens or gives up an issue, so that its reason has to be stated."""
    order = list(IssueState)
    return order.index(to_state) < order.index(state) or to_state is IssueState.VOID


@dataclass(frozen=True, slots=True)
class Step:
    """A step that is to be taken.

    Attributes
    ----------
    to_state : IssueState
        Where the issue is to stand.
    note : str or None
        The reason, or what else is to be remembered.
    result : str or None
        What was done about it; nothing is closed without.
    public_result : str or None
        What everybody may read of that.
    delay_reason : str or None
        Why it took longer than it may.
    photos : StepPhotos
        Pictures that were uploaded for it.
    """

    to_state: IssueState
    note: str | None = None
    result: str | None = None
    public_result: str | None = None
    delay_reason: str | None = None
    photos: StepPhotos = NO_PHOTOS


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
    kind, level : str or None
        Keys of the regulation profile: the way that it goes, and who deals with it.
    counted_since, level_since : datetime or None
        When it was reported or last reopened, and when it came to its level.
    due_is_given : bool
        Whether somebody gave the deadline; otherwise it follows the profile.
    result, public_result, delay_reason : str or None
        What was done about it, what everybody may read of that, and why it took longer than it may.
    merged_into_id : int or None
        The issue that it is a duplicate of.
    waiting_since : datetime or None
        Since when its clock stands because the reporter is waited for.
    missed_at : datetime or None
        The first deadline on its way that was not kept, whatever its deadline is now.
    late_levels : tuple of str
        Keys of the levels whose deadline it missed, that on which it was closed too.
    """

    id: int
    revision: int
    number: str
    category: str
    description: str | None = field(metadata=IN_WORDS)
    address: str | None = field(metadata=IN_WORDS)
    state: IssueState
    reported_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    geometry: Point | None
    grid_code: str | None
    attributes: Mapping[str, Any] = field(default_factory=dict, metadata=personal("issue.*"))
    kind: str | None = None
    level: str | None = None
    counted_since: datetime | None = None
    level_since: datetime | None = None
    due_is_given: bool = True
    result: str | None = field(default=None, metadata=IN_WORDS)
    public_result: str | None = field(default=None, metadata=IN_WORDS)
    delay_reason: str | None = field(default=None, metadata=IN_WORDS)
    merged_into_id: int | None = None
    waiting_since: datetime | None = None
    missed_at: datetime | None = None
    late_levels: tuple[str, ...] = ()

    @property
    def is_unresolved(self) -> bool:
        """Whether something is left to be done."""
        return self.state not in {IssueState.CLOSED, IssueState.VOID}

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether the deadline has passed, or one had at its closing; a void one is never overdue.

        Parameters
        ----------
        now : datetime
            The present, aware.

        Notes
        -----
        What is left to be done goes by the deadline in force; what is closed is judged by all on its way.
        """
        if self.state is IssueState.VOID:
            return False
        if self.closed_at is None:
            return self.due_at is not None and now > self.due_at
        return self.missed_at is not None or (self.due_at is not None and self.closed_at > self.due_at)


EVENT_KINDS = (
    "created",
    "imported",
    "changed",
    "state",
    "escalated",
    "paused",
    "resumed",
    "feedback",
    "named",
    "transferred",
    "outcome",
    "merged",
    "absorbed",
    "rated",
)
"""What may happen to an issue."""


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
        One of `EVENT_KINDS`.
    from_state, to_state : IssueState or None
        The states before and after, when they differ.
    note : str or None
        The reason, where one was given.
    data : Mapping[str, Any]
        What else belongs to it: levels, sections, people, deadlines.
    photos : tuple of Photo
        Pictures that belong to it, in the order in which they came.
    """

    id: int
    issue_id: int
    at: datetime
    actor: str
    kind: str
    from_state: IssueState | None
    to_state: IssueState | None
    note: str | None = field(metadata=IN_WORDS)
    data: Mapping[str, Any] = field(default_factory=dict)
    photos: tuple[Photo, ...] = ()
