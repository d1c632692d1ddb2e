-- Provinces, committees, the ledger of their migrations, and the outbox.
CREATE SCHEMA IF NOT EXISTS ext;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA ext;
GRANT USAGE ON SCHEMA ext TO nennep_app, nennep_tenant;

CREATE TABLE platform.province (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE platform.committee (
    id uuid PRIMARY KEY,
    province uuid NOT NULL REFERENCES platform.province (id),
    slug text NOT NULL UNIQUE,
    schema_name text NOT NULL UNIQUE CHECK (schema_name ~ '^c_[a-z0-9]{13}$'),
    kind text NOT NULL,
    name text NOT NULL,
    state text NOT NULL DEFAULT 'founding' CHECK (state IN ('founding', 'active', 'suspended')),
    state_reason text NOT NULL DEFAULT '',
    version integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (province, kind, name)
);
CREATE INDEX committee_of_province ON platform.committee (province, name);
-- "Who still needs a migration?" must be one cheap query over thousands of committees.
CREATE INDEX committee_by_version ON platform.committee (version);

CREATE TABLE platform.committee_migration (
    committee uuid NOT NULL REFERENCES platform.committee (id) ON DELETE CASCADE,
    version integer NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (committee, version)
);

CREATE TABLE platform.outbox (
    id uuid PRIMARY KEY,
    schema_name text,
    job text NOT NULL,
    arguments jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    done_at timestamptz,
    dead_at timestamptz,
    error text NOT NULL DEFAULT ''
);
CREATE INDEX outbox_waiting ON platform.outbox (due_at) WHERE done_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_done ON platform.outbox (done_at) WHERE done_at IS NOT NULL;

-- A tenant may leave work for itself and read nothing of what others left.
ALTER TABLE platform.outbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_work ON platform.outbox FOR INSERT TO nennep_tenant WITH CHECK (schema_name = current_user);
CREATE POLICY all_work ON platform.outbox TO nennep_app USING (true) WITH CHECK (true);

GRANT USAGE ON SCHEMA platform TO nennep_app, nennep_tenant;
GRANT INSERT ON platform.outbox TO nennep_tenant;
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.outbox TO nennep_app;
GRANT SELECT, INSERT, UPDATE ON platform.province, platform.committee TO nennep_app;
GRANT SELECT ON platform.committee_migration TO nennep_app;
