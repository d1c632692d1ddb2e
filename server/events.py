"""The committee's own record of who did what and who looked at whom. Append-only: the tenant's role can't change it."""

from __future__ import annotations

from infra.postgres import sql
from server.accounts.reader import Reader


async def record_event(by: Reader, action: str, subject: str, detail: str = "") -> None:
    """Write one line into the committee's record, in the transaction of the act itself.

    ``action`` is a word such as ``roll_closed``; ``subject`` an id or a path, never a person's data.
    """
    await sql(
        "INSERT INTO event (account, by_name, action, subject, detail) VALUES ($1, $2, $3, $4, $5)",
        by.account_id, by.name, action, subject, detail,
    )  # fmt: skip
