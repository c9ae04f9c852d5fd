"""How large an input may be."""

from __future__ import annotations

from fastapi import APIRouter

from api.dependencies import SettingsDep
from api.settings import Limits

router = APIRouter(tags=["limits"])


@router.get("/limits", operation_id="read_limits", summary="输入限制 · Limits of every input")
async def read_limits(settings: SettingsDep) -> Limits:
    """Give the limits that are checked before anything is parsed."""
    return settings.limits
