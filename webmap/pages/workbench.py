"""The planner's workbench: the plans there are, and one of them on its map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.geometry.datum import FROM_WGS84
from webmap.base_map import BaseMap, MapParts
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
        Tool("lasso", "Q", "M2 6l5-4 7 3-1 6-6 2zM7 13l-2 2", changes=False, stays=True),
    ),
    (
        Tool("split", "S", "M2 3h12v10H2zM9 1L7 15", stays=True),
        Tool("way", "W", "M2 3h12v10H2zM6 1c0 5 4 8 4 14M9 1c0 5 4 8 4 14", stays=True),
        Tool("merge", "M", "M2 3h12v10H2zM8 3v2m0 2v2m0 2v2"),
        Tool("border", "B", "M2 3h12v10H2zM6 3c0 4 5 4 4 10", stays=True),
        Tool("vertex", "X", "M2 13L8 5l6 8M6 3h4v4H6z", stays=True),
    ),
    (
        Tool("reassign", "R", "M2 3h5v10H2zM7 8h7m-3-3l3 3-3 3", stays=True),
        Tool("brush", "P", "M13 2L7 9M7 9c-2 0-2 2-2 3s-1 2-3 2c3 1 7 0 7-3 0-1-1-2-2-2", stays=True),
        Tool("blocks", "O", "M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 11h5m-2-2l2 2-2 2", stays=True),
        Tool("draw", "D", "M3 4l7-2 4 6-4 6-7-3z", stays=True),
    ),
    (
        Tool("fix", "G", "M2 3h5v3H5v4h2v3H2zM9 3h5v10H9M11 8h0"),
        Tool("least", "H", "M2 3h5v3H5v4h2v3H2zM12 3v9m-3-3l3 3 3-3"),
        Tool("lock", "L", "M4 7h8v7H4zM5.5 7V5a2.5 2.5 0 015 0v2"),
        Tool("rename", "E", "M3 13l1-4 7-7 3 3-7 7zM9 4l3 3"),
        Tool("recode", "C", "M6 2L5 14M11 2l-1 12M2 6h12M2 10h12"),
        Tool("reparent", "T", "M8 2v5M3 14v-4h10v4M8 7v3M6 2h4"),
    ),
    (
        Tool("undo", "Control+Z", "M6 3L2 7l4 4M2 7h7a4 4 0 010 7H7"),
        Tool("redo", "Control+Y", "M10 3l4 4-4 4M14 7H7a4 4 0 000 7h2"),
    ),
    (
        Tool("comment", "I", "M2 3h12v8H8l-4 3v-3H2z", changes=False),
        Tool("labels", "N", "M2 3h8l4 5-4 5H2z", changes=False),
        Tool("whole", "F", "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4", changes=False),
        Tool("help", "?", "M5.5 6a2.5 2.5 0 113.5 2.300C8 8.8 8 9.5 8 10M8 13h0", changes=False),
    ),
)
"""The tool bar, group by group."""

STEPS = ("submit", "withdraw", "approve", "return", "publish", "archive")
"""What can be done with a plan as a whole."""

TABS = ("selection", "operations", "checks", "comparison", "comments", "layers")
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


def workbench_page(frame: Frame, plan: int, parts: MapParts, base_maps: Sequence[BaseMap]) -> str:
    """Give the page on which a plan is drawn.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    plan : int
        Number of the plan.
    parts : MapParts
        The division in force; the draft and what lies around it come from the interface.
    base_maps : sequence of BaseMap
        The backgrounds that the operator allows.

    Returns
    -------
    str
        HTML.
    """
    return render(
        "workbench.html",
        frame,
        plan=plan,
        map=parts,
        tools=TOOLS,
        steps=STEPS,
        tabs=TABS,
        base_maps=[_background(base_map) for base_map in base_maps],
    )


def _background(base_map: BaseMap) -> dict[str, str | bool]:
    """Give a background as the panel of layers shows it."""
    return {
        "name": base_map.name,
        "url": base_map.url,
        "attribution": base_map.attribution or base_map.name,
        "datum": base_map.datum,
        "shifted": base_map.datum in FROM_WGS84,
    }
