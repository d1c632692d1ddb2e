"""What a province lets one of its committees have, beside what the deployment lets all have."""

from __future__ import annotations

from infra.postgres import sql
from server.accounts.reader import Reader
from server.province.actions import committee_of, province_of, record_event
from server.words import Refused, Say, say
from tenants.transactions import platform_transaction

# The most that can be set of each.
HIGHEST = {"members": 1_000_000, "accounts": 1_000_000, "object_megabytes": 100_000_000}


async def set_quota(province_slug: str, slug: str, asked: dict[str, str], *, by: Reader) -> None:
    """Set what a committee may have; an empty text gives it the deployment's own limit again.

    Raises NotFound, Refused(members=…, accounts=…, object_megabytes=…).
    """
    wanted: dict[str, int | None] = {}
    faults: dict[str, Say | str] = {}
    for name, highest in HIGHEST.items():
        text = asked.get(name, "").strip().replace(".", "")
        wanted[name] = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
        if text and not (wanted[name] and 1 <= (wanted[name] or 0) <= highest):
            faults[name] = say(
                "Xin ghi một số từ 1 đến {n}, hoặc để trống.", n=f"{highest:,}".replace(",", ".")
            )
    if faults:
        raise Refused(**faults)
    async with platform_transaction():
        province = await province_of(province_slug, by)
        ref = await committee_of(province, slug)
        await sql(
            """INSERT INTO platform.committee_quota (committee, members, accounts, object_megabytes, by_name)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT (committee) DO UPDATE SET members = excluded.members,
                accounts = excluded.accounts, object_megabytes = excluded.object_megabytes, set_at = now(),
                by_name = excluded.by_name""",
            ref.id, wanted["members"], wanted["accounts"], wanted["object_megabytes"], by.name,
        )  # fmt: skip
        told = ", ".join(f"{name}={value if value is not None else '-'}" for name, value in wanted.items())
        await record_event(province, by, "quota_set", ref.slug, told)
