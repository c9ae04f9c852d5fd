"""The whole application in Chromium: a server over a demo city, and pages that are watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import uvicorn
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from api.app import create_app
from api.settings import BaseMap, Settings
from api.setup.browser import find
from geo.db.profiles import insert_regulation
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR, Grant, Role
from geo.domain.demo import DemoSize
from geo.services import accounts, demo, profiles
from geo.services.profile_documents import document_of, shipped_profile
from tests.browser.bench import Bench
from tests.browser.crowd import crowd
from tests.conftest import copied, made_once

PASSWORD = "correct horse battery"
EVIL = "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 2'>{{ 7 * 7 }}{# no end"
"""A name that runs wherever it is taken for markup, and breaks whatever takes it for a template."""

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} in ${event.sourceFile}`));
"""

expect.set_options(
    timeout=30_000
)  # as long as Playwright waits for everything else: a busy machine may be slow


@dataclass
class Watched:
    """A page of which everything is noted that it loads and complains about."""

    page: Page
    server: str
    cookies: dict[str, Any]
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.server + path)
        return self.page

    def become(self, username: str) -> None:
        """Go on as somebody who has signed in; sign-in itself has tests of its own."""
        self.page.goto("about:blank")  # what is open would ask on as nobody
        self.page.context.clear_cookies()  # to sign in again would end the session that there was
        account = f"{username}@{self.server}"
        if account not in self.cookies:
            self.open("/login")
            self.sign_in(username)
            self.cookies[account] = self.page.context.cookies()
        self.page.context.add_cookies(self.cookies[account])

    def violations(self) -> list[str]:
        return list(self.page.evaluate("window.violations"))

    def ran(self) -> object:
        return self.page.evaluate("window.ran ?? null")

    def sign_in(self, username: str, password: str = PASSWORD) -> Page:
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", password)
        with self.page.expect_navigation():
            self.page.click("main button")
        return self.page

    def note(self, request: Request) -> None:
        if not request.url.startswith((self.server, "data:", "blob:")):
            self.outside.append(request.url)


@pytest.fixture(scope="session")
def filled_template(cluster_url: str, template_database: str) -> str:
    """The name of a database with a small demo city, an account of each role, and names that are markup."""
    return made_once(cluster_url, "browser", template_database, _fill)


@pytest.fixture(scope="session")
def demo_url(cluster_url: str, filled_template: str) -> Iterator[str]:
    """A database with the city of the template."""
    with copied(cluster_url, filled_template) as url:
        yield url


@pytest.fixture(scope="session")
def planned_url(cluster_url: str, filled_template: str) -> Iterator[str]:
    """Another one, in which plans are drafted and none is published: each test finds the same division."""
    with copied(cluster_url, filled_template) as url:
        yield url


@pytest.fixture(scope="session")
def crowded_url(cluster_url: str, template_database: str) -> Iterator[str]:
    """Another one, with a thousand grids but for a gap, and twenty thousand buildings."""
    with copied(cluster_url, template_database) as url:
        crowd(url)
        yield url


def _fill(url: str) -> None:
    database = Database(url)
    with database.write() as uow:
        demo.load(OPERATOR, uow, size=DemoSize(grids=24), now=datetime.now(ZoneInfo("Asia/Shanghai")))
        _rename(uow.connection.execute)
    with database.write() as uow:
        community = uow.connection.execute(
            text("SELECT min(code) FROM grid WHERE level = 'community'")
        ).scalar_one()
        for role in Role:
            grant = Grant(role, community if role is Role.INSPECTOR else None)
            accounts.create(OPERATOR, uow, username=role.value, password=PASSWORD, grants=[grant])
        accounts.create(OPERATOR, uow, username="forgetful", password=PASSWORD, grants=[Grant(Role.LEADER)])
    database.close()


def _rename(execute: Callable[..., object]) -> None:
    evil = {"evil": EVIL}
    execute(text("ALTER TABLE grid DISABLE TRIGGER grid_is_immutable"))
    execute(
        text("UPDATE grid SET name = :evil WHERE code = (SELECT min(code) FROM grid WHERE is_leaf)"), evil
    )
    execute(text("ALTER TABLE grid ENABLE TRIGGER grid_is_immutable"))
    execute(text("UPDATE person SET name = :evil, phone = '1\"><b>' || :evil"), evil)
    execute(text("UPDATE entity SET name = :evil"), evil)
    execute(text("UPDATE address SET text = :evil WHERE id = (SELECT min(id) FROM address)"), evil)
    execute(
        text(
            "UPDATE issue SET number = :evil, category = :evil WHERE id = (SELECT max(id) FROM issue "
            "WHERE closed_at IS NULL AND state <> 'void' AND grid_id IS NOT NULL)"
        ),
        evil,
    )


