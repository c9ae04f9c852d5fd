"""What all tests share: a network that ends at this machine, PostGIS databases made by the migrations."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pytest_socket import socket_allow_hosts
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from geo.db.cluster import Cluster
from geo.db.migrations import upgrade
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.domain.demo import DemoSize
from geo.services import accounts, demo, locate, plan_events
from geo.services.profiles import settle

_GIVEN = "WANGGE_TEST_DATABASE_URL"
"""An existing server to test on; its role may make databases."""
_RUN = "WANGGE_TEST_RUN"
"""The folder of this run, which all processes of pytest-xdist share."""
_SLOW_S = 2.0
"""A test that takes longer is marked ``slow``."""
_MEMORY = Path("/dev/shm")
"""A file system in memory, where databases are copied several times as fast as on a busy disk."""
_ROOM_BYTES = 4 * 2**30
"""What a run takes of it at most: mostly the write-ahead log."""
_DEMO_NOW = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
"""When the history of the demo city ends."""


settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("steady")  # each run asks the same, however slow the machine is


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        folder = Path(tempfile.mkdtemp(prefix="wangge-test-", dir=_memory()))
        folder.chmod(0o711)  # the account that the server runs as passes through
        os.environ[_RUN] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or _RUN not in os.environ:
        return
    folder = Path(os.environ.pop(_RUN))
    if given := os.environ.get(_GIVEN):
        _drop_all(given, folder.name)
    _test_cluster(folder).stop()
    shutil.rmtree(folder)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that need a time limit of their own, lest one be left to run alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the slow tests; on a busy machine a quick one may seem slow, so nothing fails for it."""
    passed = terminalreporter.getreports("passed")
    slow = [report for report in passed if report.when == "call" and report.duration > _SLOW_S]
    if slow:
        terminalreporter.section(f"tests that took over {_SLOW_S:.0f} s")
    for report in sorted(slow, key=lambda report: -report.duration):
        mark = "" if "slow" in report.keywords else "  (not marked slow)"
        terminalreporter.write_line(f"{report.duration:7.2f} s  {report.nodeid}{mark}")


@pytest.fixture(autouse=True)
def _network_ends_here() -> None:
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture(scope="session", autouse=True)
def _quick_hashing() -> Iterator[None]:
    """Let passwords be compared in microseconds; what it costs in earnest has a test of its own."""
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_ARGON2", quick)
        patch.setattr(accounts, "_NOBODY", quick.hash("nobody"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _quick_endings() -> Iterator[None]:
    """Let the threads of an application notice at once that it ends, not within a second."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (locate, plan_events):
            patch.setattr(module, "_TICK_S", 0.05)
        yield


@pytest.fixture(scope="session")
def cluster_url() -> Iterator[str]:
    """A server of PostGIS for the whole run; its own database is empty."""
    if given := os.environ.get(_GIVEN):
        yield given
        return
    with _test_cluster(_run_folder()).running() as url:
        yield url


@pytest.fixture(scope="session")
def template_database(cluster_url: str) -> str:
    """The name of a database with the newest schema and the first regulation of a city; made once a run."""
    return made_once(cluster_url, "template", "template1", _settle)


@pytest.fixture(scope="session")
def demo_template(cluster_url: str, template_database: str) -> str:
    """The name of a database with a demo city of 24 unit grids; made once a run."""
    return made_once(cluster_url, "demo", template_database, _build_demo)


@pytest.fixture
def database_url(cluster_url: str, template_database: str) -> Iterator[str]:
    """A database of one's own with the newest schema."""
    with copied(cluster_url, template_database) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(cluster_url: str, template_database: str) -> Iterator[str]:
    """A database with the newest schema for the tests of one module."""
    with copied(cluster_url, template_database) as url:
        yield url


@pytest.fixture(scope="session")
def clean_database_url(cluster_url: str, template_database: str) -> Iterator[str]:
    """A database with the newest schema for tests that only read."""
    with copied(cluster_url, template_database) as url:
        yield url


@pytest.fixture(scope="module")
def demo_database(cluster_url: str, demo_template: str) -> Iterator[Database]:
    """The demo city for the tests of one module, as it is on the afternoon of 2026-11-20."""
    with _opened_copy(cluster_url, demo_template) as database:
        yield database


@pytest.fixture
def own_demo_database(cluster_url: str, demo_template: str) -> Iterator[Database]:
    """The same city for one test alone."""
    with _opened_copy(cluster_url, demo_template) as database:
        yield database


def made_once(cluster_url: str, suffix: str, template: str, fill: Callable[[str], None]) -> str:
    """Fill a copy of a database once a run, whichever process comes first; give its name, to be copied."""
    name = f"{_run_folder().name}-{suffix}"
    with _locked(_run_folder()):
        made = _run_folder() / suffix
        if not made.exists():
            _execute(cluster_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            fill(_sibling(cluster_url, name))
            made.touch()
    return name


@contextmanager
def copied(cluster_url: str, template: str) -> Iterator[str]:
    """Copy a database; drop the copy in the end."""
    name = f"{_run_folder().name}-{uuid4().hex[:12]}"
    _execute(cluster_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _sibling(cluster_url, name)
    _execute(cluster_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _opened_copy(cluster_url: str, template: str) -> Iterator[Database]:
    with copied(cluster_url, template) as url:
        database = Database(url)
        yield database
        database.close()


def _settle(url: str) -> None:
    upgrade(url)
    database = Database(url)
    with database.write() as uow:
        settle(uow)
    database.close()


def _build_demo(url: str) -> None:
    database = Database(url)
    with database.write() as uow:
        demo.load(OPERATOR, uow, size=DemoSize(24, 3), now=_DEMO_NOW)
    database.close()


def _memory() -> Path | None:
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES else None


def _run_folder() -> Path:
    return Path(os.environ[_RUN])


def _test_cluster(folder: Path) -> Cluster:
    return Cluster(folder / "cluster", durable=False)


def _sibling(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _execute(url: str, statement: str) -> list[str]:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        result = connection.execute(text(statement))
        return list(result.scalars()) if result.returns_rows else []


def _drop_all(url: str, prefix: str) -> None:
    for name in _execute(url, f"SELECT datname FROM pg_database WHERE datname LIKE '{prefix}%'"):
        _execute(url, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
