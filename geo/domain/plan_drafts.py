"""The division of a plan as it stands: the one it begins with, and what its operations have changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from geo.domain.grids import Level
from geo.domain.plans import Operation, Plan
from geo.geometry.tiling import Cell, Change, CutBuilding, Effect, Tiling


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """A plan as it is kept.

    Attributes
    ----------
    plan : Plan
        The plan; in lists without its operations.
    created_by : str
        Username.
    created_at, updated_at : datetime
        Aware.
    published_generation_id : int or None
        The generation that it has become.
    """

    plan: Plan
    created_by: str
    created_at: datetime
    updated_at: datetime
    published_generation_id: int | None

    @property
    def authors(self) -> frozenset[str]:
        """Whoever made a part of it."""
        return frozenset({self.created_by, *(one.made_by for one in self.plan.done)})


@dataclass(frozen=True, slots=True)
class Upper:
    """A grid above the leaves, in the generation that a plan begins with.

    Attributes
    ----------
    code, name, level, parent_code, households, population, attributes
        See `geo.domain.grids.Grid`.
    """

    code: str
    name: str
    level: Level
    parent_code: str | None
    households: int | None
    population: int | None
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Base:
    """The division that a plan begins with.

    Attributes
    ----------
    generation_id : int
        Which generation.
    level : Level
        The level of its leaves.
    tiling : Tiling
        Its leaves by their codes, EPSG:4326, every coordinate as it is stored.
    attributes : Mapping[str, Mapping[str, Any]]
        Everything else that is known of each leaf, by its code.
    uppers : Mapping[str, Upper]
        The grids above, by their codes.
    """

    generation_id: int
    level: Level
    tiling: Tiling
    attributes: Mapping[str, Mapping[str, Any]]
    uppers: Mapping[str, Upper]

    @cached_property
    def chains(self) -> Mapping[str | None, tuple[str, ...]]:
        """The codes of each upper grid and of all above it, widest first; empty for None."""
        chains: dict[str | None, tuple[str, ...]] = {None: ()}
        for upper in sorted(self.uppers.values(), key=lambda one: one.level.depth):
            chains[upper.code] = (*chains[upper.parent_code], upper.code)
        return MappingProxyType(chains)

    def chain(self, key: str, cell: Cell) -> tuple[str, ...]:
        """Return the codes of a cell and of all grids above it, widest first."""
        return (*self.chains.get(cell.parent, ()), key)


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan with the division that it describes.

    Attributes
    ----------
    plan : Plan
        At some revision.
    tiling : Tiling
        The leaves at that revision.
    base : Base
        What it begins with.
    """

    plan: Plan
    tiling: Tiling
    base: Base

    @classmethod
    def beginning(cls, plan: Plan, base: Base) -> Draft:
        """Return the draft before the first operation of a plan."""
        return cls(replace(plan, revision=0, operations=()), base.tiling, base)

    def at(self, plan: Plan) -> Draft:
        """Return the draft at another revision of the plan.

        Parameters
        ----------
        plan : Plan
            The same plan, earlier or later.

        Notes
        -----
        Only what lies between the two revisions is done, all of it in one step.
        """
        way = composed(between(self.plan.done, plan.done))
        return Draft(plan, self.tiling.after(way) if way.changes else self.tiling, self.base)

    def chains_of(self, effect: Effect) -> list[tuple[str, ...]]:
        """Return the codes of the grids that an effect divides anew, each with all above it."""
        cells = [*effect.before.items(), *effect.after.items()]
        return [self.base.chain(key, cell) for key, cell in cells if key in effect.redivided]


def between(here: Iterable[Operation], there: Iterable[Operation]) -> list[Effect]:
    """Return the effects that lead from the operations done here to those done there, in their order.

    Parameters
    ----------
    here, there : iterable of Operation
        Done at two revisions of one plan, in the order of their numbers.
    """
    mine, theirs = {one.seq: one for one in here}, {one.seq: one for one in there}
    back = [mine[seq].effect.inverse for seq in sorted(mine.keys() - theirs.keys(), reverse=True)]
    return [*back, *(theirs[seq].effect for seq in sorted(theirs.keys() - mine.keys()))]


def composed(effects: Iterable[Effect]) -> Effect:
    """Return the one effect that some effects have together.

    Parameters
    ----------
    effects : iterable of Effect
        Each as it follows the one before.

    Notes
    -----
    Cells that come and go on the way, or are as before in the end, don't change.
    """
    changes: dict[str, Change] = {}
    redivided: set[str] = set()
    cut: list[CutBuilding] = []
    for effect in effects:
        cut += effect.cut
        redivided |= effect.redivided
        for key, change in effect.changes.items():
            first = changes.get(key, change)
            changes[key] = Change(first.before, change.after)
    real = {key: changes[key] for key in sorted(changes) if changes[key].before != changes[key].after}
    return Effect(MappingProxyType(real), frozenset(redivided & real.keys()), tuple(cut))
