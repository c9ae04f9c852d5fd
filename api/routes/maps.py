"""The maps of the measures, and the page that finds the grid of a place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field, model_validator

from api.dependencies import may
from api.frames import FrameDep
from api.pages import answer, setting_of
from api.parameters import MomentDep, end_of
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action
from geo.domain.entities import EntityKind
from geo.domain.exchange import Layer
from geo.domain.generations import Generation, holding_at
from geo.domain.grids import Level
from geo.services.backlog import backlog, categories, open_issues
from geo.services.coverage import subject_coverage, visit_density
from geo.services.generations import list_generations, told_at
from geo.services.hotspots import hotspots
from webmap.base_map import parts
from webmap.layers.coverage import Scale
from webmap.maps import coverage_map, division_map, hotspot_map, issue_map
from webmap.pages.backlog import backlog_page
from webmap.pages.choices import DATED, USUAL, Choices, Days, Span, chosen_days
from webmap.pages.coverage import coverage_page
from webmap.pages.hotspots import hotspots_page
from webmap.pages.locate import AsOf, locate_page
from webmap.pages.measured import Surroundings

router = APIRouter(include_in_schema=False)

COVERAGE_EXPORTS = ((Layer.ENTITIES, "csv"), (Layer.VISITS, "csv"), (Layer.GRIDS, "geojson"))
ISSUE_EXPORTS = ((Layer.ISSUES, "csv"), (Layer.ISSUES, "geojson"), (Layer.GRIDS, "geojson"))

Day = Annotated[date | None, Field(ge=date(1970, 1, 1), le=date(2199, 12, 31))]


class Said(BaseModel):
    """What the address of a page says; what is left empty isn't said."""

    @model_validator(mode="before")
    @classmethod
    def _said(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if value != ""}


class Chosen(Said):
    """What the address of a map says."""

    period: Span = USUAL
    since: Day = None
    until: Day = None
    level: Level | None = None

    def days(self, timezone: str) -> Days:
        """Give the chosen days."""
        return chosen_days(self.period, self.since, self.until, now=datetime.now(UTC), timezone=timezone)

    def level_of(self, generation: Generation) -> Level:
        """Give the chosen level, or the narrowest one of a division that doesn't have it."""
        return self.level if self.level in generation.levels else generation.levels[-1]


class GridsChosen(Chosen):
    """What the address of a map of a measure says."""

    at: Day = None

    def grids_at(self, uow: UnitOfWork, timezone: str) -> datetime | None:
        """Give a time at which the division holds that is chosen; None for the one in force."""
        return told_at(uow, end_of(self.at, timezone))


class KindChosen(GridsChosen):
    """What the address of a map of entities says."""

    kind: EntityKind | None = None
    scale: Scale = Scale.WHOLE


class CategoryChosen(GridsChosen):
    """What the address of a map of issues says."""

    category: str | None = Field(default=None, max_length=200)


class BacklogChosen(CategoryChosen):
    """What the address of the map of unresolved issues says: whenever they were reported, by default."""

    period: Span = Span.ANY


async def generation_in_force(request: Request) -> Generation:
    """Give the division in force.

    Raises
    ------
    NoDivision
        If there is none.
    """
    generation: Generation = request.app.state.lookups.index().generation
    return generation


GenerationDep = Annotated[Generation, Depends(generation_in_force)]
reads_measures = [Depends(may(Action.READ_MEASURES))]


@router.get("/maps/coverage", dependencies=reads_measures)
def show_coverage(
    request: Request, frame: FrameDep, generation: GenerationDep, chosen: Annotated[KindChosen, Query()]
) -> HTMLResponse:
    """Give the map of the share of entities visited."""
    level, days = chosen.level_of(generation), chosen.days(frame.timezone)
    with request.app.state.database.read() as uow:
        at = chosen.grids_at(uow, frame.timezone)
        coverage = subject_coverage(frame.actor, uow, days.period, level=level, kind=chosen.kind, at=at)
        density = visit_density(frame.actor, uow, days.period, kind=chosen.kind)
        setting = setting_of(request, frame, uow, level, at)
    kinds = tuple((kind.value, frame.translator.text(f"kind.{kind}")) for kind in EntityKind)
    choices = Choices(
        days, DATED, level, generation.levels, "kind", chosen.kind or "", kinds, chosen.at, chosen.scale
    )
    drawn = coverage_map(coverage, density, setting, chosen.scale)
    around = Surroundings(choices, parts(drawn), COVERAGE_EXPORTS)
    return answer(request, frame, coverage_page(frame, coverage, around))


@router.get("/maps/hotspots", dependencies=reads_measures)
def show_hotspots(
    request: Request, frame: FrameDep, generation: GenerationDep, chosen: Annotated[CategoryChosen, Query()]
) -> HTMLResponse:
    """Give the map of hot and cold spots of issues."""
    level, days = chosen.level_of(generation), chosen.days(frame.timezone)
    with request.app.state.database.read() as uow:
        at = chosen.grids_at(uow, frame.timezone)
        found = hotspots(frame.actor, uow, days.period, level=level, category=chosen.category, at=at)
        named = _named(categories(frame.actor, uow))
        setting = setting_of(request, frame, uow, level, at)
    category = chosen.category or ""
    choices = Choices(days, DATED, level, generation.levels, "category", category, named, chosen.at)
    around = Surroundings(choices, parts(hotspot_map(found, setting)), ISSUE_EXPORTS)
    return answer(request, frame, hotspots_page(frame, found, around))


@router.get("/maps/issues", dependencies=reads_measures)
def show_issues(
    request: Request, frame: FrameDep, generation: GenerationDep, chosen: Annotated[BacklogChosen, Query()]
) -> HTMLResponse:
    """Give the map of unresolved and overdue issues."""
    level, now = chosen.level_of(generation), datetime.now(UTC)
    days = None if chosen.period is Span.ANY else chosen.days(frame.timezone)
    reported = days.period if days else None
    with request.app.state.database.read() as uow:
        at = chosen.grids_at(uow, frame.timezone)
        standing = backlog(
            frame.actor, uow, now, reported=reported, level=level, category=chosen.category, grids_at=at
        )
        points = open_issues(frame.actor, uow, now, reported=reported, category=chosen.category)
        named = _named(categories(frame.actor, uow))
        setting = setting_of(request, frame, uow, level, at)
    category = chosen.category or ""
    choices = Choices(days, tuple(Span), level, generation.levels, "category", category, named, chosen.at)
    around = Surroundings(choices, parts(issue_map(standing, points, setting)), ISSUE_EXPORTS)
    return answer(request, frame, backlog_page(frame, standing, around))


@router.get("/locate", dependencies=[Depends(may(Action.LOCATE))])
def show_locate(request: Request, frame: FrameDep, generation: GenerationDep, at: MomentDep) -> HTMLResponse:
    """Give the page that finds the grid of a place, by the division in force or that of a day."""
    zone = ZoneInfo(frame.timezone)
    with request.app.state.database.read() as uow:
        setting = setting_of(request, frame, uow, at=at)
        known = list_generations(uow)
    held = holding_at(known, at or datetime.now(UTC)) or generation
    asked = AsOf(
        first=known[0].valid_from.astimezone(zone).date(),
        today=datetime.now(zone).date(),
        day=at and at.astimezone(zone).date(),
        division=held.name,
    )
    return answer(request, frame, locate_page(frame, parts(division_map(setting)), asked))


def _named(values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Give categories their words: they are called what their source calls them."""
    return tuple((value, value) for value in values)
