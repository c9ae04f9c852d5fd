"""How large an input may be."""

from __future__ import annotations

from fastapi import APIRouter

from api.dependencies import SettingsDep
from api.settings import Limits

router = APIRouter(tags=["limits"])


_EXAMPLE = {"content": {"application/json": {"example": Limits().model_dump()}}}


@router.get(
    "/limits",
    operation_id="read_limits",
    summary="输入限制 · Limits of every input",
    responses={200: _EXAMPLE},
)
async def read_limits(settings: SettingsDep) -> Limits:
    """Give the limits that are checked before anything is parsed."""
    return settings.limits
