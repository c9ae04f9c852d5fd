"""The planner's workbench: the plans there are, and one of them on its map."""

from __future__ import annotations

from dataclasses import dataclass

from webmap.base_map import MapParts
from webmap.pages.frame import Frame, render


@dataclass(frozen=True, slots=True)
class Tool:
    """A button above the map.

    Attributes
    ----------
    name : str
        What it does; its words are ``workbench.tool.`` and the name.
    shortcut : str
        Its key, as ``aria-keyshortcuts`` tells it.
    icon : str
        The path of its icon, 16 by 16.
    changes : bool
        Whether only those may use it who may edit the plan.
    stays : bool
        Whether it stays chosen until another one is.
    """

    name: str
    shortcut: str
    icon: str
    changes: bool = True
    stays: bool = False


TOOLS = (
    (
        Tool("select", "V", "M4 2l8 7-4 .6L5.8 14z", changes=False, stays=True),
        Tool(
            "rectangle",
            "A",
            "M2 4h2M6 4h2m2 0h4v2m0 2v2m0 2v1h-2m-2 0H8m-2 0H2V9m0-2V4",
            changes=False,
            stays=True,
        ),
    ),
    (
        Tool("split", "S", "M2 3h12v10H2zM9 1L7 15", stays=True),
        Tool("merge", "M", "M2 3h12v10H2zM8 3v2m0 2v2m0 2v2"),
        Tool("border", "B", "M2 3h12v10H2zM6 3c0 4 5 4 4 10", stays=True),
        Tool("vertex", "X", "M2 13L8 5l6 8M6 3h4v4H6z", stays=True),
        Tool("reassign", "R", "M2 3h5v10H2zM7 8h7m-3-3l3 3-3 3", stays=True),
        Tool("draw", "D", "M3 4l7-2 4 6-4 6-7-3z", stays=True),
        Tool("fix", "G", "M2 3h5v3H5v4h2v3H2zM9 3h5v10H9M11 8h0"),
        Tool("lock", "L", "M4 7h8v7H4zM5.5 7V5a2.5 2.5 0 015 0v2"),
    ),
    (
        Tool("undo", "Control+Z", "M6 3L2 7l4 4M2 7h7a4 4 0 010 7H7"),
        Tool("redo", "Control+Y", "M10 3l4 4-4 4M14 7H7a4 4 0 000 7h2"),
    ),
    (
        Tool("labels", "N", "M2 3h8l4 5-4 5H2z", changes=False),
        Tool("whole", "F", "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4", changes=False),
        Tool("help", "?", "M5.5 6a2.5 2.5 0 113.5 2.300C8 8.8 8 9.5 8 10M8 13h0", changes=False),
    ),
)
"""The tool bar, group by group."""

STEPS = ("submit", "withdraw", "approve", "return", "publish", "archive")
"""What can be done with a plan as a whole."""

TABS = ("selection", "operations", "checks", "comparison")
"""The parts of the panel, one of which is shown."""


def plans_page(frame: Frame) -> str:
    """Give the page with the plans there are.

    Parameters
    ----------
    frame : Frame
        What the page stands in.

    Returns
    -------
    str
        HTML; the plans themselves come from the interface.
    """
    return render("workbench_plans.html", frame)


def workbench_page(frame: Frame, plan: int, parts: MapParts) -> str:
    """Give the page on which a plan is drawn.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    plan : int
        Number of the plan.
    parts : MapParts
        Ground and division in force; the draft itself comes from the interface.

    Returns
    -------
    str
        HTML.
    """
    return render("workbench.html", frame, plan=plan, map=parts, tools=TOOLS, steps=STEPS, tabs=TABS)
