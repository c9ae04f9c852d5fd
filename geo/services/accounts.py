"""Accounts: signing in, and who may do what and where."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore
from typing import Any

from pwdlib import PasswordHash

from geo.db import accounts
from geo.db.jurisdictions import chains
from geo.db.unit_of_work import UnitOfWork
from geo.domain.accounts import Account, Credentials, LockOut, Session, normalized
from geo.domain.actors import Action, Actor, Grant
from geo.errors import BadValue, LastAdministrator, LockedOut, NotFound, Unauthenticated

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256

_ARGON2 = PasswordHash.recommended()
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$86Ba5ZQJrPrupsjfYx8BTQ$2MbMeQlT3JyHtDLMZerqFTQOqBsJVBdDPUo6drQ+Voo"
"""What the password of an unknown user is compared with, so that the answer takes as long; nobody's."""

_AT_ONCE = BoundedSemaphore(4)
"""Each comparison takes 64 MiB; a flood of them must not take all there is."""


# signing in ----------------------------------------------------------------------------------------------


def count_attempt(uow: UnitOfWork, username: str, lock_out: LockOut) -> Credentials | None:
    """Count an attempt to sign in, before the password is looked at; the same for unknown users.

    Parameters
    ----------
    uow : UnitOfWork
        A transaction of its own: the count is kept whatever follows.
    username : str
        As it was given.
    lock_out : LockOut
        When further attempts are refused.

    Returns
    -------
    Credentials or None
        What to compare the password with; None if there is no such active account.

    Raises
    ------
    LockedOut
        After too many failed attempts in a row.
    """
    name = normalized(username)
    until = accounts.count_attempt(uow.connection, name, lock_out)
    if until:
        wait = max(1, round((until - datetime.now(UTC)).total_seconds()))
        raise LockedOut(until=until.isoformat(timespec="seconds"), retry_after_s=wait)
    return accounts.find_credentials(uow.connection, name)


def verify(credentials: Credentials | None, password: str) -> Credentials:
    """Give the credentials back if the password is right; takes as long for an unknown user.

    Parameters
    ----------
    credentials : Credentials or None
        What to compare with; None for an unknown user.
    password : str
        As it was given.

    Raises
    ------
    Unauthenticated
        If the user is unknown or the password is wrong.
    """
    with _AT_ONCE:
        right = _ARGON2.verify(password, credentials.password_hash if credentials else _NOBODY)
    if credentials is None or not right:
        raise Unauthenticated
    return credentials


def open_session(uow: UnitOfWork, credentials: Credentials, duration: timedelta) -> str:
    """Keep a session of somebody whose password was right, and give what the browser has to hold.

    Parameters
    ----------
    uow : UnitOfWork
        The open transaction.
    credentials : Credentials
        As `verify` gave them.
    duration : timedelta
        For how long the session is good.

    Returns
    -------
    str
        A secret; the database knows its SHA-256 alone.
    """
    token = secrets.token_urlsafe(32)
    forget_attempts(uow, credentials)
    accounts.add_session(
        uow.connection, credentials.account_id, _digest(token), secrets.token_urlsafe(32), duration
    )
    return token


def forget_attempts(uow: UnitOfWork, credentials: Credentials) -> None:
    """Count failed attempts from nought again, after the password was right.

    Parameters
    ----------
    uow : UnitOfWork
        The open transaction.
    credentials : Credentials
        As `verify` gave them.
    """
    accounts.forget_attempts(uow.connection, credentials.username)


def close_session(uow: UnitOfWork, token: str) -> None:
    """Make a session good for nothing.

    Parameters
    ----------
    uow : UnitOfWork
        The open transaction.
    token : str
        What the browser holds.
    """
    accounts.remove_session(uow.connection, _digest(token))


def forget_old_sessions(uow: UnitOfWork) -> int:
    """Give how many sign-ins are gone that had run out.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    """
    return accounts.remove_old_sessions(uow.connection)


def session(uow: UnitOfWork, token: str) -> Session | None:
    """Give the session of a browser, while it is good and its account is active.

    Parameters
    ----------
    uow : UnitOfWork
        The open transaction.
    token : str
        What the browser holds.
    """
    return accounts.find_session(uow.connection, _digest(token))


def actor_of(uow: UnitOfWork, account_id: int, version: str) -> Actor | None:
    """Give the actor of a program's token, while its account is active and the password is the same.

    Parameters
    ----------
    uow : UnitOfWork
        The open transaction.
    account_id : int
        The account that the token names.
    version : str
        The version of the credentials that the token was given for.
    """
    found = accounts.find_actor(uow.connection, account_id)
    if found is None:
        return None
    actor, password_hash = found
    return actor if secrets.compare_digest(_version(password_hash), version) else None


def version(credentials: Credentials) -> str:
    """Give what changes with each change of the password, and tells nothing of it.

    Parameters
    ----------
    credentials : Credentials
        As `verify` gave them.
    """
    return _version(credentials.password_hash)


def _version(password_hash: str) -> str:
    return _digest(password_hash).hex()[:16]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


# keeping accounts ----------------------------------------------------------------------------------------


def list_all(actor: Actor, uow: UnitOfWork) -> tuple[Account, ...]:
    """Give the accounts that the actor may manage, by username.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may manage none.
    """
    return accounts.list_accounts(uow.connection, actor.jurisdiction(Action.MANAGE_ACCOUNTS))


