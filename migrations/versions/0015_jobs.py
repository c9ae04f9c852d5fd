"""What the application does by itself keeps when it was last done.

Revision ID: 0015
Revises: 0013
"""

from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE job (
    key text PRIMARY KEY,
    since timestamptz NOT NULL,
    ran_at timestamptz,
    took_s double precision,
    done jsonb NOT NULL DEFAULT '{}',
    failed_at timestamptz,
    failure text
);
COMMENT ON COLUMN job.since IS 'When an application first knew of it: its first turn is due after that';
COMMENT ON COLUMN job.ran_at IS 'When it was last begun with success; kept in the transaction of what it did';
"""

DOWN = """
DROP TABLE job;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
