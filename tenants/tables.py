"""The registry: provinces, their committees, and the outbox. Always written qualified, in schema ``platform``."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Boolean, ForeignKey, Integer, Text, Timestamptz
from piccolo.table import Table

from infra.postgres import DB


class Province(Table, db=DB, schema="platform"):
    """A province; its administrators manage the committees below it and see their counts."""

    id = UUID(primary_key=True)
    slug = Text(unique=True)
    name = Text()
    created_at = Timestamptz()


class Committee(Table, db=DB, schema="platform"):
    """One tenant. ``slug`` is its path and may change; ``schema_name`` is its schema and role and never does."""

    id = UUID(primary_key=True)
    province = ForeignKey(Province, null=False)
    slug = Text(unique=True)
    schema_name = Text(unique=True)
    kind = Text()
    name = Text()
    state = Text(help_text="founding | active | suspended | moving | archived | erased")
    state_reason = Text()
    version = Integer(help_text="the newest migration that this schema has; 0 before it is founded")
    created_at = Timestamptz()
    unit_code = Text(help_text="official code of the commune, ward or zone; empty where there is none")
    canary = Boolean(help_text="migrated before everybody else")
    rules_version = Integer(help_text="0: the product's own rulebook and nothing else")
    migration_error = Text()
    versions_from = BigInt(help_text="what is added to the versions that phones are told")


class Outbox(Table, db=DB, schema="platform"):
    """Work left behind by a business transaction, done at least once after it has committed."""

    id = UUID(primary_key=True)
    schema_name = Text(null=True, help_text="the tenant; null for work of the platform")
    job = Text()
    arguments = JSONB()
    created_at = Timestamptz()
    due_at = Timestamptz(help_text="not to be sent before")
    sent_at = Timestamptz(null=True)
    attempts = Integer()
    done_at = Timestamptz(null=True)
    dead_at = Timestamptz(null=True, help_text="given up after too many attempts; a person may release it")
    error = Text()
    trace = Text(null=True, help_text="which request or job asked for it, where traces are on")
