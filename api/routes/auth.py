"""Signing in and out, tokens for programs, one's own password."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api.auth import require_same_site, sign_in, sign_out, verify_password
from api.dependencies import DatabaseDep, SettingsDep, signed_in
from api.schemas.auth import OwnPassword, SessionSchema, SignIn, Token
from geo.domain.accounts import Session
from geo.domain.actors import Actor
from geo.errors import Malformed
from geo.services import accounts

router = APIRouter(tags=["auth"])

_SCHEMA = {"schema": SignIn.model_json_schema()}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": _SCHEMA, "application/x-www-form-urlencoded": _SCHEMA},
    }
}


async def read_sign_in(request: Request) -> SignIn:
    """Give name and password, from JSON or from a form as OAuth2 prescribes it."""
    try:
        return SignIn.model_validate(await _fields(request))
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors(include_url=False)]
        raise RequestValidationError(faults) from None


async def _fields(request: Request) -> Any:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return dict(await request.form())
    try:
        return await request.json()
    except json.JSONDecodeError as error:
        raise Malformed(expected="JSON", position=error.pos) from None


SignInDep = Annotated[SignIn, Depends(read_sign_in)]


@router.post(
    "/auth/session",
    operation_id="sign_in",
    summary="登录 · Sign in",
    openapi_extra=_BODY,
    dependencies=[Depends(require_same_site)],
)
def open_session(
    request: Request, response: Response, given: SignInDep, database: DatabaseDep, settings: SettingsDep
) -> SessionSchema:
    """Open a session for a browser: an HttpOnly cookie, and the token that its pages send along."""
    credentials = verify_password(database, settings, given.username, given.password)
    return SessionSchema.of(sign_in(request, response, database, settings, credentials))


@router.get("/auth/session", operation_id="read_session", summary="当前登录 · Who is signed in")
async def read_session(request: Request, actor: Annotated[Actor, Depends(signed_in)]) -> SessionSchema:
    """Tell who is signed in, by cookie or by token."""
    return SessionSchema.of(Session(actor, getattr(request.state, "csrf_token", "")))


@router.delete("/auth/session", operation_id="sign_out", summary="退出 · Sign out", status_code=204)
def close_session(
    request: Request,
    response: Response,
    _: Annotated[Actor, Depends(signed_in)],
    database: DatabaseDep,
    settings: SettingsDep,
) -> None:
    """End the session of this browser."""
    sign_out(request, response, database, settings)


@router.post(
    "/auth/token",
    operation_id="create_token",
    summary="获取令牌 · Token for a program",
    openapi_extra=_BODY,
)
def create_token(request: Request, given: SignInDep, database: DatabaseDep, settings: SettingsDep) -> Token:
    """Give a signed token; it is void as soon as the password changes or the account is deactivated."""
    credentials = verify_password(database, settings, given.username, given.password)
    with database.write() as uow:
        accounts.forget_attempts(uow, credentials)
    tokens = request.app.state.tokens
    return Token(access_token=tokens.issue(credentials), expires_in=int(tokens.lifetime.total_seconds()))


@router.put(
    "/auth/password",
    operation_id="change_own_password",
    summary="修改密码 · Own password",
    status_code=204,
)
def change_own_password(
    actor: Annotated[Actor, Depends(signed_in)],
    given: OwnPassword,
    database: DatabaseDep,
    settings: SettingsDep,
) -> None:
    """Change one's own password; every session and token of the account ends, this one too."""
    credentials = verify_password(database, settings, actor.name, given.current_password)
    with database.write() as uow:
        accounts.set_own_password(actor, uow, credentials, given.password)
