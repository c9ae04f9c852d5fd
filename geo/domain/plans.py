"""Plans: drafts of a division as a list of operations that can be undone, with the steps to publication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from geo.domain.plan_operations import OperationKind
from geo.errors import BadValue, NoFurtherStep, StaleRevision, WrongStep
from geo.geometry.tiling import Effect


class PlanState(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETURNED = "returned"
    ARCHIVED = "archived"

    @property
    def is_editable(self) -> bool:
        """Whether operations may be made."""
        return self in {PlanState.DRAFT, PlanState.RETURNED}


NEXT_STATES: Mapping[PlanState, frozenset[PlanState]] = {
    PlanState.DRAFT: frozenset({PlanState.SUBMITTED, PlanState.ARCHIVED}),
    PlanState.SUBMITTED: frozenset({PlanState.APPROVED, PlanState.RETURNED, PlanState.DRAFT}),
    PlanState.APPROVED: frozenset({PlanState.PUBLISHED, PlanState.RETURNED, PlanState.ARCHIVED}),
    PlanState.RETURNED: frozenset({PlanState.SUBMITTED, PlanState.ARCHIVED}),
    PlanState.PUBLISHED: frozenset(),
    PlanState.ARCHIVED: frozenset({PlanState.DRAFT}),
}
"""编制 → 送审 → 批准 → 发布, with withdrawal, return for a reason, and the archive."""


class Standing(StrEnum):
    """Whether an operation is part of the plan as it is."""

    DONE = "done"
    UNDONE = "undone"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a plan.

    Attributes
    ----------
    seq : int
        Number inside the plan, from 1.
    kind : OperationKind
        What was done.
    parameters : Mapping[str, Any]
        With what, JSON-ready.
    effect : Effect
        What it changed, for good: undone and done again it is the same.
    made_on_revision : int
        The revision of the plan that its maker saw.
    changed_in_revision : int
        The revision in which it was last done, undone or dropped.
    made_by : str
        Username.
    made_at : datetime
        Aware.
    standing : Standing
        Dropped is what was undone when another operation was made; it can't be done again.
    """

    seq: int
    kind: OperationKind
    parameters: Mapping[str, Any]
    effect: Effect
    made_on_revision: int
    changed_in_revision: int
    made_by: str
    made_at: datetime
    standing: Standing = Standing.DONE


