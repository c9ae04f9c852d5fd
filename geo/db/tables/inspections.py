"""Inspections with their photos, and subjects that leave the market."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Column, Date, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from geo.db.tables.columns import geometry, metadata, row_id, time

licence = Table(
    "licence",
    metadata,
    Column("entity_id", BigInteger, primary_key=True),
    Column("founded_on", Date),
    Column("licensed_on", Date),
)
inspection = Table(
    "inspection",
    metadata,
    row_id(),
    Column("visit_id", BigInteger),
    Column("version", Integer),
    Column("replaces_id", BigInteger),
    Column("reason", Text),
    Column("profile", Text),
    Column("form", Text),
    Column("answers", JSONB),
    Column("result", Text),
    Column("measures", ARRAY(Text)),
    Column("hazards", ARRAY(Text)),
    Column("correct_by", Date),
    Column("findings", Text),
    Column("subject_name", Text),
    Column("subject_phone", Text),
    Column("acknowledgement", Text),
    Column("signature", JSONB(none_as_null=True)),
    Column("refusal_reason", Text),
    Column("witness", Text),
    Column("case_number", Text),
    Column("keep_until", Date),
    Column("at_end", Text),
    time("anonymised_at"),
    time("filed_at"),
    Column("filed_by", Text),
)
photo_content = Table(
    "photo_content",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("content", LargeBinary),
    Column("media_type", Text),
    Column("width", Integer),
    Column("height", Integer),
    Column("likeness", BigInteger),
)
photo = Table(
    "photo",
    metadata,
    row_id(),
    Column("sha256", Text),
    Column("visit_id", BigInteger),
    Column("issue_event_id", BigInteger),
    Column("shows", Text),
    time("taken_at"),
    geometry("POINT"),
    time("uploaded_at"),
    Column("uploaded_by", Text),
)
deregistration = Table(
    "deregistration",
    metadata,
    row_id(),
    Column("entity_id", BigInteger),
    Column("visit_id", BigInteger),
    time("begun_at"),
    time("ended_at"),
    Column("outcome", Text),
    Column("ended_by", Text),
)
