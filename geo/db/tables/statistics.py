"""Statistics that were kept."""

from __future__ import annotations

from sqlalchemy import Column, Date, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from geo.db.tables.columns import metadata, row_id, time

statistics_snapshot = Table(
    "statistics_snapshot",
    metadata,
    row_id(),
    Column("month", Date),
    Column("level", Text),
    Column("grid_code", Text),
    Column("document", JSONB),
    Column("sha256", Text),
    Column("made_by", Text),
    time("made_at"),
)
