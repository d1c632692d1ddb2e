-- Cells, groups, members, and where each belongs from when to when.
CREATE TABLE cell (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    sort_key text NOT NULL COLLATE "C",
    kind text NOT NULL DEFAULT 'residential' CHECK (kind IN ('residential', 'office')),
    from_on date NOT NULL DEFAULT '1930-02-03',
    to_on date
);

CREATE TABLE party_group (
    id uuid PRIMARY KEY,
    cell uuid NOT NULL REFERENCES cell (id),
    number smallint NOT NULL,
    name text NOT NULL,
    UNIQUE (cell, number)
);

-- Little by intent: no address, no family, no citizen number. Dates that paper gives in part stay partial text.
CREATE TABLE member (
    id uuid PRIMARY KEY,
    no integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    name text NOT NULL,
    sort_key text NOT NULL COLLATE "C",
    folded text NOT NULL,
    sex text NOT NULL DEFAULT '' CHECK (sex IN ('', 'male', 'female')),
    born text CHECK (born ~ '^\d{4}(-\d{2}(-\d{2})?)?$'),
    admitted text CHECK (admitted ~ '^\d{4}(-\d{2}(-\d{2})?)?$'),
    official_on date,
    card_number text UNIQUE,
    phone text,
    post text NOT NULL DEFAULT ''
);
CREATE INDEX member_sorted ON member (sort_key);
CREATE INDEX member_folded ON member USING gin (folded ext.gin_trgm_ops);

-- permanent: belongs here; temporary_in: attends here for a time; temporary_out: attends elsewhere for a time.
CREATE TABLE membership (
    id uuid PRIMARY KEY,
    member uuid NOT NULL REFERENCES member (id),
    cell uuid NOT NULL REFERENCES cell (id),
    party_group uuid REFERENCES party_group (id),
    kind text NOT NULL DEFAULT 'permanent' CHECK (kind IN ('permanent', 'temporary_in', 'temporary_out')),
    from_on date NOT NULL,
    to_on date,
    ended_by text NOT NULL DEFAULT '' CHECK (ended_by IN ('', 'moved', 'died', 'removed', 'corrected')),
    CHECK (to_on IS NULL OR to_on >= from_on)
);
CREATE INDEX membership_of_cell ON membership (cell, from_on);
CREATE INDEX membership_of_member ON membership (member);

CREATE TABLE exemption (
    id uuid PRIMARY KEY,
    member uuid NOT NULL REFERENCES member (id),
    kind text NOT NULL CHECK (kind IN ('age_health', 'away_work')),
    from_on date NOT NULL,
    to_on date,
    keeper uuid REFERENCES member (id),
    CHECK (to_on IS NULL OR to_on >= from_on)
);
CREATE INDEX exemption_of_member ON exemption (member, from_on);

CREATE TABLE seat (
    id uuid PRIMARY KEY,
    member uuid NOT NULL REFERENCES member (id),
    cell uuid NOT NULL REFERENCES cell (id),
    role text NOT NULL CHECK (role IN ('secretary', 'deputy_secretary', 'committee_member', 'group_leader')),
    party_group uuid REFERENCES party_group (id),
    from_on date NOT NULL,
    to_on date
);
CREATE INDEX seat_of_cell ON seat (cell);
