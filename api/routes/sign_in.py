"""Signing in and out before a browser."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from api import auth
from api.dependencies import DatabaseDep, SettingsDep
from api.frames import FrameDep
from api.pages import answer
from geo.errors import LockedOut, Unauthenticated
from webmap.pages.frame import Frame
from webmap.pages.sign_in import sign_in_page

router = APIRouter(include_in_schema=False)

Following = Annotated[str, Query(alias="next", max_length=2000)]


class SignIn(BaseModel):
    """What the form on the sign-in page sends."""

    username: str = Field(max_length=200)
    password: str = Field(max_length=1000)
    next: str = Field(default="/", max_length=2000)


@router.get("/login")
def show_sign_in(request: Request, frame: FrameDep, following: Following = "/") -> HTMLResponse:
    """Give the form for username and password."""
    return answer(request, frame, sign_in_page(frame, following=_inside(following)))


@router.post("/login")
def sign_in(
    request: Request,
    frame: FrameDep,
    database: DatabaseDep,
    settings: SettingsDep,
    form: Annotated[SignIn, Form()],
) -> Response:
    """Open a session and go on to where the reader was going, or say what was wrong."""
    auth.require_same_site(request)
    following = _inside(form.next)
    try:
        credentials = auth.verify_password(database, settings, form.username, form.password)
    except (Unauthenticated, LockedOut) as error:
        status = 429 if isinstance(error, LockedOut) else 401
        failure = _failure(frame, error)
        page = sign_in_page(frame, following=following, username=form.username, failure=failure)
        return answer(request, frame, page, status)
    response = RedirectResponse(following, 303)
    auth.sign_in(request, response, database, settings, credentials)
    return response


@router.post("/logout", dependencies=[Depends(auth.identify)])
def sign_out(request: Request, database: DatabaseDep, settings: SettingsDep) -> Response:
    """End the session and go to the start page."""
    response = RedirectResponse("/", 303)
    auth.sign_out(request, response, database, settings)
    return response


def _failure(frame: Frame, error: Unauthenticated | LockedOut) -> str:
    words = frame.translator
    if isinstance(error, LockedOut):
        return words.text("login.locked", until=words.time(datetime.fromisoformat(error.fields["until"])))
    return words.text("login.wrong")


def _inside(address: str) -> str:
    """Give an address if it is a path of this site, else the start page: no sign-in leads elsewhere."""
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_path and address.isprintable() else "/"
