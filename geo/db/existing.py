"""A database that the operator has, in place of the private cluster."""

from __future__ import annotations

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.pool import NullPool

from geo.errors import GridError

_OLDEST_POSTGIS = (3, 3)


class DatabaseUnreachable(GridError):
    """No server answers under the address: ``log`` (what the driver says)."""

    code = "database-unreachable"


class PostgisMissing(GridError):
    """The server has no PostGIS, or an old one: ``version`` (None: it has none), ``oldest``."""

    code = "postgis-missing"


def require_postgis(url: str) -> None:
    """Make sure that a server answers and offers a PostGIS that is new enough.

    Parameters
    ----------
    url : str
        SQLAlchemy URL of the database.

    Raises
    ------
    DatabaseUnreachable
        The address can't be read, or nobody answers, or the role isn't let in.
    PostgisMissing
        PostGIS is not installed on the server, or older than 3.3.
    """
    try:
        with create_engine(make_url(url), poolclass=NullPool).connect() as connection:
            offered = "SELECT default_version FROM pg_available_extensions WHERE name = 'postgis'"
            version: str | None = connection.execute(text(offered)).scalar()
    except (ArgumentError, OperationalError) as failure:
        raise DatabaseUnreachable(log=str(getattr(failure, "orig", None) or failure).strip()) from failure
    if version is None or tuple(map(int, version.split(".")[:2])) < _OLDEST_POSTGIS:
        raise PostgisMissing(version=version, oldest=".".join(map(str, _OLDEST_POSTGIS)))
