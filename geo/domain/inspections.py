"""Inspections of subjects: what is filed, what of it the rules forbid, and what follows from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from geo.domain.personal import IN_WORDS, personal
from geo.domain.profiles.inspections import Form, InspectionRules, Measure, Reason, Result
from geo.domain.profiles.rules import Named, Quoted

N = TypeVar("N", bound=Named)

Strokes = tuple[tuple[tuple[int, int], ...], ...]
"""Lines of a pen: x, y in thousandths of the field's width and height."""

PEN = 1000
"""The largest coordinate of a stroke."""


class Answer(StrEnum):
    """What is said of an item."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"


class Acknowledgement(StrEnum):
    """How the subject takes note of the record."""

    SIGNED = "signed"
    TYPED = "typed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answered:
    """What is said of one item of the form.

    Attributes
    ----------
    item : str
        Key of the item.
    answer : Answer
        Yes, no, or not applicable.
    note : str or None
        What else there is to say.
    """

    item: str
    answer: Answer
    note: str | None = field(default=None, metadata=IN_WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a record says: all of it that a correction may put right.

    Attributes
    ----------
    form, result : str
        Keys of the form and of the result.
    answers : tuple of Answered
        One for each item of the form.
    measures, hazards : tuple of str
        Keys of what was done about it and of the kinds of hazards.
    correct_by : date or None
        By when the subject has to put things right.
    findings : str or None
        In words.
    subject_name, subject_phone : str or None
        Who was there for the subject.
    acknowledgement : Acknowledgement
        How the subject took note.
    signature : Strokes or None
        As it was drawn.
    refusal_reason, witness : str or None
        Why nobody signed, and who saw it.
    """

    form: str
    result: str
    answers: tuple[Answered, ...] = ()
    measures: tuple[str, ...] = ()
    hazards: tuple[str, ...] = ()
    correct_by: date | None = None
    findings: str | None = field(default=None, metadata=IN_WORDS)
    subject_name: str | None = field(default=None, metadata=personal("inspection.subject_name"))
    subject_phone: str | None = field(default=None, metadata=personal("inspection.subject_phone"))
    acknowledgement: Acknowledgement
    signature: Strokes | None = None
    refusal_reason: str | None = field(default=None, metadata=personal("inspection.refusal_reason"))
    witness: str | None = field(default=None, metadata=personal("inspection.witness"))


@dataclass(frozen=True, slots=True)
class Licence:
    """Since when a subject is there, and since when it may work.

    Attributes
    ----------
    founded_on, licensed_on : date or None
        None while nobody knows.
    """

    founded_on: date | None = None
    licensed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the rules ask about beside the record itself.

    Attributes
    ----------
    visited_on : date
        The day of the inspection, in the city.
    officers : tuple of int
        Ids of those who inspected, as they were named.
    in_service : frozenset of int
        Those of them who hold a post in the grid, or above it, on that day.
    licence : Licence
        Of the subject.
    reasons : frozenset of Reason
        Why the subject needs a periodic check on that day.
    """

    visited_on: date
    officers: tuple[int, ...]
    in_service: frozenset[int]
    licence: Licence = field(default_factory=Licence)
    reasons: frozenset[Reason] = frozenset()


@dataclass(frozen=True, slots=True)
class Breach:
    """Something in a record that a rule forbids.

    Attributes
    ----------
    field : str
        Which part of the record.
    value, expected : object
        What it says, and what it may say; JSON-ready.
    rule : Quoted
        The rule.
    """

    field: str
    value: object
    expected: object
    rule: Quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A record of an inspection in one of its versions.

    Attributes
    ----------
    id, visit_id : int
        Its row, and the visit that it is.
    version : int
        From 1.
    replaces_id, replaced_by_id : int or None
        The version before, and the one after.
    reason : str or None
        Why the version before was wrong.
    profile : str
        Key of the profile whose form was filled in.
    entity_id : int
        The subject, with its name and address.
    entity_name, entity_address : str or None
        As they are today.
    grid_code : str or None
        The leaf grid in the generation in force.
    lon, lat : float or None
        Where it was filed from, EPSG:4326.
    visited_at, filed_at : datetime
        Aware.
    filed_by : str
        Username.
    officers : tuple of tuple of int and str
        Ids and names.
    said : Findings
        What the record says; without personal data once it is anonymised.
    case_number : str or None
        Number of the case that was transferred.
    keep_until, at_end : date and str, or None
        The day on which its time is up, and what happens then: ``delete`` or ``anonymise``.
    anonymised_at : datetime or None
        Since when nobody can be known from it.
    """

    id: int
    visit_id: int
    version: int
    replaces_id: int | None
    replaced_by_id: int | None
    reason: str | None = field(metadata=IN_WORDS)
    profile: str
    entity_id: int
    entity_name: str
    entity_address: str | None
    grid_code: str | None
    lon: float | None
    lat: float | None
    visited_at: datetime
    filed_at: datetime
    filed_by: str
    officers: tuple[tuple[int, str], ...] = field(metadata=personal("person.name"))
    said: Findings
    case_number: str | None
    keep_until: date | None
    at_end: str | None
    anonymised_at: datetime | None


