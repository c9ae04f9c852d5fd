"""What the database refuses, as errors of the house."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from psycopg2 import errorcodes
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from geo.errors import AlreadyExists, BadValue, Conflict, Contended, GridError, StillInUse, Unavailable

_RETRY_AFTER_S = 5

_KEY = re.compile(r"\)=\((.*?)\) ")
"""The values in what PostgreSQL says of a key, in the only language that its messages have here."""

_UNREACHABLE_CLASSES = {errorcodes.CLASS_CONNECTION_EXCEPTION, errorcodes.CLASS_OPERATOR_INTERVENTION}


@contextmanager
def translated() -> Iterator[None]:
    """Let only errors of the house out of a transaction, and failures that nobody foresaw.

    Raises
    ------
    AlreadyExists, StillInUse, BadValue, Conflict
        If a constraint refuses the rows.
    Contended
        If another transaction was in the way.
    Unavailable
        If the database can't be reached.
    """
    try:
        yield
    except PoolTimeout:
        raise Unavailable(what="database", retry_after_s=_RETRY_AFTER_S) from None
    except DBAPIError as error:
        known = _known(error)
        if known is None:
            raise
        raise known from error


def _known(error: DBAPIError) -> GridError | None:
    state = getattr(error.orig, "pgcode", None)
    diagnosis = getattr(error.orig, "diag", None)
    if state in _REFUSALS:
        return _REFUSALS[state](diagnosis)
    if isinstance(error, DataError):
        return BadValue(field="value", value=None, expected="storable")
    if isinstance(error, OperationalError | InterfaceError) and _is_away(state):
        return Unavailable(what="database", retry_after_s=_RETRY_AFTER_S)
    return None


def _is_away(state: str | None) -> bool:
    return state is None or state[:2] in _UNREACHABLE_CLASSES or state == errorcodes.TOO_MANY_CONNECTIONS


def _taken(diagnosis: Any) -> GridError:
    key = _KEY.search(diagnosis.message_detail or "")
    return AlreadyExists(kind=diagnosis.table_name, key=key[1] if key else diagnosis.constraint_name)


def _referred(diagnosis: Any) -> GridError:
    return StillInUse(constraint=diagnosis.constraint_name)


def _refused(diagnosis: Any) -> GridError:
    field = diagnosis.column_name or diagnosis.constraint_name
    return BadValue(field=field, value=None, expected="constraint")


_REFUSALS: dict[str, Callable[[Any], GridError]] = {
    errorcodes.UNIQUE_VIOLATION: _taken,
    errorcodes.EXCLUSION_VIOLATION: _taken,
    errorcodes.FOREIGN_KEY_VIOLATION: _referred,
    errorcodes.CHECK_VIOLATION: _refused,
    errorcodes.NOT_NULL_VIOLATION: _refused,
    errorcodes.RESTRICT_VIOLATION: lambda _: Conflict(),
    errorcodes.SERIALIZATION_FAILURE: lambda _: Contended(),
    errorcodes.DEADLOCK_DETECTED: lambda _: Contended(),
    errorcodes.LOCK_NOT_AVAILABLE: lambda _: Contended(),
}
"""What PostgreSQL's states mean here; the diagnosis names table, column and constraint."""
