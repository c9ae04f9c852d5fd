"""Records of inspections, their photos, and subjects that leave the market.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UP = """
CREATE FUNCTION refuse_change_before_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('wangge.retention', true) = 'on' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION '% of % is refused: its rows are kept until their time is up', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TABLE licence (
    entity_id bigint PRIMARY KEY REFERENCES entity,
    founded_on date,
    licensed_on date
);
COMMENT ON TABLE licence IS 'Since when a subject is there, and since when it may work';
CREATE INDEX licence_day ON licence (licensed_on);

CREATE TABLE inspection (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    visit_id bigint NOT NULL REFERENCES visit,
    version integer NOT NULL CHECK (version > 0),
    replaces_id bigint UNIQUE REFERENCES inspection,
    reason text,
    profile text NOT NULL,
    form text NOT NULL,
    answers jsonb NOT NULL,
    result text NOT NULL,
    measures text[] NOT NULL,
    hazards text[] NOT NULL,
    correct_by date,
    findings text,
    subject_name text,
    subject_phone text,
    acknowledgement text NOT NULL CHECK (acknowledgement IN ('signed', 'typed', 'refused')),
    signature jsonb,
    refusal_reason text,
    witness text,
    case_number text,
    keep_until date,
    at_end text CHECK (at_end IN ('delete', 'anonymise')),
    anonymised_at timestamptz,
    filed_at timestamptz NOT NULL DEFAULT now(),
    filed_by text NOT NULL,
    UNIQUE (visit_id, version),
    CONSTRAINT inspection_end_says_what_happens CHECK ((keep_until IS NULL) = (at_end IS NULL)),
    CONSTRAINT inspection_first_version CHECK ((version = 1) = (replaces_id IS NULL)),
    CONSTRAINT inspection_correction_has_a_reason CHECK ((version = 1) = (reason IS NULL))
);
COMMENT ON COLUMN inspection.replaces_id IS 'The version that this one corrects';
COMMENT ON COLUMN inspection.signature IS 'Strokes, each a list of x, y in thousandths of the field';
CREATE INDEX inspection_end ON inspection (keep_until);
CREATE TRIGGER inspection_is_kept BEFORE UPDATE OR DELETE ON inspection
    FOR EACH ROW EXECUTE FUNCTION refuse_change_before_time();
CREATE TRIGGER inspection_is_not_emptied BEFORE TRUNCATE ON inspection
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE photo_content (
    sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content bytea NOT NULL,
    media_type text NOT NULL,
    width integer NOT NULL CHECK (width > 0),
    height integer NOT NULL CHECK (height > 0),
    likeness bigint NOT NULL
);
COMMENT ON COLUMN photo_content.likeness IS '64 bits, few of which differ between pictures that look alike';
ALTER TABLE photo_content ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE photo (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256 text NOT NULL REFERENCES photo_content,
    visit_id bigint REFERENCES visit,
    taken_at timestamptz,
    geom geometry(Point, 4326),
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    uploaded_by text NOT NULL
);
CREATE INDEX photo_visit ON photo (visit_id);
CREATE INDEX photo_sha256 ON photo (sha256);

CREATE TABLE deregistration (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity_id bigint NOT NULL REFERENCES entity,
    visit_id bigint NOT NULL REFERENCES visit,
    begun_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('active', 'closed')),
    ended_by text,
    CONSTRAINT deregistration_ends_with_an_outcome CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX deregistration_under_way ON deregistration (entity_id) WHERE ended_at IS NULL;
CREATE INDEX deregistration_visit ON deregistration (visit_id);
"""

DOWN = """
DROP TABLE deregistration, photo, photo_content, inspection, licence;
DROP FUNCTION refuse_change_before_time();
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
