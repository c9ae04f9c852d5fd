"""A private PostgreSQL cluster with PostGIS: made, started, found again, stopped, without account or port.

It listens on a Unix socket alone. Whoever connects is known by the operating system (``peer``), so there is
no password to lose; only the user who made the cluster, and root, are let in. PostgreSQL refuses to run as
root: there it runs as the account that owns the cluster, or as ``postgres`` or ``nobody``.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psycopg2
from sqlalchemy import URL

from geo.db import processes
from geo.db.postgres import Postgres, installed
from geo.db.processes import Process
from geo.errors import GridError

DATABASE = "wangge"
"""Name of the database, and of the role that owns it."""
SUPERUSER = "postgres"
EXTENSIONS = ("postgis", "pg_trgm", "btree_gist")

_SOCKET_NAME = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 107
_ELSEWHERE = Path("/var/lib/wangge")
_LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
"""In the plain locale C, pg_trgm drops every Chinese character; macOS has no C.UTF-8."""

_TUNING = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "128MB",
    "work_mem": "16MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "lc_messages": "'C'",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class ClusterError(GridError):
    """The private cluster can't do its work."""

    code = "cluster"


class PostgresMissing(ClusterError):
    """No PostgreSQL with PostGIS is installed."""

    code = "postgres-missing"


class ClusterVersion(ClusterError):
    """The cluster belongs to another major version: ``place``, ``version``, ``installed``."""

    code = "cluster-version"


class ClusterForeign(ClusterError):
    """The cluster, or the folder of its socket, belongs to another user: ``place``, ``owner``."""

    code = "cluster-foreign"


class ClusterFailed(ClusterError):
    """A program of PostgreSQL ended with an error: ``program``, ``log`` (its last lines)."""

    code = "cluster-failed"


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """How a cluster stands.

    Attributes
    ----------
    place : Path
        The folder that holds it.
    version : int or None
        Major version of PostgreSQL it belongs to; None before it is made.
    pid : int or None
        Number of the server process; None while it doesn't run.
    """

    place: Path
    version: int | None
    pid: int | None


@dataclass(frozen=True, slots=True)
class _Account:
    """The user that the server runs as."""

    uid: int
    gid: int

    @classmethod
    def of(cls, place: Path) -> _Account:
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        if place.exists() and (owner := place.stat()).st_uid != 0:
            return cls(owner.st_uid, owner.st_gid)
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        entry = names.get("postgres") or names["nobody"]
        return cls(entry.pw_uid, entry.pw_gid)

    @property
    def rights(self) -> dict[str, Any]:
        """What makes `subprocess` run a program as this account, and with nothing of ours."""
        drop = {"user": self.uid, "group": self.gid, "extra_groups": []} if os.geteuid() == 0 else {}
        return {**drop, "cwd": "/", "umask": 0o077, "env": _environment()}

    def enters(self, folder: Path) -> bool:
        probe = ["/bin/sh", "-c", 'test -x "$0"', str(folder)]
        return subprocess.run(probe, check=False, **self.rights).returncode == 0  # noqa: S603 - fixed words

    def make_folder(self, folder: Path) -> None:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)


