"""Households, activities with attendance, what visits count as, draws and reminders."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Double, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geo.db.tables.columns import geometry, metadata, row_id, time

household = Table(
    "household",
    metadata,
    row_id(),
    Column("ref", Text),
    Column("building_id", BigInteger),
    Column("door", Text),
    Column("marks", ARRAY(Text)),
    Column("since", Date),
    Column("until", Date),
)
entity_active = Table(
    "entity_active",
    metadata,
    Column("entity_id", BigInteger),
    Column("since", Date),
    Column("until", Date),
)
deed = Table(
    "deed",
    metadata,
    Column("visit_id", BigInteger),
    Column("person_id", BigInteger),
    Column("kind", Text),
    time("at"),
    Column("entity_id", BigInteger),
    Column("household_id", BigInteger),
    Column("grid_code", Text),
    Column("lon", Double),
    Column("lat", Double),
)
activity = Table(
    "activity",
    metadata,
    row_id(),
    Column("ref", Text),
    Column("kind", Text),
    Column("title", Text),
    time("starts_at"),
    time("ends_at"),
    Column("grid_code", Text),
    geometry("POINT"),
    Column("note", Text),
    Column("attributes", JSONB),
    Column("revision", Integer),
    Column("created_by", Text),
    time("created_at"),
    time("updated_at"),
)
attendance = Table(
    "attendance",
    metadata,
    Column("activity_id", BigInteger, primary_key=True),
    Column("person_id", BigInteger, primary_key=True),
    Column("state", Text),
    Column("made_up_in", BigInteger),
)
conflict = Table(
    "conflict",
    metadata,
    Column("person_id", BigInteger, primary_key=True),
    Column("entity_id", BigInteger, primary_key=True),
    Column("reason", Text),
    Column("declared_by", Text),
    time("declared_at"),
)
draw = Table(
    "draw",
    metadata,
    row_id(),
    Column("title", Text),
    Column("duty", Text),
    Column("grid_code", Text),
    Column("frame", JSONB),
    Column("digest", Text),
    Column("commitment", Text),
    Column("seed", Text),
    Column("committed_by", Text),
    time("committed_at"),
    time("revealed_at"),
)
draw_item = Table(
    "draw_item",
    metadata,
    Column("draw_id", BigInteger, primary_key=True),
    Column("nth", Integer, primary_key=True),
    Column("entity_id", BigInteger),
    Column("household_id", BigInteger),
    Column("inspectors", ARRAY(BigInteger)),
)
reminder = Table(
    "reminder",
    metadata,
    row_id(),
    Column("person_id", BigInteger),
    Column("duty", Text),
    Column("kind", Text),
    time("due_at"),
    Column("nth", SmallInteger),
    time("made_at"),
)
