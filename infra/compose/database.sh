#!/bin/sh
# Run once by the image of PostgreSQL, when the data folder is new: the product's roles, schema and extensions,
# the same as infra/embedded/database.py makes (a test compares them).
set -eu
secrets=${SECRETS:-/run/secrets}
psql -v ON_ERROR_STOP=1 --quiet --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-nennep}" \
    -v owner="$(cat "$secrets/database_owner")" -v app="$(cat "$secrets/database_app")" <<'SQL'
SET log_statement = 'none';
CREATE ROLE nennep_owner LOGIN CREATEROLE PASSWORD :'owner';
CREATE ROLE nennep_app LOGIN NOINHERIT PASSWORD :'app';
CREATE ROLE nennep_tenant NOLOGIN;
GRANT nennep_tenant TO nennep_owner WITH ADMIN OPTION;
ALTER DATABASE nennep OWNER TO nennep_owner;
REVOKE ALL ON DATABASE nennep FROM PUBLIC;
GRANT CONNECT ON DATABASE nennep TO nennep_app;
CREATE SCHEMA ext AUTHORIZATION nennep_owner;
GRANT USAGE ON SCHEMA ext TO PUBLIC;
CREATE EXTENSION pg_trgm SCHEMA ext;
CREATE EXTENSION unaccent SCHEMA ext;
CREATE EXTENSION pg_stat_statements SCHEMA ext;
SQL
