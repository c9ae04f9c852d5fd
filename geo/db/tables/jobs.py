"""What the application does by itself, and when it was last done."""

from __future__ import annotations

from sqlalchemy import Column, Double, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from geo.db.tables.columns import metadata, time

job = Table(
    "job",
    metadata,
    Column("key", Text, primary_key=True),
    time("since"),
    time("ran_at"),
    Column("took_s", Double),
    Column("done", JSONB),
    time("failed_at"),
    Column("failure", Text),
)
