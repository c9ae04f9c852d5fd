"""Plans and their operations as programs see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self, TypeVar

import numpy as np
import shapely
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from api.schemas.datums import Datum
from api.schemas.geojson import ShortText
from api.schemas.locate import to_json
from geo.domain.plan_drafts import Draft, PlanRecord
from geo.domain.plan_operations import OperationKind
from geo.domain.plans import Operation, PlanState, Standing
from geo.errors import BadValue, InvalidGeometry
from geo.geometry import tiling
from geo.geometry.crs import STORAGE, reference, to_storage, to_storage_xy
from geo.geometry.geojson import Limits, geojson_geometry
from geo.geometry.tiling import Cell, Heir
from geo.geometry.tiling.cells import as_geojson
from geo.geometry.validity import Reason
from geo.services.plan_operations import Step

GEOJSON = "application/geo+json"

DRAWN = Limits(max_vertices=20_000, max_parts=2_000, max_depth=2)
"""How large a drawing may be."""

Key = Annotated[str, Field(min_length=1, max_length=80, examples=["330106001001001"])]
Keys = Annotated[list[Key], Field(min_length=1, max_length=1000)]
Name = Annotated[str, Field(max_length=200)]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z._-]+$")]
Drawing = Annotated[
    dict[str, JsonValue],
    Field(
        description="GeoJSON 图形 · A geometry in GeoJSON",
        examples=[{"type": "LineString", "coordinates": [[120.14, 30.26], [120.15, 30.27]]}],
    ),
]
Position = Annotated[tuple[float, float], Field(description="lon, lat", examples=[[120.14, 30.26]])]
Features = Annotated[
    list[Annotated[int, Field(ge=1, lt=2**63)]], Field(min_length=1, max_length=1000, examples=[[17]])
]
Blocks = Annotated[list[Position], Field(min_length=1, max_length=100)]
Revision = Annotated[
    int, Field(ge=0, lt=2**31, description="所依据的版本号 · The revision that it is based on")
]


# operations ----------------------------------------------------------------------------------------------


class Parameters(BaseModel):
    """What an operation is made with."""

    model_config = ConfigDict(extra="forbid")

    def stored(self, datum: Datum) -> dict[str, Any]:
        """Give the parameters as they are kept: drawings in EPSG:4326.

        Raises
        ------
        Malformed, LimitExceeded, BadValue, InvalidGeometry
            If a drawing is none, too large, beyond the earth, or crosses itself.
        """
        values = self.model_dump(mode="json")
        drawn = {name: _drawn(values[name], datum) for name in _DRAWN if values.get(name) is not None}
        return {**values, **drawn}


_DRAWN = {"lines", "path", "area", "polygon", "gap", "part"}


P = TypeVar("P", bound=Parameters)


def _one_of(given: P, *names: str) -> P:
    if all(getattr(given, name) is None for name in names):
        raise PydanticCustomError("one-of", "one of {names}", {"names": ", ".join(names)})
    return given


def _drawn(value: dict[str, Any], datum: Datum) -> dict[str, Any]:
    shape = geojson_geometry(value, DRAWN)
    if shapely.is_empty(shape):
        raise BadValue(field="geometry", value=value["type"], expected="a drawing that isn't empty")
    west, south, east, north = shapely.bounds(shape).tolist()
    if max(-west, east) > 180 or max(-south, north) > 90:
        raise BadValue(field="geometry", value=[west, south, east, north], expected="lon, lat")
    parts = shapely.get_parts(shape)
    crossing = parts[(shapely.get_dimensions(parts) == 1) & ~shapely.is_simple(parts)]
    if len(crossing):
        raise InvalidGeometry(reason=Reason.SELF_INTERSECTION, tolerance_m=0, geometry=as_geojson(crossing))
    return as_geojson(_moved(shape, datum))


def _position(lon: float, lat: float, datum: Datum) -> list[float]:
    x, y = to_storage_xy([lon], [lat], reference(datum))
    if not (abs(x[0]) <= 180 and abs(y[0]) <= 90):
        raise BadValue(field="position", value=[lon, lat], expected="lon, lat")
    return [float(x[0]), float(y[0])]


def _moved(shape: shapely.Geometry, datum: Datum) -> shapely.Geometry:
    """Return a drawing in EPSG:4326; what is in it already keeps every bit."""
    named = reference(datum)
    return (
        shape
        if named.crs == STORAGE and named.datum is None
        else to_storage(np.array([shape], dtype=object), named)[0]
    )


class SplitParameters(Parameters):
    """A grid split along lines, the border of a polygon, or roads and rivers that are loaded."""

    key: Key
    lines: Drawing | None = None
    features: Features | None = Field(default=None, description="已载入的道路、河流 · Roads and rivers by id")

    @model_validator(mode="after")
    def _names_a_line(self) -> Self:
        return _one_of(self, "lines", "features")


class MergeParameters(Parameters):
    """Adjacent grids of one parent merged."""

    keys: Keys
    name: Name = ""


class MoveBorderParameters(Parameters):
    """The border between a grid and others redrawn from one of its points to another."""

    key: Key
    others: Keys
    path: Drawing


class MoveVertexParameters(Parameters):
    """A vertex in which borders bend or meet dragged elsewhere."""

    vertex: Position
    to: Position

    def stored(self, datum: Datum) -> dict[str, Any]:
        """Give both positions in EPSG:4326."""
        return {"vertex": _position(*self.vertex, datum), "to": _position(*self.to, datum)}


class ReassignParameters(Parameters):
    """Ground handed to a grid, only from the sources: what is drawn, plots of buildings, blocks."""

    sources: Keys
    to: Key
    area: Drawing | None = None
    buildings: Features | None = Field(
        default=None,
        description="房屋，连同离它最近的地面 · Buildings by id, each with the ground nearest to it",
    )
    blocks: Blocks | None = Field(
        default=None,
        description="街区，以其中一点指明 · Ground between roads and rivers, by a point in it",
    )

    def stored(self, datum: Datum) -> dict[str, Any]:
        """Give drawings and positions in EPSG:4326."""
        blocks = [_position(lon, lat, datum) for lon, lat in self.blocks or ()]
        return {**super().stored(datum), "blocks": blocks or None}

    @model_validator(mode="after")
    def _names_ground(self) -> Self:
        return _one_of(self, "area", "buildings", "blocks")


class DrawParameters(Parameters):
    """A new grid that takes its ground from others of its parent, and where nobody has any."""

    polygon: Drawing
    parent: Key | None = None
    givers: Keys | None = None
    name: Name = ""


class FillGapParameters(Parameters):
    """Ground that nobody has given to a neighbour."""

    gap: Drawing
    heir: Heir = Heir.LONGEST_BORDER


class SettleOverlapParameters(Parameters):
    """Ground that two grids both cover given to one of them."""

    keep: Key
    give: Key


class AbsorbParameters(Parameters):
    """A sliver, or a part that lies apart, given to a neighbour."""

    key: Key
    part: Drawing
    heir: Heir = Heir.LONGEST_BORDER


class KeysParameters(Parameters):
    """Some grids."""

    keys: Keys


class RenameParameters(Parameters):
    """A grid called something else."""

    key: Key
    name: Annotated[str, Field(min_length=1, max_length=200)]


class RecodeParameters(Parameters):
    """A grid given another code, or none, so that publication gives it one."""

    key: Key
    code: Code | None


class ReparentParameters(Parameters):
    """Grids put under another parent."""

    keys: Keys
    parent: Key


class NewOperation(BaseModel):
    """An operation on a plan."""

    model_config = ConfigDict(extra="forbid")

    revision: Revision
    dry_run: bool = Field(default=False, description="只预览 · Only tell what it would do")
    force: bool = Field(default=False, description="允许切割房屋 · Also if buildings are cut")
    datum: Datum = "wgs84"


class Split(NewOperation):
    """Split a grid."""

    kind: Literal[OperationKind.SPLIT]
    parameters: SplitParameters


class Merge(NewOperation):
    """Merge grids."""

    kind: Literal[OperationKind.MERGE]
    parameters: MergeParameters


class MoveBorder(NewOperation):
    """Redraw a shared border."""

    kind: Literal[OperationKind.MOVE_BORDER]
    parameters: MoveBorderParameters


class MoveVertex(NewOperation):
    """Drag a vertex."""

    kind: Literal[OperationKind.MOVE_VERTEX]
    parameters: MoveVertexParameters


class Reassign(NewOperation):
    """Hand ground over."""

    kind: Literal[OperationKind.REASSIGN]
    parameters: ReassignParameters


class Draw(NewOperation):
    """Draw a new grid."""

    kind: Literal[OperationKind.DRAW]
    parameters: DrawParameters


class FillGap(NewOperation):
    """Fill a gap."""

    kind: Literal[OperationKind.FILL_GAP]
    parameters: FillGapParameters


class SettleOverlap(NewOperation):
    """Settle an overlap."""

    kind: Literal[OperationKind.SETTLE_OVERLAP]
    parameters: SettleOverlapParameters


class Absorb(NewOperation):
    """Give a part to a neighbour."""

    kind: Literal[OperationKind.ABSORB]
    parameters: AbsorbParameters


class LockGrids(NewOperation):
    """Lock grids, or unlock them."""

    kind: Literal[OperationKind.LOCK, OperationKind.UNLOCK]
    parameters: KeysParameters


class Rename(NewOperation):
    """Rename a grid."""

    kind: Literal[OperationKind.RENAME]
    parameters: RenameParameters


class Recode(NewOperation):
    """Recode a grid."""

    kind: Literal[OperationKind.RECODE]
    parameters: RecodeParameters


class Reparent(NewOperation):
    """Put grids under another parent."""

    kind: Literal[OperationKind.REPARENT]
    parameters: ReparentParameters


AnyOperation = Annotated[
    Split
    | Merge
    | MoveBorder
    | MoveVertex
    | Reassign
    | Draw
    | FillGap
    | SettleOverlap
    | Absorb
    | LockGrids
    | Rename
    | Recode
    | Reparent,
    Field(discriminator="kind"),
]


class Undoing(BaseModel):
    """What an undo or a redo is based on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"revision": 3}]})

    revision: Revision


