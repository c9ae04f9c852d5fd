"""Posts of grids over the wire: what is the matter with them, partners, leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.generations import GridRef
from geo.domain import posts as domain
from geo.domain.pages import Page
from geo.domain.principles import PrincipleHeld
from geo.domain.profiles.documents import quoted_at
from geo.domain.profiles.regulations import Regime

UNTIL = "首个不再适用的日期 · First day on which it doesn't hold any more"


class PostFinding(BaseModel):
    """Something that is the matter with a post of a grid, and the field of the profile that says so."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "grid": {"code": "330106001001001", "name": "第一网格", "level": "unit"},
                    "post": "head",
                    "post_zh": "网格长",
                    "post_en": "Grid head",
                    "fault": "vacant",
                    "needed": 1,
                    "allowed": 1,
                    "held": 0,
                    "doubled": 0,
                    "away": 0,
                    "covering": 0,
                    "profile": "township",
                    "field": "posts.posts.head.least",
                    "rules": ["B1"],
                    "clause": "一格一员",
                }
            ]
        }
    )

    grid: GridRef
    post: str
    post_zh: str
    post_en: str
    fault: domain.Fault
    needed: int
    allowed: int | None
    held: int
    doubled: int = Field(description="同时在其他网格任同一岗位的人数 · Who hold the post elsewhere too")
    away: int
    covering: int
    profile: str
    field: str
    rules: list[str]
    clause: str | None


class PostFindings(BaseModel):
    """What is the matter with the posts of grids on a day."""

    at: date
    needed: int = Field(description="应配人数 · How many holders the rules ask for")
    filled: int = Field(description="其中已配 · How many of them there are")
    findings: list[PostFinding]

    @classmethod
    def of(cls, at: date, found: Sequence[tuple[Regime, Sequence[domain.Staffing]]]) -> PostFindings:
        """Give findings as they go over the wire."""
        everything = [one for _, some in found for one in some]
        return cls(
            at=at,
            needed=sum(one.needed for one in everything),
            filled=sum(min(one.held, one.needed) for one in everything),
            findings=[
                _finding(regime, one, fault) for regime, some in found for one in some for fault in one.faults
            ],
        )


def _finding(regime: Regime, one: domain.Staffing, fault: domain.Fault) -> PostFinding:
    quoted = quoted_at(regime.profile, one.field(fault))
    return PostFinding(
        grid=GridRef(code=one.grid.code, name=one.grid.name, level=one.grid.level),
        post=one.post,
        post_zh=one.post_zh,
        post_en=one.post_en,
        fault=fault,
        needed=one.needed,
        allowed=one.allowed,
        held=one.held,
        doubled=one.doubled,
        away=one.away,
        covering=one.covering,
        profile=one.profile,
        field=one.field(fault),
        rules=list(quoted.rules),
        clause=quoted.clause,
    )


class PrincipleSchema(BaseModel):
    """A principle of the division, with how many grids meet it, of how many."""

    profile: str
    key: str = Field(examples=["right_size"])
    name_zh: str
    name_en: str
    rules: list[str]
    clause: str | None
    checks: list[str] = Field(description="空为由人判断 · People judge where there are none")
    numerator: int | None
    denominator: int | None

    @classmethod
    def of(cls, held: PrincipleHeld) -> PrincipleSchema:
        """Give a principle as it goes over the wire."""
        one = held.principle
        return cls(
            profile=held.profile,
            key=one.key,
            name_zh=one.name.zh,
            name_en=one.name.en,
            rules=list(one.rules),
            clause=one.clause,
            checks=list(one.checks),
            numerator=held.grids and held.grids.numerator,
            denominator=held.grids and held.grids.denominator,
        )


class PrincipleList(BaseModel):
    """How far the principles of the division hold on a day."""

    at: date
    principles: list[PrincipleSchema]


class PartnershipInput(BaseModel):
    """Two neighbouring grids whose holders of a post are to stand in for each other."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "post": "head",
                    "grid": "330106001001001",
                    "partner": "330106001001002",
                    "valid_from": "2026-11-01",
                }
            ]
        },
    )

    post: str = Field(min_length=1, max_length=64)
    grid: str = Field(min_length=1, max_length=64)
    partner: str = Field(min_length=1, max_length=64)
    valid_from: date
    valid_to: date | None = Field(default=None, description=UNTIL)


class PartnershipSchema(BaseModel):
    """Two grids whose holders of a post stand in for each other, seen from one of them."""

    id: int
    revision: int
    post: str = Field(examples=["head"])
    grid: str
    partner: str
    valid_from: date
    valid_to: date | None

    @classmethod
    def of(cls, pair: domain.Partnership) -> PartnershipSchema:
        """Give a partnership as it goes over the wire."""
        return cls(
            id=pair.id,
            revision=pair.revision,
            post=pair.post,
            grid=pair.grid_code,
            partner=pair.partner_code,
            valid_from=pair.valid_from,
            valid_to=pair.valid_to,
        )


class PartnershipPage(BaseModel):
    """Partnerships in the order of their numbers."""

    partnerships: list[PartnershipSchema]
    next: int | None = Field(description="下一页的 cursor · The `cursor` of the next page")

    @classmethod
    def of(cls, page: Page[domain.Partnership]) -> PartnershipPage:
        """Give a page as it goes over the wire."""
        return cls(partnerships=[PartnershipSchema.of(pair) for pair in page.rows], next=page.next)


class End(BaseModel):
    """When something ends."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"valid_to": "2026-12-01"}]})

    valid_to: date = Field(description=UNTIL)


class LeaveInput(BaseModel):
    """The days on which somebody is going to be away."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"valid_from": "2026-11-23", "valid_to": "2026-11-30"}]},
    )

    valid_from: date
    valid_to: date = Field(description="返岗日期 · First day back")


class LeaveSchema(BaseModel):
    """The days on which somebody is away."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(examples=[3])
    revision: int
    person_id: int
    valid_from: date
    valid_to: date


class LeaveList(BaseModel):
    """When a person is away, the latest first."""

    leaves: list[LeaveSchema]
