"""Cells on their way from one committee to another: what a merger and a split have in common.

The committee that cells leave is ``moving`` meanwhile: its doors are closed, phones keep what they hold. Each cell is
one item of a run and one transaction, so that a kill leaves every cell whole, in one committee or the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from infra import objects
from infra.postgres import Record, one, sql
from server import clock
from server.committees.carried import OF_A_CELL
from server.exports.rehearsing import owner_url
from server.minutes.keeping import StoreAway
from server.rollups.marking import mark_committees_dirty
from server.words import Refused, say
from tenants import carrying, doors, registry
from tenants.current import CommitteeRef
from tenants.outbox import Hopeless
from tenants.runs import Item, Work
from tenants.transactions import as_committee, platform_transaction

CLOSE, MOVE, END = 1, 2, 3
KINDS = ("merge_committees", "split_committee")
# A decision is carried out some time after its day; figures of months further back have long been told.
OLDEST_DAYS = 366

_CELLS = """SELECT c.id, c.name, c.to_on, c.joined_on, (SELECT count(DISTINCT s.member)::int FROM membership s
    WHERE s.cell = c.id AND s.kind = 'permanent' AND s.from_on <= $1 AND (s.to_on IS NULL OR s.to_on >= $1)) AS members
FROM cell c WHERE c.went_to = '' ORDER BY c.sort_key"""


async def cells_of(ref: CommitteeRef) -> list[Record]:
    """The cells of a committee with their size today: id, name, to_on, joined_on, members. Never a person. Needs a
    platform transaction.
    """
    async with as_committee(ref):
        return await sql(_CELLS, clock.today())


def check_day(day: date | None, *, today: date) -> date:
    """The first day in the new committee. Raises Refused(day=…)."""
    if day is None:
        raise Refused(day=say("Ngày có hiệu lực không đúng, xin ghi như 01/07/2026."))
    if day > today:
        raise Refused(day=say("Ngày có hiệu lực chưa đến; xin làm từ ngày đó trở đi."))
    if (today - day).days > OLDEST_DAYS:
        raise Refused(day=say("Ngày có hiệu lực cách đây hơn một năm, xin xem lại."))
    return day


def check_came_before(cells: Sequence[Record], day: date) -> None:
    """Raises Refused(day=…) for a cell (name, joined_on) that would go on from a day before it came: the months between
    would be counted where it came from and where it goes.
    """
    for row in cells:
        if row["joined_on"] is not None and row["joined_on"] > day:
            raise Refused(
                day=say(
                    "{cell} mới chuyển đến từ ngày {joined}; xin chọn ngày muộn hơn.",
                    cell=row["name"], joined=f"{row['joined_on']:%d/%m/%Y}",
                )
            )  # fmt: skip


async def lock(refs: Sequence[CommitteeRef]) -> None:
    """Keep several committees for one act at a time. Raises Refused(committee=…) where cells of one are on their way
    already. Needs a platform transaction.
    """
    ids = [ref.id for ref in refs]
    await sql("SELECT 1 FROM platform.committee WHERE id = ANY ($1) ORDER BY id FOR UPDATE", ids)
    if await is_under_way(ids):
        raise Refused(committee=say("Cấp ủy này đang sáp nhập hoặc tách, xin chờ việc đó xong."))


async def is_under_way(committees: Sequence[UUID]) -> bool:
    """Whether cells of one of these committees are on their way, from it or to it. Needs a platform transaction."""
    row = await one(
        """SELECT 1 FROM platform.run WHERE kind = ANY ($2) AND state IN ('open', 'paused', 'failed')
        AND (arguments ->> 'source' = ANY ($1) OR arguments ->> 'target' = ANY ($1))""",
        [str(id_) for id_ in committees], list(KINDS),
    )  # fmt: skip
    return row is not None


async def check_never_there(source: CommitteeRef, target: CommitteeRef, cells: Sequence[UUID]) -> None:
    """Raises Refused(committee=…) for a cell that went from ``target`` to ``source`` before: its past lies there.
    Needs a platform transaction.
    """
    async with as_committee(target):
        row = await one("SELECT name FROM cell WHERE id = ANY ($1)", list(cells))
    if row is not None:
        raise Refused(
            committee=say(
                "{cell} trước đây đã chuyển từ {target} sang {source}; hệ thống chưa đưa được trở lại nơi cũ.",
                cell=row["name"], target=target.title, source=source.title,
            )
        )  # fmt: skip


def arguments_of(source: CommitteeRef, target: CommitteeRef, day: date) -> dict[str, Any]:
    """What every item of such a run needs to know."""
    return {
        "source": str(source.id), "target": str(target.id), "day": day.isoformat(), "was": source.state,
        "was_reason": source.state_reason, "source_title": source.title, "target_title": target.title,
    }  # fmt: skip


def items_of(cells: Sequence[Record], source: CommitteeRef) -> list[Item]:
    """An item a cell."""
    return [Item(row["name"], {"cell": str(row["id"])}, step=MOVE, committee=source.id) for row in cells]


async def shut(work: Work) -> list[Record]:
    """Nobody writes into the source any more: its cells (id, name), those included that came at the last moment."""
    source, _ = await both(work)
    try:
        return await doors.shut(
            owner_url(), source.id, "cell", "SELECT id, name FROM cell WHERE went_to = '' ORDER BY sort_key"
        )
    except doors.Open:
        raise Refused(committee=say("Cấp ủy này không còn ở trạng thái đang chuyển dữ liệu.")) from None


async def both(work: Work) -> tuple[CommitteeRef, CommitteeRef]:
    """The committee that cells leave, and the one that they come to."""
    async with platform_transaction(read_only=True):
        found = [await registry.find_by_id(UUID(work.run_arguments[name])) for name in ("source", "target")]
    source, target = found
    if source is None or target is None:
        raise Hopeless("one of the two committees is gone")
    return source, target


async def move(work: Work) -> dict[str, int]:
    """Carry one cell: {table: rows}, {} where it had been carried before."""
    source, target = await both(work)
    told, cell = work.run_arguments, work.arguments["cell"]
    values = {
        "cell": cell, "day": told["day"], "source": source.schema_name, "target": target.schema_name,
        "source_id": str(source.id), "target_id": str(target.id), "source_title": told["source_title"],
        "target_title": told["target_title"], "by_name": work.by_name,
    }  # fmt: skip

    async def copy(keys: Sequence[str]) -> None:
        await _copy(keys, source.schema_name, target.schema_name)

    try:
        carried = await carrying.carry(owner_url(), OF_A_CELL, source, target, values=values, copy=copy)
    except carrying.Apart:
        raise Refused(
            committee=say("Hai cấp ủy chưa cùng phiên bản dữ liệu; xin thử lại sau khi nâng cấp xong.")
        ) from None
    # Marks may be left twice, never too few: whoever was killed behind the line above comes by here again.
    await mark([source.id, target.id], date.fromisoformat(told["day"]))
    return carried


async def mark(committees: Sequence[UUID], day: date) -> None:
    """Have the figures of committees counted again from the month of a day on."""
    async with platform_transaction():
        await mark_committees_dirty(committees, day, onward=True, cause="cells_moved")


async def _copy(keys: Sequence[str], source: str, target: str) -> None:
    """Copy objects to the same keys below another prefix. What the store does not have (any more) can't be copied: its
    row says the same there as here. Raises StoreAway.
    """
    try:
        await objects.copy_all([(key, f"{target}{key.removeprefix(source)}") for key in keys])
    except objects.ObjectErrors as error:
        raise StoreAway from error


async def open_again(work: Work, *, state: str, reason: str) -> None:
    """End the move: the source gets the state that it has from now on, and both are counted anew."""
    source, target = await both(work)
    await doors.reopen(owner_url(), source.id, state=state, reason=reason)
    await mark([source.id, target.id], date.fromisoformat(work.run_arguments["day"]))


async def write_succession(work: Work, kind: str) -> None:
    """Which committee took over how many cells of which, from which day. Written once a run. Needs a platform
    transaction.
    """
    await sql(
        """INSERT INTO platform.committee_succession (id, kind, predecessor, successor, on_day, cells, run)
        SELECT $1, $2, $3, $4, $5,
            (SELECT count(*) FROM platform.run_item WHERE run = $1 AND step = $6 AND state = 'done'), $1
        ON CONFLICT (id) DO NOTHING""",
        work.run, kind, UUID(work.run_arguments["source"]), UUID(work.run_arguments["target"]),
        date.fromisoformat(work.run_arguments["day"]), MOVE,
    )  # fmt: skip


async def successors(committee: UUID) -> list[Record]:
    """Where the cells of a committee went, newest first: kind (merger | split), on_day, cells, slug, committee_kind,
    name. Needs a platform transaction.
    """
    return await sql(
        """SELECT s.kind, s.on_day, s.cells, c.slug, c.kind AS committee_kind, c.name
        FROM platform.committee_succession s JOIN platform.committee c ON c.id = s.successor
        WHERE s.predecessor = $1 ORDER BY s.on_day DESC, s.at DESC""",
        committee,
    )


async def predecessors(committee: UUID) -> list[Record]:
    """Where cells of a committee came from, newest first: as successors. Needs a platform transaction."""
    return await sql(
        """SELECT s.kind, s.on_day, s.cells, c.slug, c.kind AS committee_kind, c.name
        FROM platform.committee_succession s JOIN platform.committee c ON c.id = s.predecessor
        WHERE s.successor = $1 ORDER BY s.on_day DESC, s.at DESC""",
        committee,
    )


async def heir_of(committee: UUID) -> CommitteeRef | None:
    """The committee into which this one has merged, or that one in turn; None where it has not. Needs a platform
    transaction.
    """
    heir, seen = None, {committee}
    while merged := [row for row in await successors(committee) if row["kind"] == "merger"]:
        heir = await registry.find(merged[0]["slug"])
        if heir is None or heir.id in seen:
            break
        committee = heir.id
        seen.add(committee)
    return heir
