"""`wangge up`, `stop` and `status`: the whole product started, ended and looked at."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from api.cli.demo import accounts_file, make_demo_if_empty
from api.cli.installation import DataDir, console, errors, open_database, settings_of
from api.private_files import write_private
from geo.db import processes
from geo.db.processes import Process

if TYPE_CHECKING:
    from api.settings import Settings
    from geo.db.cluster import Cluster
    from geo.domain.jobs import JobState

app = typer.Typer()


@dataclass(frozen=True, slots=True)
class _Server:
    """The web server that serves a folder of data."""

    pid: int
    started: str
    address: str

    @classmethod
    def of(cls, settings: Settings) -> _Server | None:
        """Read which one runs now."""
        with suppress(FileNotFoundError):
            server = cls(**json.loads(_record(settings).read_text(encoding="utf-8")))
            return server if server.process.alive() else None
        return None

    @property
    def process(self) -> Process:
        return Process(self.pid, self.started)


@app.command()
def up(
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="端口，默认 8000 · Port, 8000 by default", show_default=False),
    ] = None,
    data: DataDir = None,
    *,
    demo: Annotated[
        bool,
        typer.Option(
            "--demo/--no-demo", help="空库时载入示范城市 · Load the demo city if there is nothing yet"
        ),
    ] = True,
) -> None:
    """启动：数据库、网页；Ctrl-C 停止 · Start the database and the pages; Ctrl-C stops them."""
    settings = settings_of(data, port=port)
    _refuse_second(settings)
    with _ended_by_signals(), _bound(settings) as listener, open_database(settings) as url:
        opened = settings.model_copy(update={"database_url": url})
        if demo:
            make_demo_if_empty(opened, url)
        _serve(opened, listener)


@app.command()
def stop(data: DataDir = None) -> None:
    """停止网页和数据库 · Stop the pages and the database."""
    settings = settings_of(data)
    server = _Server.of(settings)
    if server:
        os.kill(server.pid, signal.SIGTERM)
        server.process.gone_within(60)
    if not settings.database_url:
        _cluster(settings).stop()
    console.print("已停止 · Stopped" if server else "没有在运行 · Nothing was running")


@app.command()
def status(data: DataDir = None) -> None:
    """显示网址、数据库、定时任务 · Show the address, the database, and what runs by itself."""
    settings = settings_of(data)
    server = _Server.of(settings)
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("网页 · pages", f"{server.address} (pid {server.pid})" if server else "—")
    table.add_row("数据 · data", str(settings.data_dir))
    for words, value in _database_rows(settings):
        table.add_row(words, value)
    console.print(table)


def _database_rows(settings: Settings) -> Iterator[tuple[str, str]]:
    if settings.database_url:
        yield "数据库 · database", "WANGGE_DATABASE_URL"
        yield from _content_rows(settings, settings.database_url)
        return
    cluster = _cluster(settings)
    found = cluster.status()
    yield "数据库 · database", f"{found.place} (pid {found.pid or '—'})"
    yield "PostgreSQL", str(found.version or "—")
    if found.pid:
        yield from _content_rows(settings, cluster.url())


def _content_rows(settings: Settings, url: str) -> Iterator[tuple[str, str]]:
    from geo.db import backups, migrations  # noqa: PLC0415 - `wangge --help` is quick
    from geo.db.existing import require_postgis  # noqa: PLC0415

    require_postgis(url)
    yield "大小 · size", f"{backups.size_bytes(url) / 2**20:.1f} MiB"
    current, newest = migrations.current(url), migrations.newest()
    yield "结构版本 · schema", f"{current} / {newest}"
    if current == newest:
        yield from _job_rows(settings, url)


def _job_rows(settings: Settings, url: str) -> Iterator[tuple[str, str]]:
    from geo.db.unit_of_work import Database  # noqa: PLC0415 - `wangge --help` is quick
    from geo.domain.actors import OPERATOR  # noqa: PLC0415
    from geo.services import jobs  # noqa: PLC0415

    zone, database = ZoneInfo(settings.timezone), Database(url, pool_size=1)
    with database.read() as uow:
        found = jobs.list_jobs(OPERATOR, uow, settings.timers.by_job(), zone)
    database.close()
    for job in found:
        yield f"定时 · {job.key}", _job_words(job.state, zone)


def _job_words(state: JobState | None, zone: ZoneInfo) -> str:
    if state and state.failed_at:
        return f"失败 · failed {state.failed_at.astimezone(zone):%Y-%m-%d %H:%M} ({state.failure})"
    ran_at = state and state.ran_at
    return f"{ran_at.astimezone(zone):%Y-%m-%d %H:%M}" if ran_at else "—"


def _cluster(settings: Settings) -> Cluster:
    from geo.db.cluster import Cluster  # noqa: PLC0415 - `wangge --help` is quick

    return Cluster(settings.cluster_home)


def _record(settings: Settings) -> Path:
    return settings.data_dir / "server.json"


def _refuse(words: str) -> NoReturn:
    errors.print(words, style="red")
    raise typer.Exit(1)


def _refuse_second(settings: Settings) -> None:
    server = _Server.of(settings)
    if server:
        _refuse(f"已经在运行 · Already running: {server.address} (pid {server.pid}); ./wangge stop")


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the block as Ctrl-C does, with everything put away.

    While it serves, uvicorn handles SIGINT and SIGTERM itself and hands them on afterwards; it doesn't
    know SIGHUP, which therefore becomes SIGTERM.
    """

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    def terminate(*_: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, terminate)
    with suppress(KeyboardInterrupt):
        yield


@contextmanager
def _bound(settings: Settings) -> Iterator[socket.socket]:
    """Hold the port from the start, so that nobody waits for the database in vain."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as failure:
            _refuse(
                f"端口 {settings.port} 不能使用 · Port {settings.port} can't be used ({failure.strerror}). "
                f"换一个 · Choose another: ./wangge up --port {settings.port % 65535 + 1}"
            )
        yield listener


def _serve(settings: Settings, listener: socket.socket) -> None:
    """Serve until a signal comes; the record of the server is there as long as it serves."""
    import uvicorn  # noqa: PLC0415 - `wangge --help` is quick

    from api.app import create_app  # noqa: PLC0415

    class Announced(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            _announce(settings)

    config = uvicorn.Config(create_app(settings), log_level="warning", timeout_graceful_shutdown=5)
    try:
        Announced(config).run(sockets=[listener])
    finally:
        _record(settings).unlink(missing_ok=True)


def _announce(settings: Settings) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    this = processes.this()
    server = _Server(this.pid, this.started, f"http://{host}:{settings.port}")
    write_private(_record(settings), json.dumps(asdict(server)))
    console.print(f"\n网格 Wangge: [bold]{server.address}[/bold]    Ctrl-C 停止 · stops it")
    with suppress(FileNotFoundError):
        console.print(accounts_file(settings).read_text(encoding="utf-8"), markup=False)
