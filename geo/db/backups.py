"""Copies of a whole database: written to a file, and brought back beside it before they replace it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from geo.db import migrations
from geo.db.cluster import EXTENSIONS, PostgresMissing
from geo.db.postgres import Postgres, installed
from geo.errors import GridError

_ATTEMPTS = 50
_PAUSE_S = 0.1


class BackupFailed(GridError):
    """The copy can't be made: ``file``, ``log`` (what PostgreSQL says)."""

    code = "backup-failed"


class BackupUnusable(GridError):
    """The file can't replace the database: ``file``, ``reason``, ``log``."""

    code = "backup-unusable"


class RestoreRefused(GridError):
    """The server doesn't let this role make a database with PostGIS: ``log``."""

    code = "restore-refused"


class DatabaseBusy(GridError):
    """Others keep connecting to the database, so that it can't be exchanged: ``database``."""

    code = "database-busy"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has done.

    Attributes
    ----------
    kept_as : str
        Name that the former database bears now.
    revision : str
        Revision of the schema that the copy was made at.
    rows : dict[str, int]
        Number of rows of each table that came back.
    """

    kept_as: str
    revision: str
    rows: dict[str, int]


def size_bytes(url: str) -> int:
    """Measure what a database takes on the disk.

    Parameters
    ----------
    url : str
        SQLAlchemy URL of the database.

    Returns
    -------
    int
        Bytes.
    """
    with _session(url) as connection:
        size: int = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    return size


def client_programs() -> Postgres:
    """Give the programs that copy a database of any server that isn't newer than they are.

    Returns
    -------
    Postgres
        The newest version found.

    Raises
    ------
    PostgresMissing
        There is none.
    """
    on_path = shutil.which("pg_dump")
    found = installed() or ([Postgres(Path(on_path).parent)] if on_path else [])
    if not found:
        raise PostgresMissing
    return found[0]


def backup(url: str, file: Path, postgres: Postgres) -> int:
    """Write a copy of the database that has been read back; the file appears when it is whole.

    Parameters
    ----------
    url : str
        SQLAlchemy URL of the database.
    file : Path
        Where to keep it, readable by its owner alone; replaced when it is there.
    postgres : Postgres
        The programs to use.

    Returns
    -------
    int
        Size in bytes.

    Raises
    ------
    BackupFailed
        PostgreSQL can't make the copy, or the folder can't hold it.
    """
    partial = _partial(file)
    try:
        _run(postgres, "pg_dump", url, "--format=custom", "--no-owner", "--no-acl", f"--file={partial}")
        _contents(postgres, url, partial)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(file)
    except subprocess.CalledProcessError as failure:
        raise BackupFailed(file=str(file), log=_log(failure)) from failure
    finally:
        partial.unlink(missing_ok=True)
    return file.stat().st_size


def restore(url: str, file: Path, postgres: Postgres) -> Restored:
    """Put a copy in the place of the database, whose former content stays under another name.

    Parameters
    ----------
    url : str
        SQLAlchemy URL of the database to replace; its role may create databases.
    file : Path
        What `backup` has written.
    postgres : Postgres
        The programs to use.

    Returns
    -------
    Restored
        What came back, and where the former content is.

    Raises
    ------
    BackupUnusable
        The file is no copy of this product, is damaged, or comes from a newer version; nothing has changed.
    RestoreRefused
        The role may not make a database, or not add PostGIS to it; nothing has changed.
    DatabaseBusy
        Others keep connecting; nothing has changed.

    Notes
    -----
    The copy is filled into a new database and verified there: every table of the file is there, the revision
    of the schema is known, and the migrations bring it to the newest one. The exchange is one transaction of
    two renamings, for which sessions in the former database are ended.
    """
    name = make_url(url).database
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}".lower()
    fresh, kept = f"{name}_restoring_{stamp}", f"{name}_before_{stamp}"
    with _session(_sibling(url, "postgres"), autocommit=True) as server:
        _create(server, fresh)
        try:
            _add_extensions(_sibling(url, fresh))
            revision, rows = _fill(_sibling(url, fresh), file, postgres)
            _exchange(server, str(name), fresh, kept)
        except BaseException:
            server.execute(text(f'DROP DATABASE "{fresh}" WITH (FORCE)'))
            raise
    return Restored(kept, revision, rows)


def _create(server: Connection, name: str) -> None:
    try:
        server.execute(text(f'CREATE DATABASE "{name}"'))
    except ProgrammingError as failure:
        raise RestoreRefused(log=str(failure.orig).strip()) from failure


def _add_extensions(url: str) -> None:
    try:
        with _session(url) as connection:
            for extension in EXTENSIONS:
                connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
    except ProgrammingError as failure:
        raise RestoreRefused(log=str(failure.orig).strip()) from failure


def _fill(url: str, file: Path, postgres: Postgres) -> tuple[str, dict[str, int]]:
    try:
        contents = _contents(postgres, url, file)
        _load(url, file, contents, postgres)
    except subprocess.CalledProcessError as failure:
        raise BackupUnusable(file=str(file), reason="unreadable", log=_log(failure)) from failure
    revision, rows = migrations.current(url), _rows(url)
    missing = _tables(contents) - rows.keys()
    if revision is None or missing:
        raise BackupUnusable(file=str(file), reason="no-schema", log="")
    try:
        migrations.upgrade(url)
    except CommandError as failure:
        raise BackupUnusable(file=str(file), reason="newer-version", log=revision) from failure
    return revision, rows


def _load(url: str, file: Path, contents: list[str], postgres: Postgres) -> None:
    """Load everything but the extensions, which are there and belong to the superuser."""
    with tempfile.NamedTemporaryFile("w", suffix=".list", encoding="utf-8") as wanted:
        wanted.writelines(f"{line}\n" for line in contents if not re.search(r" EXTENSION (- )?\w", line))
        wanted.flush()
        options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-acl"]
        database = f"--dbname={make_url(url).database}"
        _run(postgres, "pg_restore", url, *options, f"--use-list={wanted.name}", database, str(file))


def _exchange(server: Connection, name: str, fresh: str, kept: str) -> None:
    for _ in range(_ATTEMPTS):
        server.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname IN (:name, :fresh) AND pid <> pg_backend_pid()"
            ),
            {"name": name, "fresh": fresh},
        )
        try:
            server.execute(
                text(
                    f'BEGIN; ALTER DATABASE "{name}" RENAME TO "{kept}";'
                    f' ALTER DATABASE "{fresh}" RENAME TO "{name}"; COMMIT'
                )
            )
        except OperationalError:
            server.execute(text("ROLLBACK"))
            time.sleep(_PAUSE_S)
        else:
            return
    raise DatabaseBusy(database=name)


def _contents(postgres: Postgres, url: str, file: Path) -> list[str]:
    """List what a file holds; PostgreSQL reads it to its end."""
    _run(postgres, "pg_restore", url, "--file=/dev/null", str(file))
    return _run(postgres, "pg_restore", url, "--list", str(file)).splitlines()


def _tables(contents: list[str]) -> set[str]:
    return {match[1] for line in contents if (match := re.search(r" TABLE public (\w+) ", line))}


def _rows(url: str) -> dict[str, int]:
    with _session(url) as connection:
        names = connection.execute(
            text(
                "SELECT relname FROM pg_class"
                " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
                " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')"
                " ORDER BY relname"
            )
        ).scalars()
        count = "SELECT count(*) FROM public."
        return {name: connection.execute(text(f'{count}"{name}"')).scalar_one() for name in names.all()}


def _run(postgres: Postgres, program: str, url: str, *options: str) -> str:
    command = [postgres.program(program), *options]
    environment = os.environ | _connection_variables(url)
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL
        command, capture_output=True, text=True, errors="replace", check=True, env=environment
    )
    return done.stdout


def _connection_variables(url: str) -> dict[str, str]:
    """Say where to connect by variables: a password on the command line could be read by everyone."""
    parts = make_url(url)
    variables = {
        "PGHOST": parts.query.get("host", parts.host),
        "PGPORT": parts.query.get("port", parts.port),
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password,
        "PGDATABASE": parts.database,
        "PGSSLMODE": parts.query.get("sslmode"),
        "PGSSLROOTCERT": parts.query.get("sslrootcert"),
    }
    return {name: str(value) for name, value in variables.items() if value is not None}


def _partial(file: Path) -> Path:
    try:
        descriptor, name = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}.")
    except OSError as failure:
        raise BackupFailed(file=str(file), log=failure.strerror or "") from failure
    os.close(descriptor)
    return Path(name)


def _log(failure: subprocess.CalledProcessError) -> str:
    return str(failure.stderr).strip()


def _sibling(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


@contextmanager
def _session(url: str, *, autocommit: bool = False) -> Iterator[Connection]:
    isolation = "AUTOCOMMIT" if autocommit else "READ COMMITTED"
    engine = create_engine(url, poolclass=NullPool, isolation_level=isolation)
    with engine.begin() as connection:
        yield connection
