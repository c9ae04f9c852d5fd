"""What is to be done, how often, on what (C)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from geo.domain.entities import EntityKind
from geo.domain.grids import Level
from geo.domain.profiles.rules import Fault, Quoted, Rules, Words

LAST_DAY = 28
"""The last day that every month has."""
LEADERS = "leaders"
"""Stands among posts for the leaders of the grid, or of the nearest one above that has any."""
MONTHS = 12


class Per(StrEnum):
    """The spans of time that a duty comes back in."""

    DAY = "day"
    WORKING_DAY = "working_day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


class Counted(StrEnum):
    """What is counted of the records of a duty."""

    TIMES = "times"
    DAYS = "days"
    HOURS = "hours"
    HOUSEHOLDS = "households"
    ENTITIES = "entities"


class Record(StrEnum):
    """Where it is written down that a duty was done."""

    VISIT = "visit"
    ACTIVITY = "activity"
    TRACK = "track"


class TargetKind(StrEnum):
    """On what a duty is owed: each grid of a level, each entity, each household, or by each person."""

    GRID = "grid"
    ENTITY = "entity"
    HOUSEHOLD = "household"
    PERSON = "person"


class MonthDay(StrEnum):
    """A day of the month that depends on the calendar."""

    FIRST_WORKING_AFTERNOON = "first_working_afternoon"
    THIRD_BEFORE_HOLIDAY = "third_before_holiday"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequency(Rules):
    """How often something is to be done.

    Attributes
    ----------
    times : int
        At least so many of what is counted, in each span.
    per : Per
        The span.
    counted : Counted
        What is counted.
    by_days : tuple of int
        Only for months: once by each of these days, from the day after the one before.
    month_day : MonthDay or None
        Only for months: on this day.
    from_month : int
        Only for years: not before this month.
    """

    times: int = 1
    per: Per
    counted: Counted = Counted.TIMES
    by_days: tuple[int, ...] = ()
    month_day: MonthDay | None = None
    from_month: int = 1

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: nothing to do, or days that there are not."""
        if self.times < 1:
            yield Fault("times", "at-least", {"least": 1})
        if (self.by_days or self.month_day) and self.per is not Per.MONTH:
            yield Fault("per", "only-for", {"value": self.per.value, "only": Per.MONTH.value})
        if self.by_days and self.month_day:
            yield Fault("month_day", "either-or", {"one": "by_days", "other": "month_day"})
        if any(not 1 <= day <= LAST_DAY for day in self.by_days):
            yield Fault("by_days", "between", {"low": 1, "high": LAST_DAY})
        if any(one >= other for one, other in pairwise(self.by_days)):
            yield Fault("by_days", "ascending", {})
        if not 1 <= self.from_month <= MONTHS:
            yield Fault("from_month", "between", {"low": 1, "high": MONTHS})
        if self.from_month > 1 and self.per is not Per.YEAR:
            yield Fault("per", "only-for", {"value": self.per.value, "only": Per.YEAR.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets(Rules):
    """On what a duty is owed.

    Attributes
    ----------
    kind : TargetKind
        Grids, entities, households, or the people who hold the posts themselves.
    level : Level or None
        Only for grids: of this level; the narrowest one without it.
    entity : EntityKind or None
        Only for entities: of this kind.
    categories : tuple of str
        Only entities of these categories, or households with one of these marks; all without any.
    risk : tuple of str
        Only entities of these risks; all without any.
    drawn : bool
        Only what a published draw for this duty has chosen.
    """

    kind: TargetKind
    level: Level | None = None
    entity: EntityKind | None = None
    categories: tuple[str, ...] = ()
    risk: tuple[str, ...] = ()
    drawn: bool = False

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: choices among other kinds of targets than the one that is meant."""
        only = {"level": TargetKind.GRID, "entity": TargetKind.ENTITY, "risk": TargetKind.ENTITY}
        for name, kind in only.items():
            if getattr(self, name) and self.kind is not kind:
                yield Fault(name, "only-for", {"value": self.kind.value, "only": kind.value})
        if self.drawn and self.kind in {TargetKind.GRID, TargetKind.PERSON}:
            yield Fault("drawn", "only-for", {"value": self.kind.value, "only": TargetKind.ENTITY.value})


RECORDED: dict[Record, frozenset[TargetKind]] = {
    Record.VISIT: frozenset(TargetKind),
    Record.ACTIVITY: frozenset({TargetKind.GRID, TargetKind.PERSON}),
    Record.TRACK: frozenset({TargetKind.PERSON}),
}
"""Of which targets each kind of record tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty(Quoted):
    """Somebody does something so often, on something.

    Attributes
    ----------
    key : str
        Stable name.
    name : Words
        What it is called.
    posts : tuple of str
        Who owes it, and whose records count; everybody's without any.
    answered_by : tuple of str
        Posts that answer for it beside those, whoever does it; `LEADERS` among them where nobody holds one.
    record : Record
        Where it is written down.
    activities : tuple of str
        Kinds of visits or activities that count; of tracks all.
    frequency : Frequency
        How often.
    targets : Targets
        On what.
    reminders : int
        How many times somebody is reminded before it falls due.
    notified_after_days : int or None
        After so many days without a record it is notified.
    """

    key: str
    name: Words
    posts: tuple[str, ...] = ()
    answered_by: tuple[str, ...] = ()
    record: Record = Record.VISIT
    activities: tuple[str, ...] = ()
    frequency: Frequency
    targets: Targets
    reminders: int = 1
    notified_after_days: int | None = None

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:
        """Give what can't hold: posts that are not there, nobody to owe it, or silent records."""
        for name, known in (("posts", posts), ("answered_by", posts | {LEADERS})):
            for post in getattr(self, name):
                if post not in known:
                    yield Fault(name, "unknown-post", {"value": post, "known": sorted(known)})
        if self.targets.kind is TargetKind.PERSON and not self.posts:
            yield Fault("posts", "at-least", {"least": 1})
        if self.targets.kind not in RECORDED[self.record]:
            told = sorted(RECORDED[self.record])
            yield Fault("record", "says-nothing-of", {"value": self.targets.kind.value, "known": told})
        if self.reminders < 0:
            yield Fault("reminders", "at-least", {"least": 0})

    @property
    def answering(self) -> tuple[str, ...]:
        """The posts that answer for it, and `LEADERS` if they do where nobody holds one; never empty."""
        return self.posts + self.answered_by or (LEADERS,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityKind(Quoted):
    """A kind of visit or activity.

    Attributes
    ----------
    key : str
        What stands in records.
    name : Words
        What it is called.
    record : Record
        How it is written down.
    attendance : bool
        Whether it is kept who was there, who was absent and who made it up.
    """

    key: str
    name: Words
    record: Record = Record.VISIT
    attendance: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRules(Quoted):
    """How premises and inspectors are drawn at random.

    Attributes
    ----------
    inspectors : int
        How many are drawn for each premises.
    posts : tuple of str
        Who may be drawn.
    weights : dict of str to float
        Weight of a premises by its risk; 1 for a risk that is not named.
    avoid_own_grid : bool
        Whether nobody inspects in a grid in which they hold a post.
    avoid_same_pair : bool
        Whether nobody goes twice in a row to the same premises with the same colleague.
    """

    inspectors: int = 2
    posts: tuple[str, ...] = ()
    weights: dict[str, float] = field(default_factory=dict)
    avoid_own_grid: bool = True
    avoid_same_pair: bool = True

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:
        """Give what can't hold: nobody to send, weights that aren't positive, or unknown posts."""
        if self.inspectors < 1:
            yield Fault("inspectors", "at-least", {"least": 1})
        for risk, weight in self.weights.items():
            if weight <= 0:
                yield Fault(f"weights.{risk}", "above", {"least": 0})
        for post in self.posts:
            if post not in posts:
                yield Fault("posts", "unknown-post", {"value": post, "known": sorted(posts)})


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRules(Rules):
    """What is to be done, how often, on what (C).

    Attributes
    ----------
    kinds : tuple of ActivityKind
        The kinds of visits and activities.
    duties : tuple of Duty
        The duties.
    draw : DrawRules
        How premises and inspectors are drawn.
    """

    kinds: tuple[ActivityKind, ...] = ()
    duties: tuple[Duty, ...] = ()
    draw: DrawRules = field(default_factory=DrawRules)

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - the duties ask for them
        """Give what can't hold: a key that stands here twice, or a duty of a kind that isn't here."""
        for name, keys in (("kinds", self.kinds), ("duties", self.duties)):
            for key, times in Counter(one.key for one in keys).items():
                if times > 1:
                    yield Fault(name, "twice", {"value": key})
        known = {kind.key: kind.record for kind in self.kinds}
        for duty in self.duties:
            for key in duty.activities:
                if known.get(key) is not duty.record:
                    path = f"duties.{duty.key}.activities"
                    yield Fault(path, "unknown-kind", {"value": key, "known": sorted(known)})

    def duty(self, key: str) -> Duty | None:
        """Give the duty with a key, None where there is none."""
        return next((duty for duty in self.duties if duty.key == key), None)

    def kind(self, key: str) -> ActivityKind | None:
        """Give the kind of activity with a key, None where there is none."""
        return next((kind for kind in self.kinds if kind.key == key), None)
