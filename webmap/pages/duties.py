"""The pages of what came of duties, and of what each rate is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.domain.duties import DUTY_MEASURES, DutyTally, DutyTrail, GridTally, Owing, PersonTally, Tally
from geo.domain.measures import Period, Share
from geo.domain.profiles.assessment import Rate
from geo.domain.profiles.duties import Record
from webmap.base_map import MapParts
from webmap.i18n import Translator
from webmap.pages.frame import Frame, render
from webmap.pages.measured import Surroundings, render_measure
from webmap.tables import Column, Kind, Table
from webmap.workbooks import workbook

RECORDS = {
    Record.VISIT: "/api/v1/visits/{id}",
    Record.ACTIVITY: "/api/v1/activities/{id}",
    Record.TRACK: "/api/v1/tracks/{id}",
}
"""Where each kind of record is told in full."""


def duties_page(
    frame: Frame,
    tallies: Sequence[DutyTally],
    grids: Sequence[GridTally],
    people: Sequence[PersonTally],
    around: Surroundings,
) -> str:
    """Give the page of what came of duties, the grids that did the least first.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    tallies : sequence of DutyTally
        By duty.
    grids : sequence of GridTally
        All of these duties together, by grid.
    people : sequence of PersonTally
        All of these duties together, by person; empty for who may not read people.
    around : Surroundings
        Choices and map.

    Returns
    -------
    str
        HTML.
    """
    total = sum((one.total for one in tallies), Tally())
    return render_measure(
        "duties.html",
        frame,
        around,
        empty="" if total.due else "empty.no_duties",
        tallies=tallies,
        total=total,
        rows=sorted(grids, key=_least_first),
        people=sorted(people, key=_least_first),
    )


def _least_first(row: GridTally | PersonTally) -> tuple[bool, float, int]:
    rate = row.tally.frequency.rate
    return rate is None, rate or 0.0, -row.tally.due


@dataclass(frozen=True, slots=True)
class Trailed:
    """What a rate of duties is made of, and of whom.

    Attributes
    ----------
    rate : Rate
        Which rate.
    period : Period
        When.
    subject : str
        Name of the person or of the grid.
    trail : DutyTrail
        What it is made of.
    """

    rate: Rate
    period: Period
    subject: str
    trail: DutyTrail

    @property
    def share(self) -> Share:
        """The rate, with numerator and denominator."""
        return DUTY_MEASURES[self.rate].share(self.trail.tally)


def duty_trail_page(frame: Frame, made: Trailed, map_: MapParts, file: str) -> str:
    """Give the page of what a rate of duties is made of.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    made : Trailed
        What is shown.
    map_ : MapParts
        The map of the things.
    file : str
        Address of the same as a file.
    """
    return render(
        "duty_trail.html", frame, made=made, map=map_, file=file, address_of=_address_of, state_of=state_of
    )


def state_of(owing: Owing) -> str:
    """Give whether something was done in time, late or not at all."""
    if owing.missed:
        return "missed"
    return "late" if owing.late else "done"


def _address_of(owing: Owing, key: int) -> str:
    return RECORDS[owing.duty.record].format(id=key)


def duty_trail_file(words: Translator, made: Trailed) -> bytes:
    """Give what a rate of duties is made of as an XLSX file.

    Parameters
    ----------
    words : Translator
        Language and time zone.
    made : Trailed
        What is written.
    """
    table = Table(
        title=words.text(f"measure.{made.rate}"),
        columns=(
            Column(words.text("duties.duty")),
            Column(words.text("duties.target")),
            Column(words.text("column.code")),
            Column(words.text("choices.since")),
            Column(words.text("todo.due")),
            Column(words.text("duties.state")),
            Column(words.text("duties.due"), Kind.NUMBER),
            Column(words.text("duties.done"), Kind.NUMBER),
            Column(words.text("duties.late"), Kind.NUMBER),
            Column(words.text("duties.records")),
        ),
        rows=[
            (
                words.choose(one.duty.name.zh, one.duty.name.en),
                one.name,
                one.grid_code,
                words.day(one.slot.first),
                words.day(one.slot.last),
                words.text(f"duties.{state_of(one)}"),
                one.duty.frequency.times,
                one.done,
                one.late,
                "; ".join(f"{words.time(deed.at)} #{deed.id}" for deed in one.deeds) or None,
            )
            for one in made.trail.owings
        ],
        lines=(made.subject, words.share(made.share)),
        notes=(),
    )
    return workbook([table], words)
