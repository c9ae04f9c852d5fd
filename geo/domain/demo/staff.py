"""Who serves in the demo city beside the heads: workers, police officers, building heads, partners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.domain.demo.ground import Ints

HOUSEHOLDS_A_BUILDING_HEAD = 150
VACANT_EVERY = 11
"""One grid in so many has no worker, and another one building head too few."""


@dataclass(frozen=True, slots=True)
class Staff:
    """People with their posts, and grids that stand in for each other.

    Attributes
    ----------
    posts : tuple of str
        The post of each person.
    units : tuple of tuple of int
        The units in which each person holds it.
    pairs : tuple of tuple of int
        Units that are partners; none twice.
    """

    posts: tuple[str, ...]
    units: tuple[tuple[int, ...], ...]
    pairs: tuple[tuple[int, int], ...]


def staff(households: Ints, community: Ints, head: Ints, neighbours: tuple[Ints, Ints]) -> Staff:
    """Give who serves, with some vacancies, and partners where neighbouring units have different heads.

    Parameters
    ----------
    households, community, head : NDArray[intp], shape (n,)
        Of each unit: how many households, which community, which head.
    neighbours : tuple of NDArray[intp]
        The two units of each border, the longest border first.
    """
    units = np.arange(len(head))
    workers = units[units % VACANT_EVERY != VACANT_EVERY - 1]
    heads = -(-households // HOUSEHOLDS_A_BUILDING_HEAD) - (units % VACANT_EVERY == VACANT_EVERY // 2)
    building_heads = np.repeat(units, np.maximum(heads, 0))
    officers = [tuple(units[community == one].tolist()) for one in np.unique(community)]
    alone = [(int(unit),) for unit in (*workers, *building_heads)]
    posts = ["worker"] * len(workers) + ["building_head"] * len(building_heads) + ["police"] * len(officers)
    return Staff(tuple(posts), (*alone, *officers), _pairs(head, neighbours))


def _pairs(head: Ints, neighbours: tuple[Ints, Ints]) -> tuple[tuple[int, int], ...]:
    paired: set[int] = set()
    pairs = []
    for one, other in zip(*(side.tolist() for side in neighbours), strict=True):
        if head[one] != head[other] and paired.isdisjoint((one, other)):
            paired.update((one, other))
            pairs.append((one, other))
    return tuple(pairs)
