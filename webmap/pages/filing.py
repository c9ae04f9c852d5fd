"""The page on which somebody records a visit, a training, a meeting, a check-in, a log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.domain.activities import Activity
from geo.domain.grids import GridName
from geo.domain.profiles.duties import ActivityKind, Record
from webmap.pages.frame import Frame, render


@dataclass(frozen=True, slots=True)
class Filing:
    """What may be recorded, and what was lately.

    Attributes
    ----------
    kinds : sequence of ActivityKind
        Of the profile that holds.
    grids : sequence of GridName
        For which the reader may record.
    kind, grid : str
        What the address asks for; empty for nothing.
    entity, household : int or None
        What was visited, if the address says so.
    lately : sequence of Activity
        What the reader has attended lately, the latest first.
    """

    kinds: Sequence[ActivityKind]
    grids: Sequence[GridName]
    kind: str
    grid: str
    entity: int | None
    household: int | None
    lately: Sequence[Activity]


def filing_page(frame: Frame, filing: Filing) -> str:
    """Give the page on which somebody records what they have done.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    filing : Filing
        What may be recorded.

    Returns
    -------
    str
        HTML.
    """
    groups = [(record, [kind for kind in filing.kinds if kind.record is record]) for record in Record]
    names = {kind.key: kind.name for kind in filing.kinds}
    return render(
        "filing.html", frame, filing=filing, groups=[(r, kinds) for r, kinds in groups if kinds], names=names
    )
