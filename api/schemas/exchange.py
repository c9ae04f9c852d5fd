"""Imports and exports over HTTP, and the words for what an import finds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from geo.domain.exchange import Batch, ImportRun, Layer, OnExisting, Problem, Report, RunState, Severity
from geo.domain.grids import Level
from geo.services.exchange.batches import Outcome

WORDS: Mapping[str, tuple[str, str]] = {
    "malformed-feature": (
        "要素无法读取：{path} 应为 {expected}",
        "Can't be read: {path} should be {expected}",
    ),
    "ragged-row": ("有 {cells} 列，应为 {columns} 列", "{cells} cells instead of {columns}"),
    "formula-guard-removed": (
        "已去掉防公式的撇号：{value}",
        "The apostrophe before a formula was taken away: {value}",
    ),
    "bad-value": ("“{value}”不合要求，应为 {expected}", "“{value}” is not acceptable; expected: {expected}"),
    "missing-value": ("缺少必填值", "A value is required"),
    "doubtful-time": (
        "{value} 因夏令时不存在或出现两次，取后者或第一次",
        "{value} doesn't exist or comes twice on that clock; the next or the first was taken",
    ),
    "day-or-month-first": (
        "日月先后无法判断，按月在前读取；请用 --time-format 指明",
        "Day or month first can't be told; read as month first: say it with --time-format",
    ),
    "bad-place": ("坐标“{value}”无法读取", "The position “{value}” can't be read"),
    "reference-undeclared": (
        "文件没有说明坐标系；请用 --crs 指明",
        "The file doesn't say what its numbers are: say it with --crs",
    ),
    "reference-unknown": (
        "文件声明的坐标系无法识别：{value}；请用 --crs 指明",
        "The file declares an unknown reference: {value}: say it with --crs",
    ),
    "reference-conflict": (
        "文件声明 {declared}，按要求采用 {asked}",
        "The file declares {declared}; {asked} is taken, as asked",
    ),
    "references-differ": ("各文件坐标系不一致：{value}", "The files differ in their reference: {value}"),
    "datum-suspected": (
        "改按 {datum} 读取与现行数据明显更吻合（{measure} {as_labelled:.3f} → {shifted:.3f}）；请核对 --crs",
        (
            "Read as {datum} it fits the present data clearly better "
            "({measure} {as_labelled:.3f} → {shifted:.3f}): check --crs"
        ),
    ),
    "not-a-point": ("不是点，未定位", "Not a point: not located"),
    "point-inside-taken": ("取图形内的一点", "A point inside the shape was taken"),
    "lon-lat-swapped": (
        "经纬度似乎颠倒（{x}, {y}），未定位",
        "Lon and lat seem swapped ({x}, {y}): not located",
    ),
    "out-of-range": ("坐标超出范围（{x}, {y}），未定位", "Out of range ({x}, {y}): not located"),
    "placeholder-point": ("占位坐标（{x}, {y}），未定位", "A placeholder ({x}, {y}): not located"),
    "duplicate-key": ("“{value}”重复出现", "“{value}” stands twice"),
    "already-there": ("“{value}”已存在", "“{value}” is there already"),
    "skipped-as-there": ("“{value}”已存在，跳过", "“{value}” is there already: skipped"),
    "updated": ("“{value}”已存在，更新", "“{value}” is there already: updated"),
    "same-file-again": (
        "该文件已在批次 {batch} 导入（{at}）",
        "This file came in already with batch {batch} ({at})",
    ),
    "closed-without-time": ("已结案但没有结案时间", "Closed without a time of closing"),
    "time-without-closing": ("有结案时间但未结案", "A time of closing, but not closed"),
    "closed-before-reported": ("结案早于上报", "Closed before it was reported"),
    "unknown-entity": ("找不到对象“{value}”，或同名不止一个", "No entity “{value}”, or several of that name"),
    "visit-of-nothing": ("既无对象也无坐标", "Neither an entity nor a position"),
    "unknown-person": ("找不到人员“{value}”，或同名不止一个", "Nobody “{value}”, or several of that name"),
    "unknown-person-kept-as-text": (
        "没有编号为“{value}”的人员，保留在属性中",
        "Nobody has the key “{value}”: kept among the attributes",
    ),
    "unknown-grid": ("没有编码为“{value}”的网格", "There is no grid “{value}”"),
    "unknown-post": (
        "没有“{value}”这一岗位；请说明该词的含义",
        "There is no post “{value}”: say what this word means",
    ),
    "masked": (
        "“{value}”是脱敏后的值，不能导入；请由有权查看的人员重新导出",
        "“{value}” is what a mask has left: let somebody export it again who may see it",
    ),
    "masked-column": (
        "{field} 列有 {count} 个值按隐私规则脱敏，不能再导入",
        "{count} values of {field} are masked as the rules of privacy ask, and can't be imported again",
    ),
    "from-today": ("没有开始日期，取 {value}", "No date of beginning: {value} was taken"),
    "ends-before-it-begins": ("结束日期不晚于开始日期：{value}", "It ends before it begins: {value}"),
    "second-fix-at-one-time": ("同一时刻的第二个定位点，略去", "A second fix at one time: left out"),
    "track-of-one-fix": ("轨迹“{value}”只有一个定位点，略去", "Track “{value}” has a single fix: left out"),
    "gps-jump": ("GPS 跳点（{seconds} 秒）", "A GPS jump (within {seconds} s)"),
    "no-polygon": ("没有可用的多边形（{reason}）", "No usable polygon ({reason})"),
    "invalid-geometry": ("图形无效（{reason}）", "The geometry is invalid ({reason})"),
    "repair-refused": (
        "修复超出容差，保持原样（{reason}）",
        "The repair would exceed the tolerance: left as it was ({reason})",
    ),
    "border-matched": ("边界已与相邻网格对齐", "The border was matched with its neighbours"),
    "overlap": ("与第 {other} 行重叠", "Overlaps row {other}"),
    "unmatched-edge": ("边界与相邻网格不吻合", "The border doesn't match its neighbour"),
    "gap": ("网格之间有空隙（上级 {parent}）", "A gap between grids (in {parent})"),
    "several-pieces": ("由 {pieces} 块组成", "It consists of {pieces} pieces"),
    "broken-partition": (
        (
            "没有无缝铺满：空隙 {gaps}，重叠 {overlaps}，边界不吻合 {unmatched_edges}；"
            "可选“修复图形”（--repair），真实的空地选“允许真实的空地”（--allow-gaps）"
        ),
        (
            "The grids don't tile: {gaps} gaps, {overlaps} overlaps, {unmatched_edges} unmatched edges; "
            "“Repair geometry” (--repair) mends, “Admit ground in no grid” (--allow-gaps) admits real holes"
        ),
    ),
    "missing-code": (
        "没有编码；可选“给无编码者编码”（--assign-codes）",
        "No code: “Give missing codes” (--assign-codes) gives one",
    ),
    "duplicate-code": (
        "编码“{value}”出现多次；若为同一网格的各部分，可选“同码各行合为一个网格”（--join-parts）",
        "The code “{value}” stands several times: “Rows of one code are one grid” (--join-parts) joins them",
    ),
    "part-joined": ("编码 {value} 的一部分，并入第 {into} 行", "A part of {value}: put into row {into}"),
    "parts-disagree": (
        "同一网格的各部分说法不一：第 {part} 行为“{value}”",
        "The parts of the grid disagree: row {part} says “{value}”",
    ),
    "unknown-household": ("该楼栋没有这一住户", "No such household lives in its building"),
    "unknown-issue": ("没有可并入的问题“{value}”", "There is no issue “{value}” to merge it into"),
    "merged-not-void": ("已并入他案的问题应为作废", "What was merged into another issue has to be void"),
    "bad-history": ("办理过程的格式不对", "Its history isn't written as exports write it"),
    "bad-code": (
        "编码“{value}”应为 {length} 位 {pattern}",
        "The code “{value}” should be {length} × {pattern}",
    ),
    "code-assigned": ("编码为 {value}", "It got the code {value}"),
    "code-of-another-parent": (
        "编码 {value} 与上级 {parent} 不符",
        "The code {value} doesn't begin with its parent {parent}",
    ),
    "retired-code": ("编码 {value} 已停用，不得重用", "The code {value} is retired and never used again"),
    "code-on-two-levels": ("编码 {value} 用了两次", "The code {value} is used twice"),
    "other-level": ("属于其他层级：{value}", "It is of another level: {value}"),
    "missing-parent": (
        "不知属于哪个上级（{level}）；可选“给无编码者编码”（--assign-codes）",
        "Its {level} is unknown: “Give missing codes” (--assign-codes) finds one",
    ),
    "parent-adopted": ("归入上级 {parent}（{how}）", "Taken into {parent} (by {how})"),
    "several-parents": ("{value} 分属多个上级 {parents}", "{value} lies in several: {parents}"),
    "missing-upper-codes": (
        "上级（{level}）只有名称没有编码；请选“给无编码者编码”（--assign-codes），并填“新编码的前缀”（--code-prefix）",
        (
            "The {level} level has names but no codes: choose “Give missing codes” (--assign-codes), "
            "and say “What new codes begin with” (--code-prefix)"
        ),
    ),
    "no-outline": ("{value} 没有给出轮廓（{level}）", "No outline was given for {value} ({level})"),
    "beyond-outline": ("{value} 的网格超出给定轮廓", "The grids of {value} go beyond its outline"),
    "short-of-outline": ("{value} 的网格没有填满给定轮廓", "The grids of {value} fall short of its outline"),
    "unnamed": ("没有名称，用编码 {value}", "No name: its code {value} was taken"),
    "empty-text-is-missing-text": ("空文本与缺失无法区分", "Empty text comes back as missing"),
    "last-blanks-are-lost": ("文本末尾的空格不保留", "Blanks at the end of text are lost"),
    "names-cut-to-ten-bytes": ("列名截为 10 字节", "Names of columns are cut to ten bytes"),
    "wgs84-only": ("只能是 WGS84", "WGS84 alone"),
    "no-attributes": ("不含人员和属性", "Without people and attributes"),
}
"""What each kind of problem is called in both languages; templates with the fields of the problem."""


def words_of(problem: Problem) -> tuple[str, str]:
    """Return what a problem says, in Chinese and in English.

    Parameters
    ----------
    problem : Problem
        The problem.

    Returns
    -------
    tuple of str
        中文, English.
    """
    told = {"value": problem.value, **problem.detail}
    known = {name: _listed(value) for name, value in told.items() if value is not None}
    fields = defaultdict(lambda: "–", known)
    zh, en = WORDS[problem.code]
    return zh.format_map(fields), en.format_map(fields)


def _listed(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


class ImportOptions(BaseModel):
    """How rows are read, and what becomes of them."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reference": "wgs84"}]})

    mapping: dict[str, str] = Field({}, description="字段 → 列名 · Column by field; the rest is guessed")
    constants: dict[str, str] = Field({}, description="默认值 · Value by field, for rows without one")
    translations: dict[str, dict[str, str]] = Field({}, description="词义 · What words mean, by field")
    reference: str | None = Field(None, max_length=32, description="坐标系 · CRS or datum of the numbers")
    encoding: str | None = Field(None, max_length=32, description="文字编码 · Encoding of the text")
    layer: str | None = Field(None, max_length=200, description="图层或工作表 · Layer or sheet")
    timezone: str | None = Field(None, max_length=64, description="时区 · IANA name of the time zone")
    time_format: str | None = Field(None, max_length=64, description="时间格式 · As strptime has it")
    on_existing: OnExisting = OnExisting.REFUSE
    skip_bad: bool = False
    repair: bool = False
    tolerance_m: float = Field(0.5, gt=0, le=1000)
    gap_m: float | None = Field(None, gt=0, le=1000)
    level: Level = Field(Level.UNIT, description="网格层级 · Level of the grids")
    parent_codes: dict[Level, str] = Field({}, description="上级编码列 · Columns with codes of levels above")
    parent_names: dict[Level, str] = Field({}, description="上级名称列 · Columns with names of levels above")
    outlines: dict[Level, str] = Field(
        {}, description="上级图形取自哪个上传文件 · Names of uploaded files with the grids of levels above"
    )
    names: dict[Level, str] = Field(
        {}, description="上级名称取自哪个上传文件 · Names of uploaded files with names of levels above"
    )
    upper_mapping: dict[Level, dict[str, str]] = Field(
        {}, description="上级文件的列 · Columns of the files of levels above, by field: code, name"
    )
    no_upper: bool = Field(default=False, description="不由编码推出上级 · No levels above from codes")
    code_prefix: str = Field("", max_length=32, pattern="^[0-9A-Za-z]*$")
    assign_codes: bool = False
    join_parts: bool = False
    allow_gaps: bool = False
    name: str = Field("", max_length=200, description="划分名称 · Name of the division")
    valid_from: datetime | None = Field(None, description="生效时间 · From when the division holds")


