"""Assessments and findings as programs see them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.activities import AttendedAs
from api.schemas.measures import Share
from geo.domain import assessment, findings
from geo.domain.profiles.assessment import AssessedPeriod, Rate, Tally


class EarnedSchema(BaseModel):
    """What an indicator gave."""

    measure: Rate
    share: Share
    weight: float = Field(description="满分 · Points at best")
    target: float = Field(description="得满分的比率 · Rate that earns all points")
    points: float | None = Field(
        description="无数据时为 null，不计入 · null without data: then it doesn't count"
    )


class LostSchema(BaseModel):
    """What a deduction took."""

    measure: Tally
    count: int
    points: float
    yuan_from: int
    yuan_to: int


class PartSchema(BaseModel):
    """What one set of rules gave, over the days on which it held."""

    since: date
    until: date = Field(description="不含 · Not included")
    score: float | None
    earned: list[EarnedSchema]
    lost: list[LostSchema]

    @classmethod
    def of(cls, part: assessment.PartScore) -> Self:
        """Give a part as programs see it."""
        return cls(
            since=part.since,
            until=part.until,
            score=part.value,
            earned=[
                EarnedSchema(
                    measure=one.rule.measure,
                    share=Share.of(one.share),
                    weight=one.rule.weight,
                    target=one.rule.target,
                    points=one.points,
                )
                for one in part.earned
            ],
            lost=[
                LostSchema(
                    measure=one.rule.measure,
                    count=one.count,
                    points=one.points,
                    yuan_from=one.yuan[0],
                    yuan_to=one.yuan[1],
                )
                for one in part.lost
            ],
        )


class ConsequenceSchema(BaseModel):
    """What follows, and from what."""

    consequence: str
    name_zh: str
    name_en: str
    measure: str | None = Field(description="null 为总分 · null for the score")
    spans: list[date] = Field(description="各期首日 · First days of the periods in which it was so")


class AssessedSchema(BaseModel):
    """What an assessment says of one person or grid."""

    subject: str = Field(description="人员编号或网格编码 · Number of a person or code of a grid")
    name: str
    rank: int | None = Field(description="样本不足时为 null · null where the sample is too small")
    score: float | None
    sample: int
    yuan_from: int
    yuan_to: int
    honoured: bool
    predecessors: list[str] = Field(description="期内并入的原网格 · Grids whose ground it got in the period")
    consequences: list[ConsequenceSchema]
    parts: list[PartSchema]

    @classmethod
    def of(cls, one: assessment.Assessed, whole: assessment.Assessment) -> Self:
        """Give a row as programs see it."""
        score, names = one.ranked.score, whole.rules.consequences
        least, most = score.yuan
        return cls(
            subject=score.subject,
            name=one.name,
            rank=one.ranked.rank,
            score=score.value,
            sample=score.sample,
            yuan_from=least,
            yuan_to=most,
            honoured=one.is_honoured,
            predecessors=list(one.predecessors),
            consequences=[
                ConsequenceSchema(
                    consequence=found.rule.consequence,
                    name_zh=names[found.rule.consequence].zh,
                    name_en=names[found.rule.consequence].en,
                    measure=found.rule.measure,
                    spans=[span.since for span in found.spans],
                )
                for found in one.consequences
            ],
            parts=[PartSchema.of(part) for part in score.parts],
        )


class AssessmentSchema(BaseModel):
    """The scores of all people or grids of a place in a span."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject": "grid",
                    "period": "month",
                    "since": "2026-10-01",
                    "until": "2026-11-01",
                    "made_at": "2026-11-02T09:00:00+08:00",
                    "grids_at": None,
                    "versions": {"on_time": 2},
                    "assessed": [],
                }
            ]
        }
    )

    subject: Literal["grid", "person"]
    period: AssessedPeriod
    since: date
    until: date = Field(description="不含 · Not included")
    made_at: datetime
    grids_at: datetime | None = Field(
        description="按此时适用的划分考核 · By the grids of the division that held then"
    )
    versions: dict[str, int] = Field(description="各指标的版本 · Version of each measure")
    assessed: list[AssessedSchema]

    @classmethod
    def of(cls, found: assessment.Assessment) -> Self:
        """Give an assessment as programs see it."""
        return cls.model_validate(
            {
                "subject": found.subject,
                "period": found.span.period,
                "since": found.span.since,
                "until": found.span.until,
                "made_at": found.made_at,
                "grids_at": found.grids_at,
                "versions": dict(found.versions),
                "assessed": [AssessedSchema.of(one, found) for one in found.assessed],
            }
        )


