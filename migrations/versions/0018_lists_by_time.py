"""Lists of visits, tracks, issues and changes go by time.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

UP = """
CREATE INDEX visit_order ON visit (visited_at, id);
DROP INDEX visit_time;
CREATE INDEX issue_order ON issue (reported_at, id);
DROP INDEX issue_time;
CREATE INDEX track_order ON track (started_at, id);
CREATE INDEX audit_log_order ON audit_log (at, id);
"""

DOWN = """
DROP INDEX audit_log_order;
DROP INDEX track_order;
CREATE INDEX issue_time ON issue (reported_at);
DROP INDEX issue_order;
CREATE INDEX visit_time ON visit (visited_at);
DROP INDEX visit_order;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
