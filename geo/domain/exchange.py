"""What files bring and take: layers with their fields, problems row by row, batches."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from geo.domain.entities import EntityKind, EntityState
from geo.domain.grids import Level
from geo.domain.issues import IssueState


class Layer(StrEnum):
    """What can be imported and exported."""

    GRIDS = "grids"
    ENTITIES = "entities"
    ADDRESSES = "addresses"
    PEOPLE = "people"
    VISITS = "visits"
    TRACKS = "tracks"
    ISSUES = "issues"


class OnExisting(StrEnum):
    """What happens to a row whose key is there already."""

    REFUSE = "refuse"
    SKIP = "skip"
    UPDATE = "update"


class Type(StrEnum):
    """What the values of a field are."""

    KEY = "key"
    TEXT = "text"
    WORDS = "words"
    INTEGER = "integer"
    NUMBER = "number"
    TIME = "time"
    DATE = "date"
    JSON = "json"
    RECORDS = "records"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a layer.

    Attributes
    ----------
    name : str
        Its name; the name of its column in exports.
    type : Type
        What its values are.
    required : bool
        Whether a row can't do without it.
    synonyms : tuple of str
        Names of columns that are taken for it unless told otherwise, in order of preference.
    choices : Mapping[StrEnum, tuple[str, ...]] or None
        The values allowed, each with the words that mean it.
    default : str or None
        The value of rows without one.
    """

    name: str
    type: Type = Type.TEXT
    required: bool = False
    synonyms: tuple[str, ...] = ()
    choices: Mapping[Any, tuple[str, ...]] | None = None
    default: str | None = None


_REF = Field("ref", Type.KEY, synonyms=("编号", "标识", "objectid", "fid", "uuid"))
_NAME = ("名称", "姓名", "mc", "title")
_ADDRESS = Field("address", synonyms=("地址", "详细地址", "位置", "addr", "dz", "location"))

LON = Field("lon", Type.NUMBER, synonyms=("经度", "longitude", "lng", "long", "x", "jd", "xzb"))
LAT = Field("lat", Type.NUMBER, synonyms=("纬度", "latitude", "y", "wd", "yzb"))
WKT = Field("wkt", synonyms=("geometry", "geom", "the_geom", "坐标串"))
ATTRIBUTES = Field("attributes", Type.JSON)
PLACE = (LON, LAT, WKT)

_LEVELS = {
    Level.DISTRICT: ("区县", "区", "县"),
    Level.STREET: ("街道", "镇", "乡镇"),
    Level.COMMUNITY: ("社区", "村"),
    Level.UNIT: ("单元网格", "网格"),
}
_ENTITY_KINDS = {
    EntityKind.PREMISES: ("场所", "单位", "企业", "商铺"),
    EntityKind.BUILDING: ("建筑", "楼栋", "房屋", "楼宇"),
    EntityKind.FACILITY: ("设施", "部件"),
}
_ENTITY_STATES = {
    EntityState.ACTIVE: ("正常", "营业", "在用", "open", "operating"),
    EntityState.SUSPENDED: ("停业", "暂停", "停用", "paused"),
    EntityState.CLOSED: ("关闭", "注销", "拆除", "歇业"),
}
_ISSUE_STATES = {
    IssueState.REPORTED: ("上报", "已上报", "待受理", "new", "submitted"),
    IssueState.ACCEPTED: ("受理", "已受理", "立案", "已立案", "open", "pending"),
    IssueState.REVIEWED: ("已审核",),
    IssueState.APPROVED: ("已审批",),
    IssueState.DISPATCHED: ("派遣", "已派遣", "处置中", "处理中", "in progress", "assigned"),
    IssueState.HANDLED: ("已处置", "已处理", "待核查", "resolved", "done"),
    IssueState.FED_BACK: ("已反馈",),
    IssueState.CHECKED: ("已核查",),
    IssueState.CLOSED: ("结案", "已结案", "办结", "已办结", "completed"),
    IssueState.VOID: ("作废", "不予受理", "cancelled", "canceled", "invalid"),
}

_TRUTH = {"true": ("是", "yes", "1"), "false": ("否", "no", "0")}

