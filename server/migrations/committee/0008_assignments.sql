-- Work given to members. What happened is in assignment_change, append-only; the other tables of an assignment are kept
-- from it: assignment is the fold as it stands, assignment_span the stretches of time that figures count.

-- Whether the members of a cell see all of its assignments, or each their own.
ALTER TABLE cell ADD COLUMN members_see_assignments boolean NOT NULL DEFAULT false;

-- What a cell does again and again: a template to give from, and with `every` a rule from which a job makes assignments.
-- due_day: day of the month (the last day where the month is shorter); due_month: 1-3 of a quarter, 1-12 of a year.
-- exceptions: {first day of a period: another due date, or null for none that time}.
CREATE TABLE usual_work (
    id uuid PRIMARY KEY,
    cell uuid NOT NULL REFERENCES cell (id),
    text text NOT NULL,
    area text NOT NULL,
    check_by text NOT NULL DEFAULT '',
    every text NOT NULL DEFAULT '' CHECK (every IN ('', 'month', 'quarter', 'year')),
    due_day smallint CHECK (due_day BETWEEN 1 AND 31),
    due_month smallint CHECK (due_month BETWEEN 1 AND 12),
    members uuid[] NOT NULL DEFAULT '{}',
    from_on date NOT NULL,
    to_on date,
    exceptions jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    ended_at timestamptz,
    ended_by text NOT NULL DEFAULT '',
    CHECK (every = '' OR due_day IS NOT NULL)
);
CREATE INDEX usual_work_of_cell ON usual_work (cell);

-- The yearly thematic resolution on assigning work: of one cell, or of the committee (cell null).
CREATE TABLE resolution (
    id uuid PRIMARY KEY,
    cell uuid REFERENCES cell (id),
    year smallint NOT NULL,
    number text NOT NULL DEFAULT '',
    adopted_on date,
    abstract text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    UNIQUE NULLS NOT DISTINCT (cell, year)
);

-- One piece of work of one member; what several were given together shares `task`. The columns from version on are the
-- fold of its changes: with `rivals` people have said different things, and what they had agreed on before stands.
-- minutes, page, line: where on paper it was given (no foreign key: minutes may be erased).
CREATE TABLE assignment (
    id uuid PRIMARY KEY,
    no integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    task uuid NOT NULL,
    cell uuid NOT NULL REFERENCES cell (id),
    meeting uuid REFERENCES meeting (id),
    given_on date NOT NULL,
    usual_work uuid REFERENCES usual_work (id),
    period date,
    minutes uuid,
    page uuid,
    line smallint,
    resolution uuid REFERENCES resolution (id),
    version integer NOT NULL,
    member uuid NOT NULL REFERENCES member (id),
    text text NOT NULL,
    area text NOT NULL,
    check_by text NOT NULL DEFAULT '',
    due_on date,
    state text NOT NULL CHECK (state IN ('open', 'reported', 'done', 'not_done', 'cancelled')),
    result text NOT NULL DEFAULT '' CHECK (result IN ('', 'better', 'on_time', 'late')),
    asked_due date,
    rivals jsonb,
    reported_on date,
    ended_on date,
    folded text NOT NULL,
    CHECK ((state = 'done') = (result <> '')),
    CHECK ((ended_on IS NULL) = (state IN ('open', 'reported')))
) WITH (fillfactor = 80);
CREATE INDEX assignment_of_cell ON assignment (cell, state, due_on, no);
CREATE INDEX assignment_of_member ON assignment (member, state);
CREATE INDEX assignment_of_meeting ON assignment (meeting) WHERE meeting IS NOT NULL;
CREATE INDEX assignment_of_task ON assignment (task);
CREATE INDEX assignment_by_due ON assignment (due_on, no);
CREATE INDEX assignment_live ON assignment (due_on) WHERE state IN ('open', 'reported');
CREATE INDEX assignment_folded ON assignment USING gin (folded ext.gin_trgm_ops);

