"""Accounts: who may sign in, as what and where."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from api.dependencies import DatabaseDep, may
from api.schemas.accounts import AccountChange, AccountList, AccountSchema, NewAccount, NewPassword
from geo.domain.actors import Action, Actor
from geo.services import accounts

router = APIRouter(tags=["accounts"])

Manager = Annotated[Actor, Depends(may(Action.MANAGE_ACCOUNTS))]


@router.get("/accounts", operation_id="list_accounts", summary="账号列表 · Accounts")
def list_accounts(actor: Manager, database: DatabaseDep) -> AccountList:
    """Give the accounts all of whose roles hold where the caller may manage accounts."""
    with database.read() as uow:
        return AccountList(accounts=[AccountSchema.of(one) for one in accounts.list_all(actor, uow)])


@router.post("/accounts", operation_id="create_account", summary="新建账号 · New account", status_code=201)
def create_account(actor: Manager, given: NewAccount, database: DatabaseDep) -> AccountSchema:
    """Make an account."""
    with database.write() as uow:
        return AccountSchema.of(
            accounts.create(
                actor,
                uow,
                username=given.username,
                password=given.password,
                grants=[grant.grant() for grant in given.grants],
                person_id=given.person_id,
            )
        )


@router.get("/accounts/{username}", operation_id="read_account", summary="账号 · One account")
def read_account(actor: Manager, username: str, database: DatabaseDep) -> AccountSchema:
    """Give an account."""
    with database.read() as uow:
        return AccountSchema.of(accounts.get(actor, uow, username))


@router.put("/accounts/{username}", operation_id="change_account", summary="修改账号 · Change an account")
def change_account(
    actor: Manager, username: str, given: AccountChange, database: DatabaseDep
) -> AccountSchema:
    """Let an account have these roles and no other, and be active or not."""
    with database.write() as uow:
        grants = [grant.grant() for grant in given.grants]
        return AccountSchema.of(accounts.change(actor, uow, username, active=given.active, grants=grants))


@router.put(
    "/accounts/{username}/password",
    operation_id="set_password",
    summary="重置密码 · Set a password",
    status_code=204,
)
def set_password(actor: Manager, username: str, given: NewPassword, database: DatabaseDep) -> None:
    """Give an account another password; it is unlocked, its sessions and tokens end."""
    with database.write() as uow:
        accounts.set_password(actor, uow, username, given.password)


@router.delete(
    "/accounts/{username}/lock", operation_id="unlock_account", summary="解除锁定 · Unlock", status_code=204
)
def unlock_account(actor: Manager, username: str, database: DatabaseDep) -> None:
    """Let an account that was locked by failed attempts try again at once."""
    with database.write() as uow:
        accounts.unlock(actor, uow, username)
