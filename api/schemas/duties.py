"""Duties, what came of them, and what is to be done, as programs see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.generations import GridRef
from api.schemas.measures import Share
from geo.domain import duties, todo
from geo.domain.profiles.duties import Duty, TargetKind
from geo.domain.todo import ReminderKind, Urgency

_SHARE: dict[str, Any] = {"numerator": 41, "denominator": 52, "rate": 0.788}
_TALLY: dict[str, Any] = {
    "due": 52,
    "done": 41,
    "late": 3,
    "missed": 8,
    "targets": 4,
    "reached": 4,
    "frequency": _SHARE,
    "coverage": {"numerator": 4, "denominator": 4, "rate": 1.0},
}
_DUTY: dict[str, Any] = {
    "key": "patrol",
    "name_zh": "网格巡查",
    "name_en": "Patrol of the grid",
    "posts": ["head"],
    "rules": ["C1"],
    "clause": "每星期…巡查一次",
}


class DutyRef(BaseModel):
    """What a duty is called, and where it comes from."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DUTY]})

    key: str
    name_zh: str
    name_en: str
    posts: tuple[str, ...] = Field(description="负有职责的岗位 · Posts that owe it")
    rules: tuple[str, ...] = Field(description="制度条目 · Numbers in the table of rules")
    clause: str | None = Field(description="原文 · The words of its source")

    @classmethod
    def of(cls, duty: Duty) -> Self:
        """Give a duty as programs see it."""
        return cls(
            key=duty.key,
            name_zh=duty.name.zh,
            name_en=duty.name.en,
            posts=duty.posts,
            rules=duty.rules,
            clause=duty.clause,
        )


class Tally(BaseModel):
    """What was due and what came of it: due = done + late + missed, each target capped by itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TALLY]})

    due: int = Field(description="应做次数 · What was due by now")
    done: int = Field(description="按时完成 · Done in time, never more than due")
    late: int = Field(description="逾期完成 · Done after the deadline")
    missed: int = Field(description="未完成 · Not done")
    targets: int = Field(description="应查对象 · Things on which something was due")
    reached: int = Field(description="已到对象 · Of these, reached at least once")
    frequency: Share = Field(description="频次完成率 · done / due")
    coverage: Share = Field(description="覆盖率 · reached / targets")

    @classmethod
    def of(cls, tally: duties.Tally) -> Self:
        """Give a tally as programs see it."""
        return cls(
            due=tally.due,
            done=tally.done,
            late=tally.late,
            missed=tally.missed,
            targets=tally.targets,
            reached=tally.reached,
            frequency=Share.of(tally.frequency),
            coverage=Share.of(tally.coverage),
        )


class GridTally(GridRef):
    """What came of a duty in one grid."""

    tally: Tally


class DutyTally(BaseModel):
    """What came of one duty, under one set of rules."""

    duty: DutyRef
    since: datetime = Field(description="首个周期开始 · When the first stretch of time began")
    until: datetime = Field(description="末个周期的期限 · When the last one was due")
    stretches: int = Field(description="周期数 · How many stretches of time there were")
    total: Tally
    grids: list[GridTally]

    @classmethod
    def of(cls, found: duties.DutyTally) -> Self:
        """Give what came of a duty as programs see it."""
        return cls(
            duty=DutyRef.of(found.duty),
            since=found.slots[0].start,
            until=found.slots[-1].deadline,
            stretches=len(found.slots),
            total=Tally.of(found.total),
            grids=[
                GridTally(**GridRef.of(row.grid).model_dump(), tally=Tally.of(row.tally))
                for row in found.grids
            ],
        )


class DutyTallies(BaseModel):
    """What came of all duties whose stretches of time were due in a period."""

    since: datetime
    until: datetime
    duties: list[DutyTally]


class PersonTally(BaseModel):
    """What came of a duty of one person."""

    person_id: int
    name: str
    tally: Tally


class PersonTallies(BaseModel):
    """What came of the duties of people, by key of the duty."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "since": "2026-10-01T00:00:00+08:00",
                    "until": "2026-11-01T00:00:00+08:00",
                    "duties": {"patrol": [{"person_id": 17, "name": "王敏", "tally": _TALLY}]},
                }
            ]
        }
    )

    since: datetime
    until: datetime
    duties: dict[str, list[PersonTally]]


class Records(BaseModel):
    """The visits, activities or tracks that count for a duty."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ids": [17, 23], "next": None}]})

    ids: list[int]
    next: int | None = Field(
        description="下一页的 cursor · The ``cursor`` of the next page, null on the last"
    )


class Task(BaseModel):
    """Something that a duty still asks for."""

    duty: DutyRef
    from_: datetime = Field(alias="from")
    due_at: datetime
    urgency: Urgency
    target: TargetKind
    target_id: int | None
    name: str
    grid_code: str
    grid_name: str
    lon: float | None
    lat: float | None
    done: int
    times: int
    was_missed: bool = Field(description="上一周期未完成 · It wasn't done the time before")

    @classmethod
    def of(cls, task: todo.Task) -> Self:
        """Give a task as programs see it."""
        plain = {
            name: getattr(task, name)
            for name in ("urgency", "target", "target_id", "name", "grid_code", "grid_name", "lon", "lat")
        }
        return cls.model_validate(
            {
                **plain,
                "duty": DutyRef.of(task.duty),
                "from": task.slot.start,
                "due_at": task.slot.deadline,
                "done": task.done,
                "times": task.duty.frequency.times,
                "was_missed": task.was_missed,
            }
        )


class Tasks(BaseModel):
    """What somebody has to do, the most pressing first."""

    tasks: list[Task]
    total: int


class Reminder(BaseModel):
    """Something of which somebody was reminded, or that was notified."""

    duty: str
    kind: ReminderKind
    due_at: datetime
    nth: int
    made_at: datetime

    @classmethod
    def of(cls, reminder: todo.Reminder) -> Self:
        """Give a reminder as programs see it."""
        return cls.model_validate(reminder, from_attributes=True)


class Reminders(BaseModel):
    """Of what somebody was reminded, the latest first."""

    reminders: list[Reminder]


class Reminded(BaseModel):
    """How many reminders and notices are new."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"made": 3}]})

    made: int
