-- What the clock has asked for already. The key is the proof: however many tickers there are, a slot is filled once.
CREATE TABLE platform.timetable_slot (
    job text NOT NULL,
    slot text NOT NULL,
    filled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job, slot)
);
GRANT SELECT, INSERT, DELETE ON platform.timetable_slot TO nennep_app;

-- Dead letters are looked through by people.
CREATE INDEX outbox_dead ON platform.outbox (dead_at) WHERE dead_at IS NOT NULL;
