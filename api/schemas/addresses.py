"""Standard addresses as programs see them."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from api.schemas.generations import GridRef
from api.schemas.geojson import Attributes, Feature, Geometry, Place, ShortText
from geo.domain import addresses

_WRITTEN: JsonDict = {"ref": "A0000001", "text": "云溪区望山街道朝阳路12号", "attributes": {}}


class AddressProperties(BaseModel):
    """What is known of an address."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_WRITTEN, "grid_code": "990106001001001", "revision": 1}]}
    )

    ref: str | None
    text: str
    grid_code: str | None
    attributes: Attributes = Field(description="登录后可见 · For those who have signed in")
    revision: int


class AddressValues(BaseModel):
    """All of an address that can be written."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{**_WRITTEN, "place": {"lon": 119.98, "lat": 30.52}}]},
    )

    ref: ShortText | None = None
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    place: Place | None = None
    attributes: Attributes = Field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """Give the values with the place in the reference of the storage."""
        place = None if self.place is None else self.place.stored()
        return {"ref": self.ref, "text": self.text, "attributes": self.attributes, "place": place}


class Candidate(BaseModel):
    """An address that may be the one that was meant."""

    address: Feature[AddressProperties]
    score: float = Field(description="0–1；门牌号不同者不超过 0.5 · At most 0.5 where house numbers differ")
    chain: list[GridRef] = Field(description="由区县到单元网格 · The widest grid first")

    @classmethod
    def of(cls, candidate: addresses.Candidate) -> Self:
        """Give the candidate as programs see it."""
        return cls(
            address=address_feature(candidate.address),
            score=round(candidate.score, 4),
            chain=list(map(GridRef.of, candidate.chain)),
        )


class Candidates(BaseModel):
    """What was found, the most like first."""

    candidates: list[Candidate]


def address_feature(address: addresses.Address) -> Feature[AddressProperties]:
    """Give an address as programs see it."""
    return Feature(
        id=address.id,
        geometry=Geometry.of(address.geometry),
        properties=AddressProperties.model_validate(address, from_attributes=True),
    )
