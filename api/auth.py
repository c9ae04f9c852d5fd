"""Who asks: browsers by a session cookie, programs by a token; and whether our own pages have sent it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import jwt
from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from api.settings import Settings
from geo.db.unit_of_work import Database
from geo.domain.accounts import Credentials, LockOut, Session
from geo.domain.actors import ANONYMOUS, Actor
from geo.errors import CrossSite, Unauthenticated
from geo.services import accounts

if TYPE_CHECKING:
    from starlette.datastructures import UploadFile

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"

_ALGORITHM = "HS256"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Tokens:
    """Signs tokens for programs, and reads them.

    Parameters
    ----------
    secret : str
        What they are signed with; kept in the folder of the data.
    lifetime : timedelta
        For how long a token is good.
    """

    def __init__(self, secret: str, lifetime: timedelta) -> None:
        self._secret = secret
        self.lifetime = lifetime

    def issue(self, credentials: Credentials) -> str:
        """Give a token for an account whose password was right.

        Parameters
        ----------
        credentials : Credentials
            As `geo.services.accounts.verify` gave them.
        """
        claims = {
            "sub": str(credentials.account_id),
            "ver": accounts.version(credentials),
            "exp": datetime.now(UTC) + self.lifetime,
        }
        return jwt.encode(claims, self._secret, algorithm=_ALGORITHM)

    def read(self, token: str) -> tuple[int, str]:
        """Give the account and the version of the credentials that a token was issued for.

        Parameters
        ----------
        token : str
            As it was given.

        Raises
        ------
        Unauthenticated
            If it has run out, or is none of ours.
        """
        try:
            claims = jwt.decode(
                token, self._secret, algorithms=[_ALGORITHM], options={"require": ["sub", "ver", "exp"]}
            )
            return int(claims["sub"]), str(claims["ver"])
        except (jwt.InvalidTokenError, ValueError):
            raise Unauthenticated from None


# who asks ------------------------------------------------------------------------------------------------


async def identify(request: Request) -> Actor:
    """Give whoever asks; the anonymous public costs no look into the database.

    Parameters
    ----------
    request : Request
        Its ``state.csrf_token`` is set for a browser that has signed in.

    Raises
    ------
    Unauthenticated
        If a token is given that is not, or no longer, good.
    CrossSite
        If a browser changes something without the token of our pages.
    """
    found = await _found(request)
    if not isinstance(found, Session):
        return found
    request.state.csrf_token = found.csrf_token
    if request.method not in SAFE_METHODS:
        await _require_our_page(request, found)
    return found.actor


async def asker(request: Request) -> Actor:
    """Give whoever asks before the body is read; whether our own pages have sent it is still to be asked.

    Parameters
    ----------
    request : Request
        Its headers alone are looked at.

    Raises
    ------
    Unauthenticated
        If a token is given that is not, or no longer, good.
    """
    found = await _found(request)
    return found.actor if isinstance(found, Session) else found


async def _found(request: Request) -> Actor | Session:
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return await run_in_threadpool(_actor_of_token, request, authorization)
    cookie = request.cookies.get(cookie_name(request.app.state.settings))
    session = await run_in_threadpool(_session_of_cookie, request, cookie) if cookie else None
    return session or ANONYMOUS


def _actor_of_token(request: Request, authorization: str) -> Actor:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    account_id, version = request.app.state.tokens.read(token.strip())
    with request.app.state.database.read() as uow:
        actor = accounts.actor_of(uow, account_id, version)
    if actor is None:
        raise Unauthenticated
    return actor


def _session_of_cookie(request: Request, cookie: str) -> Session | None:
    with request.app.state.database.read() as uow:
        return accounts.session(uow, cookie)


# our own pages -------------------------------------------------------------------------------------------


def require_same_site(request: Request) -> None:
    """Return only if no browser says that another site has sent the request.

    Parameters
    ----------
    request : Request
        Browsers add ``Origin`` and ``Sec-Fetch-Site``; programs add neither.

    Raises
    ------
    CrossSite
        If one of them names another site.
    """
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise CrossSite
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise CrossSite


async def _require_our_page(request: Request, session: Session) -> None:
    require_same_site(request)
    given = request.headers.get(CSRF_HEADER) or await _field_of_form(request)
    if not secrets.compare_digest(str(given).encode(), session.csrf_token.encode()):
        raise CrossSite


async def _field_of_form(request: Request) -> str | UploadFile:
    if not request.headers.get("content-type", "").startswith(_FORMS):
        return ""
    return (await request.form()).get(CSRF_FIELD) or ""


# signing in and out --------------------------------------------------------------------------------------


def cookie_name(settings: Settings) -> str:
    """Give the name of the session cookie; over HTTPS it is one that only this very host can set.

    Parameters
    ----------
    settings : Settings
        Says whether cookies are sent over HTTPS alone.
    """
    return "__Host-wangge_session" if settings.secure_cookies else "wangge_session"


def verify_password(database: Database, settings: Settings, username: str, password: str) -> Credentials:
    """Give the credentials of an account if the password is right; each attempt counts, of unknown users too.

    Parameters
    ----------
    database : Database
        No connection is held while the password is compared.
    settings : Settings
        After how many failed attempts a username is locked.
    username, password : str
        As they were given.

    Raises
    ------
    Unauthenticated
        If the user is unknown or the password is wrong.
    LockedOut
        After too many failed attempts in a row.
    """
    lock_out = LockOut(settings.failed_attempts, timedelta(minutes=settings.lockout_minutes))
    with database.write() as uow:
        credentials = accounts.count_attempt(uow, username, lock_out)
    return accounts.verify(credentials, password)


def sign_in(
    request: Request, response: Response, database: Database, settings: Settings, credentials: Credentials
) -> Session:
    """Open a session for a browser whose password was right; the one that it had before ends.

    Parameters
    ----------
    request : Request
        May carry the cookie of an older session.
    response : Response
        Gets the cookie of the new one.
    database : Database
        Keeps the session.
    settings : Settings
        For how long it is good.
    credentials : Credentials
        As `verify_password` gave them.

    Returns
    -------
    Session
        With the token that its forms have to bring.
    """
    duration = timedelta(hours=settings.session_hours)
    name = cookie_name(settings)
    with database.write() as uow:
        accounts.close_session(uow, request.cookies.get(name, ""))
        token = accounts.open_session(uow, credentials, duration)
        session = accounts.session(uow, token)
    if session is None:
        raise Unauthenticated
    response.set_cookie(
        name,
        token,
        max_age=int(duration.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies,
        path="/",
    )
    return session


def sign_out(request: Request, response: Response, database: Database, settings: Settings) -> None:
    """End the session of a browser.

    Parameters
    ----------
    request : Request
        Carries its cookie.
    response : Response
        Takes the cookie away.
    database : Database
        Forgets the session.
    settings : Settings
        The choices of the installation.
    """
    name = cookie_name(settings)
    with database.write() as uow:
        accounts.close_session(uow, request.cookies.get(name, ""))
    response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=settings.secure_cookies)