@dataclass(frozen=True, slots=True)
class Due:
    """A subject that needs a check by itself.

    Attributes
    ----------
    entity_id : int
        The subject.
    name, category, address : str or None
        As its source gives them.
    lon, lat : float or None
        Where it stands, EPSG:4326.
    grid_code : str or None
        The leaf grid in the generation in force.
    reason : Reason
        What happened to it.
    since : date
        When that was.
    due_by : date or None
        By when it is to be checked; None where no time is set.
    """

    entity_id: int
    name: str
    category: str | None
    address: str | None
    lon: float | None
    lat: float | None
    grid_code: str | None
    reason: Reason
    since: date
    due_by: date | None

    def is_overdue(self, day: date) -> bool:
        """Tell whether its time had run out on a day."""
        return self.due_by is not None and self.due_by < day


@dataclass(frozen=True, slots=True)
class Deregistration:
    """A subject that has left the market and is to be taken off the register.

    Attributes
    ----------
    id, entity_id, visit_id : int
        Its row, the subject, and the visit that found it.
    name : str
        Of the subject.
    grid_code : str or None
        The leaf grid in the generation in force.
    begun_at, ended_at : datetime or None
        ``ended_at`` is None while it is under way.
    outcome : str or None
        ``closed``, or ``active`` if the subject was there after all.
    """

    id: int
    entity_id: int
    visit_id: int
    name: str
    grid_code: str | None
    begun_at: datetime
    ended_at: datetime | None
    outcome: str | None


def breaches(rules: InspectionRules, said: Findings, around: Circumstances) -> Iterator[Breach]:
    """Give what the rules forbid in a record, in the order of the form.

    Parameters
    ----------
    rules : InspectionRules
        What holds in the grid on that day.
    said : Findings
        The record.
    around : Circumstances
        What the rules ask about beside it.

    Notes
    -----
    Officers are counted by person: the same one named twice is one officer.
    """
    yield from _officers(rules, around)
    yield from _form(rules, said, around)
    yield from _answers(rules, said)
    yield from _choices(rules, said)
    yield from _correction(rules, said, around)
    yield from _acknowledged(rules, said)


def _officers(rules: InspectionRules, around: Circumstances) -> Iterator[Breach]:
    different = frozenset(around.officers)
    if away := sorted(different - around.in_service):
        yield Breach("officers", away, "in service", rules.officers)
    elif len(different) < rules.officers.least:
        yield Breach("officers", len(different), f">= {rules.officers.least}", rules.officers)


