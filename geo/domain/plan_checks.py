"""What a planner checks in a draft beside its measures: figures against rules, people, buildings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from geo.domain.plan_drafts import Draft
from geo.domain.plan_measures import Value
from geo.geometry.tiling import Cell, CutBuilding


@dataclass(frozen=True, slots=True)
class Range:
    """How many households a grid should have.

    Attributes
    ----------
    low, high : int or None
        Both included; None where there is no limit.
    """

    low: int | None
    high: int | None

    def holds(self, households: int) -> bool:
        """Tell whether a number lies within."""
        return (self.low is None or households >= self.low) and (self.high is None or households <= self.high)


@dataclass(frozen=True, slots=True)
class OutOfRange:
    """A grid with too many households, or too few.

    Attributes
    ----------
    key : str
        The grid.
    households : int
        How many it has.
    wanted : Range
        How many it should have.
    """

    key: str
    households: int
    wanted: Range


@dataclass(frozen=True, slots=True)
class Validation:
    """Everything found in a draft.

    Attributes
    ----------
    measured : Mapping[str, Mapping[str, Any]]
        The value of each of `geo.domain.plan_measures.MEASURES`, by its name.
    versions : Mapping[str, int]
        The version of each of them.
    out_of_range : tuple of OutOfRange
        Grids that have too many households or too few.
    without_responsible : tuple of str
        Grids in which nobody holds a post.
    buildings_cut : tuple of CutBuilding
        Buildings of which several grids have a part.
    """

    measured: Mapping[str, Value]
    versions: Mapping[str, int]
    out_of_range: tuple[OutOfRange, ...]
    without_responsible: tuple[str, ...]
    buildings_cut: tuple[CutBuilding, ...]


def out_of_range(draft: Draft, wanted: Mapping[str | None, Range]) -> tuple[OutOfRange, ...]:
    """Return the grids that have too many households or too few, where households are counted.

    Parameters
    ----------
    draft : Draft
        The draft.
    wanted : Mapping[str or None, Range]
        How many a grid should have, by its parent.
    """
    counted = {key: cell for key, cell in draft.tiling.cells.items() if cell.households is not None}
    found = (OutOfRange(key, cell.households or 0, wanted[cell.parent]) for key, cell in counted.items())
    return tuple(one for one in found if not one.wanted.holds(one.households))


def unstaffed(cells: Mapping[str, Cell], staffed: Collection[str]) -> tuple[str, ...]:
    """Return the keys of the grids in which nobody holds a post.

    Parameters
    ----------
    cells : Mapping[str, Cell]
        The grids.
    staffed : collection of str
        Codes of the grids in which somebody does.
    """
    return tuple(key for key, cell in cells.items() if cell.code not in staffed)
