"""One transaction for one use case, with its trail of changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text

from geo.db.failures import translated
from geo.db.tables import audit_log
from geo.domain.actors import Actor


class UnitOfWork:
    """A transaction that is open.

    Parameters
    ----------
    connection : Connection
        The one connection of this use case.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def record(
        self, actor: Actor, action: str, kind: str, key: object, change: Mapping[str, Any] | None = None
    ) -> None:
        """Append an entry to the audit log; it is kept if and only if the transaction is.

        Parameters
        ----------
        actor : Actor
            Who did it.
        action : str
            What was done: ``create``, ``change``, ``import`` and the like.
        kind : str
            To what kind of thing.
        key : object
            To which one.
        change : Mapping[str, Any], optional
            What is different now, JSON-ready.
        """
        self.connection.execute(
            audit_log.insert().values(
                actor=actor.name,
                account_id=actor.account_id,
                action=action,
                kind=kind,
                key=str(key),
                change=dict(change or {}),
            )
        )

    def notify(self, channel: str, payload: str) -> None:
        """Tell every listening process, when the transaction is committed.

        Parameters
        ----------
        channel : str
            Name of the channel.
        payload : str
            What to tell.
        """
        self.connection.execute(
            text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload}
        )


class Database:
    """A PostGIS database with its pool of connections.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.
    pool_size : int, optional
        How many connections are kept open; twice as many may be open at once.
    """

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = url
        self.engine: Engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            hide_parameters=True,
            json_serializer=lambda value: json.dumps(value, ensure_ascii=False, allow_nan=False),
            connect_args={"options": "-c timezone=UTC -c jit=off"},
        )

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """Open a transaction that sees one state of the database and can't change it."""
        with translated(), self.engine.connect() as connection, connection.begin():
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            yield UnitOfWork(connection)

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        """Open a transaction that is committed at the end, or leaves nothing behind."""
        with translated(), self.engine.begin() as connection:
            yield UnitOfWork(connection)

    def close(self) -> None:
        """Close every connection of the pool."""
        self.engine.dispose()
