"""Records that a supervisor should look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.dependencies import DatabaseDep, SettingsDep, may
from api.listing import PlaceDep, Since, Until
from api.schemas.suspicions import ExplanationInput, SuspicionList, SuspicionSchema
from geo.domain.actors import Action, Actor
from geo.domain.measures import Period
from geo.domain.suspicions import SuspicionKind
from geo.errors import BadValue
from geo.services import suspicions

router = APIRouter(tags=["suspicions"])

USUAL = timedelta(days=30)


@router.get("/suspicions", operation_id="list_suspicions", summary="可疑记录 · Suspicious records")
def list_suspicions(
    actor: Annotated[Actor, Depends(may(Action.READ_SUSPICIONS))],
    database: DatabaseDep,
    settings: SettingsDep,
    place: PlaceDep,
    since: Since = None,
    until: Until = None,
    kind: Annotated[SuspicionKind | None, Query(description="种类 · Kind")] = None,
) -> SuspicionList:
    """Give what is suspicious among the visits of a period, the last 30 days by default."""
    end = until or datetime.now(UTC)
    start = since or end - USUAL
    if start >= end:
        raise BadValue(field="since", value=start.isoformat(), expected=f"< {end.isoformat()}")
    wanted = replace(place, kind=kind)
    with database.read() as uow:
        found = suspicions.suspicions(actor, uow, Period(start, end), wanted, settings.timezone)
    return SuspicionList(suspicions=[SuspicionSchema.model_validate(one) for one in found])


@router.post(
    "/suspicions/explanations",
    operation_id="explain_suspicion",
    summary="说明可疑记录 · Explain",
    status_code=204,
)
def explain_suspicion(
    actor: Annotated[Actor, Depends(may(Action.EXPLAIN_SUSPICIONS))],
    database: DatabaseDep,
    given: ExplanationInput,
) -> Response:
    """Keep why a record is as it should be, after all; once, and for good."""
    with database.write() as uow:
        suspicions.explain(actor, uow, given.kind, given.visit_id, given.other_visit_id, reason=given.reason)
    return Response(status_code=204)
