"""The interface for programs, told to people."""

from __future__ import annotations

from webmap.pages.frame import Frame, render


def docs_page(frame: Frame, *, document: str) -> str:
    """Give the page that shows every operation and lets the reader try it; nothing comes from outside.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    document : str
        Address of the OpenAPI document.

    Returns
    -------
    str
        HTML.
    """
    return render("docs.html", frame, document=document)
