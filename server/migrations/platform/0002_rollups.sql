-- One row a committee and month: counts only, computed from the committee's own tables and replaced as a whole.
CREATE TABLE platform.rollup (
    committee uuid NOT NULL REFERENCES platform.committee (id) ON DELETE CASCADE,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    computed_at timestamptz NOT NULL DEFAULT now(),
    cells integer NOT NULL,
    members_official integer NOT NULL,
    members_probationary integer NOT NULL,
    meetings_held integer NOT NULL,
    meetings_not_held integer NOT NULL,
    meetings_planned integer NOT NULL,
    cells_met integer NOT NULL,
    cells_not_met integer NOT NULL,
    cells_not_reported integer NOT NULL,
    rolls_closed integer NOT NULL,
    expected integer NOT NULL,
    present integer NOT NULL,
    late integer NOT NULL,
    absent_excused integer NOT NULL,
    absent_unexcused integer NOT NULL,
    exempt integer NOT NULL,
    exempt_attending integer NOT NULL,
    PRIMARY KEY (committee, month),
    CHECK (cells = cells_met + cells_not_met + cells_not_reported)
);
CREATE INDEX rollup_month ON platform.rollup (month);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.rollup TO nennep_app;
