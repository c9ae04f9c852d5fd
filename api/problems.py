"""Every failure as ``application/problem+json`` (RFC 9457): the one table from errors to status and words."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.faults import told
from geo import errors

MEDIA_TYPE = "application/problem+json"

_LONGEST = 200
_SECRET = ("password", "token", "secret")


@dataclass(frozen=True, slots=True)
class Words:
    """How one kind of error is told.

    Attributes
    ----------
    status : int
        HTTP status.
    title_zh, title : str
        What is the matter, for every error of this kind.
    detail_zh, detail : str
        What is the matter this time: templates with the fields of the error.
    """

    status: int
    title_zh: str
    title: str
    detail_zh: str
    detail: str


PROBLEMS: dict[type[errors.GridError], Words] = {
    errors.GridError: Words(
        400,
        "请求无法完成",
        "The request can't be fulfilled",
        "请求无法完成。",
        "The request can't be fulfilled.",
    ),
    errors.Malformed: Words(
        422,
        "内容无法读取",
        "The input can't be read",
        "内容的格式不正确，应为：{expected}。",
        "The input isn't what it claims to be; expected: {expected}.",
    ),
    errors.LimitExceeded: Words(
        413,
        "超出限制",
        "Larger than the published limit",
        "“{limit}”为 {value}，超过上限 {maximum}。",
        "“{limit}” is {value}; the limit is {maximum}.",
    ),
    errors.BadValue: Words(
        422,
        "数值不合要求",
        "A value is not acceptable",
        "“{field}”的值 {value} 不合要求，应为：{expected}。",
        "“{field}” is {value}; expected: {expected}.",
    ),
    errors.AgainstRule: Words(
        409,
        "不符合制度规定",
        "Against a rule",
        "“{field}”为 {value}，不符合规定 {rules}（{clause}）；应为：{expected}。",
        "“{field}” is {value}, against rule {rules} ({clause}); expected: {expected}.",
    ),
    errors.UnknownFormat: Words(
        422,
        "不支持的文件格式",
        "Unknown file format",
        "不支持“{name}”的格式，可用的格式：{formats}。",
        "“{name}” is in none of these formats: {formats}.",
    ),
    errors.UnknownReference: Words(
        422,
        "未知的坐标系",
        "Unknown coordinate reference",
        "不认识坐标系或基准“{name}”。",
        "The coordinate reference or datum “{name}” is not known.",
    ),
    errors.ProfileRefused: Words(
        422,
        "制度方案不合要求",
        "The regulation profile can't be used",
        "制度方案中有不合要求的内容：{paths}。",
        "These parts of the regulation profile can't be used: {paths}.",
    ),
    errors.RevisionRequired: Words(
        428,
        "需要版本号",
        "The revision is required",
        "修改时须用 If-Match 请求头给出所依据的 ETag。",
        "A change must name the ETag that it is based on in the header If-Match.",
    ),
    errors.Unavailable: Words(
        503,
        "服务暂不可用",
        "Temporarily unavailable",
        "“{what}”暂时无法连接，请稍后重试。",
        "“{what}” can't be reached; please try again later.",
    ),
    errors.PrintingNotInstalled: Words(
        501,
        "本机不能打印",
        "Printing is not installed",
        "服务器缺少打印所需的 {library}。请管理员在服务器上重新运行 ./wangge up 安装。",
        "The server lacks {library}, which printing needs. ./wangge up, run there again, installs it.",
    ),
    errors.NotFound: Words(
        404, "不存在", "Not found", "没有编号为“{key}”的{kind}。", "There is no {kind} “{key}”."
    ),
    errors.Unauthenticated: Words(
        401,
        "请先登录",
        "Please sign in",
        "没有登录，或者用户名、密码或令牌不正确。",
        "Nobody is signed in, or the username, the password or the token is wrong.",
    ),
    errors.LockedOut: Words(
        429,
        "登录已被锁定",
        "Sign-in is locked",
        "失败次数过多，请在 {until} 之后再试。",
        "Too many attempts have failed; try again after {until}.",
    ),
    errors.Forbidden: Words(
        403,
        "没有权限",
        "Not permitted",
        "您的角色不能进行此操作（{action}）。",
        "None of your roles may do this ({action}).",
    ),
    errors.OutsideJurisdiction: Words(
        403,
        "不在辖区内",
        "Outside your jurisdiction",
        "网格 {grid} 不在您的辖区内（{action}）。",
        "Grid {grid} is outside your jurisdiction ({action}).",
    ),
    errors.CrossSite: Words(
        403,
        "请求来源不可信",
        "The request doesn't come from our pages",
        "请刷新页面后重试：请求缺少本站的校验令牌，或来自其他网站。",
        "Please reload the page: the request lacks the token of our pages, or comes from another site.",
    ),
    errors.Conflict: Words(
        409,
        "与现状冲突",
        "In conflict with the present state",
        "请求与数据的现状冲突。",
        "The request doesn't fit the present state of the data.",
    ),
    errors.StaleRevision: Words(
        409,
        "已被他人修改",
        "Changed by somebody else",
        "{kind} {key} 已改为第 {current} 版，您依据的是第 {revision} 版。",
        "{kind} {key} is now at revision {current}; your change is based on {revision}.",
    ),
    errors.Contended: Words(
        409,
        "正在被他人修改",
        "Being changed by somebody else",
        "同一数据正在被修改，请重新提交。",
        "The same rows are being changed; please send the request again.",
    ),
    errors.NoOwnRules: Words(
        409,
        "没有单独的制度",
        "No rules of its own",
        "{day}在网格{grid}适用的已经是上级制度。",
        "On {day} the rules above hold in grid {grid} already.",
    ),
    errors.StillInUse: Words(
        409,
        "引用关系冲突",
        "In conflict with a reference",
        "相关数据不存在，或仍被引用（{constraint}）。",
        "What it refers to isn't there, or something still refers to it ({constraint}).",
    ),
    errors.AlreadyExists: Words(
        409, "已经存在", "Already there", "已有{kind}“{key}”。", "This {kind} is there already: “{key}”."
    ),
    errors.DrawImpossible: Words(
        409,
        "检查人员不足，无法抽取",
        "Too few inspectors to draw from",
        "对象 {item} 除去应回避的人员后只有 {inspectors} 名检查人员，需要 {needed} 名。",
        "Only {inspectors} inspectors may go to subject {item}; {needed} are needed.",
    ),
    errors.WrongStep: Words(
        409,
        "不能这样流转",
        "No such step",
        "当前状态为“{state}”，不能变为“{to}”；可以变为：{possible}。",
        "It is “{state}” now and can't become “{to}”; it can become: {possible}.",
    ),
    errors.LastAdministrator: Words(
        409,
        "须保留一名全市管理员",
        "The last administrator has to stay",
        "至少要有一个启用的、管辖全市的管理员账号。",
        "At least one active account must administer the whole city.",
    ),
    errors.BrokenPartition: Words(
        409,
        "网格划分不完整",
        "The grids don't tile their parent",
        "{parent} 内：空隙 {gaps} 处，重叠 {overlaps} 处，未对齐的边 {unmatched_edges} 条。",
        "In {parent}: {gaps} gaps, {overlaps} overlaps, {unmatched_edges} unmatched edges.",
    ),
    errors.NoDivision: Words(
        409,
        "没有有效的网格划分",
        "No division is in force",
        "{at} 没有有效的网格划分。",
        "At {at} no division is in force.",
    ),
    errors.OverlappingValidity: Words(
        409,
        "生效时间重叠",
        "The times of validity would overlap",
        "已有自 {published} 起生效的网格划分，新的划分不能从 {valid_from} 起生效。",
        "A division that holds from {published} is published; another can't hold from {valid_from}.",
    ),
    errors.RetiredCode: Words(
        409,
        "编码已停用",
        "Retired codes can't be used again",
        "这些编码属于已撤销的网格，不能再用：{codes}。",
        "These codes belong to retired grids and can't be used again: {codes}.",
    ),
    errors.FixedLevel: Words(
        409,
        "编码的层级不能改变",
        "A code keeps its level",
        "这些编码已用于其他层级的网格：{codes}。",
        "These codes stand for grids of another level: {codes}.",
    ),
    errors.InvalidGeometry: Words(
        409,
        "图形无效",
        "Invalid geometry",
        "图形无效：{reason}。",
        "The geometry is invalid: {reason}.",
    ),
    errors.GridsRefused: Words(
        409,
        "网格不能这样划分",
        "Grids can't be divided like this",
        "网格 {grids} 不能这样划分。",
        "Grids {grids} can't be divided like this.",
    ),
    errors.LockedGrid: Words(
        409,
        "网格已锁定",
        "The grids are locked",
        "网格 {grids} 已锁定，解锁后才能修改。",
        "Grids {grids} are locked; unlock them first.",
    ),
    errors.DifferentParents: Words(
        409,
        "不属于同一上级网格",
        "Not in one parent",
        "网格 {grids} 分属 {parents}，地块不能越过上级网格的边界。",
        "Grids {grids} belong to {parents}; ground can't cross the border of a parent.",
    ),
    errors.NotAdjacent: Words(
        409,
        "网格不相邻",
        "The grids aren't adjacent",
        "网格 {grids} 之间没有共同边界。",
        "Grids {grids} have no border in common.",
    ),
    errors.NothingChanges: Words(
        409,
        "没有任何变化",
        "Nothing would change",
        "所绘图形没有分割网格 {grids}，也没有移动其中的地块。",
        "What was drawn neither divides grids {grids} nor moves any of their ground.",
    ),
    errors.NothingLeft: Words(
        409,
        "网格将不复存在",
        "Nothing would be left of the grid",
        "网格 {grid} 将没有剩余的地块；如要撤销该网格，请使用合并。",
        "No ground would be left of grid {grid}; merge it if it is to go.",
    ),
    errors.FallsApart: Words(
        409,
        "网格将被分成几块",
        "The grid would fall apart",
        "网格 {grid} 将分成 {parts} 块，最多允许 {allowed} 块。",
        "Grid {grid} would consist of {parts} parts; {allowed} at most.",
    ),
    errors.Sliver: Words(
        409,
        "地块过窄",
        "Too narrow",
        "网格 {grid} 中会出现宽 {width_m} 米的狭条，至少应为 {least_m} 米。",
        "Grid {grid} would have a strip {width_m} m wide; {least_m} m at least.",
    ),
    errors.OffBorder: Words(
        409,
        "不在共同边界上",
        "Not on the common border",
        "路径须从网格 {grids} 的同一条共同边界上出发并回到该边界（误差 {reach_m} 米以内）。",
        "The path has to begin and end on one common border of grids {grids} (within {reach_m} m).",
    ),
    errors.OutsideGrids: Words(
        409,
        "超出网格范围",
        "Outside the grids",
        "所绘路径超出了网格 {grids} 的范围。",
        "The path leaves the ground of grids {grids}.",
    ),
    errors.BrokenBorders: Words(
        409,
        "边界会断裂",
        "Borders would break",
        "网格 {grids} 的边界将不再吻合，或会丢失、多出地块。",
        "The borders of grids {grids} would no longer match, or ground would be lost or gained.",
    ),
    errors.OwnPlan: Words(
        403,
        "不能批准自己编制的方案",
        "Nobody approves their own plan",
        "方案 {plan} 中有您编制的内容，须由他人批准。",
        "Plan {plan} holds work of yours; somebody else has to approve it.",
    ),
    errors.BuildingsCut: Words(
        409,
        "边界会切割房屋",
        "A border would run through buildings",
        "新的边界会穿过房屋（网格 {grids}）；如确需如此，请选择强制执行。",
        "A new border would run through buildings (grids {grids}); force the operation if it is meant.",
    ),
    errors.SupersededBase: Words(
        409,
        "方案的基础划分已被取代",
        "The plan's division has been superseded",
        "方案基于划分 {base}，而此后已发布划分 {current}。",
        "The plan begins with division {base}; division {current} has been published since.",
    ),
    errors.OutdatedEffect: Words(
        409,
        "网格已变化",
        "The grids have changed",
        "网格 {grids} 在此期间已被修改。",
        "Grids {grids} have been changed meanwhile.",
    ),
    errors.NoFurtherStep: Words(
        409,
        "没有更多步骤",
        "No further step",
        "第 {seq} 步之后没有可撤销或可重做的步骤。",
        "Nothing is left to undo or to redo at step {seq}.",
    ),
    errors.RuleBroken: Words(
        409,
        "不符合制度规定",
        "A rule forbids it",
        "“{field}”不符合规定（{rules}）。",
        "“{field}” breaks a rule ({rules}).",
    ),
    errors.ResultMissing: Words(
        409,
        "缺少处理结果",
        "The result is missing",
        "请填写处理结果（{field}）后再结案：办结才能销号（{rules}）。",
        "Tell the result ({field}) first: an issue is struck off only when it is done ({rules}).",
    ),
    errors.ReasonMissing: Words(
        409,
        "缺少理由",
        "The reason is missing",
        "请说明理由（{field}）：退回、作废、重开、移交上级和超期结案都须说明理由（{rules}）。",
        "State the reason ({field}): returning, giving up, reopening, handing on and closing late need one "
        "({rules}).",
    ),
    errors.UnknownSection: Words(
        409,
        "没有这个科室",
        "No such section",
        "“{field}”的值“{value}”不是制度中的科室，案件只能移交：{known}（{rules}）。",
        "“{field}” is “{value}”; cases go to these sections alone: {known} ({rules}).",
    ),
    errors.CaseOpen: Words(
        409,
        "移交案件尚无结果",
        "The case is still open",
        "移交单 {number} 还没有反馈处理结果（{field}），须先登记结果（{rules}）。",
        "Form {number} has no outcome ({field}) yet; record it first ({rules}).",
    ),
    errors.NobodyNamed: Words(
        409,
        "责任人未确定",
        "Nobody is named",
        "请先确定“{charge}”的责任人（{field}）：责任到人（{rules}）。",
        "Name one person for “{charge}” ({field}) first ({rules}).",
    ),
    errors.FirstAskedStays: Words(
        409,
        "首问责任人不能更换",
        "Whoever was asked first sees it through",
        "销号之前，首问责任人（{field}）不能更换：首问负责制（{rules}）。",
        "Whoever was asked first ({field}) stays named until the issue is struck off ({rules}).",
    ),
    errors.ClockRuns: Words(
        409,
        "不能暂停计时",
        "The clock does not stop",
        "现行制度不允许等待反映人时暂停计时（{field}，{rules}）。",
        "The rules in force let no clock stand while the reporter is waited for ({field}, {rules}).",
    ),
    errors.HighestLevel: Words(
        409,
        "已是最高层级",
        "No level is above",
        "“{level}”之上没有处理层级（{field}，{rules}）。",
        "No level is above “{level}” ({field}, {rules}).",
    ),
}
"""Status and words of each class of error; a test demands that none is missing."""

HTTP_WORDS: dict[int, Words] = {
    400: Words(400, "请求有误", "Bad request", "无法读取请求。", "The request can't be read."),
    404: Words(404, "没有此页", "No such page", "没有这个地址。", "There is nothing at this address."),
    405: Words(
        405,
        "方法不适用",
        "Method not allowed",
        "此地址不支持该方法。",
        "This address doesn't know the method.",
    ),
}
"""What the framework itself refuses."""

INVALID = Words(
    422,
    "请求内容不合要求",
    "Parts of the request are not acceptable",
    "不合要求的内容：{names}。",
    "Not acceptable: {names}.",
)
UNKNOWN = Words(
    500,
    "内部错误",
    "Internal failure",
    "出现内部错误，请把编号 {incident} 告诉管理员。",
    "Something failed; please tell the administrator the number {incident}.",
)


KINDS_ZH = {
    "account": "账号",
    "address": "地址",
    "assignment": "任职",
    "entity": "监管对象",
    "generation": "网格划分",
    "grid": "网格",
    "import_batch": "导入批次",
    "deregistration": "注销手续",
    "inspection": "检查记录",
    "key_person": "重点人员",
    "photo": "照片",
    "ground_feature": "地物",
    "issue": "问题",
    "leave": "请假",
    "partnership": "AB岗",
    "person": "人员",
    "plan": "划分方案",
    "profile": "制度方案",
    "regulation": "现行制度",
    "track": "轨迹",
    "visit": "走访",
}
"""What the kinds of things are called in Chinese; in English they are called what they are."""


class _Fields(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "–"


def problem(
    words: Words,
    code: str,
    instance: str,
    fields: Mapping[str, Any],
    *,
    geometry: Mapping[str, Any] | None = None,
    validation: Sequence[Mapping[str, Any]] | None = None,
) -> Response:
    """Give the answer that tells a problem in both languages.

    Parameters
    ----------
    words : Words
        Status and words.
    code : str
        Stable name of the kind of problem.
    instance : str
        The path that was asked.
    fields : Mapping[str, Any]
        What the templates are filled with; ``retry_after_s`` also becomes the header.
    geometry : Mapping, optional
        The offending geometry as GeoJSON.
    validation : sequence of Mapping, optional
        What is wrong with each part of the request.
    """
    ready = _json_ready(jsonable_encoder(fields, custom_encoder={bytes: repr}))
    shown = _Fields({name: _shown(value) for name, value in ready.items()})
    shown_zh = _Fields(shown, kind=KINDS_ZH.get(shown["kind"], shown["kind"]))
    body = {
        "type": f"urn:wangge:problem:{code}",
        "status": words.status,
        "code": code,
        "title": words.title,
        "title_zh": words.title_zh,
        "detail": words.detail.format_map(shown),
        "detail_zh": words.detail_zh.format_map(shown_zh),
        "instance": instance,
        "fields": ready,
        **({} if geometry is None else {"geometry": _json_ready(geometry)}),
        **({} if validation is None else {"errors": _json_ready(validation)}),
    }
    content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    return Response(content, words.status, _headers(words.status, ready), MEDIA_TYPE)


def _headers(status: int, fields: Mapping[str, Any]) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="wangge"'
    if "retry_after_s" in fields:
        headers["Retry-After"] = str(fields["retry_after_s"])
    return headers


def _json_ready(value: Any) -> Any:
    """Give a value without numbers that JSON has no words for."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_ready(item) for item in value]
    return value


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(map(str, value))[:_LONGEST]
    return str(value)[:_LONGEST]


