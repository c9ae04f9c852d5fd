"""Pages as answers, and what their maps are drawn on."""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from api.frames import LANGUAGE_COOKIE
from geo.db.unit_of_work import UnitOfWork
from geo.domain.grids import Level
from geo.services.ground import get_ground
from geo.services.shapes import get_shapes
from webmap.assets import Linked
from webmap.maps import Setting
from webmap.pages.frame import Frame

_YEAR = timedelta(days=365)


def answer(request: Request, frame: Frame, content: str, status: int = 200) -> HTMLResponse:
    """Give the answer with a page; the browser keeps its language.

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
    remember_language(response, request, frame)
    return response


def remember_language(response: Response, request: Request, frame: Frame) -> None:
    """Let the browser keep the language of a page for the next ones.

    Parameters
    ----------
    response : Response
        Gets the cookie.
    request : Request
        Its application says whether cookies are sent over HTTPS alone.
    frame : Frame
        What the page stands in.
    """
    response.set_cookie(
        LANGUAGE_COOKIE,
        frame.language,
        max_age=int(_YEAR.total_seconds()),
        secure=request.app.state.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def setting_of(
    request: Request, frame: Frame, uow: UnitOfWork, level: Level | None = None, at: datetime | None = None
) -> Setting:
    """Give what the map of a page is drawn on.

    Parameters
    ----------
    request : Request
        Its application knows the backgrounds that the operator allows.
    frame : Frame
        What the page stands in.
    uow : UnitOfWork
        The transaction.
    level : Level, optional
        The level of the grids, which the division has; its leaves by default.
    at : datetime, optional
        Aware: the grids of the division that held then; those of the one in force without.
    """
    shapes = get_shapes(uow, level, at)
    return Setting(
        shapes=shapes,
        ground=get_ground(uow, shapes.bounds),
        words=frame.translator,
        assets=Linked(frame.nonce),
        base_maps=request.app.state.settings.base_maps,
    )
