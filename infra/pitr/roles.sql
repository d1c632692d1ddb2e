-- The two roles of Barman, made once by a superuser:
--   psql -v barman_password=... -v streaming_password=... -f infra/pitr/roles.sql postgres
-- Neither can read a row of the product by SQL; what barman_streaming copies are the server's files, so its password
-- opens everything.
CREATE ROLE barman LOGIN PASSWORD :'barman_password' IN ROLE pg_read_all_settings, pg_read_all_stats, pg_checkpoint;
GRANT EXECUTE ON FUNCTION pg_backup_start(text, boolean), pg_backup_stop(boolean), pg_switch_wal(),
    pg_create_restore_point(text) TO barman;
CREATE ROLE barman_streaming LOGIN REPLICATION PASSWORD :'streaming_password';
