"""Draws as programs see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.geojson import Key, ShortText
from geo.domain import draws
from geo.domain.entities import EntityKind
from geo.domain.profiles.duties import TargetKind, Targets

_DIGEST = "6bb6d4b7c9a9f1ee0c8a7a4f40fbf6c4ba5bfe5e2f3a3ad3ad1d4b0cf4f0d6a1"


class NewDraw(BaseModel):
    """What is to be drawn."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"title": "四季度双随机抽查", "size": 20}]}
    )

    title: ShortText
    size: int = Field(
        ge=1, le=500, description="抽取数，住户为每网格数 · How many; of households in each grid"
    )
    target: TargetKind = Field(TargetKind.ENTITY, description="entity | household")
    entity: EntityKind = EntityKind.PREMISES
    categories: list[ShortText] = Field(default_factory=list, max_length=50)
    risk: list[ShortText] = Field(default_factory=list, max_length=10)
    duty: ShortText | None = Field(
        None, description="职责，其对象即抽取范围 · Key of a duty, whose targets are drawn from"
    )
    grid: str | None = Field(None, max_length=32, description="范围，默认全市 · Where; everywhere by default")

    def targets(self) -> Targets:
        """Give what may be drawn."""
        is_entity = self.target is TargetKind.ENTITY
        return Targets(
            kind=self.target,
            entity=self.entity if is_entity else None,
            categories=tuple(self.categories),
            risk=tuple(self.risk) if is_entity else (),
        )


class DrawnThing(BaseModel):
    """Something that was drawn, and who goes there."""

    nth: int
    key: int = Field(description="对象编号 · Number of the entity or household")
    name: str
    address: str | None
    grid_code: str | None
    lon: float | None
    lat: float | None
    inspectors: list[int]
    inspector_names: list[str]

    @classmethod
    def of(cls, thing: draws.DrawnThing) -> Self:
        """Give something drawn as programs see it."""
        return cls(
            nth=thing.drawn.nth,
            key=thing.drawn.key,
            name=thing.name,
            address=thing.address,
            grid_code=thing.grid_code,
            lon=thing.lon,
            lat=thing.lat,
            inspectors=list(thing.drawn.inspectors),
            inspector_names=list(thing.inspector_names),
        )


class Draw(BaseModel):
    """A draw: its frame and the commitment of its seed first, the seed and the list afterwards."""

    id: int
    title: str
    duty: str | None
    grid_code: str | None
    items: int = Field(description="抽取范围内的对象数 · How many could be drawn")
    inspectors: int = Field(description="可抽取的检查人员数 · How many inspectors could be drawn")
    size: int
    digest: str = Field(description="范围的 SHA-256 · SHA-256 of the frame", examples=[_DIGEST])
    commitment: str = Field(description="种子的 SHA-256 · SHA-256 of the seed", examples=[_DIGEST])
    seed: str | None = Field(description="公布后可见 · Known once it is revealed")
    committed_by: str
    committed_at: datetime
    revealed_at: datetime | None
    drawn: list[DrawnThing]

    @classmethod
    def of(cls, record: draws.DrawRecord) -> Self:
        """Give a draw as programs see it."""
        names = set(cls.model_fields) - {"items", "inspectors", "size", "drawn"}
        plain = {name: getattr(record, name) for name in names}
        return cls(
            **plain,
            items=len(record.frame.items),
            inspectors=len(record.frame.inspectors),
            size=record.frame.size,
            drawn=list(map(DrawnThing.of, record.things)),
        )


class Draws(BaseModel):
    """Draws, the latest first, without what they have drawn."""

    draws: list[Draw]


class Proof(BaseModel):
    """All that somebody needs to repeat a draw."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "algorithm": draws.ALGORITHM,
                    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "commitment": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
                    "seed": "云溪区 2026 年第四季度",
                    "frame": {"size": 1, "items": [], "inspectors": []},
                    "drawn": [],
                }
            ]
        },
    )

    algorithm: str = Field(max_length=64, examples=[draws.ALGORITHM])
    digest: str = Field(max_length=64)
    commitment: str = Field(max_length=64)
    seed: str | None = Field(max_length=200)
    frame: dict[str, Any]
    drawn: list[dict[str, Any]] = Field(max_length=100_000)


class Verdict(BaseModel):
    """What repeating a draw has shown."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"holds": True, "frame_holds": True, "seed_holds": True, "list_holds": True}]
        }
    )

    holds: bool
    frame_holds: bool = Field(description="范围未改动 · The frame has the digest that was published")
    seed_holds: bool = Field(description="种子未改动 · The seed has the commitment that was published")
    list_holds: bool = Field(description="重新抽取结果一致 · The same is drawn again")


class NewConflict(BaseModel):
    """Who never inspects what, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"person_id": 7, "entity_id": 1, "reason": "亲属经营"}]},
    )

    person_id: Key
    entity_id: Key
    reason: ShortText
