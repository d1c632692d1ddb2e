"""Everything counted again, for all committees: marked first, so that what is left when it is ended stays marked."""

from __future__ import annotations

from infra.postgres import sql
from server.rollups.actions import EVER
from tenants.current import CommitteeRef
from tenants.registry import COLUMNS, ref_of
from tenants.transactions import platform_transaction

_MARK = """INSERT INTO platform.rollup_dirty (schema_name, month, onward, cause)
SELECT schema_name, $1, true, 'recount' FROM platform.committee WHERE state NOT IN ('founding', 'erased')"""
_MARKED = f"""SELECT {COLUMNS} FROM platform.committee WHERE schema_name IN (
    SELECT schema_name FROM platform.rollup_dirty WHERE month = $1 AND onward AND cause = 'recount') ORDER BY slug"""


async def to_recount() -> tuple[list[CommitteeRef], bool]:
    """The committees whose months are all to be counted again, and whether an earlier run has left them: it then goes
    on with these. No jobs are left for the worker, who has the figures of today to do.
    """
    async with platform_transaction():
        left = await sql(_MARKED, EVER)
        if not left:
            await sql(_MARK, EVER)
        rows = left or await sql(_MARKED, EVER)
    return [ref_of(row) for row in rows], bool(left)
