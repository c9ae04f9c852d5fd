"""The monthly partitions of tracks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

_MAKE = """
SELECT format('CREATE TABLE IF NOT EXISTS %I PARTITION OF track FOR VALUES FROM (%L) TO (%L)',
              'track_' || to_char(month, 'YYYY_MM'), month, month + interval '1 month')
FROM generate_series(date_trunc('month', CAST(:first AS timestamptz)), :last, interval '1 month') AS month
"""


def make_track_months(connection: Connection, first: datetime, last: datetime) -> None:
    """Make sure that each month of a time has its partition.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work; its time zone is UTC, and so are the months.
    first, last : datetime
        Times of the earliest and the latest track, aware.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('track months'))"))
    for statement in connection.execute(text(_MAKE), {"first": first, "last": last}).scalars().all():
        connection.exec_driver_sql(statement.replace("%", "%%"))
