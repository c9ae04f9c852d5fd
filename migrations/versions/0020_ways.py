"""What visits count as tells where they were, so that ways between them are found without the visits.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE deed ADD COLUMN lon double precision, ADD COLUMN lat double precision;
COMMENT ON COLUMN deed.lon IS 'Where the visit was said to be, with lat; null where it said nothing';

UPDATE deed SET lon = ST_X(geom), lat = ST_Y(geom) FROM visit WHERE visit.id = visit_id AND geom IS NOT NULL;
CREATE INDEX deed_way ON deed (person_id, at, visit_id) INCLUDE (lon, lat)
    WHERE person_id IS NOT NULL AND lon IS NOT NULL;

CREATE OR REPLACE FUNCTION visit_appears() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deed (visit_id, kind, at, lon, lat, entity_id, household_id, grid_code)
    SELECT fresh.id, fresh.kind, fresh.visited_at, ST_X(fresh.geom), ST_Y(fresh.geom), fresh.entity_id,
        fresh.household_id,
        CASE WHEN begun.valid_from <= fresh.visited_at THEN home.code
            ELSE coalesce(leaf_code_at(coalesce(fresh.geom, entity.geom), fresh.visited_at), home.code) END
    FROM fresh
        LEFT JOIN entity ON entity.id = fresh.entity_id
        LEFT JOIN grid AS home ON home.id = fresh.grid_id
        LEFT JOIN grid_code ON grid_code.code = home.code
        LEFT JOIN generation AS begun ON begun.id = grid_code.first_generation_id;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION visit_turns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE deed
    SET kind = fresh.kind, at = fresh.visited_at, lon = ST_X(fresh.geom), lat = ST_Y(fresh.geom),
        entity_id = fresh.entity_id,
        household_id = fresh.household_id,
        grid_code = coalesce(leaf_code_at(coalesce(fresh.geom, entity.geom), fresh.visited_at), home.code)
    FROM was JOIN fresh USING (id)
        LEFT JOIN entity ON entity.id = fresh.entity_id
        LEFT JOIN grid AS home ON home.id = fresh.grid_id
    WHERE deed.visit_id = fresh.id
        AND (was.kind, was.visited_at, was.entity_id, was.household_id, was.geom)
            IS DISTINCT FROM (fresh.kind, fresh.visited_at, fresh.entity_id, fresh.household_id, fresh.geom);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION visitors_come() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deed (visit_id, person_id, kind, at, lon, lat, entity_id, household_id, grid_code)
    SELECT fresh.visit_id, fresh.person_id, known.kind, known.at, known.lon, known.lat, known.entity_id,
        known.household_id, known.grid_code
    FROM fresh JOIN (
        SELECT DISTINCT ON (visit_id) * FROM deed WHERE visit_id IN (SELECT visit_id FROM fresh)
    ) AS known USING (visit_id)
    ON CONFLICT DO NOTHING;

    DELETE FROM deed USING fresh WHERE deed.visit_id = fresh.visit_id AND deed.person_id IS NULL;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION visitors_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deed (visit_id, kind, at, lon, lat, entity_id, household_id, grid_code)
    SELECT DISTINCT ON (visit_id) visit_id, deed.kind, at, lon, lat, deed.entity_id, deed.household_id,
        grid_code
    FROM deed JOIN visit ON visit.id = visit_id
    WHERE visit_id IN (SELECT visit_id FROM gone)
        AND NOT EXISTS (SELECT FROM visit_person WHERE visit_person.visit_id = deed.visit_id)
    ON CONFLICT DO NOTHING;

    DELETE FROM deed USING gone WHERE deed.visit_id = gone.visit_id AND deed.person_id = gone.person_id;
    RETURN NULL;
END $$;
"""

DOWN = """
CREATE OR REPLACE FUNCTION visit_appears() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deed (visit_id, kind, at, entity_id, household_id, grid_code)
    SELECT fresh.id, fresh.kind, fresh.visited_at, fresh.entity_id, fresh.household_id,
        CASE WHEN begun.valid_from <= fresh.visited_at THEN home.code
            ELSE coalesce(leaf_code_at(coalesce(fresh.geom, entity.geom), fresh.visited_at), home.code) END
    FROM fresh
        LEFT JOIN entity ON entity.id = fresh.entity_id
        LEFT JOIN grid AS home ON home.id = fresh.grid_id
        LEFT JOIN grid_code ON grid_code.code = home.code
        LEFT JOIN generation AS begun ON begun.id = grid_code.first_generation_id;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION visit_turns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE deed
    SET kind = fresh.kind, at = fresh.visited_at, entity_id = fresh.entity_id,
        household_id = fresh.household_id,
        grid_code = coalesce(leaf_code_at(coalesce(fresh.geom, entity.geom), fresh.visited_at), home.code)
    FROM was JOIN fresh USING (id)
        LEFT JOIN entity ON entity.id = fresh.entity_id
        LEFT JOIN grid AS home ON home.id = fresh.grid_id
    WHERE deed.visit_id = fresh.id
        AND (was.kind, was.visited_at, was.entity_id, was.household_id, was.geom)
            IS DISTINCT FROM (fresh.kind, fresh.visited_at, fresh.entity_id, fresh.household_id, fresh.geom);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION visitors_come() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deed (visit_id, person_id, kind, at, entity_id, household_id, grid_code)
    SELECT fresh.visit_id, fresh.person_id, known.kind, known.at, known.entity_id, known.household_id,
        known.grid_code
    FROM fresh JOIN (
        SELECT DISTINCT ON (visit_id) * FROM deed WHERE visit_id IN (SELECT visit_id FROM fresh)
    ) AS known USING (visit_id)
    ON CONFLICT DO NOTHING;

    DELETE FROM deed USING fresh WHERE deed.visit_id = fresh.visit_id AND deed.person_id IS NULL;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION visitors_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deed (visit_id, kind, at, entity_id, household_id, grid_code)
    SELECT DISTINCT ON (visit_id) visit_id, deed.kind, at, deed.entity_id, deed.household_id, grid_code
    FROM deed JOIN visit ON visit.id = visit_id
    WHERE visit_id IN (SELECT visit_id FROM gone)
        AND NOT EXISTS (SELECT FROM visit_person WHERE visit_person.visit_id = deed.visit_id)
    ON CONFLICT DO NOTHING;

    DELETE FROM deed USING gone WHERE deed.visit_id = gone.visit_id AND deed.person_id = gone.person_id;
    RETURN NULL;
END $$;

DROP INDEX deed_way;
ALTER TABLE deed DROP COLUMN lat, DROP COLUMN lon;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
