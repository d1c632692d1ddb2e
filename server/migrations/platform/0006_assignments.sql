-- Which member of the tenant an account is, in the place of its role (an id inside the tenant: no foreign key crosses).
ALTER TABLE platform.account_grant ADD COLUMN member uuid;
ALTER TABLE platform.invitation ADD COLUMN member uuid;

-- A browser that may be told something: of one account, until it says no, logs out, or its push service says it is gone.
CREATE TABLE platform.push_subscription (
    id uuid PRIMARY KEY,
    account uuid NOT NULL REFERENCES platform.account (id),
    endpoint text NOT NULL UNIQUE,
    p256dh text NOT NULL,
    auth text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_ok_at timestamptz,
    failures smallint NOT NULL DEFAULT 0
);
CREATE INDEX push_subscription_of_account ON platform.push_subscription (account);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.push_subscription TO nennep_app;

-- Work given to members, in a committee's month. NULL: not computed since these figures exist, which is not zero.
-- Of deadlines in the month: due = better + on_time + late + not_done + moved + undecided; cancelled stand beside.
ALTER TABLE platform.rollup
    ADD COLUMN assignments_live integer,
    ADD COLUMN assignments_due integer,
    ADD COLUMN assignments_better integer,
    ADD COLUMN assignments_on_time integer,
    ADD COLUMN assignments_late integer,
    ADD COLUMN assignments_not_done integer,
    ADD COLUMN assignments_moved integer,
    ADD COLUMN assignments_undecided integer,
    ADD COLUMN assignments_cancelled integer,
    ADD COLUMN members_assigned integer,
    ADD COLUMN members_assignable integer;
