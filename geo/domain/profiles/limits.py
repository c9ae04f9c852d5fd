"""How long something may take, and how its days are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.domain.profiles.rules import Quoted, Rules

Unit = Literal["working_days", "days", "hours"]
LateReport = Literal["next_working_day", "same_day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit(Rules):
    """How long something may take.

    Attributes
    ----------
    amount : int
        How many; no days end with the day from which days are counted (当日).
    unit : {'working_days', 'days', 'hours'}
        Working days of China's calendar, days of any kind, or hours of the clock.
    """

    amount: int
    unit: Unit = "working_days"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRules(Quoted):
    """How the days of a limit are counted.

    The day from which days are counted is not counted itself (民法典 第二百零一条).

    Attributes
    ----------
    reports_until : str
        ``HH:MM``; what comes in later on a working day is late.
    due_at : str
        ``HH:MM`` at which the last day ends; ``24:00`` is its midnight.
    late_report : {'next_working_day', 'same_day'}
        From which day working days are counted when something comes in late, or on a day that isn't worked.
    """

    reports_until: str = "24:00"
    due_at: str = "24:00"
    late_report: LateReport = "next_working_day"
