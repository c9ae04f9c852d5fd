"""Problems, told as pages to people before a browser."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import SAFE_METHODS, identify
from api.frames import frame_of
from api.pages import answer, remember_language
from api.problems import MEDIA_TYPE
from geo.domain.actors import ANONYMOUS, Actor
from geo.errors import GridError
from webmap.i18n import Language
from webmap.pages.frame import Frame
from webmap.pages.problem import problem_page


class ProblemPages:
    """A browser that asks for a page is told of problems on a page, and led to the sign-in where it has to.

    Parameters
    ----------
    app : ASGIApp
        What answers, with problems as JSON.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a problem is held back until it is whole, and sent as a page."""
        if scope["type"] != "http" or not _wants_page(scope):
            await self.app(scope, receive, send)
            return
        held: list[Message] = []

        async def sorted_out(message: Message) -> None:
            if held or _begins_problem(message):
                held.append(message)
            else:
                await send(message)

        await self.app(scope, receive, sorted_out)
        if held:
            response = await _told(Request(scope), held)
            await response(scope, receive, send)


def _wants_page(scope: Scope) -> bool:
    is_interface = scope["path"].startswith("/api/")
    return not is_interface and "text/html" in Headers(scope=scope).get("accept", "")


def _begins_problem(message: Message) -> bool:
    if message["type"] != "http.response.start":
        return False
    return Headers(raw=message["headers"]).get("content-type", "").startswith(MEDIA_TYPE)


async def _told(request: Request, held: list[Message]) -> Response:
    problem: dict[str, Any] = json.loads(b"".join(message.get("body", b"") for message in held[1:]))
    frame = frame_of(request, await _reader(request))
    if problem["status"] == 401:
        response = RedirectResponse(frame.sign_in, 303)
        remember_language(response, request, frame)
        return response
    return _page(request, frame, problem)


async def _reader(request: Request) -> Actor:
    if request.method not in SAFE_METHODS:
        return ANONYMOUS
    try:
        return await identify(request)
    except GridError:
        return ANONYMOUS


def _page(request: Request, frame: Frame, problem: dict[str, Any]) -> HTMLResponse:
    suffix = "" if frame.language is Language.ENGLISH else "_zh"
    title, detail = problem[f"title{suffix}"], problem[f"detail{suffix}"]
    content = problem_page(frame, status=problem["status"], title=title, detail=detail)
    return answer(request, frame, content, problem["status"])
