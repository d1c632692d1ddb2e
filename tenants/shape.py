"""What a tenant's schema is made of, as lines that can be compared and hashed: read from PostgreSQL's own catalogue.

Two schemas with the same lines behave alike: tables and their order of columns, types, defaults, constraints, indexes,
sequences, triggers, functions, rights, and the walls around the role. The schema's own name is left out of every line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

import asyncpg

# Schemas of one statement: pg_class has no index by schema, so that each statement reads all of it once.
BATCH = 100
# Names are told as they are outside every path, so that nothing depends on who asks.
_PATH = "SELECT set_config('search_path', 'pg_catalog, pg_temp', true)"

# Not-null constraints (contype n) have rows since PostgreSQL 18 only; the column's own line says the same.
_LINES = r"""WITH s AS MATERIALIZED (
    SELECT oid, nspname, nspacl, nspowner FROM pg_namespace WHERE nspname = ANY ($1::text[])
), r AS MATERIALIZED (
    SELECT c.*, s.nspname FROM pg_class c JOIN s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'i', 'S', 'v', 'm', 'p', 'f')
), line AS (
    SELECT nspname, format('table %s kind=%s owner=%s options=%s rls=%s kept=%s', relname, relkind,
        pg_get_userbyid(relowner), (SELECT string_agg(o, ',' ORDER BY o) FROM unnest(reloptions) o),
        relrowsecurity, relpersistence) AS line
    FROM r WHERE relkind NOT IN ('i', 'S')
    UNION ALL
    SELECT nspname, format('order %s %s', relname, (SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute a
        WHERE a.attrelid = r.oid AND attnum > 0 AND NOT attisdropped))
    FROM r WHERE relkind NOT IN ('i', 'S')
    UNION ALL
    SELECT nspname, format('column %s.%s %s%s%s%s%s%s%s', relname, attname, format_type(atttypid, atttypmod),
        (SELECT ' COLLATE ' || collname FROM pg_collation l JOIN pg_type t ON t.oid = atttypid
            WHERE l.oid = attcollation AND attcollation <> t.typcollation),
        CASE WHEN attnotnull THEN ' NOT NULL' END, ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid),
        ' identity=' || nullif(attidentity::text, ''), ' generated=' || nullif(attgenerated::text, ''),
        ' statistics=' || nullif(coalesce(attstattarget, -1), -1)::text)
    FROM r JOIN pg_attribute a ON a.attrelid = r.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE relkind NOT IN ('i', 'S')
    UNION ALL
    SELECT nspname, format('constraint %s.%s %s', relname, conname, pg_get_constraintdef(k.oid))
    FROM r JOIN pg_constraint k ON k.conrelid = r.oid AND contype <> 'n' WHERE relkind = 'r'
    UNION ALL
    SELECT nspname, format('index %s%s%s', pg_get_indexdef(i.indexrelid), CASE WHEN NOT indisvalid THEN ' INVALID' END,
        (SELECT string_agg(format(' statistics(%s)=%s', attnum, attstattarget), '' ORDER BY attnum) FROM pg_attribute a
            WHERE a.attrelid = i.indexrelid AND coalesce(attstattarget, -1) <> -1))
    FROM r JOIN pg_index i ON i.indexrelid = r.oid WHERE relkind = 'i'
    UNION ALL
    SELECT nspname, format('sequence %s %s start=%s by=%s from=%s to=%s cycle=%s', relname, format_type(seqtypid, NULL),
        seqstart, seqincrement, seqmin, seqmax, seqcycle)
    FROM r JOIN pg_sequence q ON q.seqrelid = r.oid WHERE relkind = 'S'
    UNION ALL
    SELECT nspname, format('trigger %s %s', pg_get_triggerdef(t.oid), tgenabled)
    FROM r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT tgisinternal WHERE relkind = 'r'
    UNION ALL
    SELECT nspname, format('policy %s.%s', relname, polname) FROM r JOIN pg_policy p ON p.polrelid = r.oid
    UNION ALL
    SELECT nspname, format('function %s(%s) %s', proname, pg_get_function_identity_arguments(p.oid), md5(p.prosrc))
    FROM s JOIN pg_proc p ON p.pronamespace = s.oid
    UNION ALL
    SELECT nspname, format('type %s kind=%s', typname, typtype)
    FROM s JOIN pg_type t ON t.typnamespace = s.oid AND typtype IN ('e', 'd', 'r')
    UNION ALL
    SELECT nspname, format('grant %s on %s to %s%s', privilege_type, relname, pg_get_userbyid(grantee),
        CASE WHEN is_grantable THEN ' with grant option' END)
    FROM r CROSS JOIN LATERAL aclexplode(relacl) WHERE grantee <> relowner
    UNION ALL
    SELECT nspname, format('grant %s on %s.%s to %s', privilege_type, relname, attname, pg_get_userbyid(grantee))
    FROM r JOIN pg_attribute a ON a.attrelid = r.oid AND attacl IS NOT NULL CROSS JOIN LATERAL aclexplode(attacl)
    UNION ALL
    SELECT nspname, format('grant %s on schema to %s', privilege_type, pg_get_userbyid(grantee))
    FROM s CROSS JOIN LATERAL aclexplode(nspacl) WHERE grantee <> nspowner
    UNION ALL
    SELECT nspname, format('default %s on %s to %s', privilege_type, defaclobjtype, pg_get_userbyid(grantee))
    FROM s JOIN pg_default_acl d ON d.defaclnamespace = s.oid CROSS JOIN LATERAL aclexplode(defaclacl)
    UNION ALL
    SELECT nspname, format('member %s of %s inherit=%s set=%s', pg_get_userbyid(member), pg_get_userbyid(roleid),
        inherit_option, set_option)
    FROM s JOIN pg_roles o ON o.rolname = s.nspname JOIN pg_auth_members m ON o.oid IN (m.member, m.roleid)
    -- Whoever creates a role is its administrator; that is no wall of ours.
    WHERE m.member <> s.nspowner
), plain AS (
    SELECT nspname, replace(replace(line, nspname || '.', ''), nspname, '{role}') AS line FROM line
)"""


async def hashes(connection: asyncpg.Connection, schemas: Sequence[str]) -> dict[str, str]:
    """The SHA-256 of each schema's lines; of one that is not there too: the hash of none."""
    found = dict.fromkeys(schemas, hash_of(()))
    for start in range(0, len(schemas), BATCH):
        async with connection.transaction():
            await connection.execute(_PATH)
            rows = await connection.fetch(
                f"""{_LINES} SELECT nspname, encode(sha256(convert_to(
                    string_agg(line, E'\n' ORDER BY line COLLATE "C"), 'UTF8')), 'hex') AS hash
                FROM plain GROUP BY nspname""",
                schemas[start : start + BATCH],
            )
        found |= {row["nspname"]: row["hash"] for row in rows}
    return found


async def lines(connection: asyncpg.Connection, schema: str) -> list[str]:
    """The lines of one schema, in one order."""
    async with connection.transaction():
        await connection.execute(_PATH)
        rows = await connection.fetch(f"{_LINES} SELECT line FROM plain", [schema])
    return sorted(row["line"] for row in rows)


def hash_of(told: Iterable[str]) -> str:
    """The same SHA-256 of lines that are at hand; by code point, as COLLATE "C" orders UTF-8."""
    return sha256("\n".join(sorted(told)).encode()).hexdigest()


def differences(expected: Sequence[str], found: Sequence[str]) -> list[str]:
    """What a schema lacks ("- …") and what it has beyond ("+ …") the expected lines."""
    return [f"- {line}" for line in sorted({*expected} - {*found})] + [
        f"+ {line}" for line in sorted({*found} - {*expected})
    ]
