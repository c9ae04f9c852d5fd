"""What the OpenAPI document says beyond the routes themselves."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import MEDIA_TYPE, PROBLEMS
from api.schemas.problems import Problem

TAGS: list[dict[str, Any]] = [
    {"name": "auth", "description": "登录与令牌 · Sign in, sign out, tokens for programs"},
    {"name": "locate", "description": "定位 · Which grid holds a point"},
    {"name": "addresses", "description": "标准地址 · Standard addresses, searched by likeness"},
    {"name": "grids", "description": "网格 · Grids, their levels and neighbours"},
    {"name": "generations", "description": "网格划分的历次版本 · Published divisions with their dates"},
    {"name": "entities", "description": "监管对象与部件 · Premises, buildings, facilities"},
    {"name": "patrols", "description": "巡查与轨迹 · Visits and tracks"},
    {"name": "issues", "description": "问题 · Issues, their states and their history"},
    {"name": "measures", "description": "指标 · Coverage, hot spots, unresolved issues"},
    {"name": "exchange", "description": "导入与导出 · Import and export"},
    {"name": "people", "description": "人员与岗位 · People, their posts, public responsibilities"},
    {"name": "accounts", "description": "账号与权限 · Accounts, roles and jurisdictions"},
    {"name": "audit", "description": "操作日志 · The append-only trail of changes"},
    {"name": "limits", "description": "限制 · How large an input may be"},
    {"name": "health", "description": "运行状况 · Alive and ready"},
]

SCHEMES: dict[str, Any] = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "wangge_session",
        "description": "浏览器会话；修改类请求另须 X-CSRF-Token · "
        "A browser's session; requests that change something also send X-CSRF-Token",
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "由 POST /api/v1/auth/token 取得 · Obtained from POST /api/v1/auth/token",
    },
}

_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def describe_problems() -> dict[int | str, dict[str, Any]]:
    """Give the problems that a route may answer with, by status."""
    return {
        status: {"description": " / ".join(titles), "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
        for status, titles in _titles_by_status().items()
    }


def _titles_by_status() -> dict[int, list[str]]:
    titles: dict[int, list[str]] = {}
    for words in PROBLEMS.values():
        titles.setdefault(words.status, []).append(f"{words.title_zh} {words.title}")
    return titles


def document(app: FastAPI) -> dict[str, Any]:
    """Give the OpenAPI document of an application, made once.

    Parameters
    ----------
    app : FastAPI
        The application with all its routes.
    """
    if app.openapi_schema is None:
        app.openapi_schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            tags=TAGS,
        )
        components = app.openapi_schema.setdefault("components", {})
        components["securitySchemes"] = SCHEMES
        components.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
    return app.openapi_schema
