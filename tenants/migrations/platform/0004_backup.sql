-- Backups of committees: one row each. What belongs to one stands in the place of backups itself, so that a database that
-- was lost takes none of them with it; here is what the pages, the clock and the alerts ask for.
CREATE TABLE platform.backup (
    id uuid PRIMARY KEY,
    committee uuid NOT NULL REFERENCES platform.committee (id) ON DELETE CASCADE,
    began_at timestamptz NOT NULL DEFAULT now(),
    -- The moment whose rows it holds, and when all of it was stored; NULL while it is under way, or was given up.
    taken_at timestamptz,
    ended_at timestamptz,
    -- Its folder in the place of backups, and the SHA-256 of its backup.json, which holds those of all the rest.
    location text NOT NULL DEFAULT '',
    sha256 text NOT NULL DEFAULT '',
    -- What was added to the place for it: pages that an older one has stored already are not stored again.
    bytes bigint NOT NULL DEFAULT 0,
    rows bigint NOT NULL DEFAULT 0,
    pages bigint NOT NULL DEFAULT 0,
    pages_bytes bigint NOT NULL DEFAULT 0,
    encrypted boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 0,
    -- The last time it was restored into a scratch schema and compared, how long that took, and what was found ('': equal).
    rehearsed_at timestamptz,
    rehearsal_seconds real,
    rehearsal_fault text NOT NULL DEFAULT '',
    -- When its last day had come, or its committee was erased.
    removed_at timestamptz,
    CHECK ((ended_at IS NULL) = (taken_at IS NULL))
);
CREATE INDEX backup_of_committee ON platform.backup (committee, taken_at) WHERE ended_at IS NOT NULL;
CREATE INDEX backup_under_way ON platform.backup (committee) WHERE ended_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON platform.backup TO nennep_app;
