"""The statistics of a month: made from the same measures as the maps, and kept as they were."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from geo.db import assessment, backlog, coverage
from geo.db import statistics as rows
from geo.db.generations import told_by
from geo.db.measures import grids_of_level
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor, Jurisdiction
from geo.domain.backlog import Count
from geo.domain.grids import Level
from geo.domain.measures import Period, Share
from geo.domain.profiles import Profile
from geo.domain.profiles.assessment import Rate
from geo.domain.profiles.statistics import Figure
from geo.domain.statistics import Column, Snapshot, Statistics, Value, month_period, table
from geo.errors import NotFound
from geo.services.grids import require_place
from geo.services.profiles import profile_at

_NO_SHARE = Share(0, 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which statistics are wanted.

    Attributes
    ----------
    month : date
        Any day of it.
    level : Level
        The level of the grids.
    grid_code : str or None
        Only grids in this one; None for the whole city.
    at : datetime or None
        By the grids of the division that held then; by those in force at the end of the month without.
    """

    month: date
    level: Level
    grid_code: str | None = None
    at: datetime | None = None

    @property
    def jurisdiction(self) -> Jurisdiction:
        """The grids that are told of."""
        return Jurisdiction(frozenset({self.grid_code}) if self.grid_code else None)


@dataclass(frozen=True)
class _Counting:
    """The measures that figures are drawn from, each taken once."""

    uow: UnitOfWork
    asked: Asked
    period: Period
    profile: Profile
    timezone: str
    grids_at: datetime | None

    @cached_property
    def coverage(self) -> dict[str, Share]:
        """Subjects visited, out of those due."""
        measured = coverage.subject_coverage(
            self.uow.connection,
            self.period,
            level=self.asked.level,
            kind=None,
            jurisdiction=self.asked.jurisdiction,
            at=self.grids_at,
        )
        return {row.grid.code: row.share for row in measured.grids}

    @cached_property
    def issues(self) -> dict[str, Count]:
        """The issues reported in the month, as they stand at its end."""
        measured = backlog.backlog(
            self.uow.connection,
            self.period.end,
            reported=self.period,
            level=self.asked.level,
            category=None,
            jurisdiction=self.asked.jurisdiction,
            grids_at=self.grids_at,
        )
        return {row.grid.code: row.count for row in measured.grids}

    def visits(self, among: tuple[str, ...] | None = None) -> dict[str, int]:
        """Visits, or those with one of some results."""
        return rows.visits(
            self.uow.connection,
            self.period,
            level=self.asked.level,
            among=among,
            jurisdiction=self.asked.jurisdiction,
            at=self.grids_at,
        )

    def rate(self, rate: Rate) -> dict[str, Share]:
        """Give a rate that people and grids are assessed by, over the month."""
        kind, at = self.profile.inspections.kind, self.grids_at
        asked = assessment.Asked(self.period, self.timezone, kind, delay=None, grids_at=at)
        facts = assessment.RATES[rate].facts(asked)
        level, jurisdiction = self.asked.level, self.asked.jurisdiction
        return assessment.rate_by_grid(self.uow.connection, facts, level, jurisdiction, at)


Part = tuple[str | None, Mapping[str, Value]]
"""A column of a figure: its detail, and values by code of the grid."""


def _patrols(counting: _Counting) -> list[Part]:
    return [(None, counting.visits())]


def _subjects_visited(counting: _Counting) -> list[Part]:
    return [(None, {code: share.numerator for code, share in counting.coverage.items()})]


def _coverage(counting: _Counting) -> list[Part]:
    return [(None, counting.coverage)]


def _results(counting: _Counting) -> list[Part]:
    names = {one.key: f"{one.name.zh} · {one.name.en}" for one in counting.profile.inspections.results}
    found = rows.results(counting.uow.connection, counting.period)
    return [(names.get(result, result), counting.visits((result,))) for result in found]


def _violations(counting: _Counting) -> list[Part]:
    keys = counting.profile.statistics.violations
    names = tuple(one.name.zh for one in counting.profile.inspections.results if one.key in keys)
    return [(None, counting.visits(keys + names))]


def _issues(counting: _Counting) -> list[Part]:
    return [(None, {code: count.unresolved + count.closed for code, count in counting.issues.items()})]


def _on_time(counting: _Counting) -> list[Part]:
    shares = {
        code: Share(count.closed - count.closed_late, count.closed) for code, count in counting.issues.items()
    }
    return [(None, shares)]


def _satisfaction(counting: _Counting) -> list[Part]:
    return [(None, counting.rate(Rate.SATISFACTION))]


def _transfers(counting: _Counting) -> list[Part]:
    shares = counting.rate(Rate.TRANSFER)
    return [(None, {code: share.denominator for code, share in shares.items()})]


def _outcomes(counting: _Counting) -> list[Part]:
    return [(None, counting.rate(Rate.TRANSFER))]


