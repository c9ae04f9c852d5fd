"""Activities, attendance, households, what visits count as, draws and reminders.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UP = """
-- households -----------------------------------------------------------------------------------------------

CREATE TABLE household (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref text UNIQUE,
    building_id bigint NOT NULL REFERENCES entity,
    door text NOT NULL CHECK (door <> ''),
    marks text[] NOT NULL DEFAULT '{}',
    since date NOT NULL DEFAULT CURRENT_DATE,
    until date CHECK (until >= since)
);
COMMENT ON COLUMN household.marks IS 'Why it is looked after more than others; no names';
CREATE INDEX household_building ON household (building_id);
CREATE INDEX household_marks ON household USING gin (marks);

ALTER TABLE visit ADD COLUMN household_id bigint REFERENCES household;
CREATE INDEX visit_household ON visit (household_id, visited_at) WHERE household_id IS NOT NULL;

-- when entities were there to be visited -------------------------------------------------------------------

CREATE TABLE entity_active (
    entity_id bigint NOT NULL REFERENCES entity ON DELETE CASCADE,
    since date NOT NULL,
    until date CHECK (until >= since)
);
COMMENT ON TABLE entity_active IS 'Days on which each entity was active, half-open; kept by triggers';
CREATE INDEX entity_active_entity ON entity_active (entity_id);

CREATE FUNCTION as_day(words text) RETURNS date LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE WHEN words ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN to_date(words, 'YYYY-MM-DD') END;
EXCEPTION WHEN datetime_field_overflow THEN
    RETURN NULL;
END $$;

CREATE FUNCTION entity_appears() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO entity_active (entity_id, since)
    SELECT id, coalesce(as_day(attributes ->> 'opened_on'), created_at::date)
    FROM fresh WHERE state = 'active';
    RETURN NULL;
END $$;

CREATE FUNCTION entity_turns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE entity_active SET until = greatest(since, CURRENT_DATE)
    FROM was JOIN fresh USING (id)
    WHERE entity_id = id AND until IS NULL AND was.state = 'active' AND fresh.state <> 'active';

    INSERT INTO entity_active (entity_id, since)
    SELECT id, CURRENT_DATE
    FROM was JOIN fresh USING (id) WHERE was.state <> 'active' AND fresh.state = 'active';

    UPDATE entity_active SET since = as_day(fresh.attributes ->> 'opened_on')
    FROM was JOIN fresh USING (id)
    WHERE entity_id = id
        AND fresh.attributes ->> 'opened_on' IS DISTINCT FROM was.attributes ->> 'opened_on'
        AND as_day(fresh.attributes ->> 'opened_on') <= coalesce(until, 'infinity')
        AND since = (SELECT min(since) FROM entity_active AS earlier WHERE earlier.entity_id = id);
    RETURN NULL;
END $$;

CREATE TRIGGER entity_is_active_from_then_on AFTER INSERT ON entity
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION entity_appears();
CREATE TRIGGER entity_is_active_until_then AFTER UPDATE ON entity
    REFERENCING OLD TABLE AS was NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION entity_turns();

INSERT INTO entity_active (entity_id, since)
SELECT id, coalesce(as_day(attributes ->> 'opened_on'), created_at::date) FROM entity WHERE state = 'active';

-- what visits count as -------------------------------------------------------------------------------------

CREATE TABLE deed (
    visit_id bigint NOT NULL REFERENCES visit ON DELETE CASCADE,
    person_id bigint REFERENCES person,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    entity_id bigint,
    household_id bigint,
    grid_code text,
    UNIQUE NULLS NOT DISTINCT (visit_id, person_id)
);
COMMENT ON TABLE deed IS 'A row a visit and person (or nobody); kept by triggers of visit and visit_person';
COMMENT ON COLUMN deed.grid_code IS 'The leaf that covered the place when it was visited, for ever';
CREATE INDEX deed_duty ON deed (kind, at) INCLUDE (visit_id, person_id, entity_id, household_id, grid_code);
CREATE INDEX deed_person ON deed (person_id, at);

