"""Findings of supervisors, and assessments that were kept."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from geo.db.tables.columns import metadata, row_id, time

finding = Table(
    "finding",
    metadata,
    row_id(),
    Column("tally", Text),
    Column("happened_on", Date),
    Column("person_id", BigInteger),
    Column("grid_code", Text),
    Column("note", Text),
    Column("recorded_by", Text),
    time("recorded_at"),
    Column("withdrawn_by", Text),
    time("withdrawn_at"),
    Column("withdrawn_because", Text),
)
assessment_snapshot = Table(
    "assessment_snapshot",
    metadata,
    row_id(),
    Column("subject", Text),
    Column("period", Text),
    Column("since", Date),
    Column("grid_code", Text),
    Column("document", JSONB),
    Column("sha256", Text),
    Column("made_by", Text),
    time("made_at"),
)
