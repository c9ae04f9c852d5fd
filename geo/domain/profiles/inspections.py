"""How a subject is inspected (D)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from geo.domain.profiles.rules import Fault, Named, Quoted, Rules

MONTHS = 1200
"""A century: what is longer isn't meant."""

Reason = Literal["licensed", "correction_ordered", "case_closed"]
"""Why a subject needs a periodic check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form(Named):
    """One of the forms that an inspection takes.

    Attributes
    ----------
    unless_founded_this_year : bool
        Whether subjects that were founded in the year of the inspection are left out.
    reasons : tuple of Reason
        What calls for this form; empty for one that anything may call for.
    """

    unless_founded_this_year: bool = False
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic(Quoted):
    """Why a subject is checked again, without anybody asking for it.

    Attributes
    ----------
    reason : Reason
        What happened to it.
    form : str
        Key of the form in which it is checked.
    within_months : int or None
        By when, counted from what happened; None where the source names no time.
    """

    reason: Reason
    form: str
    within_months: int | None = None

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: a time that isn't one."""
        if self.within_months is not None and not 1 <= self.within_months <= MONTHS:
            yield Fault("within_months", "between", {"low": 1, "high": MONTHS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Named):
    """What an inspection finds in the end.

    Attributes
    ----------
    suspends : bool
        Whether the subject is not due to be visited until it is known what became of it.
    deregisters : bool
        Whether its deregistration begins.
    """

    suspends: bool = False
    deregisters: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Named):
    """What is done about it on the spot.

    Attributes
    ----------
    orders_correction : bool
        Whether the subject has to be checked again.
    transfers_to : str or None
        Key of the section that a case goes to.
    """

    orders_correction: bool = False
    transfers_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Officers(Quoted):
    """Who inspects.

    Attributes
    ----------
    least : int
        How many different people at least, each in service in the grid on that day.
    """

    least: int = 1

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: nobody who inspects."""
        if self.least < 1:
            yield Fault("least", "at-least", {"least": 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Quoted):
    """The paper that an inspection leaves.

    Attributes
    ----------
    copies : tuple of Named
        Who gets one.
    """

    copies: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionRules(Rules):
    """How a subject is inspected (D).

    Attributes
    ----------
    kind : str
        The kind of visit that an inspection is.
    officers : Officers
        Who inspects.
    contents : tuple of Named
        What is looked at, each answered by yes, no, or not applicable.
    forms, results, measures, hazards
        What the record chooses from; where there are no forms, nobody inspects.
    periodic : tuple of Periodic
        What calls for a check by itself.
    record : Record
        The paper.
    """

    kind: str = "check"
    officers: Officers = field(default_factory=Officers)
    contents: tuple[Named, ...] = ()
    forms: tuple[Form, ...] = ()
    periodic: tuple[Periodic, ...] = ()
    results: tuple[Result, ...] = ()
    measures: tuple[Measure, ...] = ()
    hazards: tuple[Named, ...] = ()
    record: Record = field(default_factory=Record)

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: a key that stands twice, or a check in a form that isn't here."""
        for name in ("contents", "forms", "results", "measures", "hazards"):
            for key, times in Counter(one.key for one in getattr(self, name)).items():
                if times > 1:
                    yield Fault(name, "twice", {"value": key})
        forms = {form.key for form in self.forms}
        for place, periodic in enumerate(self.periodic):
            if periodic.form not in forms:
                yield Fault(
                    f"periodic.{place}.form", "unknown-kind", {"value": periodic.form, "known": sorted(forms)}
                )
        if self.forms and not self.results:
            yield Fault("results", "at-least", {"least": 1})
