"""Posts follow the regulation profile; partners stand in during leave.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE partnership (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post text NOT NULL REFERENCES post,
    grid_code text NOT NULL REFERENCES grid_code,
    partner_code text NOT NULL REFERENCES grid_code CHECK (partner_code <> grid_code),
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to > valid_from),
    revision integer NOT NULL DEFAULT 1,
    CONSTRAINT partnership_is_with_one EXCLUDE USING gist
        (post WITH =, grid_code WITH =, daterange(valid_from, valid_to) WITH &&)
);
COMMENT ON TABLE partnership IS 'A/B posts, a row for each of the two grids: the partner covers for leave';
CREATE INDEX partnership_grid ON partnership (grid_code, post);
CREATE INDEX partnership_partner ON partnership (partner_code, post);

CREATE TABLE leave (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES person,
    valid_from date NOT NULL,
    valid_to date NOT NULL CHECK (valid_to > valid_from),
    revision integer NOT NULL DEFAULT 1,
    CONSTRAINT leave_is_taken_once EXCLUDE USING gist
        (person_id WITH =, daterange(valid_from, valid_to) WITH &&)
);
COMMENT ON TABLE leave IS 'When somebody is away; why is nobody''s business';
CREATE INDEX leave_days ON leave USING gist (daterange(valid_from, valid_to));
"""

DOWN = "DROP TABLE leave, partnership;"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
