"""Accounts: who may sign in, as what and where."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from geo.domain.actors import Actor, Grant


def normalized(username: str) -> str:
    """Give a username as it is kept, however it was typed.

    Parameters
    ----------
    username : str
        Perhaps with capitals, full-width letters, or space around it.

    Examples
    --------
    >>> normalized(" Ｌｉ.Wei")
    'li.wei'
    """
    return unicodedata.normalize("NFKC", username).strip().lower()


@dataclass(frozen=True, slots=True)
class Account:
    """A way to sign in.

    Attributes
    ----------
    id : int
        Row.
    username : str
        Lower-case letters, digits, dot, dash, underscore.
    person_id : int or None
        The person behind it.
    active : bool
        Whether signing in is allowed.
    grants : tuple of Grant
        Roles and where they hold.
    locked_until : datetime or None
        Until when signing in is refused, after too many failed attempts.
    created_at : datetime
        When it was made.
    """

    id: int
    username: str
    person_id: int | None
    active: bool
    grants: tuple[Grant, ...]
    locked_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LockOut:
    """When a username is closed to those who guess.

    Attributes
    ----------
    attempts : int
        How many failed attempts in a row lock it.
    duration : timedelta
        For how long; failures longer ago than this are forgotten.
    """

    attempts: int
    duration: timedelta


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is compared with.

    Attributes
    ----------
    account_id : int
        The account.
    username : str
        Its name.
    password_hash : str
        Argon2 hash with its salt.
    """

    account_id: int
    username: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that has signed in.

    Attributes
    ----------
    actor : Actor
        Who sits before it.
    csrf_token : str
        What its pages send along with each change.
    """

    actor: Actor
    csrf_token: str
