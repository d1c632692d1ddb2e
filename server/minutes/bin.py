"""Minutes that were thrown away: why, until when they can be fetched back, and what is left of those erased."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from infra.postgres import Record, sql
from infra.settings import settings
from server import clock
from server.accounts.reader import Reader
from server.events import record_event
from server.minutes import rules, viewing
from server.rollups.marking import mark_dirty
from server.words import Refused, say
from tenants.transactions import transaction

LONGEST_REASON = 200
# What the page of the bin tells of what was erased before.
ERASED_SHOWN = 100


async def throw_away(minutes: UUID, *, reason: str, by: Reader) -> None:
    """Move a document into the bin, from where it is erased after the days of the setting; again: nothing changes.

    Raises NotFound; Refused(reason=…) without a reason, Refused(minutes=…) for those who may not.
    """
    async with transaction():
        held = await viewing.document(minutes, by)
        rules.check_may_send(by, held["cell"])
        reason = " ".join(reason.split())
        if not reason:
            raise Refused(reason=say("Xin ghi lý do xóa, ví dụ: chụp nhầm cuộc họp khác."))
        if len(reason) > LONGEST_REASON:
            raise Refused(reason=say("Lý do dài quá {n} ký tự.", n=LONGEST_REASON))
        done = await sql(
            """UPDATE minutes SET binned_at = now(), binned_by = $2, bin_reason = $3, erase_on = $4
            WHERE id = $1 AND binned_at IS NULL RETURNING id""",
            minutes, by.name, reason, clock.today() + timedelta(days=settings().minutes_bin_days),
        )  # fmt: skip
        if done:
            await record_event(by, "minutes_binned", str(minutes), reason)
            await mark_dirty(held["held_on"], cause="minutes")


async def restore(minutes: UUID, *, by: Reader) -> None:
    """Fetch a document back from the bin. Raises NotFound, also once it has been erased; Refused(minutes=…), also from
    the day on which it is to be erased.
    """
    async with transaction():
        held = await viewing.document(minutes, by)
        rules.check_may_send(by, held["cell"])
        done = await sql(
            """UPDATE minutes SET binned_at = NULL, binned_by = '', bin_reason = '', erase_on = NULL
            WHERE id = $1 AND erase_on > $2 RETURNING id""",
            minutes, clock.today(),
        )  # fmt: skip
        # From that day on half of it may be gone already.
        if not done and held["erase_on"] is not None:
            raise Refused(
                minutes=say("Biên bản này đã hết hạn trong thùng rác nên không khôi phục được nữa.")
            )
        if done:
            await record_event(by, "minutes_restored", str(minutes))
            await mark_dirty(held["held_on"], cause="minutes")


async def binned(cells: Collection[UUID] | None) -> list[Record]:
    """What lies in the bin, of some cells or of all (None), what goes first first: id, binned_at, binned_by,
    bin_reason, erase_on, created_by, kind and held_on of the meeting, cell_name, pages.
    """
    return await sql(
        """SELECT d.id, d.binned_at, d.binned_by, d.bin_reason, d.erase_on, d.created_by, m.kind, m.held_on,
            c.name AS cell_name, (SELECT count(*) FROM minutes_page p WHERE p.minutes = d.id)::int AS pages
        FROM minutes d JOIN meeting m ON m.id = d.meeting JOIN cell c ON c.id = d.cell
        WHERE d.erase_on IS NOT NULL AND ($1::uuid[] IS NULL OR d.cell = ANY ($1))
        ORDER BY d.erase_on, c.sort_key, m.held_on""",
        None if cells is None else list(cells),
    )  # fmt: skip


async def erased(cells: Collection[UUID] | None) -> list[Record]:
    """The latest that were erased: minutes, pages, files, sent_at, sent_by, binned_at, binned_by, reason, erased_at,
    kind and held_on of the meeting, cell_name.
    """
    return await sql(
        """SELECT e.minutes, e.pages, e.files, e.sent_at, e.sent_by, e.binned_at, e.binned_by, e.reason, e.erased_at,
            m.kind, m.held_on, c.name AS cell_name
        FROM minutes_erased e JOIN meeting m ON m.id = e.meeting JOIN cell c ON c.id = e.cell
        WHERE $1::uuid[] IS NULL OR e.cell = ANY ($1) ORDER BY e.erased_at DESC LIMIT $2""",
        None if cells is None else list(cells), ERASED_SHOWN,
    )  # fmt: skip
