"""Files that are only looked at, under a draft."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from api.dependencies import SettingsDep, may
from api.schemas.plans import GEOJSON
from api.schemas.reference_layers import ReferenceFeatures, reference_features
from api.uploads import Upload, limits_of, stored
from geo.domain.actors import Action, Actor
from geo.services.reference_layers import read_reference_layer

router = APIRouter(tags=["plans"])

Reader = Annotated[Actor, Depends(may(Action.READ_PLANS))]
Reference = Annotated[
    str | None,
    Form(max_length=32, description="坐标系；默认按文件声明 · CRS or datum", examples=["gcj02"]),
]
Encoding = Annotated[str | None, Form(max_length=32, description="文字编码 · Encoding")]
LayerName = Annotated[str | None, Form(max_length=200, description="文件中的图层 · Layer of the file")]


@router.post(
    "/reference-layers",
    operation_id="read_reference_layer",
    summary="参考图层 · Look at a file",
    response_model=ReferenceFeatures,
)
def read_layer(
    *,
    actor: Reader,
    settings: SettingsDep,
    file: Upload,
    reference: Reference = None,
    encoding: Encoding = None,
    layer: LayerName = None,
) -> Response:
    """Give what a file shows on a map, as GeoJSON; nothing of it is kept."""
    limits = limits_of(settings)
    with stored(file, limits) as path:
        shown = read_reference_layer(actor, path, limits, reference=reference, encoding=encoding, layer=layer)
    return Response(reference_features(shown), media_type=GEOJSON)
