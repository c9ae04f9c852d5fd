"""Leaves that go on keep their home; publications of plans keep their report.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE grid ADD COLUMN home_id bigint REFERENCES grid;
ALTER TABLE grid DISABLE TRIGGER grid_is_immutable;
UPDATE grid SET home_id = id;
ALTER TABLE grid ENABLE TRIGGER grid_is_immutable;
ALTER TABLE grid ALTER COLUMN home_id SET NOT NULL;
COMMENT ON COLUMN grid.home_id IS 'The first row of the same code, name and grids above without a break: what is located in the grid points there';
CREATE INDEX grid_home ON grid (home_id, generation_id);

ALTER TABLE generation ADD COLUMN took_effect_at timestamptz;
UPDATE generation SET took_effect_at = now() WHERE valid_from <= now();
COMMENT ON COLUMN generation.took_effect_at IS 'When everything located was at home in it';

CREATE TABLE publication_report (
    generation_id bigint PRIMARY KEY REFERENCES generation,
    plan_id bigint NOT NULL UNIQUE REFERENCES plan,
    report jsonb NOT NULL
);
COMMENT ON TABLE publication_report IS 'What followed from the publication of a plan, as it was told then';
CREATE TRIGGER publication_report_is_immutable BEFORE UPDATE OR DELETE ON publication_report
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""  # noqa: E501 - a comment is one line

DOWN = """
DROP TABLE publication_report;
ALTER TABLE generation DROP COLUMN took_effect_at;
ALTER TABLE grid DROP COLUMN home_id;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