class MappingText(BaseModel):
    """A mapping file."""

    document: str = Field(
        max_length=200_000,
        description="YAML 或 JSON · YAML or JSON",
        examples=["fields: {name: 商户名称}\nwords: {state: {开门: active}}"],
    )


class MappingDocument(BaseModel):
    """What a mapping file says."""

    fields: dict[str, str] = Field(description="字段 → 列名 · By field", examples=[{"name": "商户名称"}])
    constants: dict[str, str] = Field(description="默认值 · By field, for rows without one")
    words: dict[str, dict[str, str]] = Field(description="词义 · What words mean, by field")


class ProblemRow(BaseModel):
    """Something about a row."""

    row: int | None
    file: str | None
    field: str | None
    code: str
    severity: Severity
    value: str | None
    moved_m: float | None
    area_m2: float | None
    lon: float | None
    lat: float | None
    zh: str
    en: str

    @classmethod
    def of(cls, problem: Problem) -> ProblemRow:
        """Give the problem with its words."""
        zh, en = words_of(problem)
        return cls(
            row=problem.row,
            file=problem.file,
            field=problem.field,
            code=problem.code,
            severity=problem.severity,
            value=problem.value,
            moved_m=problem.moved_m,
            area_m2=problem.area_m2,
            lon=problem.lon,
            lat=problem.lat,
            zh=zh,
            en=en,
        )


