"""Values of measures, with the version that computed them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from geo.db.tables.columns import metadata, time

measure_result = Table(
    "measure_result",
    metadata,
    Column("plan_id", BigInteger, primary_key=True),
    Column("measure", Text, primary_key=True),
    Column("version", Integer),
    Column("revision", Integer),
    Column("value", JSONB),
    time("computed_at"),
)
