-- A password that somebody else has typed is changed first; a forgotten one is replaced through a link used once.
ALTER TABLE platform.account ADD COLUMN must_change boolean NOT NULL DEFAULT false;

-- Like an invitation: only the SHA-256 of the link's token is kept.
CREATE TABLE platform.password_link (
    token_hash bytea PRIMARY KEY,
    account uuid NOT NULL REFERENCES platform.account (id),
    committee uuid NOT NULL REFERENCES platform.committee (id),
    issued_by uuid NOT NULL REFERENCES platform.account (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX password_link_of_account ON platform.password_link (account);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.password_link TO nennep_app;