-- Everything that was ever said of an assignment. id is made by whoever says it; ordinal counts an assignment's changes
-- under its row's lock; seen is the ordinal that stood on the screen, after are own changes still on their way then.
-- sets: what it says, by register (who, what, due, state, asked); said_on: the day of the meeting or of arrival.
CREATE TABLE assignment_change (
    id uuid PRIMARY KEY,
    assignment uuid NOT NULL REFERENCES assignment (id),
    ordinal integer NOT NULL,
    kind text NOT NULL,
    sets jsonb NOT NULL,
    note text NOT NULL DEFAULT '',
    seen integer NOT NULL,
    after uuid[] NOT NULL DEFAULT '{}',
    meeting uuid,
    said_on date NOT NULL,
    device uuid NOT NULL,
    device_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    account uuid,
    by_name text NOT NULL,
    behalf boolean NOT NULL DEFAULT false,
    UNIQUE (assignment, ordinal)
);
CREATE INDEX assignment_change_at ON assignment_change (meeting) WHERE meeting IS NOT NULL;
REVOKE UPDATE, DELETE ON assignment_change FROM {role};

-- The life of an assignment cut where its person, its due date or its end changed: one row a stretch with one member and
-- one due date, both days included. What was corrected on the day it was said has no stretch.
-- ended: '' (lasts), changed (person or due date), done, not_done, cancelled; result as of the assignment.
CREATE TABLE assignment_span (
    assignment uuid NOT NULL REFERENCES assignment (id),
    n smallint NOT NULL,
    cell uuid NOT NULL,
    member uuid NOT NULL,
    due_on date,
    from_on date NOT NULL,
    to_on date,
    ended text NOT NULL DEFAULT '' CHECK (ended IN ('', 'changed', 'done', 'not_done', 'cancelled')),
    result text NOT NULL DEFAULT '',
    PRIMARY KEY (assignment, n),
    CHECK ((to_on IS NULL) = (ended = ''))
);
CREATE INDEX assignment_span_due ON assignment_span (due_on);
CREATE INDEX assignment_span_lasts ON assignment_span (from_on, to_on);
CREATE INDEX assignment_span_of_member ON assignment_span (member);

-- Evidence: a photo or a PDF beside a report. id is made by whoever sends it.
CREATE TABLE assignment_file (
    id uuid PRIMARY KEY,
    assignment uuid NOT NULL REFERENCES assignment (id),
    name text NOT NULL DEFAULT '',
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes bigint NOT NULL,
    kind text NOT NULL,
    pages smallint NOT NULL,
    object_key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    account uuid NOT NULL,
    by_name text NOT NULL,
    removed_at timestamptz,
    removed_by text NOT NULL DEFAULT '',
    removed_why text NOT NULL DEFAULT ''
);
CREATE INDEX assignment_file_of ON assignment_file (assignment);

-- One reminder a person and day, however much it is about; planned once, told by push, on the page, or by a person.
CREATE TABLE reminder (
    member uuid NOT NULL REFERENCES member (id),
    on_day date NOT NULL,
    assignments uuid[] NOT NULL,
    soon smallint NOT NULL,
    today smallint NOT NULL,
    overdue smallint NOT NULL,
    planned_at timestamptz NOT NULL DEFAULT now(),
    pushing_until timestamptz,
    pushed_at timestamptz,
    push_attempts smallint NOT NULL DEFAULT 0,
    told_at timestamptz,
    told_by text NOT NULL DEFAULT '',
    PRIMARY KEY (member, on_day)
);
CREATE INDEX reminder_by_day ON reminder (on_day);
CREATE INDEX reminder_to_push ON reminder (on_day) WHERE pushed_at IS NULL AND told_at IS NULL;

-- That somebody kept in touch with a member: when, how, a line about what.
CREATE TABLE contact (
    id uuid PRIMARY KEY,
    member uuid NOT NULL REFERENCES member (id),
    held_on date NOT NULL,
    channel text NOT NULL CHECK (channel IN ('call', 'zalo', 'sms', 'visit', 'family_visit', 'letter')),
    summary text NOT NULL DEFAULT '' CHECK (length(summary) <= 280),
    created_at timestamptz NOT NULL DEFAULT now(),
    account uuid NOT NULL,
    by_name text NOT NULL
);
CREATE INDEX contact_of_member ON contact (member, held_on);

-- What a committee has set for itself: one row a setting.
CREATE TABLE setting (
    name text PRIMARY KEY,
    value jsonb NOT NULL,
    set_at timestamptz NOT NULL DEFAULT now(),
    set_by text NOT NULL DEFAULT ''
);