class Jump(Undoing):
    """To which step to go."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"revision": 3, "to_seq": 1}]})

    to_seq: int = Field(ge=0, lt=2**31, description="0 为起点 · 0 is the start")


# plans ---------------------------------------------------------------------------------------------------


class NewPlan(BaseModel):
    """A plan to be begun."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "2027 年调整方案"}]})

    name: ShortText
    branch_of: int | None = Field(
        default=None, ge=1, lt=2**63, description="沿用该方案的步骤 · Begin with what this plan has done"
    )


class NextState(BaseModel):
    """Where a plan is to go."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"to": "submitted", "revision": 3}]}
    )

    to: PlanState
    revision: Revision
    reason: Annotated[str, Field(max_length=2000)] | None = None


class CutBuilding(BaseModel):
    """A building through which a border was drawn."""

    id: int
    name: str | None
    place: tuple[float, float] = Field(description="lon, lat")
    grids: list[str]
    geometry: dict[str, Any]

    @classmethod
    def of(cls, one: tiling.CutBuilding) -> Self:
        """Give the building as programs see it."""
        return cls(
            id=one.footprint.id,
            name=one.footprint.name,
            place=one.place,
            grids=list(one.cells),
            geometry=as_geojson(one.footprint.geometry),
        )


class OperationMade(BaseModel):
    """One step of a plan."""

    seq: int
    kind: OperationKind
    parameters: dict[str, Any]
    made_by: str
    made_at: datetime
    made_on_revision: int
    undone: bool
    standing: Standing
    touched: list[str] = Field(description="改变了的网格 · The grids that it divides anew")
    cut: list[CutBuilding] = Field(description="被切割的房屋 · The buildings that it cuts")

    @classmethod
    def of(cls, one: Operation) -> Self:
        """Give the operation as programs see it."""
        return cls(
            seq=one.seq,
            kind=one.kind,
            parameters=dict(one.parameters),
            made_by=one.made_by,
            made_at=one.made_at,
            made_on_revision=one.made_on_revision,
            undone=one.standing is not Standing.DONE,
            standing=one.standing,
            touched=sorted(one.effect.redivided),
            cut=list(map(CutBuilding.of, one.effect.cut)),
        )


class PlanSummary(BaseModel):
    """A plan in a list."""

    id: int
    name: str
    state: PlanState
    reason: str | None
    revision: int
    base_generation_id: int
    branched_from_id: int | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    published_generation_id: int | None

    @classmethod
    def of(cls, record: PlanRecord) -> Self:
        """Give the plan as a list shows it."""
        return cls(**_summary(record))


class Plans(BaseModel):
    """Every plan, the one changed last first."""

    plans: list[PlanSummary]


class PlanDetails(PlanSummary):
    """A plan with its steps."""

    can: dict[str, bool] = Field(description="调用者可做之事 · What the caller may do with it now")
    operations: list[OperationMade]
    can_undo: bool
    can_redo: bool

    @classmethod
    def of_record(cls, record: PlanRecord, can: Mapping[str, bool]) -> Self:
        """Give the plan as its page shows it."""
        plan = record.plan
        return cls(
            **_summary(record),
            can=dict(can),
            operations=list(map(OperationMade.of, plan.operations)),
            can_undo=can["edit"] and bool(plan.done),
            can_redo=can["edit"] and bool(plan.undone),
        )


def _summary(record: PlanRecord) -> dict[str, Any]:
    plan = record.plan
    return {
        "id": plan.id,
        "name": plan.name,
        "state": plan.state,
        "reason": plan.note,
        "revision": plan.revision,
        "base_generation_id": plan.generation_id,
        "branched_from_id": plan.branched_from,
        "created_by": record.created_by,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "published_generation_id": record.published_generation_id,
    }


# grids of a draft ----------------------------------------------------------------------------------------


class DraftGrid(BaseModel):
    """What is known of a grid of a draft."""

    key: str
    code: str | None
    name: str
    parent: str | None
    households: int | None
    population: int | None
    is_estimated: bool
    locked: bool
    area_m2: float
    is_new: bool = Field(description="现行划分中没有 · Not in the division that the plan begins with")


class DraftFeature(BaseModel):
    """A grid of a draft with its shape."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: dict[str, JsonValue]
    properties: DraftGrid