class FileRow(BaseModel):
    """A file and how it was read."""

    name: str
    sha256: str
    format: str
    encoding: str | None
    declared: str | None
    rows: int
    columns: list[str]
    has_geometries: bool = False


class SourceRow(BaseModel):
    """Which column became which field."""

    field: str
    column: str
    guessed: bool


class ImportReport(BaseModel):
    """What an import found, did, or would do."""

    layer: Layer
    state: Literal["dry-run", "refused", "committed"]
    batch: int | None
    files: list[FileRow]
    reference: str | None
    mapping: list[SourceRow]
    rows: int
    accepted: int
    located: int
    bad_rows: int
    counts: dict[str, int]
    facts: dict[str, Any]
    problems: list[ProblemRow]

    @classmethod
    def of(cls, outcome: Outcome, *, commit: bool) -> ImportReport:
        """Give the outcome of an import."""
        report = outcome.report
        asked = "refused" if outcome.refused else "committed"
        return cls(
            layer=report.layer,
            state=asked if commit else "dry-run",
            batch=outcome.batch_id,
            files=[FileRow(**_fields(file, FileRow)) for file in report.files],
            reference=report.reference,
            mapping=[SourceRow(**_fields(source, SourceRow)) for source in report.mapping],
            rows=report.rows,
            accepted=report.accepted,
            located=report.located,
            bad_rows=report.bad_rows,
            counts=report.counts(),
            facts=dict(report.facts),
            problems=[ProblemRow.of(problem) for problem in report.problems],
        )


