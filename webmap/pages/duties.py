"""The page of what came of duties."""

from __future__ import annotations

from collections.abc import Sequence

from geo.domain.duties import DutyTally, GridTally, PersonTally, Tally
from webmap.pages.frame import Frame
from webmap.pages.measured import Surroundings, render_measure


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
