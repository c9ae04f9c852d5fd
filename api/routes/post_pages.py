"""The page of what the posts of grids lack."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from api.dependencies import TodayDep, may
from api.frames import FrameDep
from api.pages import answer, setting_of
from api.routes.maps import Chosen, Day, GenerationDep
from geo.domain.actors import Action
from geo.domain.posts import Fault, Staffing
from geo.services.posts import staffing
from webmap.base_map import parts
from webmap.maps import post_map
from webmap.pages.posts import PostChoices, posts_page

router = APIRouter(include_in_schema=False)


class PostsChosen(Chosen):
    """What the address of the page says."""

    at: Day = None
    fault: Fault | None = None


@router.get("/maps/posts", dependencies=[Depends(may(Action.READ_PEOPLE))])
def show_posts(
    request: Request,
    frame: FrameDep,
    generation: GenerationDep,
    today: TodayDep,
    chosen: Annotated[PostsChosen, Query()],
) -> HTMLResponse:
    """Give the map and the list of vacancies, double posts, missing partners and the like."""
    level, day = chosen.level_of(generation), chosen.at or today
    with request.app.state.database.read() as uow:
        found = staffing(frame.actor, uow, day)
        setting = setting_of(request, frame, uow, level)
    by_code: dict[str, list[Staffing]] = {}
    for post in (post for _, some in found for post in some):
        by_code.setdefault(post.grid.code, []).append(post)
    choices = PostChoices(day, level, generation.levels, chosen.fault)
    drawn = parts(post_map(by_code, day, setting))
    return answer(request, frame, posts_page(frame, found, choices, drawn))
