"""The tables, as the migrations make them, a module a capability.

Constraints and indexes stand in the migrations; a test compares both.
"""

from geo.db.tables.assessment import assessment_snapshot, finding
from geo.db.tables.columns import metadata
from geo.db.tables.duties import (
    activity,
    attendance,
    conflict,
    deed,
    draw,
    draw_item,
    entity_active,
    household,
    reminder,
)
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
from geo.db.tables.import_runs import import_run
from geo.db.tables.inspections import deregistration, inspection, licence, photo, photo_content
from geo.db.tables.issue_flow import (
    calendar_year,
    issue_number,
    issue_pause,
    issue_person,
    issue_rating,
    issue_reporter,
    issue_transfer,
    issue_transfer_number,
)
from geo.db.tables.jobs import job
from geo.db.tables.measure_results import measure_result
from geo.db.tables.plan_comments import plan_comment
from geo.db.tables.plan_publication import publication_report
from geo.db.tables.posts import leave, partnership
from geo.db.tables.privacy import key_person, look, suspicion_explanation
from geo.db.tables.profiles import regulation
from geo.db.tables.statistics import statistics_snapshot

__all__ = [
    "account",
    "account_grant",
    "activity",
    "address",
    "assessment_snapshot",
    "assignment",
    "attendance",
    "audit_log",
    "calendar_year",
    "conflict",
    "deed",
    "deregistration",
    "draw",
    "draw_item",
    "entity",
    "entity_active",
    "finding",
    "generation",
    "grid",
    "grid_code",
    "grid_within",
    "ground_feature",
    "household",
    "import_batch",
    "import_run",
    "inspection",
    "issue",
    "issue_event",
    "issue_number",
    "issue_pause",
    "issue_person",
    "issue_rating",
    "issue_reporter",
    "issue_transfer",
    "issue_transfer_number",
    "job",
    "key_person",
    "leave",
    "level",
    "licence",
    "lineage",
    "look",
    "measure_result",
    "metadata",
    "partnership",
    "person",
    "photo",
    "photo_content",
    "plan",
    "plan_comment",
    "plan_operation",
    "post",
    "publication_report",
    "regulation",
    "reminder",
    "sign_in_attempt",
    "statistics_snapshot",
    "suspicion_explanation",
    "track",
    "visit",
    "visit_person",
    "web_session",
]
