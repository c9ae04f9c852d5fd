"""The composition root of the HTTP interface: everything is put together here, and only here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from api import routes
from api.auth import Tokens
from api.middleware import BodyGate, Failures, SecurityHeaders
from api.openapi import document
from api.problem_pages import ProblemPages
from api.problems import install_problem_handlers
from api.settings import Settings
from geo.db.unit_of_work import Database
from geo.services.exchange.runs import ImportRuns
from geo.services.jobs import Scheduler
from geo.services.locate import Lookups
from geo.services.plan_drafts import Drafts
from geo.services.plan_events import PlanEvents

STATIC = Path(__file__).resolve().parents[1] / "webmap" / "static"
"""Scripts, styles and pictures of the pages."""


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    if settings.database_url is None:
        raise ValueError("an application needs the address of its database")
    app.state.database = Database(settings.database_url)
    app.state.tokens = Tokens(settings.secret(), timedelta(minutes=settings.token_minutes))
    app.state.lookups = Lookups(app.state.database, ZoneInfo(settings.timezone))
    app.state.lookups.start()
    app.state.drafts = Drafts()
    app.state.plan_events = PlanEvents(app.state.database)
    app.state.plan_events.start()
    app.state.import_runs = ImportRuns(app.state.database)
    zone, timers = ZoneInfo(settings.timezone), settings.timers.by_job()
    scheduler = Scheduler(app.state.database, zone, timers, settings.terms)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.stop()
        app.state.import_runs.stop()
        app.state.plan_events.stop()
        app.state.lookups.stop()
        app.state.database.close()


def create_app(settings: Settings | None = None) -> FastAPI:
    """Give the application of one installation; its database is opened when it starts.

    Parameters
    ----------
    settings : Settings, optional
        The choices of the installation; those of the environment by default.

    Returns
    -------
    FastAPI
        With every capability under ``/api/v1``, the pages, and each failure as a problem (RFC 9457).
    """
    app = FastAPI(
        title="网格 Wangge",
        version="0.1.0",
        description="地图上的网格化管理 · Map-based grid management",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_running,
    )
    app.openapi = partial(document, app)  # type: ignore[method-assign]
    app.state.settings = settings or Settings()
    install_problem_handlers(app)
    for router in routes.capabilities():
        app.include_router(router, prefix="/api/v1")
    for router in routes.pages():
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC, check_dir=False), name="static")
    app.add_middleware(BodyGate, limits=app.state.settings.limits)
    app.add_middleware(Failures)
    app.add_middleware(ProblemPages)
    app.add_middleware(SecurityHeaders, settings=app.state.settings)
    return app
