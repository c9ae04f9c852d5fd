"""The choices that all lists of located things offer, as one value."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from api.parameters import BoxDep
from api.schemas.moments import Moment
from geo.domain.filters import Filter


async def place_of(
    box: BoxDep,
    grid: Annotated[
        str | None, Query(max_length=32, description="网格代码，任一层级 · Code of a grid of any level")
    ] = None,
) -> Filter:
    """Give the choice of places."""
    return Filter(box=box, grid_code=grid)


PlaceDep = Annotated[Filter, Depends(place_of)]
Since = Annotated[Moment | None, Query(description="起（含）· From, included")]
Until = Annotated[Moment | None, Query(description="止（不含）· To, not included")]
