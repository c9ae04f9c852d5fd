"""Issues follow the regulation profile: stages, levels, people, pauses, cases, and what reporters say.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UP = """
CREATE SEQUENCE issue_number;
CREATE SEQUENCE issue_transfer_number;

ALTER TABLE issue
    DROP CONSTRAINT issue_state_check,
    ADD CONSTRAINT issue_state_check CHECK (state IN ('reported', 'accepted', 'reviewed', 'approved',
        'dispatched', 'handled', 'fed_back', 'checked', 'closed', 'void')),
    ADD COLUMN kind text,
    ADD COLUMN level text,
    ADD COLUMN counted_since timestamptz,
    ADD COLUMN level_since timestamptz,
    ADD COLUMN due_is_given boolean NOT NULL DEFAULT true,
    ADD COLUMN result text,
    ADD COLUMN public_result text,
    ADD COLUMN delay_reason text,
    ADD COLUMN merged_into_id bigint REFERENCES issue,
    ADD CONSTRAINT issue_is_void_when_merged CHECK (merged_into_id IS NULL OR state = 'void');
COMMENT ON COLUMN issue.kind IS 'Key of a kind of the regulation profile; null goes any way';
COMMENT ON COLUMN issue.level IS 'Key of the level of the regulation profile that deals with it';
COMMENT ON COLUMN issue.counted_since IS 'Its report, or its last reopening';
COMMENT ON COLUMN issue.due_is_given IS 'Whether somebody gave it; else it follows the profile';
COMMENT ON COLUMN issue.public_result IS 'What everybody may read; result is for those who work on it';
CREATE INDEX issue_merged ON issue (merged_into_id) WHERE merged_into_id IS NOT NULL;
CREATE INDEX issue_level ON issue (due_at) WHERE closed_at IS NULL AND state <> 'void' AND level IS NOT NULL;
CREATE INDEX issue_closed ON issue (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE issue_person (
    issue_id bigint REFERENCES issue,
    charge text,
    person_id bigint NOT NULL REFERENCES person,
    named_at timestamptz NOT NULL,
    named_by text NOT NULL,
    PRIMARY KEY (issue_id, charge)
);
COMMENT ON TABLE issue_person IS 'One named person for each charge';
CREATE INDEX issue_person_person ON issue_person (person_id);

CREATE TABLE issue_pause (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    issue_id bigint NOT NULL REFERENCES issue,
    paused_at timestamptz NOT NULL,
    resumed_at timestamptz,
    reason text NOT NULL,
    due_at timestamptz,
    CONSTRAINT issue_pause_ends_after_its_beginning CHECK (resumed_at >= paused_at)
);
COMMENT ON TABLE issue_pause IS 'While the reporter was waited for';
CREATE INDEX issue_pause_issue ON issue_pause (issue_id, paused_at);
CREATE UNIQUE INDEX issue_pause_one_at_a_time ON issue_pause (issue_id) WHERE resumed_at IS NULL;

CREATE TABLE issue_transfer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    issue_id bigint NOT NULL REFERENCES issue,
    number text NOT NULL UNIQUE,
    section text NOT NULL,
    section_zh text NOT NULL,
    section_en text NOT NULL,
    matter text NOT NULL CHECK (matter IN ('ordinary', 'illegal')),
    facts text NOT NULL,
    transferred_at timestamptz NOT NULL,
    transferred_by text NOT NULL,
    outcome text,
    outcome_at timestamptz,
    outcome_by text,
    CONSTRAINT issue_transfer_outcome_has_a_time CHECK ((outcome IS NULL) = (outcome_at IS NULL))
);
CREATE INDEX issue_transfer_issue ON issue_transfer (issue_id, id);
CREATE UNIQUE INDEX issue_transfer_one_at_a_time ON issue_transfer (issue_id) WHERE outcome IS NULL;

CREATE TABLE issue_reporter (
    issue_id bigint PRIMARY KEY REFERENCES issue,
    name text,
    phone text,
    code_hash bytea NOT NULL
);
COMMENT ON TABLE issue_reporter IS 'Personal data of who reported it';

CREATE TABLE issue_rating (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    issue_id bigint NOT NULL REFERENCES issue,
    score smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
    words text,
    rated_at timestamptz NOT NULL
);
COMMENT ON TABLE issue_rating IS 'What reporters say of the outcome; the latest of an issue counts';
CREATE INDEX issue_rating_issue ON issue_rating (issue_id, id);
CREATE TRIGGER issue_rating_is_append_only BEFORE UPDATE OR DELETE ON issue_rating
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE calendar_year (
    year smallint PRIMARY KEY,
    days_off date[] NOT NULL,
    days_worked date[] NOT NULL,
    source text NOT NULL,
    entered_by text NOT NULL,
    entered_at timestamptz NOT NULL
);
COMMENT ON TABLE calendar_year IS 'Schedules that take the place of those known or computed';
"""

DOWN = """
DROP TABLE calendar_year, issue_rating, issue_reporter, issue_transfer, issue_pause, issue_person;
DROP SEQUENCE issue_number, issue_transfer_number;
ALTER TABLE issue DROP CONSTRAINT issue_state_check;
UPDATE issue SET state = 'handled' WHERE state IN ('fed_back', 'checked');
UPDATE issue SET state = 'accepted' WHERE state IN ('reviewed', 'approved');
ALTER TABLE issue
    ADD CONSTRAINT issue_state_check
        CHECK (state IN ('reported', 'accepted', 'dispatched', 'handled', 'closed', 'void')),
    DROP CONSTRAINT issue_is_void_when_merged,
    DROP COLUMN kind,
    DROP COLUMN level,
    DROP COLUMN counted_since,
    DROP COLUMN level_since,
    DROP COLUMN due_is_given,
    DROP COLUMN result,
    DROP COLUMN public_result,
    DROP COLUMN delay_reason,
    DROP COLUMN merged_into_id;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
