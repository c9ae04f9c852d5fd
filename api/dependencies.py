"""What routes ask for: one `Depends` for each parameter that isn't plain input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from api.settings import Settings
from geo.db.unit_of_work import Database
from geo.domain.actors import ANONYMOUS, Action, Actor


def get_settings(request: Request) -> Settings:
    """Give the settings that the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


def get_database(request: Request) -> Database:
    """Give the database of the application."""
    database: Database = request.app.state.database
    return database


def get_actor(request: Request) -> Actor:
    """Give whoever asks: by session cookie, by bearer token, or the anonymous public."""
    actor: Actor = getattr(request.state, "actor", ANONYMOUS)
    return actor


def may(action: Action) -> Callable[[Actor], Actor]:
    """Make the dependency that admits those who may take an action anywhere, and gives the actor.

    Parameters
    ----------
    action : Action
        What the route does; the test of rights reads it from ``dependency.action``.

    Returns
    -------
    callable
        Raises `Unauthenticated` or `Forbidden`, else gives the actor.
    """

    def admitted(actor: Annotated[Actor, Depends(get_actor)]) -> Actor:
        actor.jurisdiction(action)
        return actor

    admitted.action = action  # type: ignore[attr-defined]
    return admitted


SettingsDep = Annotated[Settings, Depends(get_settings)]
DatabaseDep = Annotated[Database, Depends(get_database)]
