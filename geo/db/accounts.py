"""Accounts, their roles and their sessions in the database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    not_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects import postgresql

from geo.db.jurisdictions import code_within
from geo.db.tables import account, account_grant, sign_in_attempt, web_session
from geo.domain.accounts import Account, Credentials, LockOut, Session
from geo.domain.actors import Actor, Grant, Jurisdiction, Role

_GRANTS = (
    select(func.jsonb_agg(func.jsonb_build_array(account_grant.c.role, account_grant.c.grid_code)))
    .where(account_grant.c.account_id == account.c.id)
    .scalar_subquery()
)
"""Roles and where they hold, as pairs."""


def _hash_of(username: ColumnElement[str]) -> ColumnElement[bytes]:
    """Give SHA-256: what was typed as a username may have been a password."""
    return func.sha256(func.convert_to(username, "UTF8"))


_LOCKED_UNTIL = (
    select(sign_in_attempt.c.expires_at)
    .where(
        sign_in_attempt.c.username_hash == _hash_of(account.c.username),
        sign_in_attempt.c.locked,
        sign_in_attempt.c.expires_at > func.now(),
    )
    .scalar_subquery()
)
"""Until when signing in is refused."""


def _grants(pairs: list[tuple[str, str | None]] | None) -> tuple[Grant, ...]:
    return tuple(sorted((Grant(Role(role), code) for role, code in pairs or ()), key=_grant_order))


def _grant_order(grant: Grant) -> tuple[str, str]:
    return grant.role, grant.grid_code or ""


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        username=row.username,
        person_id=row.person_id,
        active=row.active,
        grants=_grants(row.grants),
        locked_until=row.locked_until,
        created_at=row.created_at,
    )


def _accounts() -> Select[Any]:
    return select(account, _GRANTS.label("grants"), _LOCKED_UNTIL.label("locked_until"))


# who asks ------------------------------------------------------------------------------------------------


def _actor(row: Row[Any]) -> Actor:
    return Actor(name=row.username, account_id=row.id, person_id=row.person_id, grants=_grants(row.grants))


def find_session(connection: Connection, token_hash: bytes) -> Session | None:
    """Give the session of a browser, while it is good and its account is active.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    token_hash : bytes
        SHA-256 of what the browser holds.
    """
    row = connection.execute(
        _accounts()
        .add_columns(web_session.c.csrf_token)
        .join(web_session, web_session.c.account_id == account.c.id)
        .where(
            web_session.c.token_hash == token_hash, web_session.c.expires_at > func.now(), account.c.active
        )
    ).one_or_none()
    return None if row is None else Session(_actor(row), row.csrf_token)


def find_actor(connection: Connection, account_id: int) -> tuple[Actor, str] | None:
    """Give an active account as an actor, with the hash of its present password.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    account_id : int
        The account.
    """
    row = connection.execute(_accounts().where(account.c.id == account_id, account.c.active)).one_or_none()
    return None if row is None else (_actor(row), row.password_hash)


# signing in ----------------------------------------------------------------------------------------------


def count_attempt(connection: Connection, username: str, lock_out: LockOut) -> datetime | None:
    """Count an attempt to sign in before its password is looked at, and tell until when it is refused.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    username : str
        Normalised; whether there is such an account makes no difference.
    lock_out : LockOut
        After how many attempts further ones are refused.

    Returns
    -------
    datetime or None
        None for an attempt that may have its answer.

    Notes
    -----
    The row lock makes the count exact whatever runs side by side: of n attempts at once no more than
    ``lock_out.attempts`` get an answer. Rows that have run out go on the way, except those that another
    attempt is counting: they are waited for by none, so that no two attempts wait for each other.
    """
    kept = sign_in_attempt.c
    is_over = kept.expires_at <= func.now()
    failed = case((is_over, 1), else_=kept.failed + 1)
    row = connection.execute(
        postgresql.insert(sign_in_attempt)
        .values(
            username_hash=_hash_of(literal(username)),
            failed=1,
            locked=lock_out.attempts <= 1,
            expires_at=func.now() + lock_out.duration,
        )
        .on_conflict_do_update(
            index_elements=[kept.username_hash],
            set_={
                "failed": failed,
                "locked": failed >= lock_out.attempts,
                "expires_at": case(
                    (is_over | ~kept.locked, func.now() + lock_out.duration), else_=kept.expires_at
                ),
            },
        )
        .returning(kept.failed, kept.expires_at)
    ).one()
    _drop_attempts_that_are_over(connection)
    return row.expires_at if row.failed > lock_out.attempts else None


def _drop_attempts_that_are_over(connection: Connection) -> None:
    over = (
        select(sign_in_attempt.c.username_hash)
        .where(sign_in_attempt.c.expires_at <= func.now())
        .with_for_update(skip_locked=True)
    )
    connection.execute(delete(sign_in_attempt).where(sign_in_attempt.c.username_hash.in_(over)))


def find_credentials(connection: Connection, username: str) -> Credentials | None:
    """Give what to compare a password with; None for an account that isn't there or isn't active.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    username : str
        Normalised.
    """
    row = connection.execute(
        select(account.c.id, account.c.username, account.c.password_hash).where(
            account.c.username == username, account.c.active
        )
    ).one_or_none()
    return None if row is None else Credentials(row.id, row.username, row.password_hash)


def forget_attempts(connection: Connection, username: str) -> None:
    """Count failed attempts from nought again.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    username : str
        Normalised.
    """
    of_username = sign_in_attempt.c.username_hash == _hash_of(literal(username))
    connection.execute(delete(sign_in_attempt).where(of_username))


def add_session(
    connection: Connection, account_id: int, token_hash: bytes, csrf_token: str, duration: timedelta
) -> None:
    """Keep a session, and drop those that have run out.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    account_id : int
        The account.
    token_hash : bytes
        SHA-256 of what the browser holds.
    csrf_token : str
        What its pages send along.
    duration : timedelta
        For how long it is good.
    """
    remove_old_sessions(connection)
    connection.execute(
        insert(web_session).values(
            token_hash=token_hash,
            account_id=account_id,
            csrf_token=csrf_token,
            expires_at=func.now() + duration,
        )
    )


def remove_old_sessions(connection: Connection) -> int:
    """Give how many sessions are gone that had run out.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    """
    return connection.execute(delete(web_session).where(web_session.c.expires_at <= func.now())).rowcount


def remove_session(connection: Connection, token_hash: bytes) -> None:
    """Make a session good for nothing.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    token_hash : bytes
        SHA-256 of what the browser holds.
    """
    connection.execute(delete(web_session).where(web_session.c.token_hash == token_hash))


def remove_sessions_of(connection: Connection, account_id: int) -> None:
    """Make all sessions of an account good for nothing.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    account_id : int
        The account.
    """
    connection.execute(delete(web_session).where(web_session.c.account_id == account_id))


# keeping accounts ----------------------------------------------------------------------------------------


def list_accounts(connection: Connection, jurisdiction: Jurisdiction) -> tuple[Account, ...]:
    """Give the accounts all of whose roles hold within a jurisdiction, by username.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    jurisdiction : Jurisdiction
        Where the actor may manage accounts.
    """
    rows = connection.execute(_accounts().where(_is_within(jurisdiction)).order_by(account.c.username))
    return tuple(map(_account, rows))


def _is_within(jurisdiction: Jurisdiction) -> ColumnElement[bool]:
    if jurisdiction.grid_codes is None:
        return true()
    of_account = account_grant.c.account_id == account.c.id
    within = func.coalesce(code_within(account_grant.c.grid_code, jurisdiction), false())
    return exists().where(of_account) & ~exists().where(of_account, not_(within))


def find_account(connection: Connection, username: str) -> Account | None:
    """Give an account; None if there is none of this name.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    username : str
        Its name.
    """
    row = connection.execute(_accounts().where(account.c.username == username)).one_or_none()
    return None if row is None else _account(row)


def insert_account(connection: Connection, username: str, password_hash: str, person_id: int | None) -> int:
    """Keep a new account without any role, and give its id.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    username : str
        Its name.
    password_hash : str
        Argon2 hash with its salt.
    person_id : int or None
        The person behind it.

    Returns
    -------
    int
        Its id.
    """
    statement = insert(account).values(username=username, password_hash=password_hash, person_id=person_id)
    account_id: int = connection.execute(statement.returning(account.c.id)).scalar_one()
    return account_id


def replace_grants(connection: Connection, account_id: int, grants: Collection[Grant]) -> None:
    """Let an account have these roles and no other.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    account_id : int
        The account.
    grants : collection of Grant
        Roles and where they hold.
    """
    connection.execute(delete(account_grant).where(account_grant.c.account_id == account_id))
    rows = [{"account_id": account_id, "role": role, "grid_code": code} for role, code in _pairs(grants)]
    if rows:
        connection.execute(insert(account_grant), rows)


def _pairs(grants: Collection[Grant]) -> set[tuple[Role, str | None]]:
    return {(grant.role, grant.grid_code) for grant in grants}


def update_account(connection: Connection, account_id: int, values: dict[str, Any]) -> None:
    """Change columns of an account.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    account_id : int
        The account.
    values : dict[str, Any]
        New values by name of the column.
    """
    connection.execute(update(account).where(account.c.id == account_id).values(values))


def serialise_changes(connection: Connection) -> None:
    """Let one transaction at a time change roles; what is read from here on is what the one before has left.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    """
    connection.execute(text("LOCK TABLE account_grant IN SHARE ROW EXCLUSIVE MODE"))


def administrators(connection: Connection) -> frozenset[int]:
    """Give the ids of the active accounts that administer the whole city.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    """
    rows = connection.execute(
        select(account.c.id)
        .join(account_grant, account_grant.c.account_id == account.c.id)
        .where(account.c.active, account_grant.c.role == Role.ADMIN, account_grant.c.grid_code.is_(None))
    )
    return frozenset(rows.scalars())
