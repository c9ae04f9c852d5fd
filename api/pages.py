"""Pages as answers."""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.frames import LANGUAGE_COOKIE
from webmap.pages.frame import Frame

_YEAR = timedelta(days=365)


def answer(request: Request, frame: Frame, content: str, status: int = 200) -> HTMLResponse:
    """Give the answer with a page; the browser remembers its language.

    Parameters
    ----------
    request : Request
        Who asks.
    frame : Frame
        What the page stands in.
    content : str
        HTML.
    status : int, optional
        HTTP status.
    """
    response = HTMLResponse(content, status, {"Cache-Control": "no-store"})
    response.set_cookie(
        LANGUAGE_COOKIE,
        frame.language,
        max_age=int(_YEAR.total_seconds()),
        secure=request.app.state.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return response
