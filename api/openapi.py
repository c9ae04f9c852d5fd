"""What the OpenAPI document says beyond the routes themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from api.dependencies import guard_of, may
from api.problems import HTTP_WORDS, INVALID, MEDIA_TYPE, PROBLEMS
from api.schemas.problems import Problem
from geo.domain.actors import PUBLIC, RIGHTS

TAGS: list[dict[str, Any]] = [
    {"name": "auth", "description": "登录与令牌 · Sign in, sign out, tokens for programs"},
    {"name": "locate", "description": "定位 · Which grid holds a point"},
    {"name": "addresses", "description": "标准地址 · Standard addresses, searched by likeness"},
    {"name": "grids", "description": "网格 · Grids, their levels and neighbours"},
    {"name": "generations", "description": "网格划分的历次版本 · Published divisions with their dates"},
    {"name": "plans", "description": "划分方案 · Drafts of a division, from the first line to publication"},
    {"name": "entities", "description": "监管对象与部件 · Premises, buildings, facilities"},
    {"name": "patrols", "description": "巡查与轨迹 · Visits and tracks"},
    {"name": "issues", "description": "问题 · Issues, their states and their history"},
    {"name": "calendar", "description": "工作日历 · Working days, holidays and make-up days"},
    {"name": "measures", "description": "指标 · Coverage, hot spots, unresolved issues"},
    {
        "name": "duties",
        "description": "职责频次、待办与提醒 · What is due, what came of it, what is to be done",
    },
    {"name": "activities", "description": "培训、会议、签到与日志 · Trainings, meetings, check-ins, logs"},
    {"name": "households", "description": "住户 · Households, without names"},
    {"name": "draws", "description": "双随机抽取 · Double-random draws that anybody can repeat"},
    {"name": "statistics", "description": "统计与台账 · Statistics of a month, kept as they were"},
    {"name": "assessment", "description": "考核 · Scores, their records, findings of supervisors"},
    {"name": "exchange", "description": "导入与导出 · Import and export"},
    {"name": "people", "description": "人员与岗位 · People, their posts, public responsibilities"},
    {"name": "profiles", "description": "制度方案 · Regulation profiles, which holds where, from when"},
    {"name": "accounts", "description": "账号与权限 · Accounts, roles and jurisdictions"},
    {"name": "audit", "description": "操作日志 · The append-only trail of changes"},
    {"name": "jobs", "description": "定时任务 · What the application does by itself"},
    {"name": "limits", "description": "限制 · How large an input may be"},
    {"name": "health", "description": "运行状况 · Alive and ready"},
    {
        "name": "inspections",
        "description": "检查记录与待检查对象 · Inspections, and what is due",
    },
    {"name": "photos", "description": "照片 · Photos of inspections and issues"},
    {"name": "privacy", "description": "重点人员与查看留痕 · Key people, and looks at them"},
    {"name": "suspicions", "description": "可疑记录 · Records that a supervisor should look at"},
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
_REPLACED = ("HTTPValidationError", "ValidationError")
"""What FastAPI would say of a malformed request; ours is a `Problem`."""


def document(app: FastAPI) -> dict[str, Any]:
    """Give the OpenAPI document of an application, made once.

    Parameters
    ----------
    app : FastAPI
        The application with all its routes.
    """
    if app.openapi_schema is None:
        app.openapi_schema = _completed(
            app,
            get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=TAGS,
            ),
        )
    return app.openapi_schema


def _completed(app: FastAPI, schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    components["securitySchemes"] = SCHEMES
    schemas = components.setdefault("schemas", {})
    for route in operations(app):
        for method in route.methods or ():
            operation = schema["paths"][route.path][method.lower()]
            _complete(operation, guard_of(route.dependant))
            schemas.update(_lifted(operation))
    for name in _REPLACED:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    return schema


def _lifted(operation: dict[str, Any]) -> dict[str, Any]:
    """Take the definitions out of bodies that a route has described by itself, and give them."""
    contents = operation.get("requestBody", {}).get("content", {}).values()
    return {
        name: definition
        for content in contents
        for name, definition in content.get("schema", {}).pop("$defs", {}).items()
    }


def operations(app: FastAPI) -> Iterator[RouteContext]:
    """Give the routes of an application that its document tells of.

    Parameters
    ----------
    app : FastAPI
        The application with all its routes.
    """
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            yield route


def _complete(operation: dict[str, Any], guard: object) -> None:
    """Tell who may call, and with which problems it may be answered."""
    is_public = guard is None or getattr(guard, "action", None) in PUBLIC
    operation["security"] = [{}, *_ANYHOW] if is_public else _ANYHOW
    if isinstance(guard, may) and not is_public:
        roles = ", ".join(sorted(RIGHTS[guard.action]))
        operation["description"] = f"{operation.get('description', '')}\n\n权限 · Roles: {roles}"
    for status in sorted(_statuses(operation, is_public=is_public)):
        operation["responses"][str(status)] = _TOLD[status]


_NAMING = frozenset(("query", name) for name in ("grid", "person", "entity", "before", "after", "duty"))
"""Parameters that name something which may not be there."""


def _statuses(operation: dict[str, Any], *, is_public: bool) -> set[int]:
    """Give the statuses of the problems that an operation may be answered with."""
    places = {(parameter["in"], parameter["name"].lower()) for parameter in operation.get("parameters", ())}
    declared = {int(status) for status in operation["responses"] if status.startswith("4")}
    statuses = declared | {409, 422, 503} | ({401} if is_public else {401, 403})
    if any(place == "path" for place, _ in places) or not _NAMING.isdisjoint(places):
        statuses.add(404)
    if ("header", "if-match") in places:
        statuses.add(428)
    if ("query", "limit") in places:
        statuses.add(413)
    if "requestBody" in operation:
        statuses |= {400, 404, 413}
    if "auth" in operation["tags"]:
        statuses |= {403, 429}
    return statuses


_ANYHOW: list[dict[str, list[str]]] = [{"session": []}, {"token": []}]


def _told() -> dict[int, dict[str, Any]]:
    titles: dict[int, list[str]] = {}
    for words in (*PROBLEMS.values(), *HTTP_WORDS.values(), INVALID):
        titles.setdefault(words.status, []).append(f"{words.title_zh} {words.title}")
    return {
        status: {"description": " / ".join(told), "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
        for status, told in titles.items()
    }


_TOLD = _told()
"""Each status of a problem, as the document tells it."""
