"""Imports that go on after their request."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from geo.db.tables.columns import metadata, row_id, time

import_run = Table(
    "import_run",
    metadata,
    row_id(),
    Column("layer", Text),
    Column("filename", Text),
    Column("writes", Boolean),
    Column("state", Text),
    Column("stage", Text),
    Column("created_by", Text),
    time("created_at"),
    time("finished_at"),
    Column("batch_id", BigInteger),
    Column("report", JSONB(none_as_null=True)),
    Column("problem", JSONB(none_as_null=True)),
)
