"""Columns that many tables have, and the one collection of all tables."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Column, DateTime, Identity, Integer, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem

metadata = MetaData()


def row_id() -> Column[int]:
    """Give the column of an id that the database counts."""
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def time(name: str) -> Column[Any]:
    """Give a column of aware times."""
    return Column(name, DateTime(timezone=True))


def geometry(kind: str) -> Column[Any]:
    """Give the column of a geometry in EPSG:4326; a kind that ends in M has measures."""
    return Column(
        "geom", Geometry(kind, srid=4326, spatial_index=False, dimension=3 if kind.endswith("M") else 2)
    )


def tracked() -> tuple[SchemaItem, ...]:
    """Give the columns of a row that may be imported, changed and locked by its revision."""
    return (
        Column("attributes", JSONB),
        Column("batch_id", BigInteger),
        Column("revision", Integer),
        time("created_at"),
        time("updated_at"),
    )
