"""Signing in over the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.accounts import GrantSchema
from geo.domain.accounts import Session


class SignIn(BaseModel):
    """Name and password; other fields of an OAuth2 form are let be."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"username": "li.wei", "password": "four quiet grey herons"}]}
    )

    username: str = Field(max_length=64)
    password: str = Field(max_length=256)


class SessionSchema(BaseModel):
    """Who is signed in, and what the pages send along with each change."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "username": "li.wei",
                    "person_id": 17,
                    "grants": [{"role": "leader", "grid": "330106001001"}],
                    "csrf_token": "Qm9…",
                }
            ]
        }
    )

    username: str
    person_id: int | None
    grants: list[GrantSchema]
    csrf_token: str | None = Field(description="X-CSRF-Token；令牌登录时为空 · null for a program's token")

    @classmethod
    def of(cls, session: Session) -> SessionSchema:
        """Give a session as it goes over the wire."""
        return cls(
            username=session.actor.name,
            person_id=session.actor.person_id,
            grants=[GrantSchema.of(grant) for grant in session.actor.grants],
            csrf_token=session.csrf_token or None,
        )


class Token(BaseModel):
    """A token for a program, to be sent as ``Authorization: Bearer …``."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"access_token": "eyJhbGciOi…", "token_type": "bearer", "expires_in": 3600}]
        }
    )

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the kind of token, not a token
    expires_in: int = Field(description="秒 · Seconds")


class OwnPassword(BaseModel):
    """Another password for one's own account."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"current_password": "four quiet grey herons", "password": "five loud white geese"}]
        },
    )

    current_password: str = Field(max_length=256)
    password: str = Field(min_length=10, max_length=256)
