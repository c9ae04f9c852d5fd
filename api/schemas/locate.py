"""Questions and answers of lookups, and the quick way to write the answers."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel, ConfigDict, Field

from api.schemas.generations import Generation, GridRef
from geo.domain.grids import Level
from geo.domain.locate import Link
from geo.geometry.locate import OUTSIDE
from geo.services.locate import LookupIndex

STORED = "wgs84"
DATUM = "坐标所用的基准 · What the numbers are: wgs84, cgcs2000, gcj02, bd09, EPSG:nnnn"
AT = (
    "查询该日（当地时间）结束时有效的划分；今天及以后为现在 · "
    "By the division in force at the end of that day in the city; today and later mean now"
)


class LocateQuestion(BaseModel):
    """A point, and by which division it is asked for."""

    lon: float = Field(
        ge=-180, le=180, allow_inf_nan=False, examples=[120.1423], description="经度 · Longitude"
    )
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False, examples=[30.2614], description="纬度 · Latitude")
    datum: str = Field(default=STORED, max_length=40, examples=["gcj02"], description=DATUM)
    at: date | None = Field(default=None, examples=["2026-06-30"], description=AT)


def parameters_of(question: type[BaseModel]) -> list[dict[str, Any]]:
    """Describe the fields of a model as parameters of a query, as OpenAPI has them.

    Parameters
    ----------
    question : type of BaseModel
        Plain fields only.
    """
    schema = question.model_json_schema()
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema["required"],
            "description": field["description"],
            "schema": {key: value for key, value in field.items() if key != "description"},
        }
        for name, field in schema["properties"].items()
    ]


class Responsible(BaseModel):
    """Whom the public may turn to."""

    post: str
    post_zh: str
    post_en: str
    name: str
    phone: str | None
    stands_in: bool = Field(default=False, description="AB岗代班 · Covers for somebody on leave")


class ChainLink(GridRef):
    """One grid of a chain, with whom the public may turn to there."""

    responsible: list[Responsible]


class NearestGrid(GridRef):
    """The leaf grid nearest to a point outside every grid."""

    distance_m: float


_CHAIN: Any = [
    {"code": "330106", "name": "西湖区", "level": "district", "responsible": []},
    {"code": "330106001", "name": "北山街道", "level": "street", "responsible": []},
    {"code": "330106001001", "name": "友谊社区", "level": "community", "responsible": []},
    {
        "code": "330106001001001",
        "name": "第一网格",
        "level": "unit",
        "responsible": [
            {
                "post": "head",
                "post_zh": "网格长",
                "post_en": "Grid head",
                "name": "王芳",
                "phone": "0571-1234567",
            }
        ],
    },
]


class Place(BaseModel):
    """Where a point is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"lon": 120.1423, "lat": 30.2614, "on_border": False, "chain": _CHAIN, "nearest": None}
            ]
        }
    )

    lon: float = Field(description="EPSG:4326")
    lat: float = Field(description="EPSG:4326")
    on_border: bool = Field(
        description="在边界上时取编码最小的网格 · Of several that cover it, the lowest code is given"
    )
    chain: list[ChainLink] = Field(
        description="由区县到单元网格；不在任何网格内时为空 · The widest grid first"
    )
    nearest: NearestGrid | None = Field(description="仅当不在任何网格内 · Outside every grid only")


class LocateAnswer(Place):
    """Where a point is, and by which division."""

    generation: Generation


class RowProblem(BaseModel):
    """What is wrong with a row; the other rows are not touched by it."""

    code: str
    field: str
    detail: str
    detail_zh: str


class BatchPoint(BaseModel):
    """A point with whatever its owner knows it by."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "A-1", "lon": 120.1423, "lat": 30.2614}]}
    )

    id: str | int | None = None
    lon: float
    lat: float


class BatchQuestion(BaseModel):
    """Many points. With a projected ``datum`` (EPSG), ``lon`` and ``lat`` are easting and northing."""

    points: list[BatchPoint]
    datum: str = "wgs84"
    at: str | None = Field(default=None, description="YYYY-MM-DD", examples=["2026-06-30"])


def batch_schema() -> dict[str, Any]:
    """Describe a `BatchQuestion` in one piece, without references."""
    schema = BatchQuestion.model_json_schema()
    definitions = schema.pop("$defs")
    schema["properties"]["points"]["items"] = definitions[BatchPoint.__name__]
    return schema


class BatchAnswer(BaseModel):
    """Where one of many points is, or what is wrong with it."""

    row: int = Field(description="从 0 起 · Counted from 0")
    id: str | int | None = None
    lon: float | None = None
    lat: float | None = None
    on_border: bool | None = None
    chain: list[ChainLink] | None = None
    nearest: NearestGrid | None = None
    error: RowProblem | None = None


class BatchAnswers(BaseModel):
    """One answer for each point, in their order."""

    generation: Generation
    answers: list[BatchAnswer]


def to_json(value: Any) -> bytes:
    """Give a value as compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


class Phrases:
    """The parts that answers of one lookup index are put together from, each written once.

    Parameters
    ----------
    index : LookupIndex
        The division that is asked.
    """

    def __init__(self, index: LookupIndex) -> None:
        self._links = index.links
        self._chains: dict[int, bytes] = {OUTSIDE: b"[]"}
        self.generation = to_json(jsonable_encoder(Generation.of(index.generation)))

    def place(self, lon: float, lat: float, cell: int, *, on_border: bool, nearest: bytes = b"null") -> bytes:
        """Give the members of a `Place`, without the braces around them.

        Parameters
        ----------
        lon, lat : float
            The point, EPSG:4326, finite.
        cell : int
            Place of the leaf, or ``OUTSIDE``.
        on_border : bool
            Whether the point lies on its boundary.
        nearest : bytes, optional
            See `nearest`.
        """
        chain = self._chains.get(cell) or self._write_chain(cell)
        border = b"true" if on_border else b"false"
        return b'"lon":%b,"lat":%b,"on_border":%b,"chain":%b,"nearest":%b' % (
            repr(lon).encode(),
            repr(lat).encode(),
            border,
            chain,
            nearest,
        )

    def nearest(self, cell: int, distance_m: float) -> bytes:
        """Give a `NearestGrid`, or null where there is none."""
        if cell == OUTSIDE:
            return b"null"
        grid = self._links[cell][-1].grid
        return to_json(
            {"code": grid.code, "name": grid.name, "level": grid.level, "distance_m": round(distance_m, 3)}
        )

    def _write_chain(self, cell: int) -> bytes:
        written = to_json(list(map(_link, self._links[cell])))
        self._chains[cell] = written
        return written


def _link(link: Link) -> dict[str, Any]:
    return {
        "code": link.grid.code,
        "name": link.grid.name,
        "level": link.grid.level,
        "responsible": [
            Responsible.model_validate(one, from_attributes=True).model_dump() for one in link.responsible
        ],
    }


_PHRASES: WeakKeyDictionary[LookupIndex, Phrases] = WeakKeyDictionary()


def phrases_of(index: LookupIndex) -> Phrases:
    """Give the phrases of a lookup index; they live as long as it does."""
    phrases = _PHRASES.get(index)
    if phrases is None:
        phrases = _PHRASES[index] = Phrases(index)
    return phrases


LEVELS = tuple(Level)
"""The levels of a chain, the widest first."""
