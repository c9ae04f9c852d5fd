"""Photos of inspections and of issues."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, File, Response, UploadFile

from api.dependencies import DatabaseDep, Id, SettingsDep, may
from api.schemas.photos import PhotoSchema
from geo.domain.actors import Action, Actor
from geo.errors import LimitExceeded
from geo.services import photos

router = APIRouter(tags=["photos"])

Reader = Annotated[Actor, Depends(may(Action.READ_PHOTOS))]
Writer = Annotated[Actor, Depends(may(Action.WRITE_PHOTOS))]


@router.post("/photos", operation_id="upload_photo", summary="上传照片 · Upload a photo", status_code=201)
def upload_photo(
    actor: Writer,
    database: DatabaseDep,
    settings: SettingsDep,
    file: Annotated[
        UploadFile, File(description="照片：JPEG、PNG、WebP · A photo", examples=["kitchen.jpg"])
    ],
) -> PhotoSchema:
    """Keep a picture for the record that is about to be filed; what the camera wrote into it is left out."""
    limits = settings.limits
    if (file.size or 0) > limits.photo_bytes:
        raise LimitExceeded(limit="photo_bytes", value=file.size, maximum=limits.photo_bytes)
    taken = photos.picture(file.file.read(), pixels=limits.photo_pixels, timezone=settings.timezone)
    with database.write() as uow:
        return PhotoSchema.model_validate(photos.upload(actor, uow, taken))


@router.get(
    "/photos/{photo_id}",
    operation_id="read_photo",
    summary="照片 · A photo",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def read_photo(actor: Reader, database: DatabaseDep, photo_id: Id) -> Response:
    """Give the bytes of a photo of an inspection or an issue that the caller may read."""
    with database.read() as uow:
        return _jpeg(photos.content(actor, uow, photo_id))


@router.get(
    "/photos/{photo_id}/thumbnail",
    operation_id="read_thumbnail",
    summary="缩略图 · A photo made small",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def read_thumbnail(actor: Reader, database: DatabaseDep, photo_id: Id) -> Response:
    """Give a photo that the caller may read, made small."""
    with database.read() as uow:
        return _jpeg(photos.thumbnail(actor, uow, photo_id))


def _jpeg(content: bytes) -> Response:
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})
