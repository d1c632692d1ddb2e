"""A page taken up once more: because a person asks for it, has turned it, or has drawn where the sheet lies; or because
nobody is at it any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from infra.postgres import one, sql
from server import clock
from server.accounts.reader import Reader
from server.events import record_event
from server.meetings.queries import NotFound
from server.minutes import rules
from server.minutes.actions import settle
from server.minutes.queries import head
from server.words import Refused, say
from tenants.outbox import later
from tenants.transactions import transaction

# What may be asked for once more: what failed, and what was not read because the server could not read then.
_AGAIN = "(state = 'failed' OR reason = 'no_tesseract_language')"


async def ask_again(minutes: UUID, *, page: UUID | None = None, by: Reader) -> int:
    """Have what failed of a document (or one page of it) tried once more; how many pages that were. Pressed twice, it
    counts once. Raises NotFound; Refused(minutes=…) for those who may not.
    """
    async with transaction():
        await _may(minutes, by)
        rows = await sql(
            f"SELECT id FROM minutes_page WHERE minutes = $1 AND ($2::uuid IS NULL OR id = $2) AND {_AGAIN}",
            minutes, page,
        )  # fmt: skip
        for row in rows:
            await begin_again(row["id"])
        asked = bool(rows) or await _has_failed(minutes)
        await settle(minutes, changed=asked)
        if asked:
            await record_event(by, "minutes_asked_again", str(minutes), str(len(rows)))
    return len(rows)


async def turn(
    page: UUID, *, degrees: int, corners: Sequence[float] | None = None, attempt: int, by: Reader
) -> None:
    """Clean and read a page as a person has turned it: clockwise from how the camera held it, 0 | 90 | 180 | 270, and
    with the sheet's ``corners`` (eight shares of the turned picture's sides, from the upper left clockwise; None: to
    be found). ``attempt``: the one that the person saw; a second press changes nothing.

    Raises NotFound; Refused(degrees=…, corners=…, minutes=…).
    """
    if degrees not in (0, 90, 180, 270):
        raise Refused(degrees=say("Trang chỉ xoay được từng góc 90 độ."))
    if corners is not None and (len(corners) != 8 or not all(0 <= share <= 1 for share in corners)):
        raise Refused(corners=say("Bốn góc của tờ giấy phải nằm trong ảnh."))
    async with transaction():
        found = await one("SELECT minutes FROM minutes_page WHERE id = $1", page)
        if found is None:
            raise NotFound(page)
        await _may(found["minutes"], by)
        changed = await sql(
            "UPDATE minutes_page SET turned = $2, corners = $3 WHERE id = $1 AND attempt = $4 RETURNING id",
            page, degrees, None if corners is None else list(corners), attempt,
        )  # fmt: skip
        if changed:
            await begin_again(page)
            await record_event(by, "minutes_page_turned", str(found["minutes"]), str(page))
            await settle(found["minutes"], changed=True)


async def decide_same_page(page: UUID, decision: str, *, by: Reader) -> None:
    """Keep a page although it looks like an earlier one, or drop it: it then counts no more, and stays stored.

    Raises NotFound, Refused(decision=…) for anything else than kept or dropped.
    """
    async with transaction():
        found = await one("SELECT minutes FROM minutes_page WHERE id = $1", page)
        if found is None:
            raise NotFound(page)
        await _may(found["minutes"], by)
        if decision not in ("kept", "dropped"):
            raise Refused(decision=say("Xin chọn giữ lại hoặc bỏ trang trùng."))
        changed = await sql(
            "UPDATE minutes_page SET same_decided = $2 WHERE id = $1 AND same_decided <> $2 RETURNING id",
            page, decision,
        )  # fmt: skip
        if changed:
            await record_event(by, f"minutes_page_{decision}", str(found["minutes"]), str(page))
            await settle(found["minutes"], changed=True)


async def begin_again(page: UUID) -> None:
    """Begin a page's next attempt, in the present transaction; whatever an earlier one still finds is left out."""
    row = await one(
        """UPDATE minutes_page SET attempt = attempt + 1, state = 'identified', failed_step = '', reason = ''
        WHERE id = $1 RETURNING attempt""",
        page,
    )
    assert row is not None
    await later("clean_page", page=str(page), attempt=row["attempt"])


# What has waited for so long since it was sent has no job any more: it came out of a backup or an export, which hold
# rows and no jobs. Where it has one nevertheless, whichever ends second finds nothing to do.
FORGOTTEN = timedelta(days=1)
_PAGES_LEFT = """SELECT p.id, p.state, p.attempt FROM minutes_page p JOIN minutes_file f ON f.id = p.file
JOIN minutes d ON d.id = p.minutes
WHERE p.state IN ('identified', 'cleaned') AND f.stored_at < $1 AND d.binned_at IS NULL"""
_DOCUMENTS_LEFT = (
    "SELECT id FROM minutes WHERE state = 'assembling' AND created_at < $1 AND binned_at IS NULL"
)


async def take_up_forgotten() -> int:
    """Have the current committee's pages and documents gone on with that wait for work which nobody knows of; how many
    there were.
    """
    before = clock.now() - FORGOTTEN
    async with transaction():
        pages, documents = await sql(_PAGES_LEFT, before), await sql(_DOCUMENTS_LEFT, before)
        for row in pages:
            step = "clean_page" if row["state"] == "identified" else "read_page"
            await later(step, page=str(row["id"]), attempt=row["attempt"])
        for row in documents:
            await later("assemble_minutes", minutes=str(row["id"]))
    return len(pages) + len(documents)


async def _may(minutes: UUID, by: Reader) -> None:
    row = await head(minutes, by, lock=True)
    rules.check_may_send(by, row["cell"])
    rules.check_not_binned(binned=row["binned_at"] is not None)


async def _has_failed(minutes: UUID) -> bool:
    return bool(await sql("SELECT 1 FROM minutes WHERE id = $1 AND state = 'failed'", minutes))
