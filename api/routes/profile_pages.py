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
from geo.domain.profiles.values import parts_differing
from geo.services import profiles
from geo.services.profile_documents import document_of, shipped_profile, shipped_profiles
from webmap.pages.profiles import Choice, RuleBook, choice_page, rules_page

router = APIRouter(include_in_schema=False)


class Where(BaseModel):
    """What the address of the page says; what is left empty isn't said."""

    grid: str | None = Field(default=None, max_length=32)
    at: Day = None

    @field_validator("*", mode="before")
    @classmethod
    def _said(cls, value: object) -> object:
        return value or None


class ProfilesChosen(Where):
    """Which profiles are compared; what holds, unless the first is named."""

    before: str | None = Field(default=None, max_length=64)
    after: str | None = Field(default=None, max_length=64)


@router.get("/rules", dependencies=[Depends(may(Action.READ_RULES))])
def show_rules(
    request: Request,
    frame: FrameDep,
    database: DatabaseDep,
    today: TodayDep,
    chosen: Annotated[Where, Query()],
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


@router.get("/rules/comparison", dependencies=[Depends(may(Action.READ_RULES))])
def compare_profiles(
    request: Request,
    frame: FrameDep,
    database: DatabaseDep,
    today: TodayDep,
    chosen: Annotated[ProfilesChosen, Query()],
) -> HTMLResponse:
    """Give what would be different if another profile held, rule by rule."""
    day, shipped = chosen.at or today, tuple(shipped_profiles().values())
    with database.read() as uow:
        present = profiles.ruling(frame.actor, uow, chosen.grid, day)
    before = present if chosen.before is None else shipped_profile(chosen.before)
    after = shipped[0] if chosen.after is None else shipped_profile(chosen.after)
    choice = Choice(
        before=before,
        after=after,
        differences=parts_differing(document_of(before), document_of(after)),
        shipped=shipped,
        present=chosen.before is None,
        grid_code=chosen.grid,
        day=day,
    )
    return answer(request, frame, choice_page(frame, choice))
