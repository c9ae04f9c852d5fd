"""The ground floor: divisions, people, located things, history.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UP = """
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are kept as they were written', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

-- accounts ------------------------------------------------------------------------------------------------

CREATE TABLE person (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref text UNIQUE,
    name text NOT NULL CHECK (name <> ''),
    phone text,
    organisation text,
    attributes jsonb NOT NULL DEFAULT '{}',
    batch_id bigint,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE account (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username text NOT NULL UNIQUE CHECK (username ~ '^[a-z0-9][a-z0-9._-]{1,63}$'),
    password_hash text NOT NULL,
    person_id bigint REFERENCES person,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE web_session (
    token_hash bytea PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    csrf_token text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX web_session_account ON web_session (account_id);
CREATE INDEX web_session_expiry ON web_session (expires_at);

CREATE TABLE sign_in_attempt (
    username_hash bytea PRIMARY KEY,
    failed integer NOT NULL,
    locked boolean NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE sign_in_attempt IS 'Failures in a row, by SHA-256 of the name typed, known or not';
CREATE INDEX sign_in_attempt_expiry ON sign_in_attempt (expires_at);

-- imports and the trail of changes ------------------------------------------------------------------------

CREATE TABLE import_batch (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    filename text NOT NULL,
    sha256 text NOT NULL,
    reference text NOT NULL,
    options jsonb NOT NULL DEFAULT '{}',
    row_count integer NOT NULL CHECK (row_count >= 0),
    report jsonb NOT NULL DEFAULT '{}',
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN import_batch.reference IS 'CRS or datum that the file was said to be in';

ALTER TABLE person ADD FOREIGN KEY (batch_id) REFERENCES import_batch;
CREATE INDEX person_batch ON person (batch_id);

CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    account_id bigint,
    action text NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    change jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_log_subject ON audit_log (kind, key, id);
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_log_is_not_emptied BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- divisions -----------------------------------------------------------------------------------------------

CREATE TABLE level (
    key text PRIMARY KEY,
    depth smallint NOT NULL UNIQUE,
    name_zh text NOT NULL,
    name_en text NOT NULL
);
INSERT INTO level VALUES ('district', 0, '区县', 'District'), ('street', 1, '街道/镇', 'Street or town'),
    ('community', 2, '社区/村', 'Community or village'), ('unit', 3, '单元网格', 'Unit grid');

CREATE TABLE generation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    published_at timestamptz NOT NULL DEFAULT now(),
    published_by text NOT NULL,
    batch_id bigint REFERENCES import_batch,
    CONSTRAINT generation_ends_after_it_begins CHECK (valid_to > valid_from),
    CONSTRAINT generation_never_overlaps EXCLUDE USING gist (tstzrange(valid_from, valid_to) WITH &&)
);
CREATE INDEX generation_batch ON generation (batch_id);

CREATE TABLE grid_code (
    code text PRIMARY KEY,
    level text NOT NULL REFERENCES level,
    first_generation_id bigint NOT NULL REFERENCES generation,
    retired_by_generation_id bigint REFERENCES generation
);
COMMENT ON TABLE grid_code IS 'Every code ever used; a retired one is never used again';
CREATE INDEX grid_code_level ON grid_code (level);

CREATE TABLE grid (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    generation_id bigint NOT NULL REFERENCES generation,
    code text NOT NULL REFERENCES grid_code,
    name text NOT NULL,
    level text NOT NULL REFERENCES level,
    parent_id bigint,
    is_leaf boolean NOT NULL,
    households integer CHECK (households >= 0),
    population integer CHECK (population >= 0),
    area_m2 double precision NOT NULL CHECK (area_m2 > 0),
    geom geometry(MultiPolygon, 4326) NOT NULL CHECK (ST_IsValid(geom)),
    attributes jsonb NOT NULL DEFAULT '{}',
    UNIQUE (generation_id, code),
    UNIQUE (generation_id, id),
    FOREIGN KEY (generation_id, parent_id) REFERENCES grid (generation_id, id)
);
CREATE INDEX grid_parent ON grid (parent_id);
CREATE INDEX grid_code_history ON grid (code, generation_id);
CREATE INDEX grid_level ON grid (generation_id, level, code);
CREATE INDEX grid_place ON grid USING gist (generation_id, geom);
CREATE INDEX leaf_place ON grid USING gist (generation_id, geom) WHERE is_leaf;
CREATE TRIGGER grid_is_immutable BEFORE UPDATE OR DELETE ON grid
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE grid_within (
    grid_id bigint NOT NULL REFERENCES grid,
    ancestor_id bigint NOT NULL REFERENCES grid,
    PRIMARY KEY (grid_id, ancestor_id)
);
COMMENT ON TABLE grid_within IS 'Each grid with itself and with every grid above it';
CREATE INDEX grid_within_ancestor ON grid_within (ancestor_id, grid_id);

CREATE TABLE lineage (
    predecessor_id bigint NOT NULL REFERENCES grid,
    successor_id bigint NOT NULL REFERENCES grid,
    area_m2 double precision NOT NULL CHECK (area_m2 >= 0),
    area_share double precision NOT NULL CHECK (area_share BETWEEN 0 AND 1),
    household_share double precision CHECK (household_share BETWEEN 0 AND 1),
    PRIMARY KEY (predecessor_id, successor_id)
);
COMMENT ON COLUMN lineage.area_share IS 'Share of the predecessor''s area that went to the successor';
CREATE INDEX lineage_successor ON lineage (successor_id);

CREATE TABLE plan (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    base_generation_id bigint NOT NULL REFERENCES generation,
    branched_from_id bigint REFERENCES plan,
    state text NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'submitted', 'approved', 'published', 'returned', 'archived')),
    reason text,
    published_generation_id bigint REFERENCES generation,
    revision integer NOT NULL DEFAULT 0,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX plan_base ON plan (base_generation_id);
CREATE INDEX plan_branch ON plan (branched_from_id);
CREATE INDEX plan_publication ON plan (published_generation_id);

CREATE TABLE plan_operation (
    plan_id bigint NOT NULL REFERENCES plan,
    seq integer NOT NULL CHECK (seq > 0),
    kind text NOT NULL,
    parameters jsonb NOT NULL,
    effect jsonb NOT NULL,
    made_on_revision integer NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    undone boolean NOT NULL DEFAULT false,
    PRIMARY KEY (plan_id, seq)
);

-- jurisdictions and posts ---------------------------------------------------------------------------------

CREATE TABLE account_grant (
    account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('admin', 'planner', 'leader', 'inspector')),
    grid_code text REFERENCES grid_code,
    UNIQUE NULLS NOT DISTINCT (account_id, role, grid_code)
);
COMMENT ON COLUMN account_grant.grid_code IS 'Where the role holds, with all below; null is the whole city';
CREATE INDEX account_grant_grid ON account_grant (grid_code);

CREATE TABLE post (
    key text PRIMARY KEY,
    rank smallint NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    is_public boolean NOT NULL
);
INSERT INTO post VALUES
    ('head', 1, '网格长', 'Grid head', true),
    ('assistant', 2, '网格员', 'Grid assistant', true),
    ('supervisor', 3, '督导员', 'Supervisor', true),
    ('police', 4, '社区民警', 'Community police officer', true),
    ('building_head', 5, '楼栋长', 'Building head', false),
    ('volunteer', 6, '志愿者', 'Volunteer', false);

CREATE TABLE assignment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES person,
    grid_code text NOT NULL REFERENCES grid_code,
    post text NOT NULL REFERENCES post,
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to > valid_from),
    batch_id bigint REFERENCES import_batch,
    revision integer NOT NULL DEFAULT 1,
    CONSTRAINT assignment_is_held_once EXCLUDE USING gist
        (person_id WITH =, grid_code WITH =, post WITH =, daterange(valid_from, valid_to) WITH &&)
);
CREATE INDEX assignment_grid ON assignment (grid_code, valid_from);
CREATE INDEX assignment_batch ON assignment (batch_id);

