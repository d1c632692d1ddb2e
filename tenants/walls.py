"""The walls around one tenant: its role, its schema, and who may do what in it."""

from __future__ import annotations


def room(name: str) -> str:
    """The role and the schema alone: nobody has the role yet."""
    return f"""CREATE ROLE "{name}" NOLOGIN;
    CREATE SCHEMA "{name}";
    GRANT USAGE ON SCHEMA "{name}" TO "{name}";
    ALTER DEFAULT PRIVILEGES IN SCHEMA "{name}" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{name}";
    ALTER DEFAULT PRIVILEGES IN SCHEMA "{name}" GRANT USAGE ON SEQUENCES TO "{name}" """


def keys(name: str) -> str:
    """What lets the application in. PostgreSQL locks nennep_tenant for it until the transaction ends: nobody else is
    founded meanwhile, so what takes long comes before.
    """
    # NOINHERIT membership: the application has a tenant's rights only while it has stepped into its role. Whoever waits
    # here holds up nobody but others who are founded.
    return f"""SET LOCAL lock_timeout = '60s'; GRANT nennep_tenant TO "{name}" WITH INHERIT TRUE, SET FALSE;
    GRANT "{name}" TO nennep_app WITH INHERIT FALSE, SET TRUE"""


# What tenants.shape reads of the keys.
KEYS_SHAPE = ("member nennep_app of {role} inherit=f set=t", "member {role} of nennep_tenant inherit=t set=f")
