"""The page of the rules that hold."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field, field_validator

from api.dependencies import DatabaseDep, TodayDep, may
from api.frames import FrameDep
from api.pages import answer
from api.routes.maps import Day
from geo.domain.actors import Action
from geo.services import profiles
from geo.services.profile_documents import shipped_profiles
from webmap.pages.profiles import RuleBook, rules_page

router = APIRouter(include_in_schema=False)


class RulesChosen(BaseModel):
    """What the address of the page says; what is left empty isn't said."""

    grid: str | None = Field(default=None, max_length=32)
    at: Day = None

    @field_validator("grid", "at", mode="before")
    @classmethod
    def _said(cls, value: object) -> object:
        return value or None


@router.get("/rules", dependencies=[Depends(may(Action.READ_RULES))])
def show_rules(
    request: Request,
    frame: FrameDep,
    database: DatabaseDep,
    today: TodayDep,
    chosen: Annotated[RulesChosen, Query()],
) -> HTMLResponse:
    """Give the rules that hold in a grid on a day, and to administrators the means to change them."""
    day = chosen.at or today
    with database.read() as uow:
        book = RuleBook(
            profile=profiles.ruling(frame.actor, uow, chosen.grid, day),
            parts=profiles.rules_on(frame.actor, uow, chosen.grid, day),
            regulations=profiles.list_regulations(frame.actor, uow),
            shipped=tuple(shipped_profiles().values()),
            grid_code=chosen.grid,
            day=day,
        )
    return answer(request, frame, rules_page(frame, book))
