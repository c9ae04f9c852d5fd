"""Rows of entities."""

from __future__ import annotations

from geo.db.located import Located
from geo.db.tables import entity
from geo.domain.entities import Entity, EntityKind, EntityState

ENTITIES = Located(entity, Entity, kind=entity.c.kind, converted={"kind": EntityKind, "state": EntityState})