class Cluster:
    """The private cluster of one folder.

    Parameters
    ----------
    home : Path
        The folder of the cluster; made when needed. When root runs it and the account of the server can't
        enter this folder, the cluster is in ``/var/lib/wangge`` and a file ``.place`` beside the folder
        says so.
    durable : bool, optional
        Whether a committed transaction survives a loss of power. False is for tests alone.
    tell : callable, optional
        Called with a code when something begins that takes a while: ``initialising``, ``starting``,
        ``stopping``.
    """

    port: ClassVar[int] = 5432

    def __init__(
        self, home: Path, *, durable: bool = True, tell: Callable[[str], None] = lambda _code: None
    ) -> None:
        self._home = home.absolute()
        self._settings = _DURABLE if durable else _FLEETING
        self._tell = tell
        self._account = _Account.of(self.place)

    @property
    def place(self) -> Path:
        """The folder that holds the cluster."""
        pointer = self._pointer
        return Path(pointer.read_text(encoding="utf-8")) if pointer.exists() else self._home

    @property
    def _pointer(self) -> Path:
        """Where the place is written that isn't the home; beside it, out of the reach of the account."""
        return self._home.with_suffix(".place")

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.place / "data"

    @property
    def sockets(self) -> Path:
        """The folder of the socket: in the cluster, or in ``/tmp`` where that path would be too long."""
        inside = self.place / "run"
        if len(os.fsencode(inside / _SOCKET_NAME)) <= _LONGEST_SOCKET_PATH:
            return inside
        return Path(f"/tmp/{self._name}-{self._account.uid}")  # noqa: S108 - made and checked as private

    @property
    def _name(self) -> str:
        """What the processes of this cluster show in their titles."""
        return f"wangge-{_digest(self.place)}"

    def url(self, database: str = DATABASE, *, role: str = DATABASE) -> str:
        """Give the address of a database of the cluster.

        Parameters
        ----------
        database : str, optional
            Its name.
        role : str, optional
            Who connects; `SUPERUSER` may do anything.

        Returns
        -------
        str
            SQLAlchemy URL.
        """
        query = {"host": str(self.sockets), "port": str(self.port)}
        url = URL.create("postgresql+psycopg2", username=role, database=database, query=query)
        return url.render_as_string(hide_password=False)

    def start(self) -> str:
        """Make sure that the server runs, made anew or recovered as needed, and the database is there.

        Returns
        -------
        str
            SQLAlchemy URL of the database.

        Raises
        ------
        PostgresMissing
            No PostgreSQL with PostGIS is installed.
        ClusterVersion
            The cluster belongs to a major version that isn't installed.
        ClusterForeign
            The cluster belongs to another user.
        ClusterFailed
            The server can't start.
        """
        self._settle()
        with _locked(self.place):
            self._ensure_running()
        return self.url()

    def stop(self) -> None:
        """Make sure that the server doesn't run; open transactions are rolled back.

        Raises
        ------
        ClusterFailed
            The server is still there after a minute.
        """
        if self.data.exists():
            with _locked(self.place):
                self._shut_down()

    @contextmanager
    def running(self) -> Iterator[str]:
        """Keep the server running inside the block; the last process to leave such a block stops it.

        Yields
        ------
        str
            SQLAlchemy URL of the database.
        """
        self._settle()
        users = os.open(self.place / "run", os.O_RDONLY)
        try:
            with _locked(self.place):
                fcntl.flock(users, fcntl.LOCK_SH)
                self._ensure_running()
            yield self.url()
        finally:
            self._leave(users)

    def status(self) -> ClusterStatus:
        """Tell how the cluster stands, changing nothing.

        Returns
        -------
        ClusterStatus
            Its place, version and server.
        """
        server = self._server()
        return ClusterStatus(self.place, self._version(), server.pid if server else None)

    def programs(self) -> Postgres:
        """Give the programs of the version that the cluster belongs to.

        Returns
        -------
        Postgres
            The newest version that is installed, for a cluster that isn't made yet.

        Raises
        ------
        PostgresMissing
            No PostgreSQL with PostGIS is installed.
        ClusterVersion
            The cluster belongs to a major version that isn't installed.
        """
        available = installed()
        version = self._version()
        if not available:
            raise PostgresMissing
        fitting = [postgres for postgres in available if version in {None, postgres.major}]
        if not fitting:
            versions = [postgres.major for postgres in available]
            raise ClusterVersion(place=str(self.place), version=version, installed=versions)
        return fitting[0]

    # where it is ---------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Make the folders, and find a place that the account can enter."""
        self._home.parent.mkdir(parents=True, exist_ok=True)
        if not self._account.enters(self._home.parent) and self.place == self._home:
            self._point_elsewhere()
        for folder in (self.place, self.place / "run", self.sockets):
            self._account.make_folder(folder)
            self._refuse_foreign(folder)

    def _point_elsewhere(self) -> None:
        if self.data.exists():
            raise ClusterForeign(place=str(self.data), owner=_owner(self.data.stat().st_uid))
        self._pointer.write_text(str(_ELSEWHERE / _digest(self._home)), encoding="utf-8")
        _ELSEWHERE.mkdir(parents=True, exist_ok=True)
        _ELSEWHERE.chmod(0o711)

    def _refuse_foreign(self, folder: Path) -> None:
        uid = folder.lstat().st_uid
        if uid != self._account.uid or folder.is_symlink():
            raise ClusterForeign(place=str(folder), owner=_owner(uid))

    def _version(self) -> int | None:
        file = self.data / "PG_VERSION"
        return int(file.read_text()) if file.exists() else None

    # the server ----------------------------------------------------------------------------------------

    def _ensure_running(self) -> None:
        programs = self.programs()
        if not self.data.exists():
            self._initialise(programs)
        if self._server() is None:
            self._end_orphans()
            self._launch(programs)
        self._ensure_database()

    def _initialise(self, programs: Postgres) -> None:
        """Make the data folder beside its place and move it there when it is whole."""
        self._tell("initialising")
        partial = self.place / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        command = [programs.program("initdb"), "-D", str(partial), "-U", SUPERUSER, "-E", "UTF8"]
        command += [f"--locale={_LOCALE}", "--data-checksums", "--auth=peer", "--no-instructions"]
        self._run(command)
        with (partial / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in _TUNING.items())
        (partial / "pg_hba.conf").write_text("local all all peer map=wangge\n", encoding="utf-8")
        (partial / "pg_ident.conf").write_text(_identities(), encoding="utf-8")
        partial.rename(self.data)

    def _launch(self, programs: Postgres) -> None:
        self._tell("starting")
        log = self.place / "log"
        if log.exists():
            log.rename(self.place / "log.previous")
        settings = {
            **self._settings,
            "listen_addresses": "",
            "port": self.port,
            "unix_socket_directories": f'"{self.sockets}"',
            "unix_socket_permissions": "0700",
            "cluster_name": self._name,
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [programs.program("postgres"), "-D", str(self.data), *options]
        self._await_ready(self._detach(command, log), log)

    def _detach(self, command: list[str], log: Path) -> Process | None:
        """Start the server as nobody's child, as ``pg_ctl`` does, so that it outlives this process."""
        script = '"$@" </dev/null >"$0" 2>&1 & echo $!'
        rights = self._account.rights
        rights["env"] |= self._stale_lock()
        shell = subprocess.run(  # noqa: S603 - a program of PostgreSQL
            ["/bin/sh", "-c", script, str(log), *command],
            stdout=subprocess.PIPE,
            start_new_session=True,
            check=True,
            **rights,
        )
        return processes.find(int(shell.stdout))

    def _stale_lock(self) -> dict[str, str]:
        """Tell PostgreSQL that the number in its lock file isn't that of a server any more.

        It takes any process of the same user that has the number, even one that has ended and waits to be
        collected, for a server, except its own forebears; this variable, which ``pg_ctl`` uses for the
        same purpose, names one. So PostgreSQL itself judges and replaces the file, and still refuses when
        the shared memory is in use.
        """
        number = self._lock_number()
        return {"PG_GRANDPARENT_PID": number} if number else {}

    def _await_ready(self, server: Process | None, log: Path) -> None:
        while server is not None and server.alive():
            if self._lock_lines()[7:8] == ["ready"] and self._lock_holder() == server:
                return
            time.sleep(0.02)
        raise ClusterFailed(program="postgres", log=_last_lines(log.read_text(errors="replace")))

    def _shut_down(self) -> None:
        server = self._server()
        if server is None:
            return
        self._tell("stopping")
        os.kill(server.pid, signal.SIGINT)  # "fast": ends sessions, writes a checkpoint
        if not server.gone_within(60):
            log = (self.place / "log").read_text(errors="replace")
            raise ClusterFailed(program="postgres", log=_last_lines(log))

    def _leave(self, users: int) -> None:
        with _locked(self.place):
            fcntl.flock(users, fcntl.LOCK_UN)
            if _alone(users):
                self._shut_down()
        os.close(users)

    # its processes -------------------------------------------------------------------------------------

    def _lock_lines(self) -> list[str]:
        file = self.data / "postmaster.pid"
        try:
            return [line.strip() for line in file.read_text(errors="replace").splitlines()]
        except FileNotFoundError:
            return []

    def _lock_number(self) -> str:
        number = (self._lock_lines() or [""])[0]
        return number if number.isdigit() else ""

    def _lock_holder(self) -> Process | None:
        """Find the process that now has the number in PostgreSQL's lock file, whatever it may be."""
        number = self._lock_number()
        return processes.find(int(number)) if number else None

    def _server(self) -> Process | None:
        holder = self._lock_holder()
        return holder if holder and f"-D {self.data} " in f"{holder.command()} " else None

    def _orphans(self) -> list[Process]:
        title = f"postgres: {self._name}: "
        running = processes.of_user(self._account.uid)
        return [process for process in running if process.command().startswith(title)]

    def _end_orphans(self) -> None:
        """End the sessions that outlived a killed server and hold its memory; idle ones go by themselves."""
        for number, seconds in ((0, 2.0), (signal.SIGTERM, 3.0), (signal.SIGKILL, 10.0)):
            for orphan in self._orphans():
                os.kill(orphan.pid, number)
            deadline = time.monotonic() + seconds
            while self._orphans() and time.monotonic() < deadline:
                time.sleep(0.05)

    # its contents --------------------------------------------------------------------------------------

    def _ensure_database(self) -> None:
        """Make role, extensions and database; the database comes last, so where it is, all is there."""
        with self.superuser("postgres") as execute:
            if execute("SELECT FROM pg_database WHERE datname = %s", DATABASE):
                return
            if not execute("SELECT FROM pg_roles WHERE rolname = %s", DATABASE):
                execute(f"CREATE ROLE {DATABASE} LOGIN CREATEDB")
        with self.superuser("template1") as execute:
            for extension in EXTENSIONS:
                execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
            execute(f"GRANT INSERT ON spatial_ref_sys TO {DATABASE}")  # what a restore needs
        with self.superuser("postgres") as execute:
            execute(f"CREATE DATABASE {DATABASE} OWNER {DATABASE}")

    @contextmanager
    def superuser(self, database: str) -> Iterator[Callable[..., int]]:
        """Open a connection that may do anything, each statement its own transaction.

        Parameters
        ----------
        database : str
            Where to connect.

        Yields
        ------
        callable
            Executes a statement with its values and gives the number of rows.
        """
        connection = psycopg2.connect(host=str(self.sockets), port=self.port, user=SUPERUSER, dbname=database)
        connection.autocommit = True

        def execute(statement: str, *values: object) -> int:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.rowcount

        try:
            yield execute
        finally:
            connection.close()

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(  # noqa: S603 - a program of PostgreSQL
            command, capture_output=True, text=True, errors="replace", check=False, **self._account.rights
        )
        if done.returncode:
            raise ClusterFailed(program=Path(command[0]).name, log=_last_lines(done.stdout + done.stderr))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder alone: the lock needs no file and ends with the process."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _alone(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _environment() -> Mapping[str, str]:
    """Nothing of ours reaches PostgreSQL: no PGDATA, no locale, no home."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _identities() -> str:
    users = {pwd.getpwuid(0).pw_name, pwd.getpwuid(os.geteuid()).pw_name}
    return "".join(f'wangge "{user}" {role}\n' for user in sorted(users) for role in (DATABASE, SUPERUSER))


def _owner(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]


def _last_lines(text: str, count: int = 12) -> str:
    return "\n".join(text.strip().splitlines()[-count:])