@pytest.fixture(scope="session")
def server(demo_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address at which the real application answers."""
    with serving(demo_url, tmp_path_factory.mktemp("data")) as address:
        yield address


@pytest.fixture(scope="session")
def planned_server(planned_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address at which it answers for the city in which plans are drafted."""
    with serving(planned_url, tmp_path_factory.mktemp("data")) as address:
        yield address


@pytest.fixture
def own_server(cluster_url: str, filled_template: str, tmp_path: Path) -> Iterator[str]:
    """Another one for one test, in whose city plans may be published."""
    with copied(cluster_url, filled_template) as url, serving(url, tmp_path) as address:
        yield address


@pytest.fixture(scope="session")
def crowded_server(crowded_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address at which it answers for the city with a thousand grids."""
    with serving(crowded_url, tmp_path_factory.mktemp("data")) as address:
        yield address


@contextmanager
def serving(url: str, data_dir: Path, base_maps: tuple[BaseMap, ...] = ()) -> Iterator[str]:
    """Serve the real application for a city; give its address."""
    settings = Settings(database_url=url, data_dir=data_dir, failed_attempts=3, base_maps=base_maps)
    running = uvicorn.Server(
        uvicorn.Config(
            create_app(settings), port=0, log_level="warning", http="h11", ws="none", loop="asyncio"
        )
    )
    thread = Thread(target=running.run, daemon=True)
    thread.start()
    deadline = monotonic() + 30
    while not running.started and thread.is_alive() and monotonic() < deadline:
        sleep(0.05)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def evil() -> str:
    return EVIL


@pytest.fixture(scope="session")
def address(demo_url: str) -> dict[str, Any]:
    """An address of the demo city: its text, and where it is."""
    return _row(
        demo_url, "SELECT text, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM address ORDER BY id DESC LIMIT 1"
    )


@pytest.fixture(scope="session")
def border_point(demo_url: str) -> dict[str, Any]:
    """A vertex that several unit grids share."""
    statement = """
        SELECT ST_X(place) AS lon, ST_Y(place) AS lat
        FROM (
            SELECT (ST_DumpPoints(geom)).geom AS place FROM grid
            WHERE is_leaf AND generation_id = (SELECT max(id) FROM generation)
        ) AS vertex
        GROUP BY place HAVING count(*) >= 3 ORDER BY place LIMIT 1"""
    return _row(demo_url, statement)


@pytest.fixture(scope="session")
def retired_grid(demo_url: str) -> dict[str, Any]:
    """A unit grid that is no more: its code, a point inside, and a day on which it was there."""
    statement = """
        SELECT code, ST_X(place) AS lon, ST_Y(place) AS lat,
            CAST(valid_to - interval '3 days' AS date) AS day, generation.name AS division
        FROM grid_code JOIN grid USING (code) JOIN generation ON generation.id = generation_id,
            ST_PointOnSurface(geom) AS place
        WHERE retired_by_generation_id IS NOT NULL ORDER BY code LIMIT 1"""
    return _row(demo_url, statement)


@pytest.fixture(scope="session")
def former_name(demo_url: str) -> str:
    """By what the address is still found whose text is markup."""
    return str(_row(demo_url, "SELECT normalized FROM address ORDER BY id LIMIT 1")["normalized"])


def _row(url: str, statement: str) -> dict[str, Any]:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return dict(connection.execute(text(statement)).mappings().one())


@pytest.fixture(scope="session")
def spot(demo_url: str) -> dict[str, float]:
    """A place where the inspector works, and where the rules of a community hold."""
    database = Database(demo_url)
    with database.write() as uow:
        row = uow.connection.execute(
            text("""SELECT code, ST_X(p) AS longitude, ST_Y(p) AS latitude
                    FROM grid, ST_PointOnSurface(geom) AS p
                    WHERE is_leaf AND generation_id = (SELECT max(id) FROM generation)
                    ORDER BY code LIMIT 1""")
        ).one()
        insert_regulation(
            uow.connection,
            grid_code=row.code,
            valid_from=date(2020, 1, 1),
            document=document_of(shipped_profile("community")),
            path=None,
            adopted_by="operator",
        )
    database.close()
    return {"longitude": row.longitude, "latitude": row.latitude}


@pytest.fixture(scope="session")
def subject(demo_url: str) -> int:
    """A premises in a grid in which the rules of food and drugs hold."""
    database = Database(demo_url)
    with database.write() as uow:
        row = uow.connection.execute(
            text("""SELECT entity.id, code FROM entity JOIN grid ON grid.id = grid_id
                    WHERE entity.kind = 'premises' AND state = 'active'
                    ORDER BY code DESC, entity.id LIMIT 1""")
        ).one()
        profile = shipped_profile("food-drug")
        profiles.adopt(OPERATOR, uow, profile, grid_code=row.code, valid_from=date(2026, 1, 1))
    database.close()
    return int(row.id)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four photos that show different things."""
    made = []
    for seed in range(4):
        pixels = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
        made.append(tmp_path_factory.mktemp("photos") / f"{seed}.jpg")
        Image.fromarray(pixels).resize((800, 600), Image.Resampling.BICUBIC).save(made[-1])
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find(), args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def cookies() -> dict[str, Any]:
    """Those of everybody who has signed in, by username and server."""
    return {}


@pytest.fixture
def watch(browser: Browser, server: str, cookies: dict[str, Any]) -> Iterator[Callable[..., Watched]]:
    """Make watched pages, each in a browser of its own."""
    contexts: list[BrowserContext] = []

    def watched(width: int = 1440, height: int = 900, at: str = server, **options: object) -> Watched:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.add_init_script(WATCH)
        made = Watched(context.new_page(), at, cookies)
        made.page.on("request", made.note)
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        made.page.on(
            "console",
            lambda told: made.complaints.append(told.text) if told.type in {"error", "warning"} else None,
        )
        return made

    yield watched
    for context in contexts:
        context.close()


@pytest.fixture
def watched(watch: Callable[..., Watched]) -> Watched:
    return watch()


@pytest.fixture
def bench(watch: Callable[..., Watched], planned_server: str) -> Bench:
    """The workbench, in the city in which plans are drafted."""
    return Bench(watch(at=planned_server))
