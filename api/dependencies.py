"""What routes ask for: one `Depends` for each parameter that isn't plain input."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Path, Request
from fastapi.dependencies.models import Dependant

from api.auth import identify
from api.settings import Settings
from geo.db.unit_of_work import Database
from geo.domain.actors import ANONYMOUS, Action, Actor
from geo.errors import Unauthenticated


async def get_settings(request: Request) -> Settings:
    """Give the settings that the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


async def get_database(request: Request) -> Database:
    """Give the database of the application."""
    database: Database = request.app.state.database
    return database


class may:  # noqa: N801 - routes read as prose: Depends(may(Action.LOCATE))
    """Admits those who may take an action anywhere, and gives the actor.

    Parameters
    ----------
    action : Action
        What the route does; the test of rights and the OpenAPI document read it.
    """

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, actor: Annotated[Actor, Depends(identify)]) -> Actor:
        """Give the actor, or raise `Unauthenticated` or `Forbidden`."""
        actor.jurisdiction(self.action)
        return actor


async def signed_in(actor: Annotated[Actor, Depends(identify)]) -> Actor:
    """Give the actor, or raise `Unauthenticated` where nobody is signed in."""
    if actor == ANONYMOUS:
        raise Unauthenticated
    return actor


def guard_of(dependant: Dependant) -> may | Callable[..., object] | None:
    """Give what a route asks of its callers: `may` with its action, `signed_in`, or nothing.

    Parameters
    ----------
    dependant : Dependant
        What FastAPI knows of a route.
    """
    asked = [below.call for below in dependant.dependencies]
    return next((call for call in asked if isinstance(call, may) or call is signed_in), None)


async def today(settings: Annotated[Settings, Depends(get_settings)]) -> date:
    """Give the date in the city."""
    return datetime.now(ZoneInfo(settings.timezone)).date()


async def now_in_city(settings: Annotated[Settings, Depends(get_settings)]) -> datetime:
    """Give the present on the clock of the city."""
    return datetime.now(ZoneInfo(settings.timezone))


SettingsDep = Annotated[Settings, Depends(get_settings)]
DatabaseDep = Annotated[Database, Depends(get_database)]
TodayDep = Annotated[date, Depends(today)]
NowDep = Annotated[datetime, Depends(now_in_city)]
Id = Annotated[int, Path(ge=1, lt=2**63, description="编号 · Number", examples=[17])]
"""Number of a row, as part of a path."""
