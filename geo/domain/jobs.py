"""What the application does by itself, at its times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

RETRY = timedelta(minutes=10)
"""After this a job that has failed is begun anew, if its turn isn't later anyway."""


FIGURES = ("redated", "escalated", "made", "deleted", "anonymised")
"""Of what jobs tell how many: deadlines, issues that went up, reminders, records."""


class JobKey(StrEnum):
    """What is done."""

    ISSUE_CLOCK = "issue_clock"
    REMINDERS = "reminders"
    RETENTION = "retention"
    PHOTOS = "photos"
    SESSIONS = "sessions"
    IMPORT_RUNS = "import_runs"


@dataclass(frozen=True, slots=True)
class Terms:
    """How long things are kept that a job deletes.

    Attributes
    ----------
    unfiled_photos : timedelta
        Whoever uploads a photo files its record before this has passed.
    import_runs : timedelta
        Imports that went on after their request, with their reports.
    """

    unfiled_photos: timedelta = timedelta(days=1)
    import_runs: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again.

    Attributes
    ----------
    interval : timedelta
        From one time to the next.
    """

    interval: timedelta

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:  # noqa: ARG002 - the same everywhere
        """Give when it comes next after a moment."""
        return moment + self.interval


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day.

    Attributes
    ----------
    at : time
        By the clock of the city.
    """

    at: time

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """Give when it comes next after a moment.

        Parameters
        ----------
        moment : datetime
            Aware.
        zone : ZoneInfo
            Of the city.

        Examples
        --------
        >>> zone = ZoneInfo("Asia/Shanghai")
        >>> print(Daily(time(3, 10)).after(datetime(2026, 11, 22, 3, 10, tzinfo=zone), zone))
        2026-11-23 03:10:00+08:00
        """
        local = moment.astimezone(zone)
        today = datetime.combine(local, self.at, zone)
        return today if today > local else datetime.combine(local + timedelta(days=1), self.at, zone)


Timer = Every | Daily


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """When a job was last done.

    Attributes
    ----------
    key : JobKey
        Which.
    since : datetime
        Since when it is known, aware.
    ran_at : datetime or None
        When it was last begun with success.
    took_s : float or None
        How long that took.
    done : Mapping
        What it did then: how many of what.
    failed_at : datetime or None
        When it has failed since.
    failure : str or None
        With which error.
    """

    key: JobKey
    since: datetime
    ran_at: datetime | None = None
    took_s: float | None = None
    done: Mapping[str, int]
    failed_at: datetime | None = None
    failure: str | None = None

    def next_turn(self, timer: Timer, zone: ZoneInfo) -> datetime:
        """Give when it is to be done next, or anew.

        Parameters
        ----------
        timer : Timer
            When it is done.
        zone : ZoneInfo
            Of the city.
        """
        turn = timer.after(self.ran_at or self.since, zone)
        return max(turn, self.failed_at + RETRY) if self.failed_at else turn


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """A job with its times.

    Attributes
    ----------
    key : JobKey
        Which.
    timer : Timer
        When it is done.
    state : JobState or None
        When it was last done; None before an application has run long enough to know of it.
    next_turn : datetime or None
        When it is to be done next.
    """

    key: JobKey
    timer: Timer
    state: JobState | None
    next_turn: datetime | None
