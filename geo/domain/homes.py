"""Homes: what is located in a grid points at one row for as long as the grid goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from geo.domain.generations import Division


class Home(NamedTuple):
    """The home of a grid of some generation.

    Attributes
    ----------
    id : int
        The first row of the grid.
    name : str
        Its name.
    parent_id : int or None
        The home of the grid above.
    """

    id: int
    name: str
    parent_id: int | None


def going_on(division: Division, before: Mapping[str, Home]) -> dict[str, int]:
    """Return the homes of the grids that go on in a division, by code.

    Parameters
    ----------
    division : Division
        The division that follows.
    before : Mapping[str, Home]
        The homes of the grids of the division before, by code.

    Returns
    -------
    dict of str to int
        Grids whose code, name and grids above are what they were; their shape may be another one.
    """
    kept: dict[str | None, int | None] = {None: None}
    grids = zip(division.levels, division.codes, division.names, division.parent_codes, strict=True)
    for _, code, name, parent in sorted(grids, key=lambda one: one[0].depth):
        known = before.get(code)
        if known and parent in kept and (known.name, known.parent_id) == (name, kept[parent]):
            kept[code] = known.id
    return {code: home for code, home in kept.items() if code is not None and home is not None}
