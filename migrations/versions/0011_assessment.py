"""Findings of supervisors, and assessments that were kept.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE finding (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tally text NOT NULL,
    happened_on date NOT NULL,
    person_id bigint REFERENCES person,
    grid_code text NOT NULL REFERENCES grid_code,
    note text NOT NULL CHECK (note <> ''),
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    withdrawn_by text,
    withdrawn_at timestamptz,
    withdrawn_because text,
    CONSTRAINT finding_is_withdrawn_with_a_reason
        CHECK (num_nonnulls(withdrawn_by, withdrawn_at, withdrawn_because) IN (0, 3))
);
COMMENT ON TABLE finding IS 'What counts in assessments and no other record tells';
CREATE INDEX finding_grid ON finding (grid_code, happened_on);
CREATE INDEX finding_person ON finding (person_id, happened_on);

CREATE TABLE assessment_snapshot (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL CHECK (subject IN ('grid', 'person')),
    period text NOT NULL CHECK (period IN ('month', 'half_year', 'year')),
    since date NOT NULL,
    grid_code text REFERENCES grid_code,
    document jsonb NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL
);
COMMENT ON COLUMN assessment_snapshot.grid_code IS 'Holds all others of it; null is the whole city';
CREATE INDEX assessment_snapshot_span ON assessment_snapshot (period, since, subject, id);
CREATE INDEX assessment_snapshot_grid ON assessment_snapshot (grid_code);
CREATE TRIGGER assessment_snapshot_stays BEFORE UPDATE OR DELETE ON assessment_snapshot
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER assessment_snapshot_is_not_emptied BEFORE TRUNCATE ON assessment_snapshot
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

DOWN = "DROP TABLE assessment_snapshot, finding;"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
