"""Scores of people and grids from registered measures, with the trail down to each record."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from geo.db import assessment as rows
from geo.db.activities import attended
from geo.db.jurisdictions import chains
from geo.db.measures import grids_of_level
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.assessment import (
    Assessed,
    Assessment,
    AssessmentSnapshot,
    Consequence,
    Fact,
    Figures,
    Outcome,
    Ranked,
    Score,
    Span,
    consequences,
    honoured,
    rank,
    score_part,
    spans_in_year,
)
from geo.domain.duties import merged
from geo.domain.measures import Share
from geo.domain.profiles import Profile
from geo.domain.profiles.assessment import AssessmentRules, Rate, Tally
from geo.domain.profiles.regulations import Regime, joined
from geo.errors import BadValue, NotFound
from geo.services.assessment_measures import (
    VERSIONS,
    Asked,
    Measured,
    OfGrids,
    OfPeople,
    facts_of,
    period_of,
    successions_since,
)
from geo.services.duties import Clock
from geo.services.generations import told_at
from geo.services.grids import require_place
from geo.services.privacy import Veils
from geo.services.profiles import regimes

MOST_FACTS = 1000
"""A trail of more than that is read by nobody; its newest facts are told."""
_NO_NUMBER = 2**63
"""Rows are numbered below."""


def assess(actor: Actor, uow: UnitOfWork, asked: Asked, clock: Clock) -> Assessment:
    """Give the scores of all people or grids of a place in a span, with what they are made of.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    asked : Asked
        Span, place and subjects.
    clock : Clock
        The present, and how days are counted.

    Returns
    -------
    Assessment
        In order of the places. Each set of rules that held in the span gives a part of its own, which counts
        by its days. Rows count in the grid that covers their place today, or did at the time asked for: so
        the successors of a grid that was split are scored on what happened on their ground before.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may read assessments of the whole place.
    NotFound
        If there is no such grid.
    BadValue
        If the span lies ahead.
    """
    made = _made(actor, uow, asked, clock)
    if asked.level:
        return made
    names = {one.ranked.score.subject: one.name for one in made.assessed}
    seen = _seen(actor, uow, clock.today(), names)
    return replace(
        made, assessed=tuple(replace(one, name=seen[one.ranked.score.subject]) for one in made.assessed)
    )


def _seen(actor: Actor, uow: UnitOfWork, day: date, names: Mapping[str, str]) -> dict[str, str]:
    """Give the names of people as the actor sees them, by number."""
    veils = Veils(actor, uow, day).of_people({int(one) for one in names})
    return {one: veils[int(one)].value("person.name", name) for one, name in names.items()}


def _made(actor: Actor, uow: UnitOfWork, asked: Asked, clock: Clock) -> Assessment:
    asked = _placed(actor, uow, Action.READ_ASSESSMENTS, asked)
    if asked.span.since > clock.today():
        raise BadValue(
            field="day", value=asked.span.since.isoformat(), expected=f"<= {clock.today().isoformat()}"
        )
    scored = _Scored.of(actor, uow, asked, clock)
    rules = scored.rules
    ranked = rank(scored.scores.values(), minimum_sample=rules.minimum_sample)
    best = _honoured(rules, ranked, scored)
    following = _following(actor, uow, asked, clock, scored)
    ancestors = _predecessors(uow, asked.span, asked.at) if asked.level else {}
    return Assessment(
        asked.subject,
        asked.span,
        clock.now,
        rules,
        VERSIONS,
        tuple(
            Assessed(
                one,
                scored.names[one.score.subject],
                one.score.subject in best,
                following.get(one.score.subject, ()),
                ancestors.get(one.score.subject, ()),
            )
            for one in ranked
        ),
        asked.at,
    )


def _placed(actor: Actor, uow: UnitOfWork, action: Action, asked: Asked) -> Asked:
    """Give what is asked for, by the division that tells of its time, if the actor may act in its place."""
    at = told_at(uow, asked.at)
    require_place(actor, uow, action, asked.grid_code, at)
    return replace(asked, at=at)


@dataclass(frozen=True, slots=True)
class _Scored:
    """The scores of a span, with the figures and the rules at its end."""

    rules: AssessmentRules
    names: Mapping[str, str]
    scores: Mapping[str, Score]
    parts: tuple[Measured, ...]

    @classmethod
    def of(cls, actor: Actor, uow: UnitOfWork, asked: Asked, clock: Clock) -> _Scored:
        """Score all subjects of a place in a span."""
        until = min(asked.span.until, clock.today() + timedelta(days=1))
        kind = OfGrids if asked.level else OfPeople
        held = _regimes(uow, asked, until)
        parts = tuple(kind(actor, uow, asked, clock, regime) for regime in held)
        names = _names(uow, asked, held[-1].profile.assessment, until)
        grounds = chains(uow.connection, names, asked.at) if asked.level else {}
        scores = {
            subject: Score(
                subject,
                tuple(
                    score_part(
                        part.regime.profile.assessment,
                        part.regime.since,
                        part.regime.until,
                        part.figures(subject),
                    )
                    for part in parts
                    if subject not in grounds or part.regime.covers(grounds[subject])
                ),
            )
            for subject in names
        }
        return cls(held[-1].profile.assessment, names, scores, parts)

    def figures(self, subject: str) -> Figures:
        """Give the figures of a subject over all parts."""
        rates: dict[Rate, Share] = defaultdict(lambda: Share(0, 0))
        counts: dict[Tally, int] = defaultdict(int)
        for figures in (part.figures(subject) for part in self.parts):
            for rate, share in figures.rates.items():
                rates[rate] = merged((rates[rate], share))
            for tally, count in figures.counts.items():
                counts[tally] += count
        return Figures(rates, counts)


def _regimes(uow: UnitOfWork, asked: Asked, until: date) -> tuple[Regime, ...]:
    return joined(regimes(uow, asked.span.since, until, asked.grid_code, asked.at), _assessed_by)


def _assessed_by(profile: Profile) -> object:
    """Give all that a score depends on."""
    return profile.assessment, profile.duties, profile.inspections.kind, profile.privacy.suspicious


def _names(uow: UnitOfWork, asked: Asked, rules: AssessmentRules, until: date) -> dict[str, str]:
    if asked.level:
        grids = grids_of_level(uow.connection, asked.level, asked.jurisdiction, asked.at)
        return {grid.code: grid.name for grid in grids}
    people = rows.assessed_people(
        uow.connection,
        asked.span.since,
        until,
        posts=rules.posts,
        jurisdiction=asked.jurisdiction,
        at=asked.at,
    )
    return {str(person): name for person, name in people.items()}


def _honoured(rules: AssessmentRules, ranked: tuple[Ranked, ...], scored: _Scored) -> set[str]:
    span = scored.parts[0].asked.span
    found = [
        honoured(ranked, rule, lambda subject: scored.figures(subject).counts)
        for rule in rules.honours
        if rule.period is span.period
    ]
    return {one.score.subject for group in found for one in group}


def _following(
    actor: Actor, uow: UnitOfWork, asked: Asked, clock: Clock, scored: _Scored
) -> dict[str, tuple[Consequence, ...]]:
    """Give what follows from a span, and from those of its kind before it in its year, by subject."""
    rules, asked_span = scored.rules, asked.span
    repeated = any(rule.times > 1 for rule in rules.thresholds if rule.period is asked_span.period)
    before = spans_in_year(asked_span.period, asked_span.since.year) if repeated else (asked_span,)
    spans = [span for span in before if span.since <= asked_span.since]
    told = [
        (span, scored if span == asked.span else _Scored.of(actor, uow, replace(asked, span=span), clock))
        for span in spans
    ]
    return {
        subject: consequences(
            rules,
            [
                Outcome(span, other.scores[subject].value, other.figures(subject))
                for span, other in told
                if subject in other.scores
            ],
        )
        for subject in scored.names
    }


def _predecessors(uow: UnitOfWork, span: Span, at: datetime | None) -> dict[str, tuple[str, ...]]:
    """Give the other grids whose ground each grid has got since a span began, and by a time."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in successions_since(uow, span.since, at):
        if one.predecessor.code != one.successor.code:
            found[one.successor.code].add(one.predecessor.code)
    return {code: tuple(sorted(codes)) for code, codes in found.items()}


