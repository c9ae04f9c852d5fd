"""What happens to issues between their stages, as programs see it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.schemas.geojson import Key, LongText, ShortText
from api.schemas.photos import StepPhotos
from geo.domain import issue_views
from geo.domain.issues import IssueState
from geo.domain.profiles.issues import Stage
from geo.domain.profiles.limits import Unit
from geo.domain.profiles.rules import Named as NamedRule

Told = Annotated[str, Field(min_length=1, max_length=4000)]


def _example(**fields: JsonValue) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [fields]})


def _kept(**fields: JsonValue) -> ConfigDict:
    return ConfigDict(from_attributes=True, json_schema_extra={"examples": [fields]})


class Reason(BaseModel):
    """Why."""

    model_config = _example(reason="等待反映人补充材料")

    reason: Told


class HandingOn(BaseModel):
    """Why an issue goes to the next level."""

    model_config = _example(reason="超出本级职权")

    reason: LongText | None = None


class Feedback(BaseModel):
    """What the reporter was told of a stage."""

    model_config = _example(stage="accepted", note="已受理，预计三日内办结")

    stage: Stage
    note: Told
    photos: StepPhotos = Field(default_factory=StepPhotos, description="照片 · Uploaded pictures")


class PersonNamed(BaseModel):
    """Who is named."""

    model_config = _example(person_id=17)

    person_id: Key


class Merge(BaseModel):
    """Which issue goes its way for both."""

    model_config = _example(into=17)

    into: Key


class Transfer(BaseModel):
    """Where a case goes, and what was found."""

    model_config = _example(section="enforcement", facts="无证经营食品")

    section: ShortText
    facts: Told


class Outcome(BaseModel):
    """What became of a case."""

    model_config = _example(outcome="责令改正，罚款结案")

    outcome: Told


class ReporterGiven(BaseModel):
    """Who reported an issue."""

    model_config = _example(name="王女士", phone="0990-5550001")

    name: ShortText | None = None
    phone: ShortText | None = None


class ReporterKept(BaseModel):
    """Who reported an issue: personal data."""

    model_config = _kept(name="王女士", phone="0990-5550001")

    name: str | None
    phone: str | None


class ReporterCode(BaseModel):
    """What the reporter gets."""

    code: str = Field(description="评价码，只显示一次 · Told once, kept nowhere in clear")
    address: str = Field(
        description="评价页面 · The page for it", examples=["/results/20261120-00001?code=…"]
    )


class CaseKept(BaseModel):
    """A case that went to a section."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    number: str
    section: str
    section_zh: str
    section_en: str
    matter: Literal["ordinary", "illegal"]
    facts: str
    transferred_at: datetime
    transferred_by: str
    outcome: str | None
    outcome_at: datetime | None
    outcome_by: str | None


class Words(BaseModel):
    """Something of the regulation profile."""

    key: str
    zh: str
    en: str

    @classmethod
    def of(cls, rule: NamedRule | None) -> Words | None:
        """Give what the profile calls something."""
        return None if rule is None else cls(key=rule.key, zh=rule.name.zh, en=rule.name.en)


class DueDate(BaseModel):
    """How a deadline came about."""

    model_config = ConfigDict(from_attributes=True)

    due_at: datetime
    amount: int
    unit: Unit
    counted_from: date = Field(description="自次日起算 · This day isn't counted itself")
    idle: list[date] = Field(description="跳过的非工作日 · Days skipped because they are not worked")
    is_provisional: bool = Field(
        description="放假安排尚未公布 · Nobody has published yet which days are worked"
    )


class PersonInCharge(BaseModel):
    """Who is named for a charge."""

    model_config = ConfigDict(from_attributes=True)

    charge: str
    person_id: int
    name: str
    named_at: datetime


class PauseKept(BaseModel):
    """When a clock stood."""

    model_config = ConfigDict(from_attributes=True)

    paused_at: datetime
    resumed_at: datetime | None
    reason: str


class DuplicatePair(BaseModel):
    """Two unresolved issues that are likely about one matter."""

    model_config = _kept(
        id=18, number="20261120-00002", first_id=17, first_number="20261120-00001", distance_m=12.5
    )

    id: int
    number: str
    first_id: int
    first_number: str
    distance_m: float


class UntoldStage(BaseModel):
    """A stage of which the reporter was not told."""

    model_config = _kept(id=17, number="20261120-00001", stage="accepted")

    id: int
    number: str
    stage: str


class ServiceRequest(BaseModel):
    """An issue as a service request of Open311 GeoReport v2."""

    service_request_id: str = Field(examples=["20261120-00001"])
    service_code: str
    service_name: str
    description: str | None
    status: Literal["open", "closed"]
    status_notes: str | None
    agency_responsible: str | None
    requested_datetime: datetime
    updated_datetime: datetime
    expected_datetime: datetime | None
    address: str | None
    lat: float | None
    long: float | None
    media_url: JsonValue


class Flow(BaseModel):
    """Where an issue stands under the rules, and what may be done next."""

    kind: Words | None
    level: Words | None
    above: Words | None = Field(description="上一级 · The next level")
    due: DueDate | None = Field(
        description="未设或人工给定时为 null · null without one, or where it was given"
    )
    next_states: list[IssueState]
    may_wait: bool = Field(description="可暂停计时 · Whether its clock may stand")
    sections: list[Words] = Field(description="可移交的科室 · Where its case may go")
    charges: list[Words] = Field(description="须确定责任人的环节 · For what one person is named")
    people: list[PersonInCharge]
    pauses: list[PauseKept]
    cases: list[CaseKept]
    duplicates: list[DuplicatePair]

    @classmethod
    def of(cls, view: issue_views.IssueView) -> Flow:
        """Give what programs see of an issue's way."""
        due = view.due
        return cls(
            kind=Words.of(view.kind),
            level=Words.of(view.level),
            above=Words.of(view.above),
            due=due
            and DueDate(
                due_at=due.due_at,
                amount=due.limit.amount,
                unit=due.limit.unit,
                counted_from=due.counted_from,
                idle=list(due.idle),
                is_provisional=due.is_provisional,
            ),
            next_states=list(view.next_states),
            may_wait=view.rules.clock_stops.holds,
            sections=[found for one in view.rules.sections if (found := Words.of(one))],
            charges=[found for one in view.rules.charges if (found := Words.of(one))],
            people=[PersonInCharge.model_validate(one) for one in view.people],
            pauses=[PauseKept.model_validate(one) for one in view.pauses],
            cases=[CaseKept.model_validate(one) for one in view.cases],
            duplicates=[DuplicatePair.model_validate(one) for one in view.duplicates],
        )
