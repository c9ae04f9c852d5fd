"""What came of duties, by grid; and what is to be done, as circles."""

from __future__ import annotations

from collections.abc import Sequence

from geo.domain.duties import GridTally, Owing
from geo.domain.shapes import Shapes
from geo.domain.todo import Task, Urgency
from webmap import theme
from webmap.i18n import Translator
from webmap.layers.choropleth import Cell, Choropleth
from webmap.layers.coverage import class_edges, rate_class, rate_entries
from webmap.layers.legend import Entry, Legend
from webmap.layers.points import Points, Spot

_COLUMNS = ("duties.done", "duties.due", "duties.frequency", "duties.late", "duties.missed")


def duty_choropleth(grids: Sequence[GridTally], shapes: Shapes, words: Translator) -> Choropleth:
    """Give the share of what was due that was done in time, by grid; where nothing was due is hatched.

    Parameters
    ----------
    grids : sequence of GridTally
        The measure.
    shapes : Shapes
        The grids of its level.
    words : Translator
        Language of popups and legend.
    """
    edges = class_edges([row.tally.frequency.rate for row in grids])
    cells = tuple(
        Cell(
            row.grid,
            rate_class(row.tally.frequency.rate, edges),
            (
                words.number(row.tally.done),
                words.number(row.tally.due),
                words.percent(row.tally.frequency.rate),
                words.number(row.tally.late),
                words.number(row.tally.missed),
            ),
        )
        for row in grids
    )
    legend = Legend(words.text("map.duties.title"), words.text("map.duties.note"), rate_entries(edges, words))
    return Choropleth(shapes, cells, columns=tuple(map(words.text, _COLUMNS)), legend=legend)


def task_points(tasks: Sequence[Task], words: Translator) -> Points:
    """Give what is to be done as circles, the overdue in red and on top.

    Parameters
    ----------
    tasks : sequence of Task
        The most pressing first.
    words : Translator
        Language of popups and legend.
    """
    spots = tuple(
        Spot(
            task.lon,
            task.lat,
            0 if task.urgency is Urgency.OVERDUE else 1,
            task.name,
            (words.choose(task.duty.name.zh, task.duty.name.en), words.time(task.slot.deadline)),
        )
        for task in tasks
        if task.lon is not None and task.lat is not None
    )
    entries = (
        Entry(theme.OVERDUE, words.text("todo.overdue")),
        Entry(theme.PENDING, words.text("todo.open")),
    )
    legend = Legend(words.text("todo.title"), words.text("todo.map.note"), entries)
    columns = (words.text("todo.duty"), words.text("todo.due"))
    return Points(spots, columns=columns, legend=legend)


def owing_points(owings: Sequence[Owing], words: Translator) -> Points:
    """Give what was due as circles, what was missed in red and on top.

    Parameters
    ----------
    owings : sequence of Owing
        What was missed first.
    words : Translator
        Language of popups and legend.
    """
    spots = tuple(
        Spot(
            one.lon,
            one.lat,
            0 if one.missed else 1,
            one.name,
            (words.choose(one.duty.name.zh, one.duty.name.en), words.day(one.slot.last)),
        )
        for one in owings
        if one.lon is not None and one.lat is not None
    )
    entries = (
        Entry(theme.OVERDUE, words.text("duties.missed")),
        Entry(theme.PENDING, words.text("duties.kept")),
    )
    legend = Legend(words.text("duties.trail"), words.text("duties.trail.note"), entries)
    return Points(spots, columns=(words.text("todo.duty"), words.text("todo.due")), legend=legend)
