"""Comments are pinned to grids of plans.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE plan_comment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id bigint NOT NULL REFERENCES plan,
    grid_key text NOT NULL,
    geom geometry(Point, 4326) NOT NULL,
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    resolved_by text,
    resolved_at timestamptz,
    CHECK ((resolved_by IS NULL) = (resolved_at IS NULL))
);
CREATE INDEX plan_comment_plan ON plan_comment (plan_id, id);
COMMENT ON TABLE plan_comment IS 'What people say of a grid of a plan; the point stays where the grid was';
"""

DOWN = "DROP TABLE plan_comment"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
