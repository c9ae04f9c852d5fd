"""Accounts over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from geo.domain.accounts import Account
from geo.domain.actors import Grant, Role

USERNAME = r"^[a-z0-9][a-z0-9._-]{1,63}$"
"""As the table demands it."""


class GrantSchema(BaseModel):
    """A role and where it holds."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "leader", "grid": "330106001001"}]})

    role: Role
    grid: str | None = Field(
        default=None,
        max_length=64,
        description="网格代码，含其下各级；空为全市 · Code of a grid, with all below; null is the city",
    )

    @classmethod
    def of(cls, grant: Grant) -> GrantSchema:
        """Give a grant as it goes over the wire."""
        return cls(role=grant.role, grid=grant.grid_code)

    def grant(self) -> Grant:
        """Give the grant that came over the wire."""
        return Grant(self.role, self.grid)


class AccountSchema(BaseModel):
    """An account, without anything secret."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "username": "li.wei",
                    "person_id": 17,
                    "active": True,
                    "grants": [{"role": "leader", "grid": "330106001001"}],
                    "locked_until": None,
                    "created_at": "2026-11-01T08:00:00Z",
                }
            ]
        }
    )

    username: str
    person_id: int | None
    active: bool
    grants: list[GrantSchema]
    locked_until: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, account: Account) -> AccountSchema:
        """Give an account as it goes over the wire."""
        return cls(
            username=account.username,
            person_id=account.person_id,
            active=account.active,
            grants=[GrantSchema.of(grant) for grant in account.grants],
            locked_until=account.locked_until,
            created_at=account.created_at,
        )


class AccountList(BaseModel):
    """The accounts that the caller may manage."""

    accounts: list[AccountSchema]


class NewAccount(BaseModel):
    """An account that is to be made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "username": "li.wei",
                    "password": "four quiet grey herons",
                    "grants": [{"role": "leader", "grid": "330106001001"}],
                }
            ]
        },
    )

    username: str = Field(pattern=USERNAME)
    password: str = Field(min_length=10, max_length=256)
    grants: list[GrantSchema] = Field(max_length=100)
    person_id: int | None = Field(default=None, ge=1, lt=2**63)


class AccountChange(BaseModel):
    """What an account shall be from now on: all of it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"active": True, "grants": [{"role": "planner", "grid": None}]}]},
    )

    active: bool
    grants: list[GrantSchema] = Field(max_length=100)


class NewPassword(BaseModel):
    """Another password for an account."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"password": "three words or more"}]}
    )

    password: str = Field(min_length=10, max_length=256)
