"""What every failure looks like: RFC 9457 with both languages."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Fault(BaseModel):
    """What is wrong with one part of a request; limits such as ``ge`` stand beside it."""

    model_config = ConfigDict(extra="allow")

    field: str
    location: str
    expected: str
    value: str | int | float | bool | None = None


class Problem(BaseModel):
    """A failure."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:wangge:problem:not-found",
                    "status": 404,
                    "code": "not-found",
                    "title": "Not found",
                    "title_zh": "不存在",
                    "detail": "There is no grid “330106001001999”.",
                    "detail_zh": "没有编号为“330106001001999”的grid。",
                    "instance": "/api/v1/grids/330106001001999",
                    "fields": {"kind": "grid", "key": "330106001001999"},
                }
            ]
        }
    )

    type: str
    status: int
    code: str
    title: str
    title_zh: str
    detail: str
    detail_zh: str
    instance: str
    fields: dict[str, Any] = Field(description="各语言文字所用的字段 · What the words are made from")
    geometry: dict[str, Any] | None = Field(default=None, description="GeoJSON, EPSG:4326")
    errors: list[Fault] | None = None
