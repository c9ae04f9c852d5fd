"""Imports that go on after their request.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE import_run (
    id bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 2147483647) PRIMARY KEY,
    layer text NOT NULL,
    filename text NOT NULL,
    writes boolean NOT NULL,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed')),
    stage text NOT NULL DEFAULT 'read',
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    batch_id bigint REFERENCES import_batch ON DELETE SET NULL,
    report jsonb,
    problem jsonb,
    CHECK ((state = 'done') = (report IS NOT NULL)),
    CHECK ((state = 'failed') = (problem IS NOT NULL))
);
COMMENT ON TABLE import_run IS 'Whoever runs one holds the advisory lock (1229869397, id); without it a running one was interrupted';
CREATE INDEX import_run_creator ON import_run (created_by, id);
CREATE INDEX import_run_batch ON import_run (batch_id);
"""  # noqa: E501 - a comment is one line

DOWN = """
DROP TABLE import_run;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
