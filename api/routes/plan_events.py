"""Changes of a plan as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from api.dependencies import DatabaseDep, Id, may
from api.schemas.locate import to_json
from geo.db.unit_of_work import Database
from geo.domain.actors import Action, Actor
from geo.services.plan_events import PlanEvent, PlanEvents, newest_change

router = APIRouter(tags=["plans"])

Reader = Annotated[Actor, Depends(may(Action.READ_PLANS))]
Seconds = Annotated[
    float,
    Query(
        ge=0,
        le=20,
        description="多少秒后结束，浏览器会自动重连 · After how many seconds it ends; browsers connect again",
    ),
]

_EXAMPLE = 'event: revision\ndata: {"plan":7,"revision":3,"by":"ann","seq":3}\n\n'
_MOST = 100
"""How many changes wait for a slow reader before its stream ends."""
_HEARTBEAT_S = 10.0


class _Waiting:
    """Changes on their way from the thread that hears them to the stream of one reader."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[PlanEvent | None] = asyncio.Queue()

    def put(self, event: PlanEvent | None) -> None:
        """Take a change, from any thread; too many end the stream."""
        wanted = event if self._queue.qsize() < _MOST else None
        self._loop.call_soon_threadsafe(self._queue.put_nowait, wanted)

    async def get(self) -> PlanEvent | None:
        """Give the next change, or None at the end."""
        return await self._queue.get()


@router.get(
    "/plans/{plan_id}/events",
    operation_id="follow_plan",
    summary="方案变更通知 · Changes of a plan as they happen",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}}}},
)
async def follow_plan(
    actor: Reader, database: DatabaseDep, request: Request, plan_id: Id, seconds: Seconds = 20
) -> StreamingResponse:
    """Tell the revision of a plan, now and each later one, as ``revision``; new comments as ``comments``."""
    first = await run_in_threadpool(_now, actor, database, plan_id)
    events: PlanEvents = request.app.state.plan_events
    return StreamingResponse(
        _stream(events, actor, database, first, seconds),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _now(actor: Actor, database: Database, plan_id: int) -> PlanEvent:
    with database.read() as uow:
        return newest_change(actor, uow, plan_id)


async def _stream(
    events: PlanEvents, actor: Actor, database: Database, first: PlanEvent, seconds: float
) -> AsyncIterator[bytes]:
    waiting = _Waiting()
    with events.following(first.plan, waiting.put):
        yield b"retry: 500\n\n"
        yield _told(await run_in_threadpool(_now, actor, database, first.plan))
        ends = asyncio.get_running_loop().time() + seconds
        while (left := ends - asyncio.get_running_loop().time()) > 0:
            try:
                event = await asyncio.wait_for(waiting.get(), min(left, _HEARTBEAT_S))
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if event is None:
                return
            yield _told(event)


def _told(event: PlanEvent) -> bytes:
    told = asdict(event)
    return b"event: %b\ndata: %b\n\n" % (told.pop("about").encode(), to_json(told))
