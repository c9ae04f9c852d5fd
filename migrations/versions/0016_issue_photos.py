"""Steps of issues have photos; issues keep which deadlines they missed.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE photo
    ADD COLUMN issue_event_id bigint REFERENCES issue_event,
    ADD COLUMN shows text CHECK (shows IN ('before', 'after')),
    ADD CONSTRAINT photo_belongs_to_one_thing CHECK (visit_id IS NULL OR issue_event_id IS NULL),
    ADD CONSTRAINT photo_of_a_step_says_what_it_shows CHECK ((issue_event_id IS NULL) = (shows IS NULL));
COMMENT ON COLUMN photo.shows IS 'The place before it was dealt with, or after';
CREATE INDEX photo_issue_event ON photo (issue_event_id) WHERE issue_event_id IS NOT NULL;
CREATE INDEX photo_unattached ON photo (uploaded_at) WHERE visit_id IS NULL AND issue_event_id IS NULL;
CREATE TRIGGER photo_of_a_step_is_kept BEFORE UPDATE OR DELETE ON photo
    FOR EACH ROW WHEN (OLD.issue_event_id IS NOT NULL) EXECUTE FUNCTION refuse_change_before_time();

ALTER TABLE issue ADD COLUMN missed_at timestamptz, ADD COLUMN missed_levels text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN issue.missed_at IS 'The first deadline on its way that was not kept';
COMMENT ON COLUMN issue.missed_levels IS 'The levels on which that happened';
CREATE INDEX issue_judged ON issue (least(due_at, missed_at));
UPDATE issue SET missed_at = late.missed_at, missed_levels = late.levels
FROM (
    SELECT issue_id, min((data->>'due_at')::timestamptz) AS missed_at,
        coalesce(array_agg(data->>'from_level' ORDER BY id) FILTER (WHERE data->>'from_level' IS NOT NULL), '{}') AS levels
    FROM issue_event WHERE kind = 'escalated' AND data->>'because' = 'overdue' GROUP BY issue_id
) AS late
WHERE late.issue_id = issue.id;
"""  # noqa: E501 - a line of SQL that says one thing

DOWN = """
ALTER TABLE issue DROP COLUMN missed_at, DROP COLUMN missed_levels;
DROP TRIGGER photo_of_a_step_is_kept ON photo;
DELETE FROM photo WHERE issue_event_id IS NOT NULL;
ALTER TABLE photo DROP COLUMN issue_event_id, DROP COLUMN shows;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
