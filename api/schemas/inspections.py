"""Inspections over the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

import shapely
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.geojson import Feature, Geometry, Key, LongText, Place, ShortText
from api.schemas.moments import Moment
from api.schemas.photos import PhotoSchema
from geo.domain import inspections as domain
from geo.domain.inspections import Acknowledgement, Answer
from geo.domain.photos import Photo
from geo.domain.profiles.inspections import Reason
from geo.domain.profiles.rules import Named
from geo.services.inspections import Blank, Filing

Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
Coordinate = Annotated[int, Field(ge=0, le=domain.PEN)]
Stroke = Annotated[list[tuple[Coordinate, Coordinate]], Field(min_length=1, max_length=2_000)]
Chosen = Annotated[str, Field(min_length=1, max_length=64)]

_ANSWERS: list[JsonDict] = [
    {"item": item, "answer": "yes", "note": None}
    for item in ("licence", "scope", "conditions", "quality", "presence", "violations", "other")
]
_SAID: JsonDict = {
    "form": "special",
    "result": "normal",
    "answers": [*_ANSWERS],
    "measures": [],
    "hazards": [],
    "correct_by": None,
    "findings": None,
    "subject_name": "张建国",
    "subject_phone": "13812341234",
    "acknowledgement": "signed",
    "signature": [[[120, 400], [480, 520]]],
    "refusal_reason": None,
    "witness": None,
}


class AnswerSchema(BaseModel):
    """What is said of one item of the form."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    item: Chosen
    answer: Answer
    note: Annotated[str, Field(max_length=500)] | None = None


class FindingsInput(BaseModel):
    """What a record says."""

    form: Chosen = Field(description="检查形式 · Key of the form")
    result: Chosen = Field(description="检查结果 · Key of the result")
    answers: list[AnswerSchema] = Field(default_factory=list, max_length=100)
    measures: list[Chosen] = Field(
        default_factory=list, max_length=20, description="处理措施 · Keys of measures"
    )
    hazards: list[Chosen] = Field(
        default_factory=list, max_length=50, description="隐患类别 · Keys of hazards"
    )
    correct_by: Day | None = Field(default=None, description="整改期限 · By when it is to be put right")
    findings: LongText | None = None
    subject_name: ShortText | None = Field(default=None, description="在场人员 · Who was there")
    subject_phone: Annotated[str, Field(max_length=50)] | None = None
    acknowledgement: Acknowledgement = Field(description="确认方式 · How the subject took note")
    signature: Annotated[list[Stroke], Field(max_length=200)] | None = Field(
        default=None, description="笔迹，坐标为千分之一 · Strokes, x and y in thousandths of the field"
    )
    refusal_reason: LongText | None = None
    witness: ShortText | None = None

    def said(self) -> domain.Findings:
        """Give what the service takes."""
        return domain.Findings(
            form=self.form,
            result=self.result,
            answers=tuple(domain.Answered(one.item, one.answer, one.note) for one in self.answers),
            measures=tuple(self.measures),
            hazards=tuple(self.hazards),
            correct_by=self.correct_by,
            findings=self.findings,
            subject_name=self.subject_name,
            subject_phone=self.subject_phone,
            acknowledgement=self.acknowledgement,
            signature=self.signature and tuple(map(tuple, self.signature)),  # type: ignore[arg-type]
            refusal_reason=self.refusal_reason,
            witness=self.witness,
        )


class NewInspection(FindingsInput):
    """An inspection as it is filed on the spot."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    **_SAID,
                    "entity_id": 1,
                    "visited_at": "2026-11-20T09:30:00+08:00",
                    "place": {"lon": 119.98, "lat": 30.52},
                    "officers": [1, 2],
                    "photos": [],
                    "ref": None,
                }
            ]
        },
    )

    entity_id: Key
    visited_at: Moment
    place: Place | None = None
    officers: list[Key] = Field(max_length=20, description="执法人员 · Ids of those who inspected")
    photos: list[Key] = Field(default_factory=list, max_length=20, description="照片 · Ids of uploads")
    ref: ShortText | None = Field(
        default=None, description="终端生成的编号，重复提交不会重复记录 · A key made by the phone"
    )

    def filing(self) -> Filing:
        """Give what the service takes."""
        return Filing(
            entity_id=self.entity_id,
            visited_at=self.visited_at,
            place=None if self.place is None else self.place.stored(),
            officers=tuple(self.officers),
            photos=tuple(self.photos),
            ref=self.ref,
            said=self.said(),
        )


class Correction(FindingsInput):
    """All that a record says now, and why it was wrong."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{**_SAID, "reason": "结果填写有误"}]}
    )

    reason: ShortText


class OfficerSchema(BaseModel):
    """Somebody who inspects."""

    id: int
    name: str


class InspectionProperties(BaseModel):
    """A record of an inspection, in one of its versions."""

    visit_id: int
    version: int
    replaces_id: int | None = Field(description="所更正的版本 · The version that this one corrects")
    replaced_by_id: int | None
    reason: str | None
    profile: str
    entity_id: int
    entity_name: str
    grid_code: str | None
    visited_at: datetime
    filed_at: datetime
    filed_by: str
    officers: list[OfficerSchema]
    form: str
    result: str
    answers: list[AnswerSchema]
    measures: list[str]
    hazards: list[str]
    correct_by: date | None
    findings: str | None
    subject_name: str | None
    subject_phone: str | None
    acknowledgement: Acknowledgement
    signature: list[list[tuple[int, int]]] | None
    refusal_reason: str | None
    witness: str | None
    case_number: str | None
    keep_until: date | None
    anonymised_at: datetime | None


