"""The page of suspicious records."""

from __future__ import annotations

from collections.abc import Sequence

from geo.domain.suspicions import Suspicion, SuspicionKind
from webmap.base_map import MapParts
from webmap.layers.inspections import suspicion_figure
from webmap.pages.choices import DATED, Days
from webmap.pages.frame import Frame, render


def suspicions_page(
    frame: Frame, found: Sequence[Suspicion], days: Days, kind: SuspicionKind | None, parts: MapParts
) -> str:
    """Give the page of suspicious records, those that nobody has explained first.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    found : sequence of Suspicion
        The records.
    days : Days
        The days that were chosen.
    kind : SuspicionKind or None
        The kind that was chosen.
    parts : MapParts
        The map.
    """
    rows = [(one, suspicion_figure(one, frame.translator)) for one in found]
    return render(
        "suspicions.html",
        frame,
        rows=sorted(rows, key=lambda row: row[0].explanation is not None),
        days=days,
        spans=DATED,
        kind=kind,
        kinds=tuple(SuspicionKind),
        map=parts,
    )