class DraftCollection(BaseModel):
    """Grids of a draft, EPSG:4326."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[DraftFeature]


class Figures(BaseModel):
    """What a grid counts."""

    key: str
    name: str
    households: int | None
    area_m2: float


class Changed(BaseModel):
    """What a step has changed, or would change."""

    revision: int
    operation: OperationMade | None
    rebased: bool = Field(description="已在他人的修改之上执行 · Done on top of what others have changed")
    can_undo: bool
    can_redo: bool
    changed: DraftCollection
    removed: list[str]
    before: list[Figures]
    after: list[Figures]
    cut: list[CutBuilding] = Field(description="被切割的房屋 · The buildings that it cuts")


class Foreseen(BaseModel):
    """The figures on either side of what is still being drawn."""

    before: list[Figures]
    after: list[Figures]
    refused: str | None = Field(
        description="尚不可执行时的原因 · Why it can't be done as it is drawn so far",
        examples=["outside-grids"],
    )

    @classmethod
    def of(cls, step: Step) -> Self:
        """Give the figures before and after a step."""
        sides = (step.effect.before, step.effect.after)
        before, after = (_figures(step.before, cells, step.effect.redivided) for cells in sides)
        return cls(
            before=list(map(Figures.model_validate, before)),
            after=list(map(Figures.model_validate, after)),
            refused=None,
        )


def draft_collection(draft: Draft) -> bytes:
    """Write a `DraftCollection` of all grids of a draft.

    Parameters
    ----------
    draft : Draft
        The draft.
    """
    return b'{"type":"FeatureCollection","features":[%b]}' % b",".join(_features(draft, draft.tiling.cells))


def changed(step: Step) -> bytes:
    """Write a `Changed`.

    Parameters
    ----------
    step : Step
        What was done, or would be.
    """
    before, after = step.effect.before, step.effect.after
    told = {
        "revision": step.plan.revision,
        "operation": step.operation and OperationMade.of(step.operation).model_dump(mode="json"),
        "rebased": step.rebased,
        "can_undo": bool(step.plan.done),
        "can_redo": bool(step.plan.undone),
        "removed": sorted(before.keys() - after.keys()),
        "before": _figures(step.before, before, step.effect.redivided),
        "after": _figures(step.before, after, step.effect.redivided),
        "cut": [CutBuilding.of(one).model_dump(mode="json") for one in step.effect.cut],
    }
    return b'{"changed":{"type":"FeatureCollection","features":[%b]},%b' % (
        b",".join(_features(step.before, after)),
        to_json(told)[1:],
    )


def _features(draft: Draft, cells: Mapping[str, Cell]) -> Iterable[bytes]:
    shapes = np.array([cell.geometry for cell in cells.values()], dtype=object)
    areas = draft.tiling.plane.area_m2(shapes).tolist()
    for (key, cell), shape, area in zip(cells.items(), shapely.to_geojson(shapes), areas, strict=True):
        yield b'{"type":"Feature","id":%b,"geometry":%b,"properties":%b}' % (
            to_json(key),
            shape.encode(),
            to_json(_grid(draft, key, cell, area)),
        )


def _grid(draft: Draft, key: str, cell: Cell, area_m2: float) -> dict[str, Any]:
    return {
        "key": key,
        "code": cell.code,
        "name": cell.name,
        "parent": cell.parent,
        "households": cell.households,
        "population": cell.population,
        "is_estimated": cell.estimated,
        "locked": cell.locked,
        "area_m2": round(area_m2, 3),
        "is_new": key not in draft.base.tiling.cells,
    }


def _figures(draft: Draft, cells: Mapping[str, Cell], wanted: frozenset[str]) -> list[dict[str, Any]]:
    chosen = {key: cell for key, cell in cells.items() if key in wanted}
    areas = draft.tiling.plane.area_m2(np.array([cell.geometry for cell in chosen.values()], dtype=object))
    return [
        {"key": key, "name": cell.name, "households": cell.households, "area_m2": round(area, 3)}
        for (key, cell), area in zip(chosen.items(), areas.tolist(), strict=True)
    ]
