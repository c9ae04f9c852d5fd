"""How the ground of the demo city was divided before its division was adjusted to what it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from geo.domain.demo.ground import Ground, Ints, apportion, best_cut

ADJUSTED = timedelta(days=60)
"""So long before the end of its history the division of today began to hold."""


@dataclass(frozen=True, slots=True)
class Past:
    """The ground as it was divided before.

    Attributes
    ----------
    ground : Ground
        The same blocks in other units.
    kept : dict of int to int
        Units of today that were there before, maybe with another border, and which units they were.
    """

    ground: Ground
    kept: dict[int, int]


def adjusted_at(now: datetime) -> datetime:
    """Give the midnight at which the division of today began to hold.

    Parameters
    ----------
    now : datetime
        The end of the history, aware, in the city's time zone.

    Examples
    --------
    >>> adjusted_at(datetime(2026, 11, 20, 15)).isoformat()
    '2026-09-21T00:00:00'
    """
    return (now - ADJUSTED).replace(hour=0, minute=0, second=0, microsecond=0)


def before_adjustment(ground: Ground) -> Past:
    """Give the units that were there before: as of today, but for those of the last communities.

    Parameters
    ----------
    ground : Ground
        As it is divided today.

    Returns
    -------
    Past
        In the last community two units of today are one, in the one before one unit is two, and in the third
        from last the border of two runs elsewhere. The first community is as it was: a city of a single one
        has not changed.
    """
    unit = ground.unit
    changed = range(len(ground.street_of_community) - 1, 0, -1)
    for community, change in zip(changed, (_as_one, _as_two, _with_another_border), strict=False):
        unit = change(ground, unit, np.flatnonzero(ground.community_of_unit == community))
    there, first, label = np.unique(unit, return_index=True, return_inverse=True)
    before = replace(ground, unit=label, community_of_unit=ground.community_of_unit[ground.unit[first]])
    units = range(len(ground.community_of_unit))
    return Past(before, {one: place for place, one in enumerate(there.tolist()) if one in units})


def _as_one(_ground: Ground, unit: Ints, inside: Ints) -> Ints:
    """Give the last two units, which the last cut made, as a unit that is none of today."""
    return np.where(np.isin(unit, inside[-2:]), unit.max() + 1, unit)


def _as_two(ground: Ground, unit: Ints, inside: Ints) -> Ints:
    """Give the unit with most blocks as two that are none of today."""
    widest = inside[np.argmax(np.bincount(unit, minlength=inside[-1] + 1)[inside])]
    blocks = np.flatnonzero(unit == widest)
    divided = unit.copy()
    part = apportion(ground.column[blocks], ground.row[blocks], ground.density[blocks], [1, 1])
    divided[blocks] = unit.max() + 1 + part
    return divided


def _with_another_border(ground: Ground, unit: Ints, inside: Ints) -> Ints:
    """Give the last two units with the line between them beside where it is."""
    blocks = np.flatnonzero(np.isin(unit, inside[-2:]))
    along, line = best_cut(ground.column[blocks], ground.row[blocks], ground.density[blocks], 0.5, 2)
    beside = [place for place in (line + 1, line - 1) if along.min() < place <= along.max()]
    moved = unit.copy()
    moved[blocks] = np.where(along < (*beside, line)[0], *inside[-2:])
    return moved