def words_of(kind: type[errors.GridError]) -> Words:
    """Give status and words of an error, or those of the nearest class above that has some."""
    return next(PROBLEMS[parent] for parent in kind.__mro__ if parent in PROBLEMS)


def problem_of(error: errors.GridError, instance: str) -> Response:
    """Give the answer for an error of the house.

    Parameters
    ----------
    error : GridError
        What went wrong.
    instance : str
        The path that was asked.
    """
    refused = isinstance(error, errors.ProfileRefused)
    validation = [told(fault) for fault in error.fields["faults"]] if refused else None
    return problem(
        words_of(type(error)),
        error.code,
        instance,
        error.fields,
        geometry=error.geometry,
        validation=validation,
    )


def unknown_problem(incident: str, instance: str) -> Response:
    """Give the answer for a failure that nobody foresaw; it tells nothing but a number.

    Parameters
    ----------
    incident : str
        The number under which the log holds the failure.
    instance : str
        The path that was asked.
    """
    return problem(UNKNOWN, "internal", instance, {"incident": incident})


def install_problem_handlers(app: FastAPI) -> None:
    """Make an application answer each failure with a problem.

    Parameters
    ----------
    app : FastAPI
        The application.
    """
    app.add_exception_handler(errors.GridError, _answer_grid_error)
    app.add_exception_handler(RequestValidationError, _answer_validation_error)
    app.add_exception_handler(HTTPException, _answer_http_exception)


