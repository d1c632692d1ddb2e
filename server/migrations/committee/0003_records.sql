-- Member lists on their way in, and the committee's own record of who did and who looked.
CREATE TABLE member_import (
    id uuid PRIMARY KEY,
    file_name text NOT NULL,
    sha256 text NOT NULL,
    cell uuid REFERENCES cell (id),
    as_of date NOT NULL,
    state text NOT NULL DEFAULT 'read' CHECK (state IN ('read', 'writing', 'done', 'dropped')),
    tally jsonb NOT NULL,
    extras jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    done_at timestamptz,
    written integer NOT NULL DEFAULT 0,
    known integer NOT NULL DEFAULT 0
);

CREATE TABLE member_import_row (
    member_import uuid NOT NULL REFERENCES member_import (id) ON DELETE CASCADE,
    row integer NOT NULL,
    verdict text NOT NULL,
    codes text[] NOT NULL DEFAULT '{}',
    of_row integer,
    value jsonb,
    outcome text NOT NULL DEFAULT '',
    PRIMARY KEY (member_import, row)
);

CREATE TABLE event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    account uuid,
    by_name text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL DEFAULT ''
);
CREATE INDEX event_at ON event (at);
REVOKE UPDATE, DELETE ON event FROM {role};
