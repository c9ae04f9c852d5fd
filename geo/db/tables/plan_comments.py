"""Comments on grids of plans."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text

from geo.db.tables.columns import geometry, metadata, row_id, time

plan_comment = Table(
    "plan_comment",
    metadata,
    row_id(),
    Column("plan_id", BigInteger),
    Column("grid_key", Text),
    geometry("POINT"),
    Column("text", Text),
    Column("made_by", Text),
    time("made_at"),
    Column("resolved_by", Text),
    time("resolved_at"),
)
