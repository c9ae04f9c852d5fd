"""HTTP routes, a module a capability; each module's ``router`` is listed here once."""

from __future__ import annotations

from importlib import import_module

from fastapi import APIRouter

CAPABILITIES = ()
"""Modules of this package whose ``router`` is served under ``/api/v1``."""


def routers() -> list[APIRouter]:
    """Give the routers of all capabilities."""
    return [import_module(f"{__name__}.{name}").router for name in CAPABILITIES]
