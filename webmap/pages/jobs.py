"""The page of what the application does by itself."""

from __future__ import annotations

from collections.abc import Sequence

from geo.domain.jobs import Every, ScheduledJob, Timer
from webmap.i18n import Translator
from webmap.pages.frame import Frame, render


def jobs_page(frame: Frame, jobs: Sequence[ScheduledJob]) -> str:
    """Give the page that tells when each job is done, was done, and what came of it.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    jobs : sequence of ScheduledJob
        The jobs, in their order.
    """
    words = frame.translator
    return render("jobs.html", frame, jobs=jobs, said=lambda timer: _said(words, timer))


def _said(words: Translator, timer: Timer) -> str:
    if isinstance(timer, Every):
        return words.text("jobs.every", minutes=round(timer.interval.total_seconds() / 60))
    return words.text("jobs.daily", at=f"{timer.at:%H:%M}")
