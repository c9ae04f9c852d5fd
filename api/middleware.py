"""What every request passes, outside of all routes: headers, failures, and the gate for bodies."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import asker
from api.json_gate import check_json
from api.problems import problem_of, unknown_problem
from api.settings import Limits, Settings
from geo.domain.actors import ANONYMOUS
from geo.errors import BadValue, GridError, LimitExceeded, Unauthenticated

log = logging.getLogger("wangge")


def content_policy(settings: Settings) -> str:
    """Give the Content-Security-Policy of every answer, with ``{nonce}`` where the nonce goes.

    Parameters
    ----------
    settings : Settings
        Names the base maps that pages may load tiles from; nothing else is loaded from outside.
    """
    tiles = sorted({f"{urlsplit(base.url).scheme}://{_host(base.url)}" for base in settings.base_maps})
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'nonce-{nonce}'",
            "style-src 'self' 'nonce-{nonce}'",
            " ".join(("img-src 'self' data:", *tiles)),
            "font-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _host(template: str) -> str:
    host = urlsplit(template).netloc
    return f"*.{host.partition('.')[2]}" if "{" in host else host


class SecurityHeaders:
    """Each answer says what browsers may do with it; ``request.state.csp_nonce`` admits our own scripts.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    settings : Settings
        The choices of the installation.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.policy = content_policy(settings)
        self.fixed = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "X-Frame-Options": "DENY",
        }
        if settings.secure_cookies:
            self.fixed["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers added."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["csp_nonce"] = nonce

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self.fixed)
                headers.setdefault("Content-Security-Policy", self.policy.format(nonce=nonce))
            await send(message)

        await self.app(scope, receive, with_headers)


class Failures:
    """A failure that nobody foresaw is logged under an id, and the answer tells that id alone.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with a problem where the application has failed."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except GridError as error:
            response = problem_of(error, scope["path"])
        except Exception:
            incident = secrets.token_hex(8)
            log.exception("incident %s at %s %s", incident, scope["method"], scope["path"])
            response = unknown_problem(incident, scope["path"])
        else:
            return
        if begun:
            raise ConnectionAbortedError("the answer was broken off after its beginning")
        await response(scope, receive, send)


class BodyGate:
    """No parser sees a body, a path or a query that is larger, deeper or stranger than what is published.

    Of a file that nobody who is signed in sends, not a byte is read.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    limits : Limits
        The published limits.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or raise what is wrong with the input."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            raise BadValue(field="url", value="%00", expected="text")
        headers = Headers(scope=scope)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        is_json = kind == "application/json" or kind.endswith("+json")
        is_form = kind == "application/x-www-form-urlencoded"
        is_upload = kind == "multipart/form-data"
        maximum = self.limits.upload_bytes if is_upload else self.limits.body_bytes
        if is_upload and await asker(Request(scope)) == ANONYMOUS:
            raise Unauthenticated
        declared = headers.get("content-length", "0")
        if declared.isdecimal() and int(declared[:20]) > maximum:
            raise _too_large(int(declared[:20]), maximum)
        bounded = _bounded(receive, maximum)
        if is_json:
            bounded = await _checked(bounded, lambda body: check_json(body, self.limits.depth))
        elif is_form:
            bounded = await _checked(bounded, _check_form)
        await self.app(scope, bounded, send)


def _too_large(size: int, maximum: int) -> LimitExceeded:
    return LimitExceeded(limit="body_bytes", value=size, maximum=maximum)


def _bounded(receive: Receive, maximum: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > maximum:
            raise _too_large(size, maximum)
        return message

    return counted


def _check_form(body: bytes) -> None:
    if b"%00" in body or b"\0" in body:
        raise BadValue(field="body", value="%00", expected="text")


async def _checked(receive: Receive, check: Callable[[bytes], None]) -> Receive:
    """Read the whole body, check it, and give what hands it on."""
    body = await _whole(receive)
    await run_in_threadpool(check, body)
    replay: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return replay.pop() if replay else await receive()

    return replayed


async def _whole(receive: Callable[[], Awaitable[Message]]) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)
