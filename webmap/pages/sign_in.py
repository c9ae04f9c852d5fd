"""The sign-in page."""

from __future__ import annotations

from webmap.pages.frame import Frame, render


def sign_in_page(frame: Frame, *, following: str, username: str = "", failure: str = "") -> str:
    """Give the form for username and password.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    following : str
        The address to go to afterwards.
    username : str, optional
        What was typed before.
    failure : str, optional
        What was wrong, in words.

    Returns
    -------
    str
        HTML.
    """
    return render("login.html", frame, following=following, username=username, failure=failure)
