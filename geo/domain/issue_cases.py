"""Cases that go to a section, what reporters say of the outcome, and what the public may read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from geo.domain.grids import GridName
from geo.domain.issues import IssueState
from geo.domain.measures import Share
from geo.domain.personal import IN_WORDS, personal
from geo.domain.profiles.issues import Matter


@dataclass(frozen=True, slots=True)
class Case:
    """A case that was handed over to a section (案件移交).

    Attributes
    ----------
    id, issue_id : int
        Rows.
    number : str
        Of the form.
    section, section_zh, section_en : str
        Key and names of the section, as they were.
    matter : {'ordinary', 'illegal'}
        What it is about.
    facts : str
        What was found.
    transferred_at, transferred_by : datetime, str
        When, aware, and by whom.
    outcome, outcome_at, outcome_by : str, datetime, str, or None
        What became of it, and when and by whom that was recorded.
    """

    id: int
    issue_id: int
    number: str
    section: str
    section_zh: str
    section_en: str
    matter: Matter
    facts: str = field(metadata=IN_WORDS)
    transferred_at: datetime
    transferred_by: str
    outcome: str | None = field(metadata=IN_WORDS)
    outcome_at: datetime | None
    outcome_by: str | None


@dataclass(frozen=True, slots=True)
class PublicResult:
    """What everybody may read of an issue: no words of reporters, no place but the community, no person.

    Attributes
    ----------
    id : int
        Its row.
    number, category : str
        As people quote them.
    community : str or None
        Name of the community.
    state : IssueState
        Where it stands.
    reported_on, closed_on : date or None
        Days in the city.
    on_time : bool
        Whether it was closed by every deadline on its way.
    result : str or None
        What was written for the public.
    """

    id: int
    number: str
    category: str
    community: str | None
    state: IssueState
    reported_on: date
    closed_on: date | None
    on_time: bool
    result: str | None


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reported an issue: personal data.

    Attributes
    ----------
    name, phone : str or None
        As given.
    """

    name: str | None = field(metadata=personal("reporter.name"))
    phone: str | None = field(metadata=personal("reporter.phone"))


@dataclass(frozen=True, slots=True)
class Rating:
    """What a reporter says of the outcome.

    Attributes
    ----------
    score : int
        From 1 (very dissatisfied) to 5 (very satisfied).
    words : str or None
        What else.
    rated_at : datetime
        When, aware.
    """

    score: int
    words: str | None = field(metadata=IN_WORDS)
    rated_at: datetime


@dataclass(frozen=True, slots=True)
class IssueRates:
    """What became of the issues that were reported in a period; void ones are left out.

    Attributes
    ----------
    on_time : Share
        Closed on time, out of those that were due or closed by now (按期结案率).
    transferred : Share
        Handed over to a section, out of all (案件移交率).
    outcomes : Share
        Cases whose outcome came back, out of those handed over.
    satisfied : Share
        Ratings of 4 and 5, out of all ratings (满意率).
    """

    on_time: Share
    transferred: Share
    outcomes: Share
    satisfied: Share


@dataclass(frozen=True, slots=True)
class GridRates:
    """The rates of one grid.

    Attributes
    ----------
    grid : GridName
        The grid.
    rates : IssueRates
        Its issues.
    """

    grid: GridName
    rates: IssueRates
