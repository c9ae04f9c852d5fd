"""The start page, by role."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.dependencies import DatabaseDep
from api.frames import FrameDep
from api.pages import answer, setting_of
from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.actors import Action, Actor, Role
from geo.domain.exchange import Batch
from geo.domain.grids import Level
from geo.domain.measures import Share
from geo.errors import Forbidden
from geo.services.backlog import backlog, open_issues
from geo.services.coverage import subject_coverage
from geo.services.exchange.batches import list_batches
from geo.services.locate import LookupIndex
from webmap.base_map import MapParts, parts
from webmap.maps import division_map
from webmap.pages.choices import USUAL, chosen_days
from webmap.pages.frame import Frame
from webmap.pages.home import GridState, Headline, Home, home_page, welcome_page

router = APIRouter(include_in_schema=False)

LEADING = frozenset({Role.LEADER, Role.ADMIN})
MOST_GRIDS = 50
WORST_GRIDS = 8
NEWEST_IMPORTS = 8
MOST_TO_DO = 12


@router.get("/")
def show_home(request: Request, frame: FrameDep, database: DatabaseDep) -> HTMLResponse:
    """Give the start page: for the public, or with what the reader's roles call for."""
    return answer(request, frame, _page(request, frame, database))


def _page(request: Request, frame: Frame, database: Database) -> str:
    if not frame.is_signed_in:
        return welcome_page(frame, _map(request, frame, database))
    if frame.generation is None:
        return home_page(frame, Home())
    return home_page(frame, _home(frame, database, request.app.state.lookups.index()))


def _map(request: Request, frame: Frame, database: Database) -> MapParts | None:
    if frame.generation is None:
        return None
    with database.read() as uow:
        setting = setting_of(request, frame, uow, frame.generation.levels[-1])
    return parts(division_map(setting))


def _home(frame: Frame, database: Database, index: LookupIndex) -> Home:
    plans = frame.may(Action.IMPORT_DIVISION)
    division = (index.generation, _levels(index)) if plans else None
    roles = {grant.role for grant in frame.actor.grants}
    leads = bool(roles & LEADING)
    with database.read() as uow:
        imports = _imports(frame.actor, uow)
        if not leads and Role.INSPECTOR not in roles:
            return Home(division=division, imports=imports)
        headlines, states = _measured(frame, uow)
        to_do = () if leads else open_issues(frame.actor, uow, datetime.now(UTC), limit=MOST_TO_DO)
    return Home(
        headlines=headlines if leads else (),
        grids_title="home.worst_grids" if leads else "home.my_grids",
        grids=sorted(states, key=_need, reverse=True)[:WORST_GRIDS] if leads else states[:MOST_GRIDS],
        to_do=to_do,
        names={state.grid.code: state.grid.name for state in states},
        division=division,
        imports=imports,
    )


def _imports(actor: Actor, uow: UnitOfWork) -> tuple[Batch, ...]:
    """Give the newest imports to whoever may import for the whole city."""
    try:
        return list_batches(actor, uow, limit=NEWEST_IMPORTS).rows
    except Forbidden:
        return ()


def _measured(frame: Frame, uow: UnitOfWork) -> tuple[tuple[Headline, ...], list[GridState]]:
    now = datetime.now(UTC)
    lately = chosen_days(USUAL, None, None, now=now, timezone=frame.timezone).period
    coverage = subject_coverage(frame.actor, uow, lately)
    standing = backlog(frame.actor, uow, now)
    recent = backlog(frame.actor, uow, now, reported=lately).total
    recent_closed = Share(recent.closed, recent.closed + recent.unresolved)
    headlines = (
        Headline("home.coverage", coverage.total, "/maps/coverage"),
        Headline("home.closed", recent_closed, f"/maps/issues?period={USUAL}"),
        Headline("home.overdue", standing.total.overdue_share, "/maps/issues"),
    )
    pairs = zip(coverage.grids, standing.grids, strict=True)
    return headlines, [GridState(visited.grid, visited.share, issues.count) for visited, issues in pairs]


def _need(state: GridState) -> tuple[int, int, int]:
    """Rank a grid by overdue issues, then by entities that nobody visited, then by issues."""
    not_visited = state.visited.denominator - state.visited.numerator
    return state.issues.overdue, not_visited, state.issues.unresolved


def _levels(index: LookupIndex) -> list[tuple[Level, int]]:
    grids = {link.grid for chain in index.links for link in chain}
    counted = Counter(grid.level for grid in grids)
    return [(level, counted[level]) for level in Level if counted[level]]