FIELDS: dict[Layer, tuple[Field, ...]] = {
    Layer.GRIDS: (
        Field(
            "code",
            Type.KEY,
            synonyms=("网格编码", "网格代码", "编码", "代码", "gridcode", "xzqhbm", "wgbm", "bm", "dm", "id"),
        ),
        Field("name", synonyms=("网格名称", "社区名称", "街道名称", "street", "wgmc", *_NAME)),
        Field("households", Type.INTEGER, synonyms=("户数", "总户数", "hs", "housing")),
        Field(
            "population",
            Type.INTEGER,
            synonyms=("人口数量", "人口", "人口数", "常住人口", "常住人", "rks", "pop"),
        ),
        Field("level", choices=_LEVELS),
        Field("parent_code", Type.KEY),
    ),
    Layer.ENTITIES: (
        _REF,
        Field("kind", choices=_ENTITY_KINDS, default=EntityKind.PREMISES, synonyms=("对象种类",)),
        Field("category", synonyms=("类别", "类型", "行业", "type", "lb", "lx")),
        Field("name", required=True, synonyms=("场所名称", "单位名称", "企业名称", *_NAME)),
        Field(
            "state",
            choices=_ENTITY_STATES,
            default=EntityState.ACTIVE,
            synonyms=("状态", "经营状态", "status"),
        ),
        _ADDRESS,
        Field("accuracy_m", Type.NUMBER, synonyms=("精度", "accuracy")),
        Field("households", Type.INTEGER, synonyms=("户数", "hs")),
    ),
    Layer.ADDRESSES: (
        _REF,
        Field("text", required=True, synonyms=("标准地址", "地址", "详细地址", "address", "addr", "dz")),
    ),
    Layer.PEOPLE: (
        _REF,
        Field("name", required=True, synonyms=_NAME),
        Field("phone", synonyms=("电话", "手机", "手机号", "联系电话", "mobile", "tel")),
        Field("organisation", synonyms=("单位", "所属单位", "部门", "organization", "org")),
        Field("grid_code", Type.KEY, synonyms=("网格编码", "网格", "grid", "gridcode")),
        Field("post", Type.KEY, synonyms=("岗位", "职务", "角色", "role")),
        Field("valid_from", Type.DATE, synonyms=("开始日期", "任职日期", "start", "from")),
        Field("valid_to", Type.DATE, synonyms=("结束日期", "离任日期", "end", "to")),
    ),
    Layer.VISITS: (
        _REF,
        Field("kind", default="patrol", synonyms=("走访类型", "类型", "类别", "type")),
        Field(
            "visited_at",
            Type.TIME,
            required=True,
            synonyms=("走访时间", "巡查时间", "时间", "日期", "time", "date"),
        ),
        Field("entity_ref", Type.KEY, synonyms=("对象编号", "场所编号", "entity", "premises")),
        Field("entity_name", synonyms=("对象名称", "场所名称", "单位名称")),
        Field("household", Type.KEY, synonyms=("住户编号",)),
        Field("door", Type.KEY, synonyms=("门牌室号",)),
        Field("people", Type.WORDS, synonyms=("人员", "网格员", "走访人", "巡查人", "person", "person_ref")),
        Field("result", synonyms=("结果", "走访结果")),
        Field("note", synonyms=("备注", "说明", "remark")),
    ),
    Layer.TRACKS: (
        Field(
            "ref",
            Type.KEY,
            required=True,
            synonyms=("轨迹编号", "track", "track_id", "patrol_id", "trip_id", "编号"),
        ),
        Field(
            "person_ref",
            Type.KEY,
            synonyms=("人员编号", "人员", "person", "person_id", "user_id", "groupby_col"),
        ),
        Field(
            "time",
            Type.TIME,
            required=True,
            synonyms=("时间", "定位时间", "fixtime", "timestamp", "gpstime", "datetime"),
        ),
    ),
    Layer.ISSUES: (
        Field(
            "number",
            Type.KEY,
            required=True,
            synonyms=("任务号", "问题编号", "编号", "案卷号", "servicerequestnum", "id", "ref"),
        ),
        Field("category", required=True, synonyms=("类别", "问题类型", "类型", "小类", "srtype", "type")),
        Field("description", synonyms=("描述", "问题描述", "内容", "desc")),
        _ADDRESS,
        Field("state", choices=_ISSUE_STATES, synonyms=("状态", "案件状态", "srstatus", "status")),
        Field(
            "reported_at",
            Type.TIME,
            required=True,
            synonyms=("上报时间", "发现时间", "createddate", "created", "opened"),
        ),
        Field("due_at", Type.TIME, synonyms=("截止时间", "处置时限", "duedate", "due", "deadline")),
        Field("closed_at", Type.TIME, synonyms=("结案时间", "办结时间", "closedate", "closeddate", "closed")),
        Field("kind", Type.KEY, synonyms=("问题种类",)),
        Field("level", Type.KEY, synonyms=("处置层级",)),
        Field("counted_since", Type.TIME),
        Field("level_since", Type.TIME),
        Field("due_is_given", choices=_TRUTH, default="true"),
        Field("result", synonyms=("处理结果", "办理结果")),
        Field("public_result", synonyms=("公开结果",)),
        Field("delay_reason", synonyms=("延期原因",)),
        Field("merged_into", Type.KEY, synonyms=("并入",)),
        Field("history", Type.RECORDS, synonyms=("办理过程",)),
    ),
}
"""The fields of each layer, without its place and its attributes."""


