"""Use cases of entities."""

from __future__ import annotations

from geo.db.entities import ENTITIES as ROWS
from geo.domain.actors import Action
from geo.services.located import Things

ENTITIES = Things("entity", ROWS, Action.READ_ENTITIES, Action.WRITE_ENTITIES)
"""Entities are found, read, created and changed; their states say when they are no longer there."""
