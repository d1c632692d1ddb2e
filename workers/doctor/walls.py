"""Roles and rights: what keeps one committee from another's rows is looked at, not believed."""

from __future__ import annotations

from collections.abc import AsyncIterator

from infra.settings import Settings
from workers.doctor.database import asking
from workers.doctor.findings import Found, fail, ok

APP, TENANT = "nennep_app", "nennep_tenant"

_APP = """SELECT current_user AS name, rolsuper, rolinherit, rolcreaterole, rolbypassrls,
    (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) AS owned,
    (SELECT count(*)::int FROM pg_namespace
        WHERE nspname ~ '^c_[a-z0-9]{13}$' AND has_schema_privilege(current_user, oid, 'USAGE')) AS open,
    ARRAY(SELECT name FROM unnest(ARRAY['member', 'mark', 'meeting', 'account', 'committee']) AS name
        WHERE to_regclass(name) IS NOT NULL) AS resolved
    FROM pg_roles r WHERE rolname = current_user"""
_OWNER = """SELECT o.rolname AS name, o.rolcreaterole OR o.rolsuper AS creates,
    (SELECT NOT rolcanlogin FROM pg_roles WHERE rolname = 'nennep_tenant') AS nobody,
    EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles t ON t.oid = m.roleid
        WHERE t.rolname = 'nennep_tenant' AND m.member = o.oid AND m.admin_option) AS admits,
    (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'pg_trgm')
        AS trigrams
    FROM pg_database d JOIN pg_roles o ON o.oid = d.datdba WHERE d.datname = current_database()"""


async def application(given: Settings) -> AsyncIterator[Found]:
    """The application's role has as little as it should have."""
    async with asking(given.database_url) as held:
        row = await held.fetchrow(_APP)
    assert row is not None
    name = row["name"]
    faults = (
        (row["rolsuper"], "is a superuser", f"ALTER ROLE {name} NOSUPERUSER"),
        (row["rolbypassrls"], "passes by row security", f"ALTER ROLE {name} NOBYPASSRLS"),
        (row["rolcreaterole"], "may create roles", f"ALTER ROLE {name} NOCREATEROLE"),
        (row["rolinherit"], "inherits the rights of every committee", f"ALTER ROLE {name} NOINHERIT"),
        (row["owned"], f"owns {row['owned']} tables", f"REASSIGN OWNED BY {name} TO the owner of the database"),
        (
            row["open"], f"may enter {row['open']} committees without stepping into their roles",
            f"ALTER ROLE {name} NOINHERIT, and revoke what was granted on those schemas by hand",
        ),
        (
            row["resolved"], f"finds {', '.join(row['resolved'])} without naming a schema",
            "take those tables out of the schema public, and tenants out of search_path",
        ),
    )  # fmt: skip
    wrong = [fail(f"role {name} {what}", todo) for is_so, what, todo in faults if is_so]
    well = ok(f"role {name}: owns nothing, inherits nothing, sees no committee's tables by itself")
    for found in wrong or [well]:
        yield found


async def owner(given: Settings) -> AsyncIterator[Found]:
    """The owner can found committees, and what they are founded with is there."""
    async with asking(given.database_url) as held:
        row = await held.fetchrow(_OWNER)
    assert row is not None
    name = row["name"]
    needs = (
        (row["creates"], f"role {name}, the database's owner, may not create roles", f"ALTER ROLE {name} CREATEROLE"),
        (row["nobody"], f"role {TENANT} is missing, or may log in", f"CREATE ROLE {TENANT} NOLOGIN"),
        (
            row["admits"], f"role {name} may not let anybody into {TENANT}",
            f"GRANT {TENANT} TO {name} WITH ADMIN OPTION",
        ),
        (
            row["trigrams"] == "ext", "the extension pg_trgm is not in a schema ext",
            "CREATE SCHEMA ext; CREATE EXTENSION pg_trgm SCHEMA ext",
        ),
    )  # fmt: skip
    wrong = [fail(what, todo) for is_so, what, todo in needs if not is_so]
    well = ok(f"role {name} can found committees; {TENANT} and pg_trgm are there")
    for found in wrong or [well]:
        yield found
