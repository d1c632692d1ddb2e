"""Hundreds of committees from one list: each row is an item of a run, founded once however often it is tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from infra.postgres import Record, one, sql
from server.accounts.reader import Reader
from server.committees import founding
from server.committees.founding_list import Row
from server.meetings.queries import NotFound
from server.province.actions import Province, invite_to, province_of, record_event
from server.words import Refused, say
from tenants import runs
from tenants.current import KINDS
from tenants.outbox import Hopeless
from tenants.runs import Item, Work
from tenants.transactions import platform_transaction

KIND = "found_committees"
# So many rows may fail before the run waits for a person; what is sound is founded all the same.
STOP_AFTER = 20


async def found_many(province_slug: str, rows: Sequence[Row], *, by: Reader) -> UUID:
    """Begin to found the committees of a list that was looked at; the run. Rows with faults, and those that the
    province has, are left out. Raises NotFound; Refused(rows=…) where nothing is left.
    """
    async with platform_transaction():
        province = await province_of(province_slug, by)
        wanted = [row for row in rows if row.ready]
        if not wanted:
            raise Refused(rows=say("Không có dòng nào lập được cấp ủy mới."))
        run = await runs.start(
            KIND, [Item(f"{KINDS[row.kind]} {row.name}", row.told()) for row in wanted],
            province=province.id, by_account=by.account_id, by_name=by.name, stop_after=STOP_AFTER,
        )  # fmt: skip
        await record_event(province, by, "committees_founded", province.slug, str(len(wanted)))
    return run


async def perform(work: Work) -> dict[str, Any]:
    """One row: written down with an invitation, then built. Raises Refused for what has become wrong meanwhile."""
    told = work.arguments
    async with platform_transaction():
        row = await one(
            "SELECT id FROM platform.committee WHERE province = $1 AND kind = $2 AND name = $3",
            work.province, told["kind"], told["name"],
        )  # fmt: skip
        committee = row["id"] if row else await _write_down(work)
    await founding.build(committee)
    return {"committee": str(committee)}


async def _write_down(work: Work) -> UUID:
    found = await one("SELECT id, slug, name FROM platform.province WHERE id = $1", work.province)
    if found is None or work.account is None:
        raise Hopeless("its province is gone")
    by = Reader(work.account, work.by_name, ())
    ref, _ = await founding.write_down(
        Province(found["id"], found["slug"], found["name"]), **work.arguments, by=by
    )
    return ref.id


async def invitations(province_slug: str, run: UUID, *, by: Reader) -> list[tuple[Record, str]]:
    """New invitations for the administrators of a run's committees who have not come yet: (slug, kind, name,
    invited_name) and the token, which is shown this once. Earlier invitations die. Raises NotFound.
    """
    async with platform_transaction():
        province = await province_of(province_slug, by)
        told = await runs.run(run)
        if told is None or told["province"] != province.id or told["kind"] != KIND:
            raise NotFound(run)
        rows = await sql(
            """SELECT DISTINCT ON (c.id) c.id, c.slug, c.kind, c.name, i.invited_name FROM platform.run_item r
            JOIN platform.committee c ON c.id = (r.result ->> 'committee')::uuid
            JOIN platform.invitation i ON i.committee = c.id AND i.role = 'committee_administrator'
                AND i.used_at IS NULL AND i.withdrawn_at IS NULL
            WHERE r.run = $1 AND r.state = 'done' AND c.state IN ('founding', 'active')
            ORDER BY c.id, i.created_at DESC""",
            run,
        )
        made = [(row, await invite_to(row["id"], by=by)) for row in sorted(rows, key=lambda row: row["slug"])]
        await record_event(province, by, "administrators_invited", province.slug, str(len(made)))
    return made
