"""Regulation profiles and what holds where, over the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from geo.domain import profiles as domain
from geo.domain.profiles import regulations, values

GRID = "网格代码，任一层级；空为全市 · Code of a grid of any level; the whole city without"
PATH = "如 posts.posts.head.least · Such as posts.posts.head.least"
COMMIT = "写入；否则只试运行 · Keep it; a dry run otherwise"


class Named(BaseModel):
    """A name in both languages."""

    zh: str
    en: str


class ProfileSummary(BaseModel):
    """A profile that comes with the product."""

    key: str = Field(examples=["food-drug"])
    version: int
    dated: date | None
    name: Named
    source: Named

    @classmethod
    def of(cls, profile: domain.Profile) -> ProfileSummary:
        """Give a profile as it goes over the wire."""
        return cls(
            key=profile.key,
            version=profile.version,
            dated=profile.dated,
            name=Named(zh=profile.name.zh, en=profile.name.en),
            source=Named(zh=profile.source.zh, en=profile.source.en),
        )


class ProfileList(BaseModel):
    """The profiles that come with the product."""

    profiles: list[ProfileSummary]


class DocumentInput(BaseModel):
    """A document that may be a profile."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"document": "key: ours\nversion: 1\n"}]}
    )

    document: str = Field(max_length=1_000_000, description="YAML 或 JSON · YAML or JSON")


class FaultSchema(BaseModel):
    """Something in a document that can't hold."""

    model_config = ConfigDict(extra="allow")

    path: str
    code: str
    detail: str
    detail_zh: str


class CheckReport(BaseModel):
    """What is the matter with a document; nothing, if it is a profile."""

    profile: ProfileSummary | None
    faults: list[FaultSchema]


class ToldSchema(BaseModel):
    """A difference in words."""

    model_config = ConfigDict(from_attributes=True)

    rule: str
    before: str
    after: str


class DifferenceSchema(BaseModel):
    """A value that is different from what holds now."""

    path: str
    before: Any
    after: Any
    told: ToldSchema | None = Field(description="规则的名称和出处不另述 · Null for names and quotations")
    told_zh: ToldSchema | None


class RegulationSchema(BaseModel):
    """A profile that holds somewhere from a day on."""

    id: int
    grid: str | None = Field(description=GRID)
    valid_from: date | None = Field(description="起始日；空为自始 · The first day; null is the beginning")
    profile: ProfileSummary | None = Field(
        description="空为恢复上级制度 · Null: what holds above holds here again"
    )
    path: str | None = Field(description="单独调整的数值 · The single value that was set")
    adopted_by: str
    adopted_at: datetime

    @classmethod
    def of(cls, regulation: regulations.Regulation) -> RegulationSchema:
        """Give a regulation as it goes over the wire."""
        return cls(
            id=regulation.id,
            grid=regulation.grid_code,
            valid_from=known_day(regulation.valid_from),
            profile=regulation.profile and ProfileSummary.of(regulation.profile),
            path=regulation.path,
            adopted_by=regulation.adopted_by,
            adopted_at=regulation.adopted_at,
        )


class RegulationList(BaseModel):
    """What was adopted and changed, by first day."""

    regulations: list[RegulationSchema]


class AdoptionInput(BaseModel):
    """Which profile is to hold where, and from when."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"profile": "food-drug", "valid_from": "2027-01-01"}]},
    )

    profile: str | None = Field(default=None, max_length=64, description="方案 · A shipped profile")
    document: str | None = Field(default=None, max_length=1_000_000, description="或文件内容 · Or a document")
    grid: str | None = Field(default=None, min_length=1, max_length=32, description=GRID)
    valid_from: date
    commit: bool = Field(default=False, description=COMMIT)

    @model_validator(mode="after")
    def _one_of_both(self) -> AdoptionInput:
        if (self.profile is None) == (self.document is None):
            raise ValueError("profile or document")
        return self


class OverrideInput(BaseModel):
    """Which single value is to hold where, and from when."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"path": "division.households.high", "value": 900, "valid_from": "2027-01-01", "commit": True}
            ]
        },
    )

    path: str = Field(min_length=1, max_length=300, description=PATH)
    value: JsonValue
    grid: str | None = Field(default=None, min_length=1, max_length=32, description=GRID)
    valid_from: date
    commit: bool = Field(default=False, description=COMMIT)


class WithdrawalInput(BaseModel):
    """In which grid what holds above is to hold again, and from when."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"grid": "990106001", "valid_from": "2027-01-01"}]},
    )

    grid: str = Field(min_length=1, max_length=32, description="网格代码 · Code of a grid of any level")
    valid_from: date
    commit: bool = Field(default=False, description=COMMIT)


class AdoptionReport(BaseModel):
    """What is different, or would be."""

    regulation: RegulationSchema | None = Field(description="试运行时为空 · Null for a dry run")
    differences: list[DifferenceSchema]


class RuleValueSchema(BaseModel):
    """A single value with the days in which it holds."""

    path: str
    value: Any
    since: date | None = Field(description="空为自始 · Null is the beginning")
    until: date | None = Field(description="首个不再适用的日期 · First day on which it doesn't hold any more")


class RulePartSchema(BaseModel):
    """A rule with its values and the words of its source."""

    path: str
    name: Named | None
    rules: list[str]
    clause: str | None
    values: list[RuleValueSchema]


class RuleList(BaseModel):
    """The rules that hold in a grid on a day."""

    profile: ProfileSummary
    parts: list[RulePartSchema]

    @classmethod
    def of(cls, profile: domain.Profile, parts: tuple[values.RulePart, ...]) -> RuleList:
        """Give rules as they go over the wire."""
        return cls(profile=ProfileSummary.of(profile), parts=[_part(part) for part in parts])


def _part(part: values.RulePart) -> RulePartSchema:
    return RulePartSchema(
        path=part.path,
        name=None if part.name is None else Named(**part.name),
        rules=list(part.rules),
        clause=part.clause,
        values=[
            RuleValueSchema(
                path=one.path, value=one.value, since=known_day(one.since), until=known_day(one.until)
            )
            for one in part.values
        ],
    )


class SpellSchema(BaseModel):
    """A value with the days in which it holds, and what made it so."""

    value: Any
    since: date | None
    until: date | None
    regulation: RegulationSchema

    @classmethod
    def of(cls, spell: values.Spell) -> SpellSchema:
        """Give a spell as it goes over the wire."""
        return cls(
            value=spell.value,
            since=known_day(spell.since),
            until=known_day(spell.until),
            regulation=RegulationSchema.of(spell.regulation),
        )


class History(BaseModel):
    """The values that stood and are going to stand at a path, the earliest first."""

    path: str = Field(examples=["division.households.high"])
    spells: list[SpellSchema]


def known_day(day: date) -> date | None:
    """Give a day, or None for the beginning and the end of all days."""
    return None if day in {regulations.BEGINNING, regulations.ENDLESS} else day