FIGURES: dict[Figure, tuple[Callable[[_Counting], list[Part]], Value]] = {
    Figure.PATROLS: (_patrols, 0),
    Figure.SUBJECTS_VISITED: (_subjects_visited, 0),
    Figure.COVERAGE: (_coverage, _NO_SHARE),
    Figure.RESULTS: (_results, 0),
    Figure.VIOLATIONS: (_violations, 0),
    Figure.ISSUES: (_issues, 0),
    Figure.ON_TIME: (_on_time, _NO_SHARE),
    Figure.SATISFACTION: (_satisfaction, _NO_SHARE),
    Figure.TRANSFERS: (_transfers, 0),
    Figure.OUTCOMES: (_outcomes, _NO_SHARE),
}
"""What a profile may name: how it is counted, and what stands for it where nothing was counted."""


def make_statistics(
    actor: Actor, uow: UnitOfWork, asked: Asked, *, timezone: str, now: datetime
) -> Statistics:
    """Give the figures that the regulation profile of a month asks for, by grid.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    asked : Asked
        Month, level and place.
    timezone : str
        IANA name of the zone of the city.
    now : datetime
        The present, aware: a month that isn't over is counted up to now.

    Returns
    -------
    Statistics
        By code of the grid, as the division has them that held at the end of the month or at the time asked
        for. What was before the first division is told by the first.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may read measures of the whole place.
    BadValue
        If the month lies ahead.
    NotFound
        If there is no such grid.
    """
    period, moment = _placed(actor, uow, Action.READ_MEASURES, asked, timezone=timezone, now=now)
    grids_at = told_by(uow.connection, moment)
    profile = profile_at(uow, asked.grid_code, asked.month.replace(day=1))
    counting = _Counting(uow, asked, period, profile, timezone, grids_at)
    columns = [
        (Column(figure, detail), values)
        for figure in profile.statistics.figures
        for detail, values in FIGURES[figure][0](counting)
    ]
    grids = grids_of_level(uow.connection, asked.level, asked.jurisdiction, grids_at)
    empty: dict[str, Value] = {figure: value for figure, (_, value) in FIGURES.items()}
    return Statistics(
        asked.month.replace(day=1),
        asked.level,
        profile.key,
        profile.name,
        now,
        tuple(column for column, _ in columns),
        table(columns, grids, empty),
        moment,
    )


def _placed(
    actor: Actor, uow: UnitOfWork, action: Action, asked: Asked, *, timezone: str, now: datetime
) -> tuple[Period, datetime]:
    """Give the month and by whose grids it is told, only if the actor may act in the whole place."""
    period = month_period(asked.month, timezone, now)
    moment = asked.at or period.end - datetime.resolution
    require_place(actor, uow, action, asked.grid_code, told_by(uow.connection, moment))
    return period, moment


def keep_statistics(actor: Actor, uow: UnitOfWork, asked: Asked, *, timezone: str, now: datetime) -> Snapshot:
    """Make statistics and keep them as they are.

    Parameters
    ----------
    actor : Actor
        Who keeps them.
    uow : UnitOfWork
        The transaction.
    asked : Asked
        Month, level and place.
    timezone : str
        IANA name of the zone of the city.
    now : datetime
        The present, aware.

    Returns
    -------
    Snapshot
        What is kept, beside all that was kept of the month before.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may keep statistics of the whole place.
    BadValue
        If the month lies ahead.
    """
    _placed(actor, uow, Action.KEEP_STATISTICS, asked, timezone=timezone, now=now)
    made = make_statistics(actor, uow, asked, timezone=timezone, now=now)
    sha256 = _digest(made)
    key = rows.keep(uow.connection, made, grid_code=asked.grid_code, sha256=sha256, made_by=actor.name)
    uow.record(actor, "keep", "statistics", key, {"month": made.month.isoformat(), "sha256": sha256})
    return Snapshot(key, actor.name, sha256, made)


def read_snapshot(actor: Actor, uow: UnitOfWork, snapshot_id: int) -> Snapshot:
    """Give statistics as they were kept.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    snapshot_id : int
        Which ones.

    Raises
    ------
    NotFound
        If none were kept under this number.
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may read measures of the whole place.
    """
    actor.jurisdiction(Action.READ_MEASURES)
    found = rows.snapshot(uow.connection, snapshot_id)
    if found is None:
        raise NotFound(kind="statistics", key=snapshot_id)
    grid_code, kept = found
    statistics = kept.statistics
    require_place(actor, uow, Action.READ_MEASURES, grid_code, told_at(uow, statistics))
    return kept


def told_at(uow: UnitOfWork, statistics: Statistics) -> datetime | None:
    """Give a time at which the division holds whose grids statistics are told by; None for the one in force.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    statistics : Statistics
        As they were made or kept.
    """
    return told_by(uow.connection, statistics.grids_at or statistics.made_at)


def list_snapshots(
    actor: Actor, uow: UnitOfWork, asked: Asked, *, timezone: str, now: datetime
) -> tuple[Snapshot, ...]:
    """Give all that was kept of a month, a level and a place, the newest first.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    asked : Asked
        Month, level and place.
    timezone : str
        IANA name of the zone of the city.
    now : datetime
        The present, aware.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may read measures of the whole place.
    BadValue
        If the month lies ahead.
    NotFound
        If there is no such grid.
    """
    _placed(actor, uow, Action.READ_MEASURES, asked, timezone=timezone, now=now)
    return rows.snapshots(uow.connection, asked.month.replace(day=1), asked.level, asked.grid_code)


def _digest(statistics: Statistics) -> str:
    """Give the SHA-256 of the document with its keys in order."""
    plain = json.dumps(statistics.document(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
