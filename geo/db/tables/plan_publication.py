"""What followed from the publications of plans."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table
from sqlalchemy.dialects.postgresql import JSONB

from geo.db.tables.columns import metadata

publication_report = Table(
    "publication_report",
    metadata,
    Column("generation_id", BigInteger, primary_key=True, autoincrement=False),
    Column("plan_id", BigInteger),
    Column("report", JSONB),
)