def _form(rules: InspectionRules, said: Findings, around: Circumstances) -> Iterator[Breach]:
    form = named(rules.forms, said.form)
    founded = around.licence.founded_on
    if form is None:
        yield Breach("form", said.form, _keys(rules.forms), Quoted())
        return
    if form.unless_founded_this_year and founded and founded.year == around.visited_on.year:
        yield Breach("form", said.form, f"founded_on < {around.visited_on.year}", form)
    if form.reasons and not around.reasons.intersection(form.reasons):
        yield Breach("form", said.form, list(form.reasons), form)


def _answers(rules: InspectionRules, said: Findings) -> Iterator[Breach]:
    given = Counter(answer.item for answer in said.answers)
    for item in rules.contents:
        if given.pop(item.key, 0) != 1:
            yield Breach(f"answers.{item.key}", None, list(Answer), item)
    if given:
        yield Breach("answers", sorted(given), _keys(rules.contents), Quoted())


def _choices(rules: InspectionRules, said: Findings) -> Iterator[Breach]:
    offered: tuple[tuple[str, tuple[str, ...], Sequence[Named]], ...] = (
        ("result", (said.result,), rules.results),
        ("measures", said.measures, rules.measures),
        ("hazards", said.hazards, rules.hazards),
    )
    for name, chosen, among in offered:
        if unknown := [key for key in chosen if named(among, key) is None]:
            yield Breach(name, unknown, _keys(among), _source(among))


def _correction(rules: InspectionRules, said: Findings, around: Circumstances) -> Iterator[Breach]:
    order = next((measure for measure in taken(rules, said) if measure.orders_correction), None)
    if order and said.correct_by is None:
        yield Breach("correct_by", None, "YYYY-MM-DD", order)
    if said.correct_by and said.correct_by < around.visited_on:
        yield Breach("correct_by", said.correct_by.isoformat(), f">= {around.visited_on}", order or Quoted())


def _acknowledged(rules: InspectionRules, said: Findings) -> Iterator[Breach]:
    needed = {
        Acknowledgement.SIGNED: ("signature",),
        Acknowledgement.TYPED: ("subject_name",),
        Acknowledgement.REFUSED: ("refusal_reason", "witness"),
    }
    for name in needed[said.acknowledgement]:
        if not getattr(said, name):
            yield Breach(name, None, said.acknowledgement.value, rules.record)


def result_of(rules: InspectionRules, said: Findings) -> Result:
    """Give the result of a record without `breaches`."""
    return next(result for result in rules.results if result.key == said.result)


def taken(rules: InspectionRules, said: Findings) -> tuple[Measure, ...]:
    """Give the measures that a record says were taken, as far as the rules know them."""
    return tuple(measure for measure in rules.measures if measure.key in said.measures)


def offered_forms(
    rules: InspectionRules, licence: Licence, reasons: Collection[Reason], day: date
) -> tuple[Form, ...]:
    """Give the forms in which a subject may be inspected on a day.

    Parameters
    ----------
    rules : InspectionRules
        What holds there on that day.
    licence : Licence
        Of the subject.
    reasons : collection of Reason
        Why it needs a periodic check.
    day : date
        The day.
    """
    around = Circumstances(
        visited_on=day, officers=(), in_service=frozenset(), licence=licence, reasons=frozenset(reasons)
    )
    asked = (
        (form, Findings(form=form.key, result="", acknowledgement=Acknowledgement.TYPED))
        for form in rules.forms
    )
    return tuple(form for form, said in asked if not any(_form(rules, said, around)))


def named(among: Sequence[N], key: str) -> N | None:
    """Give what has a key, or None.

    Parameters
    ----------
    among : sequence of Named
        What a form offers.
    key : str
        What a record keeps.
    """
    return next((one for one in among if one.key == key), None)


def _keys(among: Sequence[Named]) -> list[str]:
    return [one.key for one in among]


def _source(among: Sequence[Named]) -> Quoted:
    return among[0] if among else Quoted()
