"""Key people, a trace of each look at them, and what explains a suspicious record.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE key_person (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    grid_code text NOT NULL REFERENCES grid_code,
    name text NOT NULL CHECK (name <> ''),
    phone text,
    id_number text,
    note text,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE key_person IS 'By code of grid, which outlives generations; counted, not named, elsewhere';
CREATE INDEX key_person_grid ON key_person (grid_code, kind);

CREATE TABLE look (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    account_id bigint,
    key_person_id bigint NOT NULL,
    grid_code text NOT NULL REFERENCES grid_code,
    reason text NOT NULL CHECK (reason <> '')
);
COMMENT ON COLUMN look.key_person_id IS 'Stays when the person is taken off the register';
CREATE INDEX look_grid ON look (grid_code, id);
CREATE INDEX look_person ON look (key_person_id, id);
CREATE TRIGGER look_is_append_only BEFORE UPDATE OR DELETE ON look
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER look_is_not_emptied BEFORE TRUNCATE ON look
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE suspicion_explanation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    visit_id bigint NOT NULL REFERENCES visit,
    other_visit_id bigint REFERENCES visit,
    reason text NOT NULL CHECK (reason <> ''),
    explained_by text NOT NULL,
    explained_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (kind, visit_id, other_visit_id)
);
CREATE INDEX suspicion_explanation_visit ON suspicion_explanation (visit_id);
CREATE INDEX suspicion_explanation_other_visit ON suspicion_explanation (other_visit_id);
CREATE TRIGGER suspicion_explanation_is_append_only BEFORE UPDATE OR DELETE ON suspicion_explanation
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

DOWN = "DROP TABLE suspicion_explanation, look, key_person;"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
