"""What the application does by itself, over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from geo.domain.jobs import Every, JobKey, ScheduledJob


class Job(BaseModel):
    """A job with its times."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key": "retention",
                    "every_minutes": None,
                    "daily_at": "03:10",
                    "next_turn": "2026-11-23T03:10:00+08:00",
                    "ran_at": "2026-11-22T03:10:12+08:00",
                    "took_s": 0.4,
                    "done": {"deleted": 3, "anonymised": 0},
                    "failed_at": None,
                    "failure": None,
                }
            ]
        }
    )

    key: JobKey
    every_minutes: int | None = Field(description="每隔多少分钟 · After so many minutes")
    daily_at: str | None = Field(description="每天几时 · Or at this time of day, in the city")
    next_turn: datetime | None = Field(description="下次时间 · When it is to be done next")
    ran_at: datetime | None = Field(description="上次成功 · When it was last done")
    took_s: float | None = Field(description="用时（秒）· For how long, in seconds")
    done: dict[str, int] = Field(description="做了多少 · How many of what it did")
    failed_at: datetime | None = Field(description="此后失败 · When it has failed since")
    failure: str | None = Field(description="错误代码 · With which error")

    @classmethod
    def of(cls, job: ScheduledJob) -> Self:
        """Give a job as programs see it."""
        state, timer = job.state, job.timer
        return cls(
            key=job.key,
            every_minutes=round(timer.interval.total_seconds() / 60) if isinstance(timer, Every) else None,
            daily_at=None if isinstance(timer, Every) else f"{timer.at:%H:%M}",
            next_turn=job.next_turn,
            ran_at=state and state.ran_at,
            took_s=state and state.took_s,
            done=dict(state.done) if state else {},
            failed_at=state and state.failed_at,
            failure=state and state.failure,
        )


class Jobs(BaseModel):
    """All jobs."""

    jobs: list[Job]