class InspectionDetail(InspectionProperties):
    """A record of an inspection with its photos."""

    photos: list[PhotoSchema]


class DueProperties(BaseModel):
    """Why a subject needs a check by itself."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    category: str | None
    address: str | None
    grid_code: str | None
    reason: Reason = Field(description="原因 · What happened to it")
    since: date
    due_by: date | None


class DueCollection(BaseModel):
    """The subjects that need a check by themselves."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Feature[DueProperties]]


class NamedSchema(BaseModel):
    """Something that a form offers."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    name: dict[str, str]
    rules: list[str]
    clause: str | None

    @classmethod
    def all_of(cls, offered: Sequence[Named]) -> list[NamedSchema]:
        """Give what a form offers as it goes over the wire."""
        return [
            cls(
                key=one.key,
                name={"zh": one.name.zh, "en": one.name.en},
                rules=list(one.rules),
                clause=one.clause,
            )
            for one in offered
        ]


class LicenceSchema(BaseModel):
    """Since when a subject is there, and since when it may work."""

    model_config = ConfigDict(
        extra="forbid",
        from_attributes=True,
        json_schema_extra={"examples": [{"founded_on": "2020-05-01", "licensed_on": "2026-08-31"}]},
    )

    founded_on: Day | None = None
    licensed_on: Day | None = None


class BlankForm(BaseModel):
    """The form for a subject on a day."""

    entity_id: int
    entity_name: str
    profile: str
    officers_needed: int
    officers: list[OfficerSchema]
    licence: LicenceSchema
    reasons: list[Reason]
    contents: list[NamedSchema]
    forms: list[NamedSchema]
    results: list[NamedSchema]
    measures: list[NamedSchema]
    hazards: list[NamedSchema]

    @classmethod
    def of(cls, blank: Blank) -> BlankForm:
        """Give a form as it goes over the wire."""
        offered = blank.profile.inspections
        return cls(
            entity_id=blank.entity.id,
            entity_name=blank.entity.name,
            profile=blank.profile.key,
            officers_needed=offered.officers.least,
            officers=[OfficerSchema(id=key, name=name) for key, name in blank.officers],
            licence=LicenceSchema.model_validate(blank.licence),
            reasons=sorted({one.reason for one in blank.due}),
            contents=NamedSchema.all_of(offered.contents),
            forms=NamedSchema.all_of(blank.forms),
            results=NamedSchema.all_of(offered.results),
            measures=NamedSchema.all_of(offered.measures),
            hazards=NamedSchema.all_of(offered.hazards),
        )


_LEAVING: JsonDict = {
    "id": 3,
    "entity_id": 1,
    "visit_id": 17,
    "name": "福源面馆",
    "grid_code": "990106001001001",
    "begun_at": "2026-11-20T09:30:00+08:00",
    "ended_at": None,
    "outcome": None,
}


class DeregistrationSchema(BaseModel):
    """A subject that is to be taken off the register."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_LEAVING]})

    id: int
    entity_id: int
    visit_id: int
    name: str
    grid_code: str | None
    begun_at: datetime
    ended_at: datetime | None
    outcome: str | None


class DeregistrationList(BaseModel):
    """What is under way, the oldest first."""

    deregistrations: list[DeregistrationSchema]


class DeregistrationEnd(BaseModel):
    """What became of the subject."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"outcome": "closed"}]})

    outcome: Literal["closed", "active"]


def _properties(found: domain.Inspection) -> dict[str, object]:
    said = found.said
    own = {name: getattr(found, name, None) for name in InspectionProperties.model_fields}
    spoken = {name: getattr(said, name) for name in FindingsInput.model_fields}
    officers = [OfficerSchema(id=key, name=name) for key, name in found.officers]
    return {**own, **spoken, "officers": officers, "answers": list(map(_answer, said.answers))}


def _answer(given: domain.Answered) -> AnswerSchema:
    return AnswerSchema(item=given.item, answer=given.answer, note=given.note)


def _geometry(lon: float | None, lat: float | None) -> Geometry | None:
    return None if lon is None or lat is None else Geometry.of(shapely.Point(lon, lat))


def inspection_feature(found: domain.Inspection) -> Feature[InspectionProperties]:
    """Give a record as programs see it."""
    return Feature(
        id=found.id,
        geometry=_geometry(found.lon, found.lat),
        properties=InspectionProperties.model_validate(_properties(found)),
    )


def inspection_detail(found: domain.Inspection, photos: Sequence[Photo]) -> Feature[InspectionDetail]:
    """Give a record with its photos as programs see it."""
    pictures = [PhotoSchema.model_validate(photo) for photo in photos]
    return Feature(
        id=found.id,
        geometry=_geometry(found.lon, found.lat),
        properties=InspectionDetail.model_validate({**_properties(found), "photos": pictures}),
    )


def due_feature(due: domain.Due) -> Feature[DueProperties]:
    """Give a subject that needs a check as programs see it."""
    return Feature(
        id=due.entity_id,
        geometry=_geometry(due.lon, due.lat),
        properties=DueProperties.model_validate(due),
    )
