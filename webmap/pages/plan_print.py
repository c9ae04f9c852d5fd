"""A plan on paper, A3: its map, what the colours claim, and the figures of its grids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from geo.domain.ground import Ground
from geo.domain.plan_drafts import Draft, PlanRecord
from geo.geometry.tiling import Cell
from webmap import theme
from webmap.i18n import Translator
from webmap.layers.draft import bounds_of, ground_of, redivided
from webmap.pages.frame import Frame, render
from webmap.printed_map import Ink, Labels, Layer, ground_layers, printed_map
from webmap.tables import Column, Kind, Table

SIZE_MM = (268, 248)
"""Of the drawing: the rest of the sheet is for its legend and the figures of what has changed."""

_MOST_CHANGED = 28
"""So many changed grids have their figures beside the map; the others stand in the table of all grids."""
_M2_PER_HA = 10_000
_KEPT = Ink(line=theme.BORDER, line_mm=0.3)
_CHANGED = Ink(fill=theme.ACCENT, line=theme.ACCENT, line_mm=0.5, opacity=0.22)
_BEFORE = Ink(line=theme.INK, line_mm=0.35, dash_mm=1.2)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed.

    Attributes
    ----------
    record : PlanRecord
        The plan.
    draft : Draft
        The division that it describes.
    ground : Ground
        What lies behind it.
    at : datetime
        When it is printed; aware.
    """

    record: PlanRecord
    draft: Draft
    ground: Ground
    at: datetime


def plan_print(frame: Frame, sheet: Sheet) -> str:
    """Give the page of a plan that is made to be printed.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    sheet : Sheet
        What is printed.

    Returns
    -------
    str
        HTML.
    """
    words = frame.translator
    changed = redivided(sheet.draft)
    return render(
        "workbench_print.html",
        frame,
        record=sheet.record,
        at=sheet.at,
        map=_map(sheet, changed, words),
        changed=_table(sheet.draft, _first(changed), words, "workbench.print.changed"),
        everything=_table(sheet.draft, np.full(len(changed), fill_value=True), words, "workbench.print.all"),
    )


def _first(changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return changed & (np.cumsum(changed) <= _MOST_CHANGED)


def _map(sheet: Sheet, changed: NDArray[np.bool_], words: Translator) -> Markup:
    cells = sheet.draft.tiling.cells
    shapes = ground_of(cells.values())
    before = sheet.draft.base.tiling.cells
    names = {key for key, is_changed in zip(cells, changed.tolist(), strict=True) if is_changed}
    former = ground_of(cell for key, cell in before.items() if key in names or key not in cells)
    layers = [
        *ground_layers(sheet.ground),
        Layer(shapes[~changed], _KEPT, words.text("workbench.print.kept")),
        Layer(shapes[changed], _CHANGED, words.text("workbench.print.redivided")),
        Layer(former, _BEFORE, words.text("workbench.print.before")),
    ]
    return printed_map(
        layers,
        SIZE_MM,
        words,
        bounds=bounds_of(sheet.draft),
        title=sheet.record.plan.name,
        labels=Labels(shapes, tuple(_label(cell) for cell in cells.values())),
    )


def _label(cell: Cell) -> str:
    households = "" if cell.households is None else f" {cell.households}"
    return f"{cell.name or cell.code or ''}{households}"


def _table(draft: Draft, wanted: NDArray[np.bool_], words: Translator, title: str) -> Table:
    cells = {
        key: cell for (key, cell), is_in in zip(draft.tiling.cells.items(), wanted, strict=True) if is_in
    }
    hectares = draft.tiling.plane.area_m2(ground_of(cells.values())) / _M2_PER_HA
    before = draft.base.tiling.cells
    columns = (
        Column(words.text("workbench.print.grid")),
        Column(words.text("workbench.print.code")),
        Column(words.text("workbench.print.households"), Kind.NUMBER),
        Column(words.text("workbench.print.change"), Kind.CHANGE),
        Column(words.text("workbench.print.hectares"), Kind.NUMBER, digits=2),
    )
    rows = [
        (cell.name, cell.code, cell.households, _gained(cell, before.get(key), words), area)
        for (key, cell), area in zip(cells.items(), hectares.tolist(), strict=True)
    ]
    return Table(words.text(title), columns, rows)


def _gained(cell: Cell, before: Cell | None, words: Translator) -> int | str | None:
    if before is None:
        return words.text("workbench.print.new")
    if cell.households is None or before.households is None:
        return None
    return (cell.households - before.households) or None
