-- The province: more roles than one, a second factor, access for support, figures that close, bulletins and rule sets.
-- A viewer reads figures, an auditor reads the record too; support is somebody of the province whom a committee lets look
-- for a time (expires_at). country_viewer belongs to no province: the whole deployment's figures.
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT conname FROM pg_constraint
        WHERE conrelid = 'platform.account_grant'::regclass AND contype = 'c'
    LOOP EXECUTE format('ALTER TABLE platform.account_grant DROP CONSTRAINT %I', name); END LOOP;
END $$;
ALTER TABLE platform.account_grant
    ADD COLUMN expires_at timestamptz,
    ADD CONSTRAINT grant_place CHECK (CASE
        WHEN role = 'country_viewer' THEN province IS NULL AND committee IS NULL
        WHEN role IN ('province_administrator', 'province_viewer', 'province_auditor')
            THEN province IS NOT NULL AND committee IS NULL
        ELSE province IS NULL AND committee IS NOT NULL END),
    ADD CONSTRAINT support_ends CHECK (role <> 'support' OR expires_at IS NOT NULL);
CREATE INDEX grant_in_province ON platform.account_grant (province) WHERE revoked_at IS NULL AND province IS NOT NULL;

ALTER TABLE platform.invitation
    ALTER COLUMN committee DROP NOT NULL,
    ADD COLUMN province uuid REFERENCES platform.province (id) ON DELETE CASCADE,
    ADD CONSTRAINT invitation_place CHECK ((province IS NULL) <> (committee IS NULL));

-- A code made every half minute from a secret that only this row (sealed) and a person's phone know.
CREATE TABLE platform.second_factor (
    account uuid PRIMARY KEY REFERENCES platform.account (id),
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    -- The step of the newest code that was used: a code opens once.
    last_step bigint NOT NULL DEFAULT 0
);
CREATE TABLE platform.recovery_code (
    account uuid NOT NULL REFERENCES platform.account (id),
    code_hash bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (account, code_hash)
);
-- factor_at: when this session gave its second factor. awaits_factor: the password was right, the code is still to come.
ALTER TABLE platform.session
    ADD COLUMN factor_at timestamptz,
    ADD COLUMN awaits_factor boolean NOT NULL DEFAULT false;

ALTER TABLE platform.province_event ADD COLUMN committee uuid;
CREATE INDEX province_event_by_action ON platform.province_event (province, action, id);
CREATE INDEX province_event_by_account ON platform.province_event (province, account, id);

