"""Processes that are killed in the midst of their work, and the database with them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from geo.db.cluster import Cluster
from geo.db.migrations import upgrade

WORKPLACES = ["tests.integration.test_exchange_crash", "tests.integration.test_plans_published_killed"]
"""The modules that hold work to be killed: imported once, by the process that all victims are forked from."""


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A cluster with the newest schema, as durable as in earnest, in a folder that its account may enter."""
    with tempfile.TemporaryDirectory(prefix="wangge-test-") as folder:
        Path(folder).chmod(0o711)
        cluster = Cluster(Path(folder) / "home")
        with cluster.running() as url:
            upgrade(url)
            yield cluster


@dataclass(frozen=True)
class Victim:
    """A process that works when told to, with the number of the session that it has in the database."""

    process: ForkServerProcess
    pipe: Connection
    backend: int

    @classmethod
    def started(cls, work: Callable[..., None], *given: object) -> Victim:
        """Start a process; its work gets an end of a pipe last, and tells its session there when ready."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(WORKPLACES)
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(*given, theirs), daemon=True)
        process.start()
        theirs.close()
        return cls(process, ours, ours.recv())

    def go(self) -> None:
        self.pipe.send("go")

    def heard(self, count: int) -> list[str]:
        """Wait until the process has told so much, or everything."""
        told: list[str] = []
        while len(told) < count and "done" not in told:
            told.append(self.pipe.recv())
        return told

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def kill_database(cluster: Cluster, victim: Victim) -> None:
    """Kill the database and who works in it, and start the database again."""
    server = cluster.status().pid
    assert server is not None
    os.kill(server, signal.SIGKILL)
    victim.end()
    while cluster.status().pid == server:
        time.sleep(0.02)
    cluster.start()


def ask(url: str, statement: str, **values: object) -> list[object]:
    """Ask as soon as the database answers."""
    engine = create_engine(url, poolclass=NullPool)
    for _ in range(600):
        try:
            with engine.connect() as connection:
                return list(connection.execute(text(statement), values).scalars())
        except OperationalError:
            time.sleep(0.05)
    raise AssertionError("the database doesn't come back")