@dataclass(frozen=True, slots=True)
class Plan:
    """A draft on top of a generation; every change gives another plan with the next revision.

    Attributes
    ----------
    id : int
        Row.
    name : str
        What its planners call it.
    generation_id : int
        The generation that it begins with.
    state : PlanState
        Where it stands.
    revision : int
        How often it was changed.
    operations : tuple of Operation
        In the order of their numbers.
    branched_from : int or None
        The plan whose operations it took over.
    note : str or None
        The reason of the last step, where one was given.
    """

    id: int
    name: str
    generation_id: int
    state: PlanState = PlanState.DRAFT
    revision: int = 0
    operations: tuple[Operation, ...] = ()
    branched_from: int | None = None
    note: str | None = None

    @property
    def done(self) -> tuple[Operation, ...]:
        """The operations that make the plan what it is."""
        return tuple(one for one in self.operations if one.standing is Standing.DONE)

    @property
    def undone(self) -> tuple[Operation, ...]:
        """The operations that can be done again, the next one first."""
        return tuple(one for one in self.operations if one.standing is Standing.UNDONE)

    @property
    def position(self) -> int:
        """Number of the last operation done, 0 at the start."""
        return max((one.seq for one in self.done), default=0)

    @property
    def next_seq(self) -> int:
        """Number of the operation to be made next."""
        return len(self.operations) + 1

    def touched_since(self, revision: int) -> frozenset[str]:
        """Return the grids that operations done, undone or dropped after a revision divide anew.

        Parameters
        ----------
        revision : int
            An earlier revision of this plan.
        """
        later = [one.effect.redivided for one in self.operations if one.changed_in_revision > revision]
        return frozenset().union(*later)

    def check_revision(self, made_on: int, grids: Iterable[str]) -> None:
        """Return only if a change made on a revision fits the plan as it is.

        Parameters
        ----------
        made_on : int
            The revision that its maker saw.
        grids : iterable of str
            The grids that it names or divides anew.

        Raises
        ------
        StaleRevision
            If one of them has been divided anew since: ``kind``, ``key``, ``revision``, ``current``,
            ``grids``.

        Notes
        -----
        Where the grids differ the change is made on the plan as it is: neighbours that only gained vertices
        don't stand in its way.
        """
        common = self.touched_since(made_on) & frozenset(grids)
        if common or made_on > self.revision:
            raise StaleRevision(
                kind="plan", key=self.id, revision=made_on, current=self.revision, grids=sorted(common)
            )

    def with_operation(
        self,
        kind: OperationKind,
        parameters: Mapping[str, Any],
        effect: Effect,
        *,
        made_on: int,
        made_by: str,
        made_at: datetime,
    ) -> Plan:
        """Return the plan with one more operation; what was undone is dropped.

        Parameters
        ----------
        kind : OperationKind
            What is done.
        parameters : Mapping[str, Any]
            With what, JSON-ready.
        effect : Effect
            What it changes in the division as it is now.
        made_on : int
            The revision that its maker saw.
        made_by : str
            Username.
        made_at : datetime
            Aware.

        Raises
        ------
        WrongStep
            If the plan can't be edited.
        StaleRevision
            See `check_revision`.
        """
        self._check_editable()
        self.check_revision(made_on, effect.redivided)
        revision = self.revision + 1
        made = Operation(self.next_seq, kind, parameters, effect, made_on, revision, made_by, made_at)
        dropped = self._standing(self.undone, Standing.DROPPED)
        return replace(dropped, operations=(*dropped.operations, made))

    def undo(self) -> tuple[Plan, Effect]:
        """Return the plan without its last operation, and the effect that takes it back.

        Raises
        ------
        WrongStep
            If the plan can't be edited.
        NoFurtherStep
            If nothing is left to undo: ``seq``.
        """
        plan, effects = self.jump(self.done[-2].seq if len(self.done) > 1 else 0)
        return plan, self._only(effects)

    def redo(self) -> tuple[Plan, Effect]:
        """Return the plan with the operation undone last, and its effect.

        Raises
        ------
        WrongStep
            If the plan can't be edited.
        NoFurtherStep
            If nothing is left to redo: ``seq``.
        """
        plan, effects = self.jump(self.undone[0].seq if self.undone else self.position)
        return plan, self._only(effects)

    def jump(self, seq: int) -> tuple[Plan, tuple[Effect, ...]]:
        """Return the plan as it was after an operation, and the effects that lead there, in their order.

        Parameters
        ----------
        seq : int
            Number of an operation that isn't dropped; 0 is the start.

        Raises
        ------
        WrongStep
            If the plan can't be edited.
        NoFurtherStep
            If there is no such operation: ``seq``.
        """
        self._check_editable()
        if seq not in {0, *(one.seq for one in (*self.done, *self.undone))}:
            raise NoFurtherStep(seq=seq)
        back = tuple(one for one in reversed(self.done) if one.seq > seq)
        forth = tuple(one for one in self.undone if one.seq <= seq)
        if not (back or forth):
            return self, ()
        standing = Standing.UNDONE if back else Standing.DONE
        effects = (*(one.effect.inverse for one in back), *(one.effect for one in forth))
        return self._standing((*back, *forth), standing), effects

    def stepped(self, state: PlanState, *, note: str | None = None) -> Plan:
        """Return the plan in another state.

        Parameters
        ----------
        state : PlanState
            Where it goes.
        note : str, optional
            The reason, without which no plan is returned.

        Raises
        ------
        WrongStep
            If no step leads there: ``state``, ``to``, ``possible``.
        BadValue
            If a plan is returned without a reason.
        """
        possible = NEXT_STATES[self.state]
        if state not in possible:
            raise WrongStep(state=self.state, to=state, possible=sorted(possible))
        if state is PlanState.RETURNED and not (note or "").strip():
            raise BadValue(field="note", value=note, expected="a reason")
        return replace(self, state=state, revision=self.revision + 1, note=note)

    def branched(self, new_id: int, name: str) -> Plan:
        """Return a new draft that begins with what this one has done.

        Parameters
        ----------
        new_id : int
            Row of the draft.
        name : str
            What it is called.
        """
        taken = tuple(
            replace(one, seq=seq, made_on_revision=seq - 1, changed_in_revision=seq)
            for seq, one in enumerate(self.done, 1)
        )
        return Plan(
            new_id, name, self.generation_id, PlanState.DRAFT, len(taken), taken, branched_from=self.id
        )

    def _check_editable(self) -> None:
        if not self.state.is_editable:
            raise WrongStep(state=self.state, to=PlanState.DRAFT, possible=sorted(NEXT_STATES[self.state]))

    def _only(self, effects: tuple[Effect, ...]) -> Effect:
        if not effects:
            raise NoFurtherStep(seq=self.position)
        return effects[0]

    def _standing(self, changed: Iterable[Operation], standing: Standing) -> Plan:
        """Return the plan in its next revision, with another standing of some operations."""
        revision, numbers = self.revision + 1, {one.seq for one in changed}
        return replace(
            self,
            revision=revision,
            operations=tuple(
                replace(one, standing=standing, changed_in_revision=revision) if one.seq in numbers else one
                for one in self.operations
            ),
        )
