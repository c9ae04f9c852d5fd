"""Which regulation profile holds where, and from when."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Table, Text

from geo.db.tables.columns import metadata, row_id, time

regulation = Table(
    "regulation",
    metadata,
    row_id(),
    Column("grid_code", Text),
    Column("valid_from", Date),
    Column("document", JSON(none_as_null=True)),
    Column("path", Text),
    Column("adopted_by", Text),
    time("adopted_at"),
)
