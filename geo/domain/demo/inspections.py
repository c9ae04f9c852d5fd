"""Inspections of the demo city, with a few records that a supervisor should look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.domain.demo.ground import Ints

DAYS = 100
"""For so long inspections have been recorded."""
RECORDED = 0.08
FEW = 2
PICTURES = 8
KEY_PEOPLE_A_GRID = 2
LICENSED = 0.03
LICENSED_DAYS = 220
REFUSED = 0.05


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which of some checks are what, each by its position.

    Attributes
    ----------
    recorded : NDArray[intp]
        Those with a record.
    late, away : NDArray[intp]
        Those that were entered late, and those that were reported from far away.
    photographed, picture : NDArray[intp]
        Those with a photo, and which one: one of them shows what another one showed before.
    """

    recorded: Ints
    late: Ints
    away: Ints
    photographed: Ints
    picture: Ints


def choose(rng: np.random.Generator, checks: int) -> Chosen:
    """Give checks that were picked, in the order of their time.

    Parameters
    ----------
    rng : Generator
        For the dice.
    checks : int
        How many there are.
    """
    recorded = np.flatnonzero(rng.random(checks) < RECORDED)
    few = min(FEW, checks // 3)
    odd = rng.choice(checks, 2 * few, replace=False)
    photographed = np.sort(rng.choice(recorded, min(PICTURES + 1, len(recorded)), replace=False))
    return Chosen(
        recorded=recorded,
        late=odd[:few],
        away=odd[few:],
        photographed=photographed,
        picture=np.arange(len(photographed)) % PICTURES,
    )


def licensed(rng: np.random.Generator, premises: int) -> tuple[Ints, Ints]:
    """Pick premises that were licensed lately, and how many days ago each was."""
    chosen = np.flatnonzero(rng.random(premises) < LICENSED)
    return chosen, rng.integers(5, LICENSED_DAYS, len(chosen))


def scribble(rng: np.random.Generator) -> list[list[list[int]]]:
    """Give two strokes that look like a name written in a hurry, in thousandths of the field."""
    t = np.linspace(0, 1, 40)
    height = 450 + 250 * np.sin(t * rng.uniform(14, 24)) * (1 - 0.6 * t)
    name = np.column_stack([120 + 640 * t, height])
    flourish = np.column_stack([200 + 600 * t[::4], 800 - 60 * np.sin(3 * t[::4])])
    return [stroke.round().astype(int).tolist() for stroke in (name, flourish)]


def scene(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Give the few coloured pixels of which a photo is made, shape (6, 8, 3)."""
    return rng.integers(40, 230, (6, 8, 3), dtype=np.uint8)
