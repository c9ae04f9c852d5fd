"""How long something may take, and how its days are counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from geo.domain.profiles.rules import Fault, Quoted, Rules

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
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

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: less than no time."""
        if self.amount < 0:
            yield Fault("amount", "at-least", {"least": 0})


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

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: times that no clock shows."""
        for name in ("reports_until", "due_at"):
            if not CLOCK.fullmatch(getattr(self, name)):
                yield Fault(name, "no-clock", {"value": getattr(self, name)})
