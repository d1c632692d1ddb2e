-- A role that may count the backlog and see nothing else, for KEDA (keda.enabled). Run once, as the database's owner:
--   psql "$OWNER_URL" -v password="…" -f metrics-role.sql
-- Its address goes into the Secret of keda.connection, with the server's own host and port: KEDA asks from its own
-- namespace and needs no pooler. What a job is about (arguments, committee) is not granted.
CREATE ROLE nennep_metrics LOGIN NOINHERIT CONNECTION LIMIT 10 PASSWORD :'password';
GRANT USAGE ON SCHEMA platform TO nennep_metrics;
GRANT SELECT (job, due_at, sent_at, done_at, dead_at) ON platform.outbox TO nennep_metrics;
-- The table shows each tenant its own rows only; this role sees the columns above of all.
CREATE POLICY metrics ON platform.outbox FOR SELECT TO nennep_metrics USING (true);
ALTER ROLE nennep_metrics SET statement_timeout = '5s';
ALTER ROLE nennep_metrics SET default_transaction_read_only = on;
DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO nennep_metrics', current_database()); END $$;
