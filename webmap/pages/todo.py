"""The page of what somebody has to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from urllib.parse import urlencode

from geo.domain.decisions import Decisions
from geo.domain.profiles.duties import Record, TargetKind
from geo.domain.todo import Reminder, Task, Urgency
from webmap.base_map import MapParts
from webmap.pages.frame import Frame, render

SHOWN = 60
"""Tasks of one urgency that stand on the page; how many more there are is said."""

SHOWN_OF_PILE = 5


def todo_page(
    frame: Frame,
    tasks: Sequence[Task],
    reminders: Sequence[Reminder],
    decisions: Decisions,
    parts: MapParts,
) -> str:
    """Give the page of what somebody has to do, the overdue first, then by deadline and grid.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    tasks : sequence of Task
        The most pressing first.
    reminders : sequence of Reminder
        The latest first.
    decisions : Decisions
        What awaits somebody who leads.
    parts : MapParts
        The map of them.

    Returns
    -------
    str
        HTML.
    """
    counts = Counter(task.urgency for task in tasks)
    groups = [(urgency, list(found)) for urgency, found in groupby(tasks, key=lambda task: task.urgency)]
    names = {task.duty.key: task.duty.name for task in tasks}
    return render(
        "todo.html",
        frame,
        map=parts,
        urgencies=[(urgency, counts[urgency]) for urgency in Urgency],
        groups=[(urgency, found[:SHOWN], len(found)) for urgency, found in groups],
        reminders=reminders,
        decisions=decisions,
        shown_of_pile=SHOWN_OF_PILE,
        names=names,
        address_of=_filing,
    )


def _filing(task: Task) -> str:
    """Give the address of the form that records that a task was done."""
    kinds = task.duty.activities
    if task.duty.record is Record.TRACK or not kinds:
        return ""
    asked = {"kind": kinds[0], "grid": task.grid_code}
    if task.target in {TargetKind.ENTITY, TargetKind.HOUSEHOLD}:
        asked[task.target.value] = str(task.target_id)
    return f"/activities/new?{urlencode(asked)}"