async def _answer_grid_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.GridError)  # noqa: S101 - registered for it alone
    return problem_of(error, request.url.path)


async def _answer_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    if isinstance(error.__cause__, errors.GridError):
        return problem_of(error.__cause__, request.url.path)
    status = HTTPStatus(error.status_code)
    words = HTTP_WORDS.get(
        status, Words(status, "请求无法完成", status.phrase, "请求无法完成。", status.phrase)
    )
    response = problem(words, status.phrase.lower().replace(" ", "-"), request.url.path, {})
    response.headers.update(error.headers or {})
    return response


async def _answer_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
    faults = [_fault(entry) for entry in error.errors()]
    names = sorted({fault["field"] for fault in faults})
    return problem(INVALID, "invalid-request", request.url.path, {"names": names}, validation=faults)


def _fault(entry: Mapping[str, Any]) -> dict[str, Any]:
    location, *path = map(str, entry["loc"])
    limits = {name: value for name, value in entry.get("ctx", {}).items() if _is_plain(value)}
    return {
        "field": ".".join(path) or location,
        "location": location,
        "expected": entry["type"],
        **limits,
        "value": _echo(path, entry.get("input")),
    }


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _echo(path: Sequence[str], value: Any) -> Any:
    """Give a value back for whoever sent it: short, plain, and never a secret."""
    if not _is_plain(value) or any(word in name.lower() for name in path for word in _SECRET):
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 64:
        return None
    return value[:_LONGEST] if isinstance(value, str) else value
