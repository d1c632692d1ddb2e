-- Facts about this installation that one row holds, such as what the demonstration has built here.
CREATE TABLE platform.setting (
    name text PRIMARY KEY,
    value jsonb NOT NULL,
    set_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.setting TO nennep_app;
