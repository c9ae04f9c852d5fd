"""The page that tells the interface for programs."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.frames import FrameDep
from api.pages import answer
from webmap.pages.docs import docs_page

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def show_docs(request: Request, frame: FrameDep) -> HTMLResponse:
    """Give the page with every operation, to be tried out."""
    return answer(request, frame, docs_page(frame, document=request.app.openapi_url))
