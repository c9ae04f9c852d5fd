"""What lies between the datums of maps."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.parameters import BoxDep
from api.schemas.datums import Datum, Shift
from geo.errors import BadValue
from geo.geometry.crs import reference
from geo.geometry.shift import shift_lattice

router = APIRouter(tags=["locate"])


@router.get("/datums/shift", operation_id="read_shift", summary="基准偏移 · How far two datums lie apart")
async def read_shift(
    box: BoxDep,
    source: Annotated[Datum, Query(description="从哪个基准 · From which datum", examples=["gcj02"])],
    target: Annotated[Datum, Query(description="到哪个基准 · To which datum")] = "wgs84",
) -> Shift:
    """Give what is added to places of one datum to have them in another, over a box in either of them."""
    if box is None:
        raise BadValue(field="bbox", value=None, expected="west,south,east,north")
    return Shift.of(shift_lattice(box, reference(source), reference(target)))