class KeptAssessmentSchema(BaseModel):
    """An assessment that was kept as it was."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 3,
                    "made_by": "leader",
                    "made_at": "2026-11-02T09:00:00+08:00",
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "document": {"subject": "grid", "period": "month"},
                }
            ]
        }
    )

    id: int
    made_by: str
    made_at: datetime
    sha256: str = Field(description="内容摘要 · Digest of what was kept")
    document: dict[str, Any]

    @classmethod
    def of(cls, kept: assessment.AssessmentSnapshot) -> Self:
        """Give what was kept as programs see it."""
        return cls(
            id=kept.id,
            made_by=kept.made_by,
            made_at=kept.made_at,
            sha256=kept.sha256,
            document=dict(kept.document),
        )


class FactSchema(BaseModel):
    """A record that counts in a measure."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "issue",
                    "id": 17,
                    "label": "WT-2026-000017",
                    "at": "2026-10-12T09:30:00+08:00",
                    "numerator": 1,
                    "denominator": 1,
                    "late_levels": ["village"],
                    "attendance": None,
                }
            ]
        }
    )

    kind: str
    id: int
    label: str
    at: datetime
    numerator: int
    denominator: int
    late_levels: list[str] = Field(description="问题未按期的层级 · Levels on which an issue was late")
    attendance: AttendedAs | None = Field(description="活动的应到人员 · Who was to be at an activity")

    @classmethod
    def of(cls, fact: assessment.Fact) -> Self:
        """Give a fact as programs see it."""
        return cls(
            kind=fact.kind,
            id=fact.id,
            label=fact.label,
            at=fact.at,
            numerator=fact.numerator,
            denominator=fact.denominator,
            late_levels=list(fact.late_levels),
            attendance=fact.attendance and AttendedAs.of(fact.attendance),
        )


class FindingInput(BaseModel):
    """What a supervisor has found."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "tally": "complaints_upheld",
                    "happened_on": "2026-10-12",
                    "grid": "330106001001",
                    "person": None,
                    "note": "居民投诉属实",
                }
            ]
        },
    )

    tally: Tally
    happened_on: date = Field(ge=date(1970, 1, 1), le=date(2199, 12, 31))
    grid: str = Field(min_length=1, max_length=40, description="网格编码 · Code of the grid")
    person: int | None = Field(default=None, ge=1, lt=2**63, description="人员编号 · Number of the person")
    note: str = Field(min_length=1, max_length=2000)


class Withdrawal(BaseModel):
    """Why a finding counts no longer."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"because": "复查后不属实"}]})

    because: str = Field(min_length=1, max_length=2000)


class FindingSchema(BaseModel):
    """A finding."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 5,
                    "tally": "complaints_upheld",
                    "happened_on": "2026-10-12",
                    "person": None,
                    "grid": "330106001001",
                    "note": "居民投诉属实",
                    "recorded_by": "leader",
                    "recorded_at": "2026-10-13T09:00:00+08:00",
                    "withdrawn_because": None,
                }
            ]
        }
    )

    id: int
    tally: Tally
    happened_on: date
    person: int | None
    grid: str
    note: str
    recorded_by: str
    recorded_at: datetime
    withdrawn_because: str | None

    @classmethod
    def of(cls, found: findings.Finding) -> Self:
        """Give a finding as programs see it."""
        return cls(
            id=found.id,
            tally=found.tally,
            happened_on=found.happened_on,
            person=found.person_id,
            grid=found.grid_code,
            note=found.note,
            recorded_by=found.recorded_by,
            recorded_at=found.recorded_at,
            withdrawn_because=found.withdrawn_because,
        )
