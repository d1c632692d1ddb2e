"""What a tenant has outside the platform's tables, for good away: its objects, its schema, its role."""

from __future__ import annotations

from infra import objects
from tenants.current import CommitteeRef
from tenants.owner import as_owner

AT_ONCE = 500


async def remove_objects(schema_name: str) -> None:
    """Remove every object below a committee's name; those that are gone already count as removed.

    Raises what objects.ObjectErrors holds.
    """
    keys = await objects.list_keys(f"{schema_name}/")
    for start in range(0, len(keys), AT_ONCE):
        await objects.remove(keys[start : start + AT_ONCE])


async def drop(owner_url: str, ref: CommitteeRef) -> None:
    """Drop a committee's schema with all that is in it, and its role; nothing where they are gone already.

    Raises asyncpg.LockNotAvailableError while somebody is in it.
    """
    name = ref.schema_name
    async with as_owner(owner_url) as owner:
        await owner.execute(
            f"""SET LOCAL lock_timeout = '10s';
            DROP SCHEMA IF EXISTS "{name}" CASCADE; DROP ROLE IF EXISTS "{name}" """
        )