-- located things ------------------------------------------------------------------------------------------

CREATE TABLE entity (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref text UNIQUE,
    kind text NOT NULL CHECK (kind IN ('premises', 'building', 'facility')),
    category text,
    name text NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'closed')),
    address text,
    geom geometry(Point, 4326),
    accuracy_m double precision CHECK (accuracy_m >= 0),
    households integer CHECK (households >= 0),
    grid_id bigint REFERENCES grid,
    attributes jsonb NOT NULL DEFAULT '{}',
    batch_id bigint REFERENCES import_batch,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX entity_place ON entity USING gist (geom);
CREATE INDEX entity_grid ON entity (grid_id, kind, state);
CREATE INDEX entity_kind ON entity (kind, id);
CREATE INDEX entity_batch ON entity (batch_id);

CREATE TABLE address (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref text UNIQUE,
    text text NOT NULL CHECK (text <> ''),
    normalized text NOT NULL,
    geom geometry(Point, 4326),
    grid_id bigint REFERENCES grid,
    attributes jsonb NOT NULL DEFAULT '{}',
    batch_id bigint REFERENCES import_batch,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX address_likeness ON address USING gin (normalized gin_trgm_ops);
CREATE INDEX address_place ON address USING gist (geom);
CREATE INDEX address_grid ON address (grid_id);
CREATE INDEX address_batch ON address (batch_id);

CREATE TABLE visit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref text UNIQUE,
    kind text NOT NULL,
    visited_at timestamptz NOT NULL,
    entity_id bigint REFERENCES entity,
    geom geometry(Point, 4326),
    grid_id bigint REFERENCES grid,
    result text,
    note text,
    attributes jsonb NOT NULL DEFAULT '{}',
    batch_id bigint REFERENCES import_batch,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (entity_id IS NOT NULL OR geom IS NOT NULL)
);
CREATE INDEX visit_place ON visit USING gist (geom);
CREATE INDEX visit_grid ON visit (grid_id, visited_at);
CREATE INDEX visit_entity ON visit (entity_id, visited_at);
CREATE INDEX visit_time ON visit (visited_at);
CREATE INDEX visit_batch ON visit (batch_id);