def get(actor: Actor, uow: UnitOfWork, username: str) -> Account:
    """Give an account.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    username : str
        Its name.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may manage accounts wherever this one has a role.
    NotFound
        If there is none of this name.
    """
    actor.jurisdiction(Action.MANAGE_ACCOUNTS)
    account = accounts.find_account(uow.connection, username)
    if account is None:
        raise NotFound(kind="account", key=username)
    _require(actor, uow, account.grants)
    return account


def create(
    actor: Actor,
    uow: UnitOfWork,
    *,
    username: str,
    password: str,
    grants: Collection[Grant],
    person_id: int | None = None,
) -> Account:
    """Make an account.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    username : str
        A name that no account has.
    password : str
        See `SHORTEST_PASSWORD`, `LONGEST_PASSWORD`.
    grants : collection of Grant
        Roles and where they hold; all within the jurisdiction of the actor.
    person_id : int, optional
        The person behind it.

    Returns
    -------
    Account
        As it stands now, with its id.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may manage accounts wherever this one shall have a role.
    AlreadyExists
        If there is an account of this name.
    StillInUse
        If a grid or the person isn't there.
    BadValue
        If the name or the password won't do.
    """
    _require(actor, uow, grants)
    account_id = accounts.insert_account(uow.connection, username, hash_password(password), person_id)
    accounts.replace_grants(uow.connection, account_id, grants)
    accounts.forget_attempts(uow.connection, username)
    uow.record(actor, "create", "account", username, {"grants": _told(grants), "person_id": person_id})
    return get(actor, uow, username)


def change(
    actor: Actor, uow: UnitOfWork, username: str, *, active: bool, grants: Collection[Grant]
) -> Account:
    """Let an account have these roles and no other, and be active or not.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    username : str
        The account.
    active : bool
        Whether signing in is allowed; its sessions end where it isn't.
    grants : collection of Grant
        Roles and where they hold.

    Returns
    -------
    Account
        As it stands now.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may manage accounts wherever this one has, or shall have, a role.
    NotFound
        If there is none of this name.
    LastAdministrator
        If nobody would be left who administers the whole city.
    StillInUse
        If a grid isn't there.
    """
    accounts.serialise_changes(uow.connection)
    account = get(actor, uow, username)
    _require(actor, uow, grants)
    was_needed = accounts.administrators(uow.connection) == {account.id}
    accounts.update_account(uow.connection, account.id, {"active": active})
    accounts.replace_grants(uow.connection, account.id, grants)
    if was_needed and not accounts.administrators(uow.connection):
        raise LastAdministrator
    if not active:
        accounts.remove_sessions_of(uow.connection, account.id)
    uow.record(actor, "change", "account", username, {"active": active, "grants": _told(grants)})
    return get(actor, uow, username)


def set_password(actor: Actor, uow: UnitOfWork, username: str, password: str) -> None:
    """Give an account another password; it is unlocked, its sessions end, its tokens are void.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    username : str
        The account.
    password : str
        See `SHORTEST_PASSWORD`, `LONGEST_PASSWORD`.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may manage accounts wherever this one has a role.
    NotFound
        If there is none of this name.
    BadValue
        If the password won't do.
    """
    _replace_password(actor, uow, get(actor, uow, username), password)


def unlock(actor: Actor, uow: UnitOfWork, username: str) -> None:
    """Let an account try again at once that was locked by failed attempts.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    username : str
        The account.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may manage accounts wherever this one has a role.
    NotFound
        If there is none of this name.
    """
    account = get(actor, uow, username)
    accounts.forget_attempts(uow.connection, account.username)
    uow.record(actor, "unlock", "account", account.username)


def set_own_password(actor: Actor, uow: UnitOfWork, credentials: Credentials, password: str) -> None:
    """Give the actor's own account another password.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    credentials : Credentials
        As `verify` gave them for the present password.
    password : str
        See `SHORTEST_PASSWORD`, `LONGEST_PASSWORD`.

    Raises
    ------
    BadValue
        If the password won't do.
    """
    account = accounts.find_account(uow.connection, credentials.username)
    if account is None or account.id != actor.account_id:
        raise Unauthenticated
    _replace_password(actor, uow, account, password)


def _replace_password(actor: Actor, uow: UnitOfWork, account: Account, password: str) -> None:
    accounts.update_account(uow.connection, account.id, {"password_hash": hash_password(password)})
    accounts.forget_attempts(uow.connection, account.username)
    accounts.remove_sessions_of(uow.connection, account.id)
    uow.record(actor, "change-password", "account", account.username)


def hash_password(password: str) -> str:
    """Give the Argon2 hash of a password that will do.

    Parameters
    ----------
    password : str
        A new password.

    Raises
    ------
    BadValue
        If it is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadValue(field="password", value=None, expected=f"{SHORTEST_PASSWORD}–{LONGEST_PASSWORD}")
    with _AT_ONCE:
        return _ARGON2.hash(password)


def _require(actor: Actor, uow: UnitOfWork, grants: Collection[Grant]) -> None:
    """Return only if the actor may manage accounts wherever these roles hold; without any, everywhere."""
    known = chains(uow.connection, {grant.grid_code for grant in grants if grant.grid_code})
    for place in {known.get(grant.grid_code or "", ()) for grant in grants} or {()}:
        actor.require(Action.MANAGE_ACCOUNTS, place)


def _told(grants: Collection[Grant]) -> list[dict[str, Any]]:
    return [{"role": grant.role, "grid": grant.grid_code} for grant in grants]
