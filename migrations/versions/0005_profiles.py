"""Regulation profiles are adopted from a day on.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE regulation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    grid_code text REFERENCES grid_code,
    valid_from date NOT NULL,
    document json NOT NULL,
    path text,
    adopted_by text NOT NULL,
    adopted_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE regulation IS 'Whole profiles; of those of one grid the latest that has begun holds, by day';
COMMENT ON COLUMN regulation.grid_code IS 'Where it holds, with all below; null is the whole city';
COMMENT ON COLUMN regulation.path IS 'The single value that was set; null where a profile was adopted';
CREATE INDEX regulation_grid ON regulation (grid_code, valid_from, id);
CREATE TRIGGER regulation_is_append_only BEFORE UPDATE OR DELETE ON regulation
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER regulation_is_not_emptied BEFORE TRUNCATE ON regulation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

DOWN = "DROP TABLE regulation;"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
