"""Rules of a grid are withdrawn from a day on.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE regulation ALTER COLUMN document DROP NOT NULL,
    ADD CONSTRAINT regulation_of_the_city_is_never_withdrawn
        CHECK (document IS NOT NULL OR grid_code IS NOT NULL),
    ADD CONSTRAINT regulation_without_document_sets_no_value CHECK (document IS NOT NULL OR path IS NULL);
COMMENT ON COLUMN regulation.document IS 'The profile; null where what holds above holds again';
"""

DOWN = """
ALTER TABLE regulation DROP CONSTRAINT regulation_without_document_sets_no_value,
    DROP CONSTRAINT regulation_of_the_city_is_never_withdrawn,
    ALTER COLUMN document SET NOT NULL;
COMMENT ON COLUMN regulation.document IS NULL;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
