"""The migrations build what the tables say, and can be taken back."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from geo.db.migrations import current, downgrade, newest, upgrade
from geo.db.tables import metadata

pytestmark = pytest.mark.database

COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND a.attnum > 0 AND NOT a.attisdropped
        AND c.relname NOT IN ('spatial_ref_sys', 'alembic_version')
"""
"""Table, column and type of all that the migrations have built."""


def built(url: str) -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = {}
    with create_engine(url, poolclass=NullPool).connect() as connection:
        for table, column, kind in connection.execute(text(COLUMNS)):
            tables.setdefault(table, {})[column] = kind
    return tables


def test_tables_are_as_the_migrations_make_them(clean_database_url):
    tables = built(clean_database_url)
    assert set(metadata.tables) == set(tables)
    for name, table in metadata.tables.items():
        assert {column.name for column in table.columns} == set(tables[name]), name


def test_types_are_as_the_migrations_make_them(clean_database_url):
    def is_of_a_type(_connection, _inspected, _metadata, inspected_type, _metadata_type):
        return None if "geometry" not in str(inspected_type).lower() else False

    with create_engine(clean_database_url, poolclass=NullPool).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": is_of_a_type})
        differences = [
            difference
            for group in compare_metadata(context, metadata)
            for difference in (group if isinstance(group, list) else [group])
            if difference[0] in {"modify_type", "add_column", "add_table"}
        ]
    assert differences == []


def test_geometries_are_as_the_migrations_make_them(clean_database_url):
    tables = built(clean_database_url)
    for name, table in metadata.tables.items():
        if "geom" in table.columns:
            kind = table.c.geom.type.geometry_type.replace("LINESTRINGM", "LineStringM")
            assert tables[name]["geom"].lower() == f"geometry({kind},4326)".lower(), name


def test_up_down_up(database_url):
    before = built(database_url)
    downgrade(database_url, "base")
    assert built(database_url) == {}
    assert current(database_url) is None
    upgrade(database_url)
    assert built(database_url) == before
    assert current(database_url) == newest()
