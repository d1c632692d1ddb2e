-- Committees spread over several machines by Citus 13 or newer (schema-based sharding). NOT tried here: Citus is no part of
-- what the tests run on. It is written after Citus' own documentation; docs/scaling.md says when it is worth it, and what
-- comes before it (a second database, which needs none of this).
--
-- Once, as a superuser of the coordinator, in an empty database `nennep` and before the first `nennep migrate`:
CREATE EXTENSION IF NOT EXISTS citus;
SELECT citus_set_coordinator_host('coordinator.database.svc', 5432);
SELECT citus_add_node('worker-1.database.svc', 5432);
SELECT citus_add_node('worker-2.database.svc', 5432);
-- Roles and extensions have to be on every node, before a schema that needs them is placed there: nennep_owner, nennep_app
-- and nennep_tenant are made on the coordinator, and Citus carries roles and GRANTs over:
SET citus.enable_create_role_propagation = on;

-- The schema `platform` stays on the coordinator as ordinary tables. A committee is handed over one at a time, after it is
-- founded; its schema then has to be read-only for the moments of the first call:
--   SELECT citus_schema_distribute('c_…');
-- and is moved between machines while it is in use (logical replication; UUID keys need no sequences):
--   SELECT citus_schema_move('c_…', 'worker-2.database.svc', 5432, shard_transfer_mode := 'force_logical');
--
-- What makes this possible is kept true by the tests of the tenants: no statement names two committees' schemas, no foreign
-- key leaves a schema, no schema has an enum of its own. What has to be tried first, on a copy: that SET LOCAL ROLE to a
-- committee's role is carried to the node, and that `nennep migrate` runs through.
SELECT * FROM citus_get_active_worker_nodes();
