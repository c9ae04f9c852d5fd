"""Values of measures are kept with the version that computed them.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE measure_result (
    plan_id bigint NOT NULL REFERENCES plan,
    measure text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    revision integer NOT NULL CHECK (revision >= 0),
    value jsonb NOT NULL,
    computed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (plan_id, measure)
);
COMMENT ON TABLE measure_result IS
    'Values that follow from a plan at a revision; those of older versions are computed anew';
"""

DOWN = "DROP TABLE measure_result"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
