"""What a committee has set for itself: one row a setting, JSON by name. All need a transaction in the committee."""

from __future__ import annotations

import json
from typing import Any

from infra.postgres import one, sql
from server.accounts.reader import Reader
from server.events import record_event


async def setting(name: str) -> Any:
    """The value that was set under a name; None where nobody has set anything."""
    row = await one("SELECT value FROM setting WHERE name = $1", name)
    return None if row is None else json.loads(row["value"])


async def set_setting(name: str, value: Any, *, by: Reader) -> None:
    """Set it, and write down that it was set; the same value again changes nothing."""
    changed = await sql(
        """INSERT INTO setting (name, value, set_by) VALUES ($1, $2, $3)
        ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, set_by = EXCLUDED.set_by, set_at = now()
        WHERE setting.value <> EXCLUDED.value RETURNING 1""",
        name, json.dumps(value), by.name,
    )  # fmt: skip
    if changed:
        await record_event(by, "setting_changed", name)
