-- People who log in, what they may do where, their sessions, and invitations.
CREATE TABLE platform.account (
    id uuid PRIMARY KEY,
    login text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz
);
CREATE UNIQUE INDEX account_login ON platform.account (lower(login));

-- A role in one province, or in one committee. Cells and groups are ids inside the tenant: no foreign key crosses.
CREATE TABLE platform.account_grant (
    id uuid PRIMARY KEY,
    account uuid NOT NULL REFERENCES platform.account (id),
    province uuid REFERENCES platform.province (id),
    committee uuid REFERENCES platform.committee (id),
    role text NOT NULL,
    cell uuid,
    cell_name text NOT NULL DEFAULT '',
    group_number smallint,
    granted_at timestamptz NOT NULL DEFAULT now(),
    granted_by text NOT NULL DEFAULT '',
    revoked_at timestamptz,
    CHECK ((role = 'province_administrator') = (committee IS NULL)),
    CHECK ((province IS NULL) <> (committee IS NULL))
);
CREATE INDEX grant_of_account ON platform.account_grant (account) WHERE revoked_at IS NULL;
CREATE INDEX grant_in_committee ON platform.account_grant (committee) WHERE revoked_at IS NULL;

-- Only the SHA-256 of a token is kept: who reads this table can't become anybody.
CREATE TABLE platform.session (
    token_hash bytea PRIMARY KEY,
    account uuid NOT NULL REFERENCES platform.account (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    device text NOT NULL DEFAULT ''
);
CREATE INDEX session_of_account ON platform.session (account);
CREATE INDEX session_expiry ON platform.session (expires_at);

CREATE TABLE platform.invitation (
    id uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    committee uuid NOT NULL REFERENCES platform.committee (id),
    role text NOT NULL,
    cell uuid,
    cell_name text NOT NULL DEFAULT '',
    group_number smallint,
    invited_name text NOT NULL DEFAULT '',
    invited_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    withdrawn_at timestamptz
);
CREATE INDEX invitation_of_committee ON platform.invitation (committee) WHERE used_at IS NULL;

-- Failed log-ins, counted per account name and per address to slow guessing down; never a hard lock.
CREATE TABLE platform.login_failure (
    subject text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX login_failure_of ON platform.login_failure (subject, at);

-- What administrators of the province did. Append-only.
CREATE TABLE platform.province_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    province uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    account uuid,
    by_name text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL DEFAULT ''
);
CREATE INDEX province_event_at ON platform.province_event (province, at);

GRANT SELECT, INSERT, UPDATE ON platform.account, platform.account_grant, platform.invitation TO nennep_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.session, platform.login_failure TO nennep_app;
GRANT SELECT, INSERT ON platform.province_event TO nennep_app;
