"""Key people, looks at them, and what explains suspicious records."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from geo.db.tables.columns import metadata, row_id, time

key_person = Table(
    "key_person",
    metadata,
    row_id(),
    Column("kind", Text),
    Column("grid_code", Text),
    Column("name", Text),
    Column("phone", Text),
    Column("id_number", Text),
    Column("note", Text),
    Column("revision", Integer),
    time("created_at"),
    time("updated_at"),
)
look = Table(
    "look",
    metadata,
    row_id(),
    time("at"),
    Column("actor", Text),
    Column("account_id", BigInteger),
    Column("key_person_id", BigInteger),
    Column("grid_code", Text),
    Column("reason", Text),
)
suspicion_explanation = Table(
    "suspicion_explanation",
    metadata,
    row_id(),
    Column("kind", Text),
    Column("visit_id", BigInteger),
    Column("other_visit_id", BigInteger),
    Column("reason", Text),
    Column("explained_by", Text),
    time("explained_at"),
)