CREATE FUNCTION leaf_code_at(place geometry, moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT grid.code
    FROM generation JOIN grid ON grid.generation_id = generation.id
    WHERE generation.valid_from <= moment AND (generation.valid_to IS NULL OR generation.valid_to > moment)
        AND grid.is_leaf AND ST_Covers(grid.geom, ST_ForceCollection(place))
    ORDER BY grid.code COLLATE "C"
    LIMIT 1
$$;

CREATE FUNCTION visit_appears() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE FUNCTION visit_turns() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE FUNCTION visitors_come() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE FUNCTION visitors_go() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER visit_counts AFTER INSERT ON visit
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION visit_appears();
CREATE TRIGGER visit_counts_as_corrected AFTER UPDATE ON visit
    REFERENCING OLD TABLE AS was NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION visit_turns();
CREATE TRIGGER visit_counts_for_its_people AFTER INSERT ON visit_person
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION visitors_come();
CREATE TRIGGER visit_counts_for_nobody_else AFTER DELETE ON visit_person
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION visitors_go();
CREATE TRIGGER visit_person_is_replaced_whole BEFORE UPDATE ON visit_person
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

INSERT INTO deed (visit_id, person_id, kind, at, entity_id, household_id, grid_code)
SELECT visit.id, visit_person.person_id, visit.kind, visit.visited_at, visit.entity_id, visit.household_id,
    coalesce(leaf_code_at(coalesce(visit.geom, entity.geom), visit.visited_at), home.code)
FROM visit
    LEFT JOIN visit_person ON visit_person.visit_id = visit.id
    LEFT JOIN entity ON entity.id = visit.entity_id
    LEFT JOIN grid AS home ON home.id = visit.grid_id;

-- trainings, meetings, check-ins, logs ---------------------------------------------------------------------

CREATE TABLE activity (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref text UNIQUE,
    kind text NOT NULL,
    title text NOT NULL CHECK (title <> ''),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at >= starts_at),
    grid_code text NOT NULL REFERENCES grid_code,
    geom geometry(Point, 4326),
    note text,
    attributes jsonb NOT NULL DEFAULT '{}',
    revision integer NOT NULL DEFAULT 1,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN activity.grid_code IS 'The grid, of any level, for which it was held';
CREATE INDEX activity_kind ON activity (kind, starts_at);
CREATE INDEX activity_grid ON activity (grid_code, starts_at);

CREATE TABLE attendance (
    activity_id bigint NOT NULL REFERENCES activity ON DELETE CASCADE,
    person_id bigint NOT NULL REFERENCES person,
    state text NOT NULL CHECK (state IN ('present', 'absent', 'made_up')),
    made_up_in bigint REFERENCES activity,
    PRIMARY KEY (activity_id, person_id),
    CONSTRAINT attendance_is_made_up_somewhere_else
        CHECK ((state = 'made_up') = (made_up_in IS NOT NULL) AND made_up_in <> activity_id)
);
CREATE INDEX attendance_person ON attendance (person_id, activity_id);
CREATE INDEX attendance_made_up ON attendance (made_up_in) WHERE made_up_in IS NOT NULL;

-- draws ----------------------------------------------------------------------------------------------------

CREATE TABLE conflict (
    person_id bigint NOT NULL REFERENCES person,
    entity_id bigint NOT NULL REFERENCES entity,
    reason text NOT NULL CHECK (reason <> ''),
    declared_by text NOT NULL,
    declared_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person_id, entity_id)
);
COMMENT ON TABLE conflict IS 'Who never inspects what: relatives and the like, as declared';
CREATE INDEX conflict_entity ON conflict (entity_id);

CREATE TABLE draw (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL CHECK (title <> ''),
    duty text,
    grid_code text REFERENCES grid_code,
    frame jsonb NOT NULL,
    digest text NOT NULL,
    commitment text NOT NULL,
    seed text NOT NULL,
    committed_by text NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now(),
    revealed_at timestamptz
);
COMMENT ON COLUMN draw.commitment IS 'SHA-256 of the seed, published before it';
COMMENT ON COLUMN draw.seed IS 'Told to nobody until the draw is revealed';
CREATE INDEX draw_grid ON draw (grid_code);

CREATE TABLE draw_item (
    draw_id bigint NOT NULL REFERENCES draw ON DELETE CASCADE,
    nth integer NOT NULL CHECK (nth > 0),
    entity_id bigint REFERENCES entity,
    household_id bigint REFERENCES household,
    inspectors bigint[] NOT NULL,
    PRIMARY KEY (draw_id, nth),
    CONSTRAINT draw_item_is_one_thing CHECK (num_nonnulls(entity_id, household_id) = 1)
);
CREATE INDEX draw_item_entity ON draw_item (entity_id, draw_id) WHERE entity_id IS NOT NULL;
CREATE INDEX draw_item_household ON draw_item (household_id, draw_id) WHERE household_id IS NOT NULL;

-- reminders ------------------------------------------------------------------------------------------------

CREATE TABLE reminder (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES person,
    duty text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('reminder', 'notice')),
    due_at timestamptz NOT NULL,
    nth smallint NOT NULL CHECK (nth > 0),
    made_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (person_id, duty, kind, due_at, nth)
);
"""

DOWN = """
DROP TRIGGER visit_person_is_replaced_whole ON visit_person;
DROP TRIGGER visit_counts_for_nobody_else ON visit_person;
DROP TRIGGER visit_counts_for_its_people ON visit_person;
DROP TRIGGER visit_counts_as_corrected ON visit;
DROP TRIGGER visit_counts ON visit;
DROP TRIGGER entity_is_active_until_then ON entity;
DROP TRIGGER entity_is_active_from_then_on ON entity;
DROP TABLE reminder, draw_item, draw, conflict, attendance, activity, deed, entity_active;
DROP FUNCTION visitors_go, visitors_come, visit_turns, visit_appears, leaf_code_at;
DROP FUNCTION entity_turns, entity_appears, as_day;
ALTER TABLE visit DROP COLUMN household_id;
DROP TABLE household;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