CREATE TABLE visit_person (
    visit_id bigint NOT NULL REFERENCES visit ON DELETE CASCADE,
    person_id bigint NOT NULL REFERENCES person,
    PRIMARY KEY (visit_id, person_id)
);
CREATE INDEX visit_person_person ON visit_person (person_id);

CREATE TABLE track (
    id bigint GENERATED ALWAYS AS IDENTITY,
    ref text,
    person_id bigint REFERENCES person,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL CHECK (ended_at >= started_at),
    fixes integer NOT NULL CHECK (fixes >= 2),
    length_m double precision NOT NULL CHECK (length_m >= 0),
    geom geometry(LineStringM, 4326) NOT NULL,
    attributes jsonb NOT NULL DEFAULT '{}',
    batch_id bigint REFERENCES import_batch,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, started_at),
    UNIQUE (ref, started_at)
) PARTITION BY RANGE (started_at);
COMMENT ON COLUMN track.geom IS 'M is the time of each fix in seconds since 1970-01-01 UTC';
CREATE TABLE track_default PARTITION OF track DEFAULT;
CREATE INDEX track_place ON track USING gist (geom);
CREATE INDEX track_person ON track (person_id, started_at);
CREATE INDEX track_batch ON track (batch_id);

CREATE TABLE issue (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number text NOT NULL UNIQUE,
    category text NOT NULL,
    description text,
    address text,
    state text NOT NULL DEFAULT 'reported'
        CHECK (state IN ('reported', 'accepted', 'dispatched', 'handled', 'closed', 'void')),
    reported_at timestamptz NOT NULL,
    due_at timestamptz,
    closed_at timestamptz,
    geom geometry(Point, 4326),
    grid_id bigint REFERENCES grid,
    attributes jsonb NOT NULL DEFAULT '{}',
    batch_id bigint REFERENCES import_batch,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT issue_is_closed_at_a_time CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE INDEX issue_place ON issue USING gist (geom);
CREATE INDEX issue_grid ON issue (grid_id, reported_at);
CREATE INDEX issue_time ON issue (reported_at);
CREATE INDEX issue_category ON issue (category, reported_at);
CREATE INDEX issue_unresolved ON issue (grid_id, due_at) WHERE closed_at IS NULL AND state <> 'void';
CREATE INDEX issue_batch ON issue (batch_id);

CREATE TABLE issue_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    issue_id bigint NOT NULL REFERENCES issue,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    kind text NOT NULL,
    from_state text,
    to_state text,
    note text,
    data jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX issue_event_issue ON issue_event (issue_id, id);
CREATE TRIGGER issue_event_is_append_only BEFORE UPDATE OR DELETE ON issue_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- the ground behind the grids -----------------------------------------------------------------------------

CREATE TABLE ground_feature (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('road', 'river', 'water', 'green', 'building')),
    name text,
    geom geometry(Geometry, 4326) NOT NULL,
    attributes jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE ground_feature IS 'Roads, rivers and the like: what the default background is drawn from';
CREATE INDEX ground_feature_place ON ground_feature USING gist (geom);
CREATE INDEX ground_feature_kind ON ground_feature (kind);
"""

DOWN = """
DROP TABLE ground_feature, issue_event, issue, track, visit_person, visit, address, entity, assignment, post,
    account_grant, plan_operation, plan, lineage, grid_within, grid, grid_code, generation, level, audit_log,
    sign_in_attempt, web_session, account, person, import_batch CASCADE;
DROP FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
