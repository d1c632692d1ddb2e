"""After the whole database was recovered to an earlier moment: what lies in the object store and is in no row any more.

Originals that people sent after that moment are nowhere else: their phones have been told that they are safe. Nothing
may sweep them away before somebody has looked.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from infra.postgres import lookup, sql
from server import clock
from tenants.registry import ABOVE_ALL_VERSIONS
from tenants.transactions import platform_transaction

SETTING = "recovered"
# So long the objects of the lost stretch stay, for people to send them again or to say that nobody misses them.
SPARED = timedelta(days=60)
# A store's clock is another one, and some tell whole seconds.
CLOCKS = timedelta(minutes=1)


async def note(to: datetime) -> None:
    """Write down that the database was recovered to a moment, now: what was stored in between is spared. After a second
    recovery what the first one spares stays spared too.
    """
    before = await lost_stretch()
    earliest = min(to, before[0] + CLOCKS) if before else to
    value = json.dumps({"to": earliest.isoformat(), "at": (clock.now() + CLOCKS).isoformat()})
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.setting (name, value) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value, set_at = now()""",
            SETTING, value,
        )  # fmt: skip
        # Phones have heard of the lost stretch: without this they would take what is there now for old.
        await sql(
            f"UPDATE platform.committee SET versions_from = {ABOVE_ALL_VERSIONS} WHERE state <> 'erased'"
        )


async def lost_stretch() -> tuple[datetime, datetime] | None:
    """From when to when objects may be there of which the recovered rows know nothing; None where nothing was recovered
    in the last sixty days.
    """
    row = await lookup(
        """SELECT (value ->> 'to')::timestamptz AS earlier, (value ->> 'at')::timestamptz AS later
        FROM platform.setting WHERE name = $1""",
        SETTING,
    )
    if row is None or row["later"] < clock.now() - SPARED:
        return None
    return row["earlier"] - CLOCKS, row["later"]
