"""Who stands in for whom, and when."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Integer, Table, Text

from geo.db.tables.columns import metadata, row_id

partnership = Table(
    "partnership",
    metadata,
    row_id(),
    Column("post", Text),
    Column("grid_code", Text),
    Column("partner_code", Text),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("revision", Integer),
)
leave = Table(
    "leave",
    metadata,
    row_id(),
    Column("person_id", BigInteger),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("revision", Integer),
)