def trail(
    actor: Actor, uow: UnitOfWork, asked: Asked, clock: Clock, *, measure: Rate | Tally, subject: str
) -> tuple[Fact, ...]:
    """Give the records that a measure of a subject is made of, the newest first, at most `MOST_FACTS`.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    asked : Asked
        Span, place and kind of subject.
    clock : Clock
        The present, and how days are counted.
    measure : Rate or Tally
        Which measure; those of duties have their trail in `geo.services.duties.trail_of`.
    subject : str
        Number of a person or code of a grid.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may read assessments of the whole place, and of the whole grid that is the subject.
    NotFound
        If there is no such measure of facts, or no such grid.
    BadValue
        If a person is named by anything but a number, or the span lies ahead.
    """
    asked = _placed(actor, uow, Action.READ_ASSESSMENTS, asked)
    if asked.level:
        require_place(actor, uow, Action.READ_ASSESSMENTS, subject, asked.at)
    elif not subject.isdecimal() or int(subject) >= _NO_NUMBER:
        raise BadValue(field="subject", value=subject, expected="1, 2, 3 …")
    if measure is Rate.ATTENDANCE:
        return _attended(actor, uow, asked, clock, subject)
    chosen = rows.RATES.get(measure) if isinstance(measure, Rate) else rows.RECORDED.get(measure)
    if chosen is None:
        raise NotFound(kind="trail", key=measure)
    until = min(asked.span.until, clock.today() + timedelta(days=1))
    facts: list[Fact] = []
    for regime in _regimes(uow, asked, until):
        facts += _trail(uow, facts_of(chosen, regime, clock, asked.at), asked, clock, subject)
    return tuple(sorted(facts, key=lambda fact: fact.at, reverse=True)[:MOST_FACTS])


