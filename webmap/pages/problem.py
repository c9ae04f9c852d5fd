"""A problem, told to somebody before a browser."""

from __future__ import annotations

from webmap.pages.frame import Frame, render


def problem_page(frame: Frame, *, status: int, title: str, detail: str) -> str:
    """Give the page that tells what went wrong and where to go from here.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    status : int
        The HTTP status.
    title, detail : str
        What is the matter, and what is the matter this time, in the language of the page.

    Returns
    -------
    str
        HTML.
    """
    return render("problem.html", frame, status=status, title=title, detail=detail)
