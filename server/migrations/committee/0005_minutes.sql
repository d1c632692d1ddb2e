-- Minutes on paper: what was sent, the pages in it, what was read on them, and what people made of that.
-- wanted: the files that the sender says belong together, in order; the document is whole once all of them are stored.
CREATE TABLE minutes (
    id uuid PRIMARY KEY,
    meeting uuid NOT NULL REFERENCES meeting (id),
    cell uuid NOT NULL REFERENCES cell (id),
    state text NOT NULL DEFAULT 'collecting'
        CHECK (state IN ('collecting', 'reading', 'assembling', 'ready', 'failed')),
    reason text NOT NULL DEFAULT '',
    wanted uuid[] NOT NULL DEFAULT '{}',
    arranged integer NOT NULL DEFAULT 1,
    pdf_key text NOT NULL DEFAULT '',
    pdf_of text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    account uuid NOT NULL,
    ready_at timestamptz,
    confirmed_at timestamptz,
    confirmed_by text NOT NULL DEFAULT '',
    binned_at timestamptz,
    binned_by text NOT NULL DEFAULT '',
    bin_reason text NOT NULL DEFAULT '',
    erase_on date,
    CHECK ((binned_at IS NULL) = (erase_on IS NULL))
);
CREATE INDEX minutes_of_meeting ON minutes (meeting);
CREATE INDEX minutes_of_cell ON minutes (cell);
CREATE INDEX minutes_to_erase ON minutes (erase_on) WHERE erase_on IS NOT NULL;

-- One upload: a photo, or a PDF or TIFF of several pages. Its object never changes; id is made on the phone.
CREATE TABLE minutes_file (
    id uuid PRIMARY KEY,
    minutes uuid NOT NULL REFERENCES minutes (id),
    name text NOT NULL DEFAULT '',
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('jpeg', 'png', 'webp', 'heic', 'tiff', 'pdf')),
    pages smallint NOT NULL,
    object_key text NOT NULL,
    same_file uuid,
    same_decided text NOT NULL DEFAULT '' CHECK (same_decided IN ('', 'kept', 'dropped')),
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL,
    account uuid NOT NULL
);
CREATE INDEX minutes_file_of ON minutes_file (minutes);
CREATE INDEX minutes_file_by_content ON minutes_file (sha256);

-- One page. failed keeps the step that failed; attempt counts the runs that a person or an upload asked for.
-- turned: how a person has turned it; corners: the sheet as a person has drawn it, eight numbers from 0 to 1.
CREATE TABLE minutes_page (
    id uuid PRIMARY KEY,
    file uuid NOT NULL REFERENCES minutes_file (id),
    minutes uuid NOT NULL REFERENCES minutes (id),
    number smallint NOT NULL,
    state text NOT NULL DEFAULT 'identified' CHECK (state IN ('identified', 'cleaned', 'read', 'failed')),
    failed_step text NOT NULL DEFAULT '' CHECK (failed_step IN ('', 'clean', 'read')),
    reason text NOT NULL DEFAULT '',
    attempt integer NOT NULL DEFAULT 1,
    turned smallint NOT NULL DEFAULT 0 CHECK (turned IN (0, 90, 180, 270)),
    corners real[],
    width integer,
    height integer,
    clean_key text NOT NULL DEFAULT '',
    grey_key text NOT NULL DEFAULT '',
    thumb_key text NOT NULL DEFAULT '',
    looks text NOT NULL DEFAULT '',
    faults text[] NOT NULL DEFAULT '{}',
    readable boolean,
    sure smallint,
    same_page uuid,
    same_decided text NOT NULL DEFAULT '' CHECK (same_decided IN ('', 'kept', 'dropped')),
    cleaned_at timestamptz,
    read_at timestamptz,
    UNIQUE (file, number)
);
CREATE INDEX minutes_page_of ON minutes_page (minutes);

-- What was read: lines as server.paper.stored writes them; corrected: by number of a line, what a person put there.
CREATE TABLE minutes_text (
    page uuid PRIMARY KEY REFERENCES minutes_page (id),
    minutes uuid NOT NULL REFERENCES minutes (id),
    lines jsonb NOT NULL,
    corrected jsonb NOT NULL DEFAULT '{}',
    folded text NOT NULL,
    corrected_at timestamptz,
    corrected_by text NOT NULL DEFAULT ''
);
CREATE INDEX minutes_text_of ON minutes_text (minutes);

-- What the reader of the text proposes; decided: what a person has confirmed, with its own value. Never both in one.
CREATE TABLE minutes_field (
    minutes uuid NOT NULL REFERENCES minutes (id),
    name text NOT NULL,
    ordinal smallint NOT NULL DEFAULT 0,
    proposed text,
    printed text NOT NULL DEFAULT '',
    page uuid,
    box integer[],
    sure smallint,
    confirmed text,
    confirmed_at timestamptz,
    confirmed_by text NOT NULL DEFAULT '',
    PRIMARY KEY (minutes, name, ordinal)
);

-- What is left of erased minutes: what they were and why they went, nothing of what stood in them.
CREATE TABLE minutes_erased (
    minutes uuid PRIMARY KEY,
    meeting uuid NOT NULL,
    cell uuid NOT NULL,
    files integer NOT NULL,
    pages integer NOT NULL,
    bytes bigint NOT NULL,
    sha256 text[] NOT NULL,
    sent_at timestamptz NOT NULL,
    sent_by text NOT NULL,
    binned_at timestamptz NOT NULL,
    binned_by text NOT NULL,
    reason text NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT now()
);
REVOKE UPDATE, DELETE ON minutes_erased FROM {role};
