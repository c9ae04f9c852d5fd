"""Who is named for an issue, when its clock stood, cases, reporters and what they say; working days."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Column, Date, LargeBinary, Sequence, SmallInteger, Table, Text

from geo.db.tables.columns import metadata, row_id, time

issue_number = Sequence("issue_number")
issue_transfer_number = Sequence("issue_transfer_number")

issue_person = Table(
    "issue_person",
    metadata,
    Column("issue_id", BigInteger, primary_key=True),
    Column("charge", Text, primary_key=True),
    Column("person_id", BigInteger),
    time("named_at"),
    Column("named_by", Text),
)
issue_pause = Table(
    "issue_pause",
    metadata,
    row_id(),
    Column("issue_id", BigInteger),
    time("paused_at"),
    time("resumed_at"),
    Column("reason", Text),
    time("due_at"),
)
issue_transfer = Table(
    "issue_transfer",
    metadata,
    row_id(),
    Column("issue_id", BigInteger),
    Column("number", Text),
    Column("section", Text),
    Column("section_zh", Text),
    Column("section_en", Text),
    Column("matter", Text),
    Column("facts", Text),
    time("transferred_at"),
    Column("transferred_by", Text),
    Column("outcome", Text),
    time("outcome_at"),
    Column("outcome_by", Text),
)
issue_reporter = Table(
    "issue_reporter",
    metadata,
    Column("issue_id", BigInteger, primary_key=True),
    Column("name", Text),
    Column("phone", Text),
    Column("code_hash", LargeBinary),
)
issue_rating = Table(
    "issue_rating",
    metadata,
    row_id(),
    Column("issue_id", BigInteger),
    Column("score", SmallInteger),
    Column("words", Text),
    time("rated_at"),
)
calendar_year = Table(
    "calendar_year",
    metadata,
    Column("year", SmallInteger, primary_key=True),
    Column("days_off", ARRAY(Date)),
    Column("days_worked", ARRAY(Date)),
    Column("source", Text),
    Column("entered_by", Text),
    time("entered_at"),
)
