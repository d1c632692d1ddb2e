-- A fleet of committees: what became of each, what is done to many of them, and what was put away.
-- moving: its data is being carried to another committee, its doors are closed; archived: for good, its data stays to be
-- read by its own administrators; erased: only the tombstone is left.
ALTER TABLE platform.committee
    DROP CONSTRAINT committee_state_check,
    ADD CONSTRAINT committee_state_check
        CHECK (state IN ('founding', 'active', 'suspended', 'moving', 'archived', 'erased')),
    -- The official code of the commune, ward or special zone that it leads; '' where there is none (agencies).
    ADD COLUMN unit_code text NOT NULL DEFAULT '',
    -- Canaries are migrated before everybody else.
    ADD COLUMN canary boolean NOT NULL DEFAULT false,
    -- Grows with every rule set that is published to it or taken back; 0: the product's own rulebook and nothing else.
    ADD COLUMN rules_version integer NOT NULL DEFAULT 0,
    -- A migration that could not be done; '' where none is stuck.
    ADD COLUMN migration_error text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX committee_of_unit ON platform.committee (unit_code, kind)
    WHERE unit_code <> '' AND state NOT IN ('archived', 'erased');

-- What a committee was called and which province it belonged to, day by day; to_on is the last day, NULL the present.
CREATE TABLE platform.committee_name (
    committee uuid NOT NULL REFERENCES platform.committee (id) ON DELETE CASCADE,
    kind text NOT NULL,
    name text NOT NULL,
    from_on date NOT NULL,
    to_on date,
    PRIMARY KEY (committee, from_on),
    CHECK (to_on IS NULL OR to_on >= from_on)
);
CREATE TABLE platform.committee_belonging (
    committee uuid NOT NULL REFERENCES platform.committee (id) ON DELETE CASCADE,
    province uuid NOT NULL REFERENCES platform.province (id) ON DELETE CASCADE,
    from_on date NOT NULL,
    to_on date,
    PRIMARY KEY (committee, from_on),
    CHECK (to_on IS NULL OR to_on >= from_on - 1)
);
CREATE INDEX committee_belonging_of_province ON platform.committee_belonging (province);
-- Written by the database itself, so that no way of founding a committee (an older version's neither) can forget it.
CREATE FUNCTION platform.committee_began() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO platform.committee_name (committee, kind, name, from_on) VALUES (NEW.id, NEW.kind, NEW.name, '1930-02-03');
    INSERT INTO platform.committee_belonging (committee, province, from_on) VALUES (NEW.id, NEW.province, '1930-02-03');
    RETURN NEW;
END $$;
CREATE TRIGGER committee_began AFTER INSERT ON platform.committee
    FOR EACH ROW EXECUTE FUNCTION platform.committee_began();
INSERT INTO platform.committee_name (committee, kind, name, from_on)
SELECT id, kind, name, '1930-02-03' FROM platform.committee;
INSERT INTO platform.committee_belonging (committee, province, from_on)
SELECT id, province, '1930-02-03' FROM platform.committee;

-- Which committee took over cells of which, on which day (the first day with the new one).
CREATE TABLE platform.committee_succession (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('merger', 'split')),
    predecessor uuid NOT NULL REFERENCES platform.committee (id) ON DELETE CASCADE,
    successor uuid NOT NULL REFERENCES platform.committee (id) ON DELETE CASCADE,
    on_day date NOT NULL,
    cells integer NOT NULL,
    run uuid,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX committee_succession_from ON platform.committee_succession (predecessor);
CREATE INDEX committee_succession_into ON platform.committee_succession (successor);

-- A long piece of work that people see: found many, merge, export, check all … Its items are rows, claimed in chunks.
CREATE TABLE platform.run (
    id uuid PRIMARY KEY,
    province uuid REFERENCES platform.province (id) ON DELETE CASCADE,
    -- Where it is about one committee; it is of several or of none where this is NULL.
    committee uuid REFERENCES platform.committee (id) ON DELETE CASCADE,
    kind text NOT NULL,
    arguments jsonb NOT NULL DEFAULT '{}',
    -- 1: a person waits for it; 5: a person asked for it; 9: the clock did.
    priority smallint NOT NULL DEFAULT 5 CHECK (priority BETWEEN 1 AND 9),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paused', 'stopped', 'done', 'failed')),
    reason text NOT NULL DEFAULT '',
    items integer NOT NULL,
    done integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    -- So many items may fail before the run stops by itself and waits for a person.
    stop_after integer NOT NULL DEFAULT 1 CHECK (stop_after >= 1),
    result jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    account uuid,
    by_name text NOT NULL,
    started_at timestamptz,
    -- When an item of it was last taken: runs of one priority take turns.
    served_at timestamptz,
    ended_at timestamptz
);
CREATE INDEX run_open ON platform.run (priority, created_at) WHERE state = 'open';
CREATE INDEX run_of_province ON platform.run (province, created_at);
CREATE INDEX run_of_committee ON platform.run (committee, created_at) WHERE committee IS NOT NULL;

-- One thing to do in a run. An item of a later step waits until every item of the earlier ones is done or skipped.
CREATE TABLE platform.run_item (
    run uuid NOT NULL REFERENCES platform.run (id) ON DELETE CASCADE,
    no integer NOT NULL,
    step smallint NOT NULL DEFAULT 1,
    -- Shown to people: a path, a name, a file.
    subject text NOT NULL,
    committee uuid,
    arguments jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed', 'skipped')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    -- A worker is at it until then; after a kill somebody else takes it.
    held_until timestamptz,
    error text NOT NULL DEFAULT '',
    result jsonb NOT NULL DEFAULT '{}',
    started_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (run, no)
);
CREATE INDEX run_item_waiting ON platform.run_item (run, step, due_at) WHERE state = 'waiting';
CREATE INDEX run_item_of_committee ON platform.run_item (committee) WHERE state = 'waiting';
-- The few at which somebody is, among thousands that wait.
CREATE INDEX run_item_held ON platform.run_item (held_until) WHERE state = 'waiting' AND held_until IS NOT NULL;

-- A whole committee as one file in the object store, and what became of it.
CREATE TABLE platform.export (
    id uuid PRIMARY KEY,
    committee uuid NOT NULL REFERENCES platform.committee (id) ON DELETE CASCADE,
    -- person: asked for; drill: the clock's, to be restored as a test; erasure: the last one before everything goes.
    reason text NOT NULL CHECK (reason IN ('person', 'drill', 'erasure')),
    with_pages boolean NOT NULL,
    object_key text NOT NULL DEFAULT '',
    bytes bigint NOT NULL DEFAULT 0,
    rows bigint NOT NULL DEFAULT 0,
    pages bigint NOT NULL DEFAULT 0,
    version integer NOT NULL,
    -- Of the manifest, which holds the SHA-256 of everything else; printed, so that paper proves the file.
    sha256 text NOT NULL DEFAULT '',
    asked_at timestamptz NOT NULL DEFAULT now(),
    by_name text NOT NULL,
    made_at timestamptz,
    -- The last time it was restored into a scratch schema and compared, and what was found ('' : equal).
    tested_at timestamptz,
    test_fault text NOT NULL DEFAULT '',
    removed_at timestamptz
);
CREATE INDEX export_of_committee ON platform.export (committee, asked_at);

-- Erasing needs two persons: who asks and who confirms are never the same account.
CREATE TABLE platform.erasure (
    id uuid PRIMARY KEY,
    committee uuid NOT NULL REFERENCES platform.committee (id) ON DELETE CASCADE,
    reason text NOT NULL,
    export uuid REFERENCES platform.export (id) ON DELETE CASCADE,
    asked_by uuid NOT NULL,
    asked_name text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    confirmed_by uuid,
    confirmed_name text NOT NULL DEFAULT '',
    confirmed_at timestamptz,
    withdrawn_at timestamptz,
    run uuid,
    CHECK (confirmed_by IS NULL OR confirmed_by <> asked_by)
);
CREATE UNIQUE INDEX erasure_open ON platform.erasure (committee) WHERE withdrawn_at IS NULL;

-- What is left of an erased committee: what it was, who erased it and why, how much there was. Nothing of its people.
CREATE TABLE platform.tombstone (
    committee uuid PRIMARY KEY,
    province uuid NOT NULL,
    slug text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    reason text NOT NULL,
    asked_name text NOT NULL,
    confirmed_name text NOT NULL,
    rows bigint NOT NULL,
    objects bigint NOT NULL,
    bytes bigint NOT NULL,
    export_sha256 text NOT NULL DEFAULT '',
    erased_at timestamptz NOT NULL DEFAULT now()
);

-- What was measured of a committee, and the most it may have (NULL: the deployment's own limit).
CREATE TABLE platform.committee_health (
    committee uuid PRIMARY KEY REFERENCES platform.committee (id) ON DELETE CASCADE,
    measured_at timestamptz,
    database_bytes bigint,
    object_bytes bigint,
    objects bigint,
    members integer,
    accounts integer,
    active_at timestamptz,
    schema_sha256 text NOT NULL DEFAULT '',
    drift text NOT NULL DEFAULT ''
);
CREATE TABLE platform.committee_quota (
    committee uuid PRIMARY KEY REFERENCES platform.committee (id) ON DELETE CASCADE,
    members integer CHECK (members > 0),
    accounts integer CHECK (accounts > 0),
    object_megabytes integer CHECK (object_megabytes > 0),
    set_at timestamptz NOT NULL DEFAULT now(),
    by_name text NOT NULL
);

-- "What was given up, of whom?" is asked for thousands of committees at a time.
CREATE INDEX outbox_dead_of ON platform.outbox (schema_name) WHERE dead_at IS NOT NULL AND done_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON platform.committee_name, platform.committee_belonging,
    platform.committee_succession, platform.run, platform.run_item, platform.export, platform.erasure,
    platform.committee_health, platform.committee_quota TO nennep_app;
GRANT SELECT, INSERT ON platform.tombstone TO nennep_app;
