-- Meetings, the roll of each, and the marks that phones made. Marks are append-only.
CREATE TABLE meeting (
    id uuid PRIMARY KEY,
    cell uuid NOT NULL REFERENCES cell (id),
    kind text NOT NULL CHECK (kind IN ('regular', 'thematic', 'extraordinary')),
    held_on date NOT NULL,
    starts_at timestamptz NOT NULL,
    place text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'held', 'not_held')),
    not_held_reason text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL DEFAULT '',
    CHECK ((state = 'not_held') = (not_held_reason <> ''))
);
CREATE INDEX meeting_of_cell ON meeting (cell, held_on);
CREATE INDEX meeting_by_date ON meeting (held_on);

-- version counts the writes to a roll; it is taken under the row's lock, so its order is the order of commits.
CREATE TABLE roll_call (
    meeting uuid PRIMARY KEY REFERENCES meeting (id),
    version integer NOT NULL DEFAULT 1,
    opened_at timestamptz NOT NULL DEFAULT now(),
    opened_by text NOT NULL,
    closed_at timestamptz,
    closed_by text
) WITH (fillfactor = 50);

-- One row a person expected that day, with what was true on that date. state, reason, heads, rivals are the fold of
-- this person's marks, kept so that a page is one read.
CREATE TABLE roll_entry (
    meeting uuid NOT NULL REFERENCES roll_call (meeting),
    no integer NOT NULL,
    member uuid NOT NULL,
    name text NOT NULL,
    sort_key text NOT NULL COLLATE "C",
    group_number smallint NOT NULL DEFAULT 0,
    group_name text NOT NULL DEFAULT '',
    base text NOT NULL CHECK (base IN ('expected', 'exempt')),
    exempt_kind text NOT NULL DEFAULT '',
    probationary boolean NOT NULL DEFAULT false,
    state text NOT NULL,
    reason text NOT NULL DEFAULT '',
    heads uuid[] NOT NULL DEFAULT '{}',
    rivals jsonb,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (meeting, no)
) WITH (fillfactor = 70);

CREATE TABLE mark (
    id uuid PRIMARY KEY,
    meeting uuid NOT NULL,
    no integer NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    device uuid NOT NULL,
    seq integer NOT NULL,
    seen uuid[] NOT NULL,
    device_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    account uuid NOT NULL,
    by_name text NOT NULL,
    late_reason text NOT NULL DEFAULT '',
    FOREIGN KEY (meeting, no) REFERENCES roll_entry (meeting, no)
);
CREATE INDEX mark_of_person ON mark (meeting, no);
REVOKE UPDATE, DELETE ON mark FROM {role};
