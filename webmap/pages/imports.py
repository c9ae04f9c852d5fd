"""The page on which files come in."""

from __future__ import annotations

from collections.abc import Sequence

from geo.domain.actors import Action
from geo.domain.exchange import ImportRun, Layer, OnExisting
from geo.domain.grids import Level
from webmap.pages.frame import Frame, render
from webmap.pages.locate import DATUMS

STAGES = ("read", "check", "repair", "write", "locate")
"""What an import tells on its way."""


def imports_page(frame: Frame, runs: Sequence[ImportRun]) -> str:
    """Give the page that takes files, tells what they hold row by row, and keeps them.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    runs : sequence of ImportRun
        What the reader has sent before, the newest first.
    """
    layers = tuple(Layer) if frame.may(Action.IMPORT_DATA) else (Layer.GRIDS,)
    above = tuple(level for level in Level if level is not Level.UNIT)
    return render(
        "imports.html",
        frame,
        runs=runs,
        layers=layers,
        references=DATUMS,
        existing=tuple(OnExisting),
        above=above,
    )