def _fields(value: Any, schema: type[BaseModel]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in schema.model_fields}


def blocking(report: Report) -> list[Problem]:
    """Return the problems that keep a batch from being committed."""
    return [problem for problem in report.problems if problem.severity is Severity.ERROR]


class BatchRow(BaseModel):
    """An import that was committed."""

    id: int
    layer: Layer
    filename: str
    sha256: str
    reference: str
    rows: int
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, batch: Batch) -> BatchRow:
        """Give the batch in short."""
        return cls(
            id=batch.id,
            layer=batch.layer,
            filename=batch.filename,
            sha256=batch.sha256,
            reference=batch.reference,
            rows=batch.row_count,
            created_by=batch.created_by,
            created_at=batch.created_at,
        )


class BatchDetail(BatchRow):
    """An import that was committed, with what was asked for and what was found."""

    options: dict[str, Any]
    report: dict[str, Any]

    @classmethod
    def of(cls, batch: Batch) -> BatchDetail:
        """Give the batch in full."""
        return cls(**BatchRow.of(batch).model_dump(), options=dict(batch.options), report=dict(batch.report))


class BatchPage(BaseModel):
    """Batches, the newest first."""

    batches: list[BatchRow]
    next: int | None = Field(description="下一页的游标 · Cursor of the next page")


class RunRow(BaseModel):
    """An import that goes on after its request."""

    id: int
    layer: Layer
    filename: str
    dry_run: bool
    state: RunState
    stage: str = Field(description="read, check, repair, write, locate", examples=["check"])
    created_by: str
    created_at: datetime
    finished_at: datetime | None
    batch: int | None = Field(description="写入的批次 · The batch that came of it")

    @classmethod
    def of(cls, run: ImportRun) -> Self:
        """Give how far a run is."""
        return cls(
            id=run.id,
            layer=run.layer,
            filename=run.filename,
            dry_run=not run.writes,
            state=run.state,
            stage=run.stage,
            created_by=run.created_by,
            created_at=run.created_at,
            finished_at=run.finished_at,
            batch=run.batch_id,
        )


class RunDetail(RunRow):
    """An import that goes on after its request, with what it found or why it failed."""

    report: ImportReport | None = None
    problem: dict[str, Any] | None = Field(None, description="RFC 9457")

    @classmethod
    def of(cls, run: ImportRun) -> Self:
        """Give all that is known of a run."""
        report = None if run.report is None else ImportReport.model_validate(run.report)
        problem = None if run.problem is None else dict(run.problem)
        return cls(**RunRow.of(run).model_dump(), report=report, problem=problem)


class RunList(BaseModel):
    """Imports that went on after their requests, the newest first."""

    runs: list[RunRow]
