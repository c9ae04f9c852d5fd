"""HTTP routes, a module a capability; each module's ``router`` is listed here once."""

from __future__ import annotations

from importlib import import_module

from fastapi import APIRouter

CAPABILITIES: tuple[str, ...] = (
    "locate",
    "datums",
    "entities",
    "patrols",
    "issues",
    "issue_flow",
    "issue_results",
    "working_days",
    "auth",
    "accounts",
    "people",
    "audit",
    "jobs",
    "limits",
    "generations",
    "grids",
    "measures",
    "statistics",
    "assessment",
    "exchange",
    "addresses",
    "plans",
    "plan_publication",
    "comparisons",
    "plan_events",
    "profiles",
    "posts",
    "inspections",
    "photos",
    "privacy",
    "suspicions",
    "plan_comments",
    "context",
    "reference_layers",
    "plan_figures",
    "duties",
    "todo",
    "activities",
    "draws",
    "households",
)
"""Modules of this package whose ``router`` is served under ``/api/v1``, the one asked most often first."""

PAGES: tuple[str, ...] = (
    "home",
    "maps",
    "post_pages",
    "profile_pages",
    "issue_pages",
    "books",
    "assessment_pages",
    "duty_pages",
    "inspection_pages",
    "supervision_pages",
    "administration_pages",
    "workbench",
    "comparison_pages",
    "sign_in",
    "health",
    "docs",
)
"""Modules of this package whose ``router`` is served as it stands: what browsers show."""


def capabilities() -> list[APIRouter]:
    """Give the routers of the interface for programs."""
    return [_router(name) for name in CAPABILITIES]


def pages() -> list[APIRouter]:
    """Give the routers of the pages, and of what stands at the root beside them."""
    return [_router(name) for name in PAGES]


def _router(name: str) -> APIRouter:
    router: APIRouter = import_module(f"{__name__}.{name}").router
    return router
