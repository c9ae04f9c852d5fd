"""The tables, as the migrations make them, a module a capability.

Constraints and indexes stand in the migrations; a test compares both.
"""

from geo.db.tables.columns import metadata
from geo.db.tables.ground_floor import (
    account,
    account_grant,
    address,
    assignment,
    audit_log,
    entity,
    generation,
    grid,
    grid_code,
    grid_within,
    ground_feature,
    import_batch,
    issue,
    issue_event,
    level,
    lineage,
    person,
    plan,
    plan_operation,
    post,
    sign_in_attempt,
    track,
    visit,
    visit_person,
    web_session,
)
from geo.db.tables.inspections import deregistration, inspection, licence, photo, photo_content
from geo.db.tables.plan_comments import plan_comment
from geo.db.tables.privacy import key_person, look, suspicion_explanation
from geo.db.tables.profiles import regulation
from geo.db.tables.statistics import statistics_snapshot

__all__ = [
    "account",
    "account_grant",
    "address",
    "assignment",
    "audit_log",
    "deregistration",
    "entity",
    "generation",
    "grid",
    "grid_code",
    "grid_within",
    "ground_feature",
    "import_batch",
    "inspection",
    "issue",
    "issue_event",
    "key_person",
    "level",
    "licence",
    "lineage",
    "look",
    "metadata",
    "person",
    "photo",
    "photo_content",
    "plan",
    "plan_comment",
    "plan_operation",
    "post",
    "regulation",
    "sign_in_attempt",
    "statistics_snapshot",
    "suspicion_explanation",
    "track",
    "visit",
    "visit_person",
    "web_session",
]
