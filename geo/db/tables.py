"""The tables, as the migrations make them.

Constraints and indexes stand in the migrations; a test compares both.
"""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem

metadata = MetaData()


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _time(name: str) -> Column[Any]:
    return Column(name, DateTime(timezone=True))


def _geometry(kind: str) -> Column[Any]:
    return Column(
        "geom", Geometry(kind, srid=4326, spatial_index=False, dimension=3 if kind.endswith("M") else 2)
    )


def _tracked() -> tuple[SchemaItem, ...]:
    return (
        Column("attributes", JSONB),
        Column("batch_id", BigInteger),
        Column("revision", Integer),
        _time("created_at"),
        _time("updated_at"),
    )


person = Table(
    "person",
    metadata,
    _id(),
    Column("ref", Text),
    Column("name", Text),
    Column("phone", Text),
    Column("organisation", Text),
    *_tracked(),
)
account = Table(
    "account",
    metadata,
    _id(),
    Column("username", Text),
    Column("password_hash", Text),
    Column("person_id", BigInteger),
    Column("active", Boolean),
    _time("created_at"),
)
web_session = Table(
    "web_session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", BigInteger),
    Column("csrf_token", Text),
    _time("created_at"),
    _time("expires_at"),
)
sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("username_hash", LargeBinary, primary_key=True),
    Column("failed", Integer),
    Column("locked", Boolean),
    _time("expires_at"),
)
import_batch = Table(
    "import_batch",
    metadata,
    _id(),
    Column("kind", Text),
    Column("filename", Text),
    Column("sha256", Text),
    Column("reference", Text),
    Column("options", JSONB),
    Column("row_count", Integer),
    Column("report", JSONB),
    Column("created_by", Text),
    _time("created_at"),
)
audit_log = Table(
    "audit_log",
    metadata,
    _id(),
    _time("at"),
    Column("actor", Text),
    Column("account_id", BigInteger),
    Column("action", Text),
    Column("kind", Text),
    Column("key", Text),
    Column("change", JSONB),
)
level = Table(
    "level",
    metadata,
    Column("key", Text, primary_key=True),
    Column("depth", SmallInteger),
    Column("name_zh", Text),
    Column("name_en", Text),
)
generation = Table(
    "generation",
    metadata,
    _id(),
    Column("name", Text),
    _time("valid_from"),
    _time("valid_to"),
    _time("published_at"),
    Column("published_by", Text),
    Column("batch_id", BigInteger),
)
grid_code = Table(
    "grid_code",
    metadata,
    Column("code", Text, primary_key=True),
    Column("level", Text),
    Column("first_generation_id", BigInteger),
    Column("retired_by_generation_id", BigInteger),
)
grid = Table(
    "grid",
    metadata,
    _id(),
    Column("generation_id", BigInteger),
    Column("code", Text),
    Column("name", Text),
    Column("level", Text),
    Column("parent_id", BigInteger),
    Column("is_leaf", Boolean),
    Column("households", Integer),
    Column("population", Integer),
    Column("area_m2", Double),
    _geometry("MULTIPOLYGON"),
    Column("attributes", JSONB),
)
grid_within = Table(
    "grid_within",
    metadata,
    Column("grid_id", BigInteger, primary_key=True),
    Column("ancestor_id", BigInteger, primary_key=True),
)
lineage = Table(
    "lineage",
    metadata,
    Column("predecessor_id", BigInteger, primary_key=True),
    Column("successor_id", BigInteger, primary_key=True),
    Column("area_m2", Double),
    Column("area_share", Double),
    Column("household_share", Double),
)
plan = Table(
    "plan",
    metadata,
    _id(),
    Column("name", Text),
    Column("base_generation_id", BigInteger),
    Column("branched_from_id", BigInteger),
    Column("state", Text),
    Column("reason", Text),
    Column("published_generation_id", BigInteger),
    Column("revision", Integer),
    Column("created_by", Text),
    _time("created_at"),
    _time("updated_at"),
)
plan_operation = Table(
    "plan_operation",
    metadata,
    Column("plan_id", BigInteger, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("kind", Text),
    Column("parameters", JSONB),
    Column("effect", JSONB),
    Column("made_on_revision", Integer),
    Column("made_by", Text),
    Column("changed_in_revision", Integer),
    _time("made_at"),
    Column("standing", Text),
)
account_grant = Table(
    "account_grant",
    metadata,
    Column("account_id", BigInteger),
    Column("role", Text),
    Column("grid_code", Text),
)
post = Table(
    "post",
    metadata,
    Column("key", Text, primary_key=True),
    Column("rank", SmallInteger),
    Column("name_zh", Text),
    Column("name_en", Text),
    Column("is_public", Boolean),
)
assignment = Table(
    "assignment",
    metadata,
    _id(),
    Column("person_id", BigInteger),
    Column("grid_code", Text),
    Column("post", Text),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("batch_id", BigInteger),
    Column("revision", Integer),
)
entity = Table(
    "entity",
    metadata,
    _id(),
    Column("ref", Text),
    Column("kind", Text),
    Column("category", Text),
    Column("name", Text),
    Column("state", Text),
    Column("address", Text),
    _geometry("POINT"),
    Column("accuracy_m", Double),
    Column("households", Integer),
    Column("grid_id", BigInteger),
    *_tracked(),
)
address = Table(
    "address",
    metadata,
    _id(),
    Column("ref", Text),
    Column("text", Text),
    Column("normalized", Text),
    _geometry("POINT"),
    Column("grid_id", BigInteger),
    *_tracked(),
)
visit = Table(
    "visit",
    metadata,
    _id(),
    Column("ref", Text),
    Column("kind", Text),
    _time("visited_at"),
    Column("entity_id", BigInteger),
    _geometry("POINT"),
    Column("grid_id", BigInteger),
    Column("result", Text),
    Column("note", Text),
    *_tracked(),
)
visit_person = Table(
    "visit_person",
    metadata,
    Column("visit_id", BigInteger, primary_key=True),
    Column("person_id", BigInteger, primary_key=True),
)
track = Table(
    "track",
    metadata,
    _id(),
    Column("ref", Text),
    Column("person_id", BigInteger),
    _time("started_at"),
    _time("ended_at"),
    Column("fixes", Integer),
    Column("length_m", Double),
    _geometry("LINESTRINGM"),
    Column("attributes", JSONB),
    Column("batch_id", BigInteger),
    _time("created_at"),
)
issue = Table(
    "issue",
    metadata,
    _id(),
    Column("number", Text),
    Column("category", Text),
    Column("description", Text),
    Column("address", Text),
    Column("state", Text),
    _time("reported_at"),
    _time("due_at"),
    _time("closed_at"),
    _geometry("POINT"),
    Column("grid_id", BigInteger),
    *_tracked(),
)
issue_event = Table(
    "issue_event",
    metadata,
    _id(),
    Column("issue_id", BigInteger),
    _time("at"),
    Column("actor", Text),
    Column("kind", Text),
    Column("from_state", Text),
    Column("to_state", Text),
    Column("note", Text),
    Column("data", JSONB),
)
ground_feature = Table(
    "ground_feature",
    metadata,
    _id(),
    Column("kind", Text),
    Column("name", Text),
    _geometry("GEOMETRY"),
    Column("attributes", JSONB),
)
