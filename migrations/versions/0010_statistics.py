"""Statistics of a month are kept as they were.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE statistics_snapshot (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    level text NOT NULL REFERENCES level,
    grid_code text REFERENCES grid_code,
    document jsonb NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL
);
COMMENT ON COLUMN statistics_snapshot.grid_code IS 'Holds all others of it; null is the whole city';
CREATE INDEX statistics_snapshot_month ON statistics_snapshot (month, level, id);
CREATE INDEX statistics_snapshot_grid ON statistics_snapshot (grid_code);
CREATE TRIGGER statistics_snapshot_stays BEFORE UPDATE OR DELETE ON statistics_snapshot
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statistics_snapshot_is_not_emptied BEFORE TRUNCATE ON statistics_snapshot
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

DOWN = "DROP TABLE statistics_snapshot;"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
