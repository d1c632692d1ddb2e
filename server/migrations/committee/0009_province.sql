-- What the province counts beside meetings and work, and cells that come from another committee.
-- How good a meeting was, in points of a hundred, as the cell scores itself; NULL: not told.
ALTER TABLE meeting
    ADD COLUMN quality smallint CHECK (quality BETWEEN 0 AND 100),
    ADD COLUMN quality_by text NOT NULL DEFAULT '',
    ADD COLUMN quality_at timestamptz;

-- A cell that was carried here counts here from joined_on on, and its past stays with the committee it came from. One
-- that was carried away keeps its past here as it was, and counts here until the day before went_on; its last day here
-- is to_on, which is earlier where it had ended before it was carried.
ALTER TABLE cell
    ADD COLUMN joined_on date,
    ADD COLUMN came_from text NOT NULL DEFAULT '',
    ADD COLUMN went_to text NOT NULL DEFAULT '',
    ADD COLUMN went_on date,
    ADD CONSTRAINT cell_went CHECK (CASE WHEN went_to = '' THEN went_on IS NULL ELSE to_on < went_on END);

-- The yearly classification of a cell and of its members, as counts. members is the base: graded and not rated.
CREATE TABLE classification (
    cell uuid NOT NULL REFERENCES cell (id),
    year smallint NOT NULL,
    grade text NOT NULL DEFAULT '' CHECK (grade IN ('', 'excellent', 'good', 'completed', 'failed')),
    members integer NOT NULL CHECK (members >= 0),
    excellent integer NOT NULL CHECK (excellent >= 0),
    good integer NOT NULL CHECK (good >= 0),
    completed integer NOT NULL CHECK (completed >= 0),
    failed integer NOT NULL CHECK (failed >= 0),
    not_rated integer NOT NULL CHECK (not_rated >= 0),
    not_rated_reason text NOT NULL DEFAULT '',
    told_at timestamptz NOT NULL DEFAULT now(),
    told_by text NOT NULL,
    PRIMARY KEY (cell, year),
    CHECK (members = excellent + good + completed + failed + not_rated)
);