-- Which months of a committee its own writes have made untrue, and why; inserted in the transaction of the write.
-- onward: this month and every later one. Rows are deleted by who has recomputed after having seen them.
CREATE TABLE platform.rollup_dirty (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    schema_name text NOT NULL DEFAULT current_user,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    onward boolean NOT NULL DEFAULT false,
    cause text NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX rollup_dirty_of ON platform.rollup_dirty (schema_name, month);
ALTER TABLE platform.rollup_dirty ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_months ON platform.rollup_dirty FOR INSERT TO nennep_tenant WITH CHECK (schema_name = current_user);
CREATE POLICY all_months ON platform.rollup_dirty TO nennep_app USING (true) WITH CHECK (true);
GRANT INSERT ON platform.rollup_dirty TO nennep_tenant;

-- NULL: not computed since these figures exist, which is not zero. Exempt: members who belong on the last day of the
-- month. quality_*: meetings held in the month whose score was told; meetings_with_minutes: of the meetings held.
ALTER TABLE platform.rollup
    ADD COLUMN exempt_age_health integer,
    ADD COLUMN exempt_away_work integer,
    ADD COLUMN meetings_with_minutes integer,
    ADD COLUMN quality_good integer,
    ADD COLUMN quality_fair integer,
    ADD COLUMN quality_average integer,
    ADD COLUMN quality_weak integer;

-- The yearly classification: cells and members by grade. Members: the sum of the grades and of those not rated is the base.
CREATE TABLE platform.rollup_year (
    committee uuid NOT NULL REFERENCES platform.committee (id) ON DELETE CASCADE,
    year smallint NOT NULL,
    computed_at timestamptz NOT NULL DEFAULT now(),
    cells integer NOT NULL,
    cells_told integer NOT NULL,
    cells_excellent integer NOT NULL,
    cells_good integer NOT NULL,
    cells_completed integer NOT NULL,
    cells_failed integer NOT NULL,
    members integer NOT NULL,
    members_excellent integer NOT NULL,
    members_good integer NOT NULL,
    members_completed integer NOT NULL,
    members_failed integer NOT NULL,
    members_not_rated integer NOT NULL,
    PRIMARY KEY (committee, year)
);

-- A month that is closed for a province: the figures as they were, and what was changed afterwards, numbered.
CREATE TABLE platform.closing (
    province uuid NOT NULL REFERENCES platform.province (id) ON DELETE CASCADE,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    closed_at timestamptz NOT NULL DEFAULT now(),
    committees integer NOT NULL,
    reported integer NOT NULL,
    -- Of all frozen figures in their canonical form: the report proves itself.
    sha256 text NOT NULL,
    PRIMARY KEY (province, month)
);
CREATE TABLE platform.rollup_closed (
    committee uuid NOT NULL REFERENCES platform.committee (id) ON DELETE CASCADE,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    province uuid NOT NULL,
    -- {figure: number}; NULL where nothing had ever been computed.
    figures jsonb,
    kind text NOT NULL,
    name text NOT NULL,
    computed_at timestamptz,
    PRIMARY KEY (committee, month)
);
CREATE INDEX rollup_closed_of_province ON platform.rollup_closed (province, month);
CREATE TABLE platform.rollup_correction (
    committee uuid NOT NULL REFERENCES platform.committee (id) ON DELETE CASCADE,
    month date NOT NULL,
    number integer NOT NULL CHECK (number >= 1),
    at timestamptz NOT NULL DEFAULT now(),
    cause text NOT NULL,
    -- {figure: [before, after]} of the figures that changed.
    changed jsonb NOT NULL,
    PRIMARY KEY (committee, month, number)
);
GRANT SELECT, INSERT ON platform.closing, platform.rollup_closed, platform.rollup_correction TO nennep_app;

-- The newest proof of a committee's figures: how many months were compared, and what differed.
CREATE TABLE platform.rollup_check (
    committee uuid PRIMARY KEY REFERENCES platform.committee (id) ON DELETE CASCADE,
    checked_at timestamptz NOT NULL DEFAULT now(),
    months integer NOT NULL,
    differences jsonb NOT NULL DEFAULT '[]'
);

-- Who was asked for a month's report, when and by whom.
CREATE TABLE platform.report_reminder (
    id uuid PRIMARY KEY,
    committee uuid NOT NULL REFERENCES platform.committee (id) ON DELETE CASCADE,
    month date NOT NULL,
    silent integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    by_name text NOT NULL,
    seen_at timestamptz
);
CREATE INDEX report_reminder_of ON platform.report_reminder (committee, month, at);

-- What a province tells its committees: a document, or a dated set of rules. Receipts are rows, one a committee.
CREATE TABLE platform.bulletin (
    id uuid PRIMARY KEY,
    province uuid NOT NULL REFERENCES platform.province (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('document', 'rules')),
    number text NOT NULL DEFAULT '',
    title text NOT NULL,
    body text NOT NULL DEFAULT '',
    file_name text NOT NULL DEFAULT '',
    file_key text NOT NULL DEFAULT '',
    file_bytes bigint NOT NULL DEFAULT 0,
    file_sha256 text NOT NULL DEFAULT '',
    -- [{key, scope, value, unit, from, to, source, confidence, note}]; '[]' of a document.
    rules jsonb NOT NULL DEFAULT '[]',
    published_at timestamptz NOT NULL DEFAULT now(),
    by_name text NOT NULL,
    taken_back_at timestamptz,
    taken_back_by text NOT NULL DEFAULT '',
    taken_back_reason text NOT NULL DEFAULT ''
);
CREATE INDEX bulletin_of_province ON platform.bulletin (province, published_at);
CREATE TABLE platform.bulletin_receipt (
    bulletin uuid NOT NULL REFERENCES platform.bulletin (id) ON DELETE CASCADE,
    committee uuid NOT NULL REFERENCES platform.committee (id) ON DELETE CASCADE,
    received_at timestamptz,
    opened_at timestamptz,
    PRIMARY KEY (bulletin, committee)
);
CREATE INDEX bulletin_receipt_of ON platform.bulletin_receipt (committee);

GRANT SELECT, INSERT, UPDATE, DELETE ON platform.second_factor, platform.recovery_code, platform.rollup_dirty,
    platform.rollup_year, platform.rollup_check, platform.report_reminder, platform.bulletin,
    platform.bulletin_receipt TO nennep_app;
