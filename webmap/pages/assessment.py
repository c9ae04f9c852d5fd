"""The page of assessments: places, scores, what they are made of, and what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from geo.domain.actors import Action
from geo.domain.assessment import (
    Assessed,
    Assessment,
    AssessmentSnapshot,
    Earned,
    Fact,
    Lost,
    PartScore,
    Span,
)
from geo.domain.duties import DUTY_MEASURES
from geo.domain.findings import Finding
from geo.domain.grids import Level
from geo.domain.profiles.assessment import AssessedPeriod, Rate, Tally
from geo.domain.profiles.rules import Words
from webmap.base_map import parts
from webmap.i18n import Translator
from webmap.maps import Setting, score_map
from webmap.pages.frame import Frame, render
from webmap.printed import Paper, printed
from webmap.tables import Column, Kind, Table, Value
from webmap.workbooks import workbook


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around an assessment on its page.

    Attributes
    ----------
    levels : sequence of Level
        The levels of grids to choose from.
    level : Level or None
        The chosen one; None for people.
    grid_code : str or None
        Only in this grid; None for the whole city.
    at : date or None
        By the grids of this day; by those in force without.
    kept : sequence of AssessmentSnapshot
        What was kept of the span, the newest first.
    findings : sequence of Finding
        Those of the span.
    setting : Setting or None
        What the map of the grids is drawn on; None for people.
    """

    levels: Sequence[Level]
    level: Level | None
    grid_code: str | None
    at: date | None
    kept: Sequence[AssessmentSnapshot]
    findings: Sequence[Finding]
    setting: Setting | None

    def address(self, made: Assessment) -> str:
        """Give what addresses say of an assessment."""
        said = {
            "period": made.span.period.value,
            "day": made.span.since.isoformat(),
            "level": self.level and self.level.value,
            "grid": self.grid_code,
            "at": self.at and self.at.isoformat(),
        }
        return urlencode({name: value for name, value in said.items() if value})


def assessment_table(words: Translator, made: Assessment) -> Table:
    """Give an assessment as a table.

    Parameters
    ----------
    words : Translator
        Language and time zone.
    made : Assessment
        The assessment.
    """
    span = made.span
    return Table(
        title=words.text("assessment.title"),
        columns=(
            Column(words.text("assessment.rank"), Kind.NUMBER),
            Column(words.text(f"assessment.subject.{made.subject}")),
            Column(words.text("column.code")),
            Column(words.text("assessment.score"), Kind.NUMBER, digits=2),
            Column(words.text("assessment.sample"), Kind.NUMBER),
            Column(words.text("assessment.yuan")),
            Column(words.text("assessment.follows")),
        ),
        rows=[
            (
                one.ranked.rank,
                one.name,
                one.ranked.score.subject,
                one.ranked.score.value,
                one.ranked.score.sample,
                _yuan(words, one),
                follows(words, made, one),
            )
            for one in made.assessed
        ],
        lines=(
            words.text("assessment.span", since=words.day(span.since), until=words.day(span.until)),
            words.text("statistics.made", time=words.time(made.made_at)),
            *((words.text("statistics.grids_at", day=words.day(made.grids_at)),) if made.grids_at else ()),
        ),
        notes=(words.text("assessment.note", sample=made.rules.minimum_sample),),
    )


def _yuan(words: Translator, one: Assessed) -> str | None:
    least, most = one.ranked.score.yuan
    if not most:
        return None
    return words.number(most) if least == most else f"{words.number(least)}–{words.number(most)}"


def follows(words: Translator, made: Assessment, one: Assessed) -> str | None:
    """Give what follows for one subject, with the honours first; None for nothing.

    Parameters
    ----------
    words : Translator
        The language.
    made : Assessment
        Holds the names of what may follow.
    one : Assessed
        The subject.
    """
    names = [made.rules.consequences[found.rule.consequence] for found in one.consequences]
    told = [words.choose(name.zh, name.en) for name in names]
    honours = [words.text("assessment.honoured")] if one.is_honoured else []
    return words.text("list.separator").join(dict.fromkeys([*honours, *told])) or None


def assessment_page(frame: Frame, made: Assessment, around: Around) -> str:
    """Give the page of an assessment.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    made : Assessment
        What is shown.
    around : Around
        What stands around it.

    Returns
    -------
    str
        HTML.
    """
    words = frame.translator
    shown = assessment_table(words, made)
    return render(
        "assessment_map.html" if around.setting else "assessment.html",
        frame,
        made=made,
        around=around,
        address=around.address(made),
        map=parts(score_map(made, around.setting, note=shown.lines[0])) if around.setting else None,
        shown=shown,
        follows=lambda one: follows(words, made, one),
        periods=tuple(AssessedPeriod),
        tallies=tuple(Tally),
        has_trail=has_trail,
        duty_trail=lambda measure, part, subject: duty_trail(made, measure, part, subject, around.at),
        deeds_of=lambda subject: deeds_of(made, subject, around.at),
        may_keep=frame.may(Action.KEEP_STATISTICS),
        may_find=frame.may(Action.WRITE_FINDINGS),
    )


