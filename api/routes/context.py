"""What lies around a border that is drawn: streets, buildings, addresses, problems."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from api.dependencies import DatabaseDep, may
from api.parameters import BoxDep
from api.schemas.context import ContextFeatures, context_features
from api.schemas.plans import GEOJSON
from geo.domain.actors import Action, Actor
from geo.domain.context import ContextLayer
from geo.errors import BadValue
from geo.services.context import get_context

router = APIRouter(tags=["plans"])

Reader = Annotated[Actor, Depends(may(Action.READ_PLANS))]


@router.get(
    "/context/{layer}",
    operation_id="read_context",
    summary="方案底图要素 · What lies around a draft",
    response_model=ContextFeatures,
)
def read_context(
    actor: Reader,
    database: DatabaseDep,
    layer: Annotated[ContextLayer, Path(description="图层 · Which layer")],
    box: BoxDep,
) -> Response:
    """Give the features of a layer in a box, as far as the caller may read them, as GeoJSON."""
    if box is None:
        raise BadValue(field="bbox", value=None, expected="west,south,east,north")
    with database.read() as uow:
        found = get_context(actor, uow, layer, box)
    return Response(context_features(found), media_type=GEOJSON)
