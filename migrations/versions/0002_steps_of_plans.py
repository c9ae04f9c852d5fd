"""Operations of plans know whether they are done, undone or dropped, and since which revision.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE plan_operation
    ADD COLUMN standing text NOT NULL DEFAULT 'done' CHECK (standing IN ('done', 'undone', 'dropped')),
    ADD COLUMN changed_in_revision integer NOT NULL DEFAULT 0;
UPDATE plan_operation SET standing = 'undone' WHERE undone;
ALTER TABLE plan_operation DROP COLUMN undone;
CREATE INDEX plan_operation_change ON plan_operation (plan_id, changed_in_revision);
"""

DOWN = """
DROP INDEX plan_operation_change;
ALTER TABLE plan_operation ADD COLUMN undone boolean NOT NULL DEFAULT false;
UPDATE plan_operation SET undone = standing <> 'done';
ALTER TABLE plan_operation DROP COLUMN standing, DROP COLUMN changed_in_revision;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
