"""What a page is told about the request for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from api.auth import identify
from geo.domain.actors import Actor
from geo.domain.generations import Generation
from geo.errors import NoDivision, Unavailable
from webmap.i18n import chosen
from webmap.pages.frame import Frame

LANGUAGE_COOKIE = "lang"


def frame_of(request: Request, actor: Actor) -> Frame:
    """Give the frame of the page that is asked for; it costs no look into the database.

    Parameters
    ----------
    request : Request
        Its address and its cookie may wish for a language, the address first.
    actor : Actor
        Who reads.
    """
    wishes = request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)
    return Frame(
        language=chosen(*wishes),
        timezone=request.app.state.settings.timezone,
        path=request.url.path,
        query=request.url.query,
        nonce=request.state.csp_nonce,
        actor=actor,
        csrf_token=getattr(request.state, "csrf_token", None),
        generation=_generation(request),
    )


def _generation(request: Request) -> Generation | None:
    try:
        generation: Generation = request.app.state.lookups.index().generation
    except (NoDivision, Unavailable):
        return None
    return generation


async def page_frame(request: Request, actor: Annotated[Actor, Depends(identify)]) -> Frame:
    """Give the frame of the page that is asked for."""
    return frame_of(request, actor)


FrameDep = Annotated[Frame, Depends(page_frame)]
