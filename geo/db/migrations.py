"""Brings a database to a revision of the schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

_FOLDER = Path(__file__).resolve().parents[2] / "migrations"
_LOCK = 7_026_911
"""Advisory lock: two processes that start at once don't both migrate."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _migrate(url: str, revision: str, *, direction: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        getattr(command, direction)(_config(connection), revision)


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the schema up to a revision, in one transaction.

    Parameters
    ----------
    url : str
        SQLAlchemy URL of the database.
    revision : str, optional
        The revision to reach; the newest by default.
    """
    _migrate(url, revision, direction="upgrade")


def downgrade(url: str, revision: str) -> None:
    """Take the schema back to a revision, in one transaction.

    Parameters
    ----------
    url : str
        SQLAlchemy URL of the database.
    revision : str
        The revision to reach; ``base`` for an empty database.
    """
    _migrate(url, revision, direction="downgrade")


def newest() -> str:
    """Name the newest revision that this code knows.

    Returns
    -------
    str
        Its identifier.
    """
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "the project ships migrations"  # noqa: S101 - tells mypy what is always true
    return head


def current(url: str) -> str | None:
    """Name the revision that a database is at.

    Parameters
    ----------
    url : str
        SQLAlchemy URL of the database.

    Returns
    -------
    str or None
        Its identifier, None for a database without the schema.
    """
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """Name the revision that the database behind a connection is at; None without the schema.

    Parameters
    ----------
    connection : Connection
        An open connection.
    """
    return MigrationContext.configure(connection).get_current_revision()