class Severity(StrEnum):
    """What a problem means for its row."""

    ERROR = "error"
    WARNING = "warning"
    REPAIRED = "repaired"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a row, or about a file as a whole, that people have to know.

    Attributes
    ----------
    code : str
        Stable name of the kind of problem.
    severity : Severity
        An error keeps the row, or without a row the whole batch, from being committed.
    row : int or None
        Number of the row in its file: 1 is the first one with data. None for the whole file.
    file : str or None
        Name of the file.
    field : str or None
        The field that it is about.
    value : str or None
        The value that it is about, as text, shortened.
    moved_m, area_m2 : float or None
        How far a repair moved the border, or how long a misfit is, and the area of the change or the misfit.
    lon, lat : float or None
        Where, in degrees of EPSG:4326.
    detail : Mapping[str, Any]
        More of what the words are made from, JSON-ready.
    """

    code: str
    severity: Severity
    row: int | None = None
    file: str | None = None
    field: str | None = None
    value: str | None = None
    moved_m: float | None = None
    area_m2: float | None = None
    lon: float | None = None
    lat: float | None = None
    detail: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file is and how it was read.

    Attributes
    ----------
    name, sha256, format : str
        Its name, the digest of its bytes, and its format.
    encoding : str or None
        How its text was decoded, where that had to be found out.
    declared : str or None
        The reference system that it declares.
    rows : int
        How many rows it has.
    columns : tuple of str
        Names of its columns.
    has_geometries : bool
        Whether it says where its rows are without any column.
    """

    name: str
    sha256: str
    format: str
    encoding: str | None
    declared: str | None
    rows: int
    columns: tuple[str, ...]
    has_geometries: bool


@dataclass(frozen=True, slots=True)
class FieldSource:
    """Where the values of a field come from.

    Attributes
    ----------
    field, column : str
        The field, and the column of the file that it is read from.
    guessed : bool
        Whether nobody said so.
    """

    field: str
    column: str
    guessed: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What an import found, did, or would do.

    Attributes
    ----------
    layer : Layer
        What came in.
    files : tuple of FileFacts
        From which files.
    reference : str or None
        What the numbers were taken to be.
    mapping : tuple of FieldSource
        Which columns became which fields; every other column is kept among the attributes.
    rows, accepted, located : int
        Rows that came, that can be kept, and of these the ones with a place.
    problems : tuple of Problem
        Everything that is worth a word, in the order of the rows.
    facts : Mapping[str, Any]
        Counts of the layer's own: how many names matched, how many grids on each level …
    """

    layer: Layer
    files: tuple[FileFacts, ...]
    reference: str | None
    mapping: tuple[FieldSource, ...]
    rows: int
    accepted: int
    located: int
    problems: tuple[Problem, ...]
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def bad_rows(self) -> int:
        """How many rows have an error."""
        return len(
            {(p.file, p.row) for p in self.problems if p.severity is Severity.ERROR and p.row is not None}
        )

    @property
    def blocked(self) -> bool:
        """Whether the batch as a whole can't be committed, whatever happens to its bad rows."""
        return any(p.severity is Severity.ERROR and p.row is None for p in self.problems)

    def counts(self) -> dict[str, int]:
        """Count the problems by their code, the most frequent first."""
        return dict(Counter(problem.code for problem in self.problems).most_common())


@dataclass(frozen=True, slots=True)
class Batch:
    """An import that was committed.

    Attributes
    ----------
    id : int
        Number of the batch.
    layer : Layer
        What came in.
    filename, sha256 : str
        The files and the digest of their bytes.
    reference : str
        What the numbers were said to be.
    options : Mapping[str, Any]
        What was asked for.
    row_count : int
        How many rows were kept.
    report : Mapping[str, Any]
        The report in short: counts of problems, facts.
    created_by : str
        Who did it.
    created_at : datetime
        When.
    """

    id: int
    layer: Layer
    filename: str
    sha256: str
    reference: str
    options: Mapping[str, Any]
    row_count: int
    report: Mapping[str, Any]
    created_by: str
    created_at: datetime


class RunState(StrEnum):
    """How far an import is that goes on after its request."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRun:
    """An import that goes on after its request.

    Attributes
    ----------
    id : int
        Its number.
    layer : Layer
        What comes in.
    filename : str
        From which file.
    writes : bool
        Whether it is more than a dry run.
    state : RunState
        How far it is. Of one that failed or was interrupted nothing is kept.
    stage : str
        What it did last: ``read``, ``check``, ``repair``, ``write``, ``locate``.
    created_by : str
        Who asked for it.
    created_at : datetime
        When.
    finished_at : datetime or None
        When it was done or failed.
    batch_id : int or None
        The batch that came of it.
    report : Mapping[str, Any] or None
        What it found, JSON-ready.
    problem : Mapping[str, Any] or None
        Why it failed, JSON-ready.
    """

    id: int
    layer: Layer
    filename: str
    writes: bool
    state: RunState
    stage: str
    created_by: str
    created_at: datetime
    finished_at: datetime | None
    batch_id: int | None
    report: Mapping[str, Any] | None
    problem: Mapping[str, Any] | None