def has_trail(measure: Rate | Tally) -> bool:
    """Tell whether the records of a measure stand on a page of their own.

    Parameters
    ----------
    measure : Rate or Tally
        The measure.
    """
    return measure not in DUTY_MEASURES


def duty_trail(
    made: Assessment, measure: Rate | Tally, part: PartScore, subject: str, at: date | None
) -> str | None:
    """Give the address of the page of the duties that a measure is made of; None for any other measure.

    Parameters
    ----------
    made : Assessment
        Tells whether its subjects are people or grids.
    measure : Rate or Tally
        The measure.
    part : PartScore
        The days on which it was measured.
    subject : str
        Number of a person or code of a grid.
    at : date or None
        By the grids of this day; by those in force without.
    """
    if measure not in DUTY_MEASURES:
        return None
    return _trail_of(made, measure, part, subject, at)


def deeds_of(made: Assessment, subject: str, at: date | None) -> str:
    """Give the address of the page of what somebody did of their duties in the days of an assessment.

    Parameters
    ----------
    made : Assessment
        Tells the days.
    subject : str
        Number of a person.
    at : date or None
        By the grids of this day; by those in force without.
    """
    return _trail_of(made, Rate.FREQUENCY, made.span, subject, at)


def _trail_of(
    made: Assessment, measure: Rate | Tally, days: PartScore | Span, subject: str, at: date | None
) -> str:
    kind = "person" if made.subject == "person" else "grid"
    said = {"measure": measure.value, "since": days.since, "until": days.until, kind: subject}
    return f"/duties/trail?{urlencode({**said, **({'at': at} if at else {})})}"


def trail_page(
    frame: Frame, measure: Rate | Tally, subject: str, facts: Sequence[Fact], levels: Mapping[str, Words]
) -> str:
    """Give the page of the records that a measure of a subject is made of.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    measure : Rate or Tally
        The measure.
    subject : str
        What the person or the grid is called.
    facts : sequence of Fact
        The records, the newest first.
    levels : Mapping of str to Words
        What the levels that deal with issues are called, by key.

    Returns
    -------
    str
        HTML.
    """
    named = {key: frame.translator.choose(name.zh, name.en) for key, name in levels.items()}
    return render("assessment_trail.html", frame, measure=measure, subject=subject, facts=facts, named=named)


def assessment_file(words: Translator, made: Assessment, kind: str, at: datetime) -> bytes:
    """Give an assessment as a file: the places, and on a sheet of its own what each score is made of.

    Parameters
    ----------
    words : Translator
        Language and time zone.
    made : Assessment
        The assessment.
    kind : str
        ``pdf`` or ``xlsx``.
    at : datetime
        When the file is made, aware.

    Raises
    ------
    LimitExceeded, PrintingNotInstalled, Unavailable
        See `webmap.printed.printed`.
    """
    tables = [assessment_table(words, made), _details(words, made)]
    if kind == "xlsx":
        return workbook(tables, words)
    title = tables[0].title
    return printed("print/table.html", words, Paper.A4_LANDSCAPE, at=at, title=title, tables=tables)


def _details(words: Translator, made: Assessment) -> Table:
    rows = [
        (one.name, one.ranked.score.subject, words.day(part.since), *detail)
        for one in made.assessed
        for part in one.ranked.score.parts
        for detail in (
            *(_earned(words, earned) for earned in part.earned),
            *(_lost(words, lost) for lost in part.lost),
        )
    ]
    return Table(
        title=words.text("assessment.details"),
        columns=(
            Column(words.text(f"assessment.subject.{made.subject}")),
            Column(words.text("column.code")),
            Column(words.text("choices.since")),
            Column(words.text("assessment.measure")),
            Column(words.text("ledger.figure"), Kind.NUMBER),
            Column(words.text("assessment.points"), Kind.CHANGE, digits=2),
        ),
        rows=rows,
    )


def _earned(words: Translator, one: Earned) -> tuple[str, Value, Value]:
    return words.text(f"measure.{one.rule.measure}"), one.share, one.points


def _lost(words: Translator, one: Lost) -> tuple[str, Value, Value]:
    return words.text(f"measure.{one.rule.measure}"), one.count, -one.points
