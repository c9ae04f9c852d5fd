"""Schedules of working days as programs see them."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.geojson import ShortText
from geo.domain import working_days

_DAYS: JsonDict = {"off": ["2027-01-01"], "worked": []}


class ScheduleGiven(BaseModel):
    """The days of a year that differ from its weekends."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{**_DAYS, "source": "国务院办公厅通知"}]}
    )

    off: list[date] = Field(max_length=366, description="放假 · Holidays and the days off around them")
    worked: list[date] = Field(max_length=366, description="调休上班 · Make-up working days")
    source: ShortText = Field(description="公布文件 · Where it was published")

    def schedule(self, year: int) -> working_days.Schedule:
        """Give the schedule as the house knows it."""
        return working_days.Schedule(year, frozenset(self.off), frozenset(self.worked))


class Schedule(BaseModel):
    """The schedule that holds for a year."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"year": 2027, **_DAYS, "is_provisional": True}]}
    )

    year: int
    off: list[date]
    worked: list[date]
    is_provisional: bool = Field(
        description="尚未公布，按法定节日推算 · Computed, because nobody has published it yet"
    )

    @classmethod
    def of(cls, schedule: working_days.Schedule) -> Schedule:
        """Give a schedule as programs see it."""
        return cls(
            year=schedule.year,
            off=sorted(schedule.off),
            worked=sorted(schedule.worked),
            is_provisional=schedule.is_provisional,
        )
