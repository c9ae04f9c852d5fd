"""Divisions, people, located things, history: the tables of the ground floor."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geo.db.tables.columns import geometry, metadata, row_id, time, tracked

person = Table(
    "person",
    metadata,
    row_id(),
    Column("ref", Text),
    Column("name", Text),
    Column("phone", Text),
    Column("organisation", Text),
    *tracked(),
)
account = Table(
    "account",
    metadata,
    row_id(),
    Column("username", Text),
    Column("password_hash", Text),
    Column("person_id", BigInteger),
    Column("active", Boolean),
    time("created_at"),
)
web_session = Table(
    "web_session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", BigInteger),
    Column("csrf_token", Text),
    time("created_at"),
    time("expires_at"),
)
sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("username_hash", LargeBinary, primary_key=True),
    Column("failed", Integer),
    Column("locked", Boolean),
    time("expires_at"),
)
import_batch = Table(
    "import_batch",
    metadata,
    row_id(),
    Column("kind", Text),
    Column("filename", Text),
    Column("sha256", Text),
    Column("reference", Text),
    Column("options", JSONB),
    Column("row_count", Integer),
    Column("report", JSONB),
    Column("created_by", Text),
    time("created_at"),
)
audit_log = Table(
    "audit_log",
    metadata,
    row_id(),
    time("at"),
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
    row_id(),
    Column("name", Text),
    time("valid_from"),
    time("valid_to"),
    time("published_at"),
    Column("published_by", Text),
    Column("batch_id", BigInteger),
    time("took_effect_at"),
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
    row_id(),
    Column("generation_id", BigInteger),
    Column("code", Text),
    Column("name", Text),
    Column("level", Text),
    Column("parent_id", BigInteger),
    Column("is_leaf", Boolean),
    Column("households", Integer),
    Column("population", Integer),
    Column("area_m2", Double),
    geometry("MULTIPOLYGON"),
    Column("attributes", JSONB),
    Column("home_id", BigInteger),
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
    row_id(),
    Column("name", Text),
    Column("base_generation_id", BigInteger),
    Column("branched_from_id", BigInteger),
    Column("state", Text),
    Column("reason", Text),
    Column("published_generation_id", BigInteger),
    Column("revision", Integer),
    Column("created_by", Text),
    time("created_at"),
    time("updated_at"),
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
    time("made_at"),
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
    row_id(),
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
    row_id(),
    Column("ref", Text),
    Column("kind", Text),
    Column("category", Text),
    Column("name", Text),
    Column("state", Text),
    Column("address", Text),
    geometry("POINT"),
    Column("accuracy_m", Double),
    Column("households", Integer),
    Column("grid_id", BigInteger),
    *tracked(),
)
address = Table(
    "address",
    metadata,
    row_id(),
    Column("ref", Text),
    Column("text", Text),
    Column("normalized", Text),
    geometry("POINT"),
    Column("grid_id", BigInteger),
    *tracked(),
)
visit = Table(
    "visit",
    metadata,
    row_id(),
    Column("ref", Text),
    Column("kind", Text),
    time("visited_at"),
    Column("entity_id", BigInteger),
    Column("household_id", BigInteger),
    geometry("POINT"),
    Column("grid_id", BigInteger),
    Column("result", Text),
    Column("note", Text),
    *tracked(),
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
    row_id(),
    Column("ref", Text),
    Column("person_id", BigInteger),
    time("started_at"),
    time("ended_at"),
    Column("fixes", Integer),
    Column("length_m", Double),
    geometry("LINESTRINGM"),
    Column("attributes", JSONB),
    Column("batch_id", BigInteger),
    time("created_at"),
)
issue = Table(
    "issue",
    metadata,
    row_id(),
    Column("number", Text),
    Column("category", Text),
    Column("description", Text),
    Column("address", Text),
    Column("state", Text),
    time("reported_at"),
    time("due_at"),
    time("closed_at"),
    geometry("POINT"),
    Column("grid_id", BigInteger),
    *tracked(),
)
issue_event = Table(
    "issue_event",
    metadata,
    row_id(),
    Column("issue_id", BigInteger),
    time("at"),
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
    row_id(),
    Column("kind", Text),
    Column("name", Text),
    geometry("GEOMETRY"),
    Column("attributes", JSONB),
)