def _attended(actor: Actor, uow: UnitOfWork, asked: Asked, clock: Clock, subject: str) -> tuple[Fact, ...]:
    facts = attended(
        uow.connection,
        period_of(asked.span.since, asked.span.until, clock),
        asked.jurisdiction,
        grid_code=subject if asked.level else None,
        person_id=None if asked.level else int(subject),
        limit=MOST_FACTS,
        at=asked.at,
    )
    veils = Veils(actor, uow, clock.today())
    seen = veils.people((fact.attendance for fact in facts if fact.attendance), lambda who: who.person_id)
    return tuple(replace(fact, attendance=who) for fact, who in zip(facts, seen, strict=True))


def _trail(uow: UnitOfWork, facts: rows.Facts, asked: Asked, clock: Clock, subject: str) -> tuple[Fact, ...]:
    if asked.level:
        return rows.trail_of_grid(uow.connection, facts, subject, MOST_FACTS)
    return rows.trail_of_person(
        uow.connection,
        facts,
        timezone=clock.zone.key,
        person_id=int(subject),
        jurisdiction=asked.jurisdiction,
        limit=MOST_FACTS,
    )


def keep_assessment(actor: Actor, uow: UnitOfWork, asked: Asked, clock: Clock) -> AssessmentSnapshot:
    """Give an assessment as it was made and kept.

    Parameters
    ----------
    actor : Actor
        Who keeps it.
    uow : UnitOfWork
        The transaction.
    asked : Asked
        Span, place and subjects.
    clock : Clock
        The present, and how days are counted.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may keep statistics of the whole place.
    NotFound, BadValue
        See `assess`.
    """
    _placed(actor, uow, Action.KEEP_STATISTICS, asked)
    made = _made(actor, uow, asked, clock)
    plain = json.dumps(made.document(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    sha256 = hashlib.sha256(plain.encode()).hexdigest()
    key = rows.keep(uow.connection, made, grid_code=asked.grid_code, sha256=sha256, made_by=actor.name)
    uow.record(actor, "keep", "assessment", key, {"since": asked.span.since.isoformat(), "sha256": sha256})
    kept = AssessmentSnapshot(key, actor.name, clock.now, sha256, made.document())
    return _veiled(actor, uow, clock.today(), kept)


def _veiled(actor: Actor, uow: UnitOfWork, day: date, kept: AssessmentSnapshot) -> AssessmentSnapshot:
    if kept.document["subject"] != "person":
        return kept
    told = kept.document["assessed"]
    seen = _seen(actor, uow, day, {one["subject"]: one["name"] for one in told})
    shown = [{**one, "name": seen[one["subject"]]} for one in told]
    return replace(kept, document={**kept.document, "assessed": shown})


def list_kept(actor: Actor, uow: UnitOfWork, asked: Asked, day: date) -> tuple[AssessmentSnapshot, ...]:
    """Give all that was kept of a span and a place, the newest first.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    asked : Asked
        Span, place and subjects.
    day : date
        Today in the city.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may read assessments of the whole place.
    NotFound
        If there is no such grid.
    """
    _placed(actor, uow, Action.READ_ASSESSMENTS, asked)
    found = rows.snapshots(uow.connection, asked.subject, asked.span, asked.grid_code)
    return tuple(_veiled(actor, uow, day, one) for one in found)
