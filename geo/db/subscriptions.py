"""Hearing what other processes tell through NOTIFY."""

from __future__ import annotations

import select
from types import TracebackType
from typing import Self

import psycopg2.extensions
from psycopg2 import sql

from geo.db.unit_of_work import Database


class Subscription:
    """A connection of its own that hears some channels from its beginning to its end.

    Parameters
    ----------
    database : Database
        Where.
    *channels : str
        Names of the channels.

    Raises
    ------
    psycopg2.Error, SQLAlchemyError
        By every method, if the connection can't be made or has gone: then something may have been missed.
    """

    def __init__(self, database: Database, *channels: str) -> None:
        pooled = database.engine.raw_connection()
        driver = pooled.driver_connection
        assert isinstance(driver, psycopg2.extensions.connection)  # noqa: S101 - the one driver of the house
        pooled.detach()
        self._driver = driver
        self._driver.autocommit = True
        with self._driver.cursor() as cursor:
            for channel in channels:
                cursor.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._driver.close()

    def wait(self, timeout_s: float) -> bool:
        """Wait until something is told or the time is over, and tell which.

        Parameters
        ----------
        timeout_s : float
            How long to wait at most, in seconds.

        Returns
        -------
        bool
            Whether something was told on one of the channels.
        """
        return bool(self.hear(timeout_s))

    def hear(self, timeout_s: float) -> list[str]:
        """Wait until something is told or the time is over, and give what was told.

        Parameters
        ----------
        timeout_s : float
            How long to wait at most, in seconds.

        Returns
        -------
        list of str
            What was told on the channels, in its order.
        """
        select.select([self._driver], [], [], timeout_s)
        self._driver.poll()
        told = [notice.payload for notice in self._driver.notifies]
        self._driver.notifies.clear()
        return told
