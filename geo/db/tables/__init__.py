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
from geo.db.tables.plan_comments import plan_comment

__all__ = [
    "account",
    "account_grant",
    "address",
    "assignment",
    "audit_log",
    "entity",
    "generation",
    "grid",
    "grid_code",
    "grid_within",
    "ground_feature",
    "import_batch",
    "issue",
    "issue_event",
    "level",
    "lineage",
    "metadata",
    "person",
    "plan",
    "plan_comment",
    "plan_operation",
    "post",
    "sign_in_attempt",
    "track",
    "visit",
    "visit_person",
    "web_session",
]
